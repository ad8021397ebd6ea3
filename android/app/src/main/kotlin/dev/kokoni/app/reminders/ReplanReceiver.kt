// Alarms are lost when the phone starts, and wrong when its clock, its zone or the app changes.

package dev.kokoni.app.reminders

import android.content.BroadcastReceiver
import android.content.Context
import android.content.Intent
import dev.kokoni.app.kokoniApp
import kotlinx.coroutines.launch

/** Plans all reminders anew. */
class ReplanReceiver : BroadcastReceiver() {
    override fun onReceive(
        context: Context,
        intent: Intent,
    ) {
        if (intent.action !in CAUSES) return
        val app = context.kokoniApp
        if (intent.action == Intent.ACTION_LOCALE_CHANGED) app.nameChannels()
        val pending: PendingResult? = goAsync()
        app.shell.scope.launch {
            try {
                app.shell.planReminders()
            } finally {
                pending?.finish()
            }
        }
    }

    private companion object {
        val CAUSES =
            setOf(
                Intent.ACTION_BOOT_COMPLETED,
                Intent.ACTION_TIME_CHANGED,
                Intent.ACTION_TIMEZONE_CHANGED,
                Intent.ACTION_LOCALE_CHANGED,
                Intent.ACTION_MY_PACKAGE_REPLACED,
            )
    }
}
