// A sync while nobody looks.

package dev.kokoni.app.sync

import android.app.job.JobParameters
import android.app.job.JobService
import dev.kokoni.app.kokoniApp
import dev.kokoni.core.KokoniException
import dev.kokoni.core.SyncEnd
import dev.kokoni.core.SyncOutcome
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
                val again =
                    try {
                        shell.kokoni()?.sync(DEADLINE)?.let(::tryAgain) ?: false
                    } catch (_: KokoniException) {
                        false
                    }
                running -= params.jobId
                jobFinished(params, again)
            }
        return true
    }

    override fun onStopJob(params: JobParameters): Boolean {
        running.remove(params.jobId)?.cancel()
        return true
    }

    private companion object {
        /** The system gives a job about ten minutes; a phone's sync takes seconds. */
        val DEADLINE: Duration = Duration.ofMinutes(3)
    }
}

/** Whether the system shall call again soon: something waits, and waiting may help. */
internal fun tryAgain(outcome: SyncOutcome): Boolean =
    when (outcome.end) {
        SyncEnd.DONE, SyncEnd.SIGN_IN_NEEDED, SyncEnd.APP_TOO_OLD, SyncEnd.ALREADY_RUNNING, SyncEnd.CANCELLED -> false
        SyncEnd.OFFLINE, SyncEnd.DEADLINE_REACHED -> outcome.waiting > 0
    }
