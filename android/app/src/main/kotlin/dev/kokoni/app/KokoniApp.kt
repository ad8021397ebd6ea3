// The process: one shell, and the channel of the reminders.

package dev.kokoni.app

import android.app.Application
import android.app.NotificationChannel
import android.app.NotificationManager
import android.content.Context
import android.util.Log
import dev.kokoni.app.reminders.ReminderReceiver
import dev.kokoni.core.Kokoni
import dev.kokoni.core.LogLevel
import dev.kokoni.core.LogSink

/** Made by the system, before anything else of the app. */
open class KokoniApp : Application() {
    internal val settings by lazy { Settings(this) }

    internal open val shell: Shell by lazy { Shell(this, ports(settings), settings) }

    /** The phone; tests hand in another. */
    internal open fun ports(settings: Settings): Ports = PhonePorts(this, settings)

    override fun onCreate() {
        super.onCreate()
        Kokoni.setLogSink(LogSink { _, target, text -> Log.w(target.take(LONGEST_TAG), text) }, LogLevel.WARN)
        nameChannels()
    }

    /** Again when the language changes: the system shows the names in its settings. */
    internal fun nameChannels() {
        val name = settings.speaking(this).getString(R.string.reminders_channel)
        val channel = NotificationChannel(ReminderReceiver.CHANNEL, name, NotificationManager.IMPORTANCE_DEFAULT)
        getSystemService(NotificationManager::class.java).createNotificationChannel(channel)
    }

    private companion object {
        /** Longer ones are refused by old systems. */
        const val LONGEST_TAG = 23
    }
}

internal val Context.kokoniApp: KokoniApp get() = applicationContext as KokoniApp
