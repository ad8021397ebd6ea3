// When the system shall give the app a moment to send what waits.

package dev.kokoni.app.sync

import android.app.job.JobInfo
import android.app.job.JobScheduler
import android.content.ComponentName
import android.content.Context

/** In front the app syncs by itself; these jobs are the net below. */
internal object SyncSchedule {
    const val REGULAR = 1
    const val SOON = 2
    private const val PERIOD_MS = 60 * 60 * 1000L
    private const val FIRST_PAUSE_MS = 30_000L

    /** Every hour or so, for what the server has to say. */
    fun regularly(context: Context) {
        if (context.scheduler.getPendingJob(REGULAR) != null) return
        context.scheduler.schedule(job(context, REGULAR).setPeriodic(PERIOD_MS).build())
    }

    /** Something waits: when there is a network, with growing pauses. */
    fun soon(context: Context) {
        if (context.scheduler.getPendingJob(SOON) != null) return
        context.scheduler.schedule(job(context, SOON).setBackoffCriteria(FIRST_PAUSE_MS, JobInfo.BACKOFF_POLICY_EXPONENTIAL).build())
    }

    private fun job(
        context: Context,
        id: Int,
    ) = JobInfo
        .Builder(id, ComponentName(context, SyncJob::class.java))
        .setRequiredNetworkType(JobInfo.NETWORK_TYPE_ANY)
        .setPersisted(true)

    private val Context.scheduler get() = getSystemService(JobScheduler::class.java)
}
