// Reminders with the system: scheduled as listed, taken back, shown as planned.

package dev.kokoni.app.reminders

import android.app.AlarmManager
import android.app.NotificationManager
import android.content.Intent
import android.os.Looper
import dev.kokoni.app.TestKokoniApp
import dev.kokoni.core.ReminderKind
import dev.kokoni.core.ReminderPlan
import dev.kokoni.core.fake.FakeKokoni
import org.junit.Assert.assertEquals
import org.junit.Assert.assertNull
import org.junit.Assert.assertTrue
import org.junit.Test
import org.junit.runner.RunWith
import org.robolectric.RobolectricTestRunner
import org.robolectric.RuntimeEnvironment
import org.robolectric.Shadows.shadowOf
import java.time.Instant
import java.time.LocalDateTime
import java.time.ZoneId

@RunWith(RobolectricTestRunner::class)
class ReminderTest {
    private val app = RuntimeEnvironment.getApplication() as TestKokoniApp
    private val alarms = shadowOf(app.getSystemService(AlarmManager::class.java))
    private val planned = ReminderAlarms(app)
    private val morning = plan("2026-11-24", "本日の登録がまだありません")
    private val next = plan("2026-11-25", "本日の登録がまだありません")

    private fun plan(
        day: String,
        title: String,
    ) = ReminderPlan(day, Instant.parse("${day}T00:00:00Z"), LocalDateTime.parse("${day}T09:00:00"), ZoneId.of("Asia/Tokyo"), title, "ご登録をお願いします。", ReminderKind.NO_RECORD)

    private fun scheduled() = alarms.scheduledAlarms.map { it.triggerAtMs }.sorted()

    @Suppress("DEPRECATION")
    @Test
    fun `just what is listed is scheduled, to ring in a sleeping phone`() {
        planned.replaceAll(listOf(morning, next))
        assertEquals(listOf(morning, next).map { it.at.toEpochMilli() }, scheduled())
        assertTrue(alarms.scheduledAlarms.all { it.type == AlarmManager.RTC_WAKEUP && it.isAllowWhileIdle })
    }

    @Test
    fun `what is no longer listed is taken back, by a later process too`() {
        planned.replaceAll(listOf(morning, next))
        ReminderAlarms(app).replaceAll(listOf(next))
        assertEquals(listOf(next.at.toEpochMilli()), scheduled())
        ReminderAlarms(app).replaceAll(emptyList())
        assertEquals(emptyList<Long>(), scheduled())
    }

    @Test
    fun `a changed reminder has its new time and words`() {
        planned.replaceAll(listOf(morning))
        planned.replaceAll(listOf(morning.copy(at = morning.at.plusSeconds(60), title = "別の言葉")))
        assertEquals(listOf(morning.at.plusSeconds(60).toEpochMilli()), scheduled())
        ring()
        assertEquals("別の言葉", shadowOf(shown()).contentTitle)
    }

    @Test
    fun `a reminder rings as planned without the core, and a tap opens the camera`() {
        planned.replaceAll(listOf(morning))
        ring()
        assertEquals("本日の登録がまだありません", shadowOf(shown()).contentTitle)
        assertEquals("ご登録をお願いします。", shadowOf(shown()).contentText)
        assertEquals("dev.kokoni.app.SCAN", shadowOf(shown().contentIntent).savedIntent.action)
    }

    @Test
    fun `an intent that is no reminder shows nothing`() {
        ReminderReceiver().onReceive(app, Intent())
        assertEquals(0, shadowOf(app.getSystemService(NotificationManager::class.java)).size())
    }

    @Test
    fun `a phone that is nobody's has no reminders after it starts`() {
        planned.replaceAll(listOf(morning))
        ReplanReceiver().onReceive(app, Intent(Intent.ACTION_BOOT_COMPLETED))
        waitFor { scheduled().isEmpty() }
        assertEquals(emptyList<Long>(), scheduled())
        assertNull(alarms.peekNextScheduledAlarm())
    }

    @Test
    fun `after a start, another time, zone or language, and an update the plan stands again`() {
        app.phone.core = FakeKokoni().apply { plannedReminders = listOf(morning, next) }
        for (cause in CAUSES) {
            // What the system does with alarms at a start; at the others it keeps wrong ones.
            planned.replaceAll(emptyList())
            assertEquals(emptyList<Long>(), scheduled())
            assertEquals(cause, listOf(ReplanReceiver::class.java.name), hearers(cause))
            ReplanReceiver().onReceive(app, Intent(cause))
            waitFor { scheduled().size == 2 }
            assertEquals(cause, listOf(morning, next).map { it.at.toEpochMilli() }, scheduled())
        }
    }

    /** Those whom the system wakes for it, by the manifest. */
    private fun hearers(cause: String) = app.packageManager.queryBroadcastReceivers(Intent(cause).setPackage(app.packageName), 0).map { it.activityInfo.name }

    private fun waitFor(isTrue: () -> Boolean) {
        val end = System.nanoTime() + 60_000_000_000
        while (!isTrue() && System.nanoTime() < end) {
            shadowOf(Looper.getMainLooper()).idle()
            Thread.sleep(10)
        }
    }

    @Suppress("DEPRECATION")
    private fun ring() {
        alarms.scheduledAlarms
            .single()
            .operation!!
            .send()
        shadowOf(Looper.getMainLooper()).idle()
    }

    private fun shown() = shadowOf(app.getSystemService(NotificationManager::class.java)).allNotifications.single()

    private companion object {
        val CAUSES =
            listOf(
                Intent.ACTION_BOOT_COMPLETED,
                Intent.ACTION_TIME_CHANGED,
                Intent.ACTION_TIMEZONE_CHANGED,
                Intent.ACTION_LOCALE_CHANGED,
                Intent.ACTION_MY_PACKAGE_REPLACED,
            )
    }
}
