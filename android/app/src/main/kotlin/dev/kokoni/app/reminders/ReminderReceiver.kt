// A reminder rings: shown as it was planned, without the core.

package dev.kokoni.app.reminders

import android.app.Notification
import android.app.NotificationManager
import android.app.PendingIntent
import android.content.BroadcastReceiver
import android.content.Context
import android.content.Intent
import dev.kokoni.app.MainActivity
import dev.kokoni.app.R
import dev.kokoni.app.Session

/** Told by the alarms that [ReminderAlarms] sets. */
class ReminderReceiver : BroadcastReceiver() {
    override fun onReceive(
        context: Context,
        intent: Intent,
    ) {
        val id = intent.data?.schemeSpecificPart ?: return
        val open = Intent(context, MainActivity::class.java).setAction(Session.ACTION_SCAN)
        val notification =
            Notification
                .Builder(context, CHANNEL)
                .setSmallIcon(R.drawable.ic_scan)
                .setContentTitle(intent.getStringExtra(TITLE))
                .setContentText(intent.getStringExtra(BODY))
                .setStyle(Notification.BigTextStyle().bigText(intent.getStringExtra(BODY)))
                .setContentIntent(PendingIntent.getActivity(context, 0, open, PendingIntent.FLAG_IMMUTABLE))
                .setCategory(Notification.CATEGORY_REMINDER)
                .setAutoCancel(true)
                .build()
        context.getSystemService(NotificationManager::class.java).notify(id, 0, notification)
    }

    internal companion object {
        const val CHANNEL = "reminders"
        const val TITLE = "title"
        const val BODY = "body"
    }
}
