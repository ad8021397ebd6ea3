// Reminders with the system's alarms: just those that the core lists.

package dev.kokoni.app.reminders

import android.app.AlarmManager
import android.app.PendingIntent
import android.content.Context
import android.content.Intent
import android.net.Uri
import dev.kokoni.core.ReminderPlan

/**
 * Inexact alarms that also ring while the phone sleeps: they need no permission, and a reminder may
 * be some minutes late. An alarm carries its words, so that ringing needs no database.
 */
internal class ReminderAlarms(
    private val context: Context,
) {
    private val alarms = context.getSystemService(AlarmManager::class.java)
    private val kept = context.getSharedPreferences("reminders", Context.MODE_PRIVATE)

    /** Schedules these and takes back all others. */
    fun replaceAll(plans: List<ReminderPlan>) {
        val ids = plans.map { it.id }.toSet()
        (scheduled() - ids).forEach(::cancel)
        plans.forEach(::schedule)
        kept.edit().putStringSet(IDS, ids).apply()
    }

    private fun scheduled(): Set<String> = kept.getStringSet(IDS, null).orEmpty()

    private fun schedule(plan: ReminderPlan) {
        val intent =
            intent(plan.id)
                .putExtra(ReminderReceiver.TITLE, plan.title)
                .putExtra(ReminderReceiver.BODY, plan.body)
        val ring = PendingIntent.getBroadcast(context, 0, intent, PendingIntent.FLAG_UPDATE_CURRENT or PendingIntent.FLAG_IMMUTABLE)
        alarms.setAndAllowWhileIdle(AlarmManager.RTC_WAKEUP, plan.at.toEpochMilli(), ring)
    }

    private fun cancel(id: String) {
        val ring = PendingIntent.getBroadcast(context, 0, intent(id), PendingIntent.FLAG_NO_CREATE or PendingIntent.FLAG_IMMUTABLE) ?: return
        alarms.cancel(ring)
        ring.cancel()
    }

    /** The address makes each reminder an alarm of its own. */
    private fun intent(id: String) = Intent(context, ReminderReceiver::class.java).setData(Uri.fromParts("kokoni-reminder", id, null))

    private companion object {
        const val IDS = "ids"
    }
}
