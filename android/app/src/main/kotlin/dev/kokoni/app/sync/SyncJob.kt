// A sync while nobody looks.

package dev.kokoni.app.sync

import android.app.job.JobParameters
import android.app.job.JobService
import dev.kokoni.app.kokoniApp
import dev.kokoni.core.Kokoni
import dev.kokoni.core.KokoniException
import dev.kokoni.core.SyncEnd
import kotlinx.coroutines.Job
import kotlinx.coroutines.launch
import java.time.Duration

/** Stopped by the system, the sync ends in the core too; nothing is lost by that. */
class SyncJob : JobService() {
    private val running = HashMap<Int, Job>()

    override fun onStartJob(params: JobParameters): Boolean {
        val shell = kokoniApp.shell
        running[params.jobId] =
            shell.scope.launch {
                // A change of the administrator's settings is told only to apps that run.
                shell.configure()
                val again = shell.kokoni()?.sendsAgain() ?: false
                running -= params.jobId
                jobFinished(params, again)
            }
        return true
    }

    override fun onStopJob(params: JobParameters): Boolean {
        running.remove(params.jobId)?.cancel()
        return true
    }

    private suspend fun Kokoni.sendsAgain(): Boolean =
        try {
            val end = sync(DEADLINE).end
            tryAgain(end, status().waiting)
        } catch (_: KokoniException) {
            false
        }

    private companion object {
        /** The system gives a job about ten minutes; a phone's sync takes seconds. */
        val DEADLINE: Duration = Duration.ofMinutes(3)
    }
}

/**
 * Whether the system shall call again soon: something waits, and waiting may help. Another sync
 * that is under way may have begun before what waits now was saved, and the app may leave the front
 * before it ends.
 */
internal fun tryAgain(
    end: SyncEnd,
    waiting: Int,
): Boolean =
    when (end) {
        SyncEnd.DONE, SyncEnd.SIGN_IN_NEEDED, SyncEnd.APP_TOO_OLD, SyncEnd.CANCELLED -> false
        SyncEnd.OFFLINE, SyncEnd.DEADLINE_REACHED, SyncEnd.ALREADY_RUNNING -> waiting > 0
    }
