// One person in front of the app: the way through its screens, and what outlives a turn of the
// phone.

package dev.kokoni.app

import android.app.NotificationManager
import android.content.Context
import android.content.Intent
import dev.kokoni.app.enrol.EnrolPresenter
import dev.kokoni.app.scan.CardMemory
import dev.kokoni.app.scan.ScanPresenter
import dev.kokoni.app.settings.LeavePresenter
import dev.kokoni.core.Enrolment
import dev.kokoni.core.FrameReader
import dev.kokoni.core.Kokoni
import dev.kokoni.core.KokoniException
import dev.kokoni.core.Language
import dev.kokoni.core.Route
import dev.kokoni.core.SyncKeeper
import dev.kokoni.core.Topic
import dev.kokoni.core.Via
import kotlinx.coroutines.CoroutineScope
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.NonCancellable
import kotlinx.coroutines.SupervisorJob
import kotlinx.coroutines.awaitCancellation
import kotlinx.coroutines.cancel
import kotlinx.coroutines.coroutineScope
import kotlinx.coroutines.flow.MutableStateFlow
import kotlinx.coroutines.flow.StateFlow
import kotlinx.coroutines.flow.asStateFlow
import kotlinx.coroutines.flow.collectLatest
import kotlinx.coroutines.flow.distinctUntilChanged
import kotlinx.coroutines.flow.filter
import kotlinx.coroutines.flow.first
import kotlinx.coroutines.flow.map
import kotlinx.coroutines.launch
import kotlinx.coroutines.sync.Mutex
import kotlinx.coroutines.sync.withLock
import kotlinx.coroutines.withContext

/** What is in front. */
internal sealed interface Front {
    data object Opening : Front

    data class Failed(
        val words: String,
    ) : Front

    data class Ready(
        val kokoni: Kokoni,
        val scanner: ScanPresenter,
        val enroller: EnrolPresenter,
        val leaver: LeavePresenter,
    ) : Front
}

/** From the first screen to the last; turns of the phone do not end it. On the main thread. */
internal class Session(
    private val context: Context,
    val shell: Shell,
) {
    private val scope = CoroutineScope(SupervisorJob() + Dispatchers.Main.immediate)
    private val stacks = MutableStateFlow(BackStack(Destination.Scan))
    private val fronts = MutableStateFlow<Front>(Front.Opening)
    private val renewals = MutableStateFlow(0)
    private var frames: FrameReader? = null
    private var keeper: SyncKeeper? = null
    private val keeping = Mutex()

    val stack: StateFlow<BackStack> = stacks.asStateFlow()

    val front: StateFlow<Front> = fronts.asStateFlow()

    /** Counts up when the screen in front shall be made anew. */
    val renewed: StateFlow<Int> = renewals.asStateFlow()

    val scanner: ScanPresenter? get() = (fronts.value as? Front.Ready)?.scanner

    /** The activity stops only to come back turned. */
    var turning = false

    /** The permissions that the person was asked for since the app was opened. */
    val asked = HashSet<String>()

    /** Those that the person, or the system in their place, has answered. */
    val answered = HashSet<String>()

    /** The screens are back after a turn: what the camera saw before still counts. */
    private var turned = false

    /** Tells the activity that the language was changed. */
    var speakAnew: () -> Unit = {}

    init {
        scope.launch { shell.core.collectLatest { follow(it) } }
    }

    private suspend fun follow(state: CoreState) {
        forgetFrames()
        when (state) {
            CoreState.Opening -> fronts.value = Front.Opening
            is CoreState.Failed -> fronts.value = Front.Failed(state.words.text(shell.language()))
            is CoreState.Open ->
                try {
                    coroutineScope { belongTo(state.kokoni, this) }
                } catch (error: KokoniException) {
                    fronts.value = Front.Failed(error.words.text(shell.language()))
                }
        }
    }

    private suspend fun belongTo(
        kokoni: Kokoni,
        scope: CoroutineScope,
    ) {
        kokoni.language = shell.language()
        val scanner = ScanPresenter(kokoni, scope, shell.ports.clock, ::follow, ::scanSaved)
        val enroller = EnrolPresenter(kokoni, scope)
        val leaver = LeavePresenter(kokoni, shell.scope)
        kokoni.changes
            .filter { Topic.IDENTITY in it }
            .map { kokoni.enrolment() }
            .distinctUntilChanged { old, new -> old?.device == new?.device }
            .collect { enrolment ->
                // A reader knows the labels of one organisation only.
                forgetFrames()
                stacks.value = stacks.value.fitting(enrolment)
                fronts.value = Front.Ready(kokoni, scanner, enroller, leaver)
                refresh()
            }
    }

    /** The screens speak this language from now on. */
    fun speak(language: Language) {
        val ready = fronts.value as? Front.Ready ?: return
        ready.kokoni.language = language
        ready.scanner.followChip()
    }

    fun go(destination: Destination) {
        if (destination is Destination.Enrol && destination.link != null) (fronts.value as? Front.Ready)?.enroller?.onLink(destination.link)
        stacks.value = stacks.value.to(destination)
    }

    fun back() {
        stacks.value = stacks.value.back()
    }

    fun refresh() {
        renewals.value += 1
    }

    /** The reader of this session's camera: one over turns, so that a label in sight is read once. */
    suspend fun reader(kokoni: Kokoni): FrameReader {
        val kept = frames
        if (kept != null) {
            if (!turned) kept.reset()
            turned = false
            return kept
        }
        val new =
            try {
                kokoni.frameReader()
            } catch (_: KokoniException.NotEnrolled) {
                // Reads the code that enrols.
                FrameReader.create()
            }
        frames = new
        return new
    }

    private fun forgetFrames() {
        frames?.close()
        frames = null
    }

    /** The screens are there, or there again after a turn. */
    fun shown(afterTurn: Boolean) {
        turning = false
        turned = afterTurn
    }

    /** The screens were left, for another app say: the camera begins anew. */
    fun left() {
        if (!turning) forgetFrames()
    }

    /** In front: configured anew, and synced for as long. */
    suspend fun inFront(): Unit =
        coroutineScope {
            launch { shell.configure() }
            front.collectLatest { now -> if (now is Front.Ready) keepSynced(now.kokoni) }
        }

    private suspend fun keepSynced(kokoni: Kokoni) =
        keeping.withLock {
            try {
                val new = kokoni.keepSynced()
                keeper = new
                try {
                    awaitCancellation()
                } finally {
                    keeper = null
                    // Waits for the exchange under way, which may be a slow one.
                    withContext(NonCancellable + Dispatchers.IO) { new.close() }
                }
            } catch (_: KokoniException) {
                // Closed meanwhile; the next core is kept synced in its turn.
            }
        }

    /** The network is back. */
    fun networkIsBack() {
        keeper?.tryNow()
    }

    /** An intent that opened the app: a link, a shortcut, a reminder. */
    fun opened(intent: Intent) {
        when (intent.action) {
            ACTION_SCAN -> go(Destination.Scan)
            ACTION_TODAY -> go(Destination.Today)
            Intent.ACTION_VIEW -> intent.dataString?.let { link -> scope.launch { openLink(link) } }
        }
    }

    private suspend fun openLink(link: String) {
        val ready = fronts.first { it is Front.Ready } as Front.Ready
        val route =
            try {
                ready.kokoni.routeLink(link)
            } catch (_: KokoniException) {
                Route.Unknown
            }
        if (route is Route.Label || route is Route.Enrol) follow(route) else ready.scanner.show(ready.kokoni.foreignCard(link), Via.LINK)
    }

    private fun follow(route: Route) {
        when (route) {
            is Route.Label -> {
                go(Destination.Scan)
                scanner?.onLabel(route.label, Via.LINK)
            }
            is Route.Enrol -> go(Destination.Enrol(route.link))
            else -> Unit
        }
    }

    private fun scanSaved() {
        context.getSystemService(NotificationManager::class.java).cancelAll()
    }

    /** What the process left behind when the system ended it. */
    fun restore(
        saved: List<String>,
        memory: CardMemory?,
    ) {
        BackStack.restored(saved)?.let { stacks.value = it }
        if (memory != null) scope.launch { (fronts.first { it is Front.Ready } as Front.Ready).scanner.restore(memory) }
    }

    /** The person is gone for good. */
    fun end() {
        left()
        frames?.close()
        scope.cancel()
    }

    companion object {
        const val ACTION_SCAN = "dev.kokoni.app.SCAN"
        const val ACTION_TODAY = "dev.kokoni.app.TODAY"
    }
}

/** The screens that fit: nobody's phone can only be enrolled, somebody's begins with the camera. */
internal fun BackStack.fitting(enrolment: Enrolment?): BackStack =
    when {
        enrolment == null -> BackStack(entries.filterIsInstance<Destination.Enrol>().lastOrNull() ?: Destination.Enrol())
        entries.any { it is Destination.Enrol } -> BackStack(Destination.Scan)
        else -> this
    }
