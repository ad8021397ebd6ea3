// The process: one shell, and the channel of the reminders.

package dev.kokoni.app

import android.app.Application
import android.app.NotificationChannel
import android.app.NotificationManager
import android.content.Context
import dev.kokoni.app.reminders.ReminderReceiver

/** Made by the system, before anything else of the app. */
open class KokoniApp : Application() {
    internal val settings by lazy { Settings(this) }

    internal open val shell: Shell by lazy { Shell(this, ports(settings), settings) }

    /** The phone; tests hand in another. */
    internal open fun ports(settings: Settings): Ports = PhonePorts(this, settings)

    override fun onCreate() {
        super.onCreate()
        nameChannels()
    }

    /** Again when the language changes: the system shows the names in its settings. */
    internal fun nameChannels() {
        val name = settings.speaking(this).getString(R.string.reminders_channel)
        val channel = NotificationChannel(ReminderReceiver.CHANNEL, name, NotificationManager.IMPORTANCE_DEFAULT)
        getSystemService(NotificationManager::class.java).createNotificationChannel(channel)
    }
}

internal val Context.kokoniApp: KokoniApp get() = applicationContext as KokoniApp
