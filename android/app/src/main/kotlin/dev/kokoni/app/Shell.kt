// The core in this process: opened once, configured, watched, and opened again where it must be.

package dev.kokoni.app

import android.content.Context
import android.os.Build
import android.util.Log
import dev.kokoni.app.reminders.ReminderAlarms
import dev.kokoni.app.sync.SyncSchedule
import dev.kokoni.core.Enrolment
import dev.kokoni.core.Kokoni
import dev.kokoni.core.KokoniConfig
import dev.kokoni.core.KokoniException
import dev.kokoni.core.LogLevel
import dev.kokoni.core.Platform
import dev.kokoni.core.SecretsException
import dev.kokoni.core.SettingFeedback
import dev.kokoni.core.Words
import dev.kokoni.core.watch
import kotlinx.coroutines.CoroutineScope
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.Job
import kotlinx.coroutines.SupervisorJob
import kotlinx.coroutines.cancelAndJoin
import kotlinx.coroutines.flow.MutableStateFlow
import kotlinx.coroutines.flow.StateFlow
import kotlinx.coroutines.flow.asStateFlow
import kotlinx.coroutines.launch
import kotlinx.coroutines.sync.Mutex
import kotlinx.coroutines.sync.withLock
import kotlinx.coroutines.withContext

/** How the core stands. */
internal sealed interface CoreState {
    data object Opening : CoreState

    data class Open(
        val kokoni: Kokoni,
    ) : CoreState

    data class Failed(
        val words: Words,
    ) : CoreState
}

/** What became of the administrator's settings. */
internal data class Managed(
    val feedback: List<SettingFeedback> = emptyList(),
    /** Why enrolling by them failed. */
    val problem: String? = null,
)

/** One in each process. Called on the main thread. */
internal class Shell(
    private val context: Context,
    val ports: Ports,
    val settings: Settings,
) {
    val scope = CoroutineScope(SupervisorJob() + Dispatchers.Main.immediate)
    private val opening = Mutex()
    private val configuring = Mutex()
    private val states = MutableStateFlow<CoreState>(CoreState.Opening)
    private val managedNow = MutableStateFlow(Managed())
    private val alarms = ReminderAlarms(context)
    private var watching: Job? = null

    val core: StateFlow<CoreState> = states.asStateFlow()

    val managed: StateFlow<Managed> = managedNow.asStateFlow()

    /** The keystore had lost its key when this process began: everything was erased. */
    var keyLost = false
        private set

    /** The core, opened if it is not; null where it cannot be, and [core] says why. */
    suspend fun kokoni(): Kokoni? =
        opening.withLock {
            val open = states.value as? CoreState.Open ?: open().also { states.value = it }
            (open as? CoreState.Open)?.kokoni
        }

    /** Closes the core; the next [kokoni] opens it again. */
    suspend fun close() =
        opening.withLock {
            watching?.cancelAndJoin()
            val open = states.value as? CoreState.Open
            states.value = CoreState.Opening
            withContext(Dispatchers.IO) { open?.kokoni?.close() }
        }

    /**
     * Takes the administrator's settings as they are now, and enrols by them where that is asked
     * for. The system tells of changes only while the app runs: call it whenever it comes to the
     * front, too.
     */
    suspend fun configure() {
        configuring.withLock {
            val kokoni = kokoni() ?: return
            try {
                val configured = kokoni.configure(ports.managedSettings())
                managedNow.value = Managed(configured.feedback)
                if (configured.restartNeeded) close()
                val now = kokoni()
                if (configured.canEnrol) now?.takeIf { it.enrolment() == null }?.enrolManaged()
            } catch (error: KokoniException) {
                managedNow.value = managedNow.value.copy(problem = error.words.text(language()))
            }
        }
    }

    /** Schedules with the system exactly the reminders that the core lists now. */
    suspend fun planReminders() {
        val kokoni = kokoni() ?: return
        kokoni.language = language()
        try {
            alarms.replaceAll(kokoni.reminders())
        } catch (_: KokoniException.NotEnrolled) {
            alarms.replaceAll(emptyList())
        } catch (_: KokoniException) {
            // What is scheduled still holds; the next look plans anew.
        }
    }

    fun language() = settings.speaking(context).resources.coreLanguage

    private suspend fun open(): CoreState =
        try {
            withContext(Dispatchers.IO) { Kokoni.setLogSink(::log, LogLevel.WARN) }
            if (withContext(Dispatchers.IO) { ports.secrets.isLost() }) startOver()
            val kokoni =
                try {
                    ports.open(config())
                } catch (_: KokoniException.KeyMissing) {
                    startOver()
                    ports.open(config())
                }
            watch(kokoni)
            CoreState.Open(kokoni)
        } catch (error: KokoniException) {
            CoreState.Failed(error.words)
        } catch (error: SecretsException) {
            CoreState.Failed(Words("端末の鍵を使えません。", "The keys of this phone cannot be used."))
        }

    private fun log(
        level: LogLevel,
        target: String,
        text: String,
    ) {
        Log.println(if (level == LogLevel.ERROR) Log.ERROR else Log.WARN, target.take(LONGEST_TAG), text)
    }

    private suspend fun startOver() {
        Kokoni.eraseAll(ports.folder.toPath(), ports.secrets)
        keyLost = true
    }

    private fun config() =
        KokoniConfig(
            folder = ports.folder.toPath(),
            appVersion = versionOf(context),
            language = language(),
            platform = Platform.ANDROID,
            deviceName = Build.MODEL.orEmpty(),
            managed = ports.managedSettings(),
        )

    private fun watch(kokoni: Kokoni) {
        watching =
            scope.launch {
                following { kokoni.watch { reminders() }.collect(alarms::replaceAll) }
                following { kokoni.watch { status().waiting }.collect { if (it > 0) SyncSchedule.soon(context) } }
                following { kokoni.changes.collect { enrolmentIs(kokoni.enrolment()) } }
            }
    }

    /** A disk that fails is told where it stands in somebody's way, not here. */
    private fun CoroutineScope.following(follow: suspend () -> Unit) =
        launch {
            try {
                follow()
            } catch (error: KokoniException) {
                Log.w("kokoni", error.words.english)
            }
        }

    private fun enrolmentIs(enrolment: Enrolment?) {
        if (enrolment == null) {
            alarms.replaceAll(emptyList())
        } else {
            keyLost = false
            SyncSchedule.regularly(context)
        }
    }

    private companion object {
        /** Longer ones are refused by old systems. */
        const val LONGEST_TAG = 23
    }
}

internal fun versionOf(context: Context): String = context.packageManager.getPackageInfo(context.packageName, 0).versionName.orEmpty()
