// What a journey does with the app and sees in it: taps on real views, words in real views.

package dev.kokoni.app

import android.Manifest
import android.app.AlarmManager
import android.app.Application
import android.content.Intent
import android.content.pm.PackageManager
import android.net.Uri
import android.os.Bundle
import android.os.Looper
import android.view.View
import android.view.ViewGroup
import android.widget.EditText
import android.widget.ImageView
import android.widget.TextView
import dev.kokoni.core.Kokoni
import dev.kokoni.core.SyncEnd
import dev.kokoni.core.ffi.testingClock
import dev.kokoni.core.ffi.testingLabelFrame
import dev.kokoni.core.ffi.testingLabels
import kotlinx.coroutines.CoroutineScope
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.async
import org.robolectric.Robolectric
import org.robolectric.RuntimeEnvironment
import org.robolectric.Shadows.shadowOf
import org.robolectric.android.controller.ActivityController
import java.time.Duration
import java.time.Instant
import java.util.concurrent.TimeUnit
import dev.kokoni.core.ffi.Kokoni as FfiKokoni

/** The app in a test, on the test's thread, which is the main thread. */
internal class Phone : AutoCloseable {
    val app = RuntimeEnvironment.getApplication() as TestKokoniApp
    private var controller: ActivityController<MainActivity>? = null
    private var left = false

    val activity: MainActivity get() = checkNotNull(controller).get()

    fun open(intent: Intent? = null) {
        controller = Robolectric.buildActivity(MainActivity::class.java, intent).setup().visible()
    }

    fun turn(qualifiers: String) {
        RuntimeEnvironment.setQualifiers(qualifiers)
        checkNotNull(controller).recreate()
    }

    /** The system ends the process and later starts it with what it had kept for the activity. */
    fun die() {
        val old = checkNotNull(controller)
        val kept = Bundle()
        old.pause().stop().saveInstanceState(kept)
        old.destroy()
        restart()
        controller = Robolectric.buildActivity(MainActivity::class.java).setup(kept).visible()
    }

    /** The person goes to another app. */
    fun leave() {
        checkNotNull(controller).pause().stop()
        left = true
    }

    /** The person is done with the app; its process lives on. */
    fun finish() {
        checkNotNull(controller).pause().stop().destroy()
        controller = null
    }

    fun startAgain() {
        checkNotNull(controller).pause().stop().destroy()
        restart()
        open()
    }

    private fun restart() {
        app.forgetShell()?.let { shell -> wait { shell.close() } }
    }

    override fun close() {
        controller?.let { if (left) it else it.pause().stop() }?.destroy()
        restart()
    }

    val kokoni: Kokoni get() = wait { checkNotNull(app.shell.kokoni()) }

    /** Lets the main thread work until the answer is there. */
    fun <T> wait(ask: suspend () -> T): T {
        val asked = CoroutineScope(Dispatchers.Main).async { ask() }
        until("an answer") { asked.isCompleted }
        return asked.getCompletedOrThrow()
    }

    @OptIn(kotlinx.coroutines.ExperimentalCoroutinesApi::class)
    private fun <T> kotlinx.coroutines.Deferred<T>.getCompletedOrThrow(): T = getCompletionExceptionOrNull()?.let { throw it } ?: getCompleted()

    fun until(
        what: String,
        is_: () -> Boolean,
    ) {
        val end = System.nanoTime() + TimeUnit.SECONDS.toNanos(PATIENCE_S)
        while (true) {
            shadowOf(Looper.getMainLooper()).idle()
            if (is_()) return
            if (System.nanoTime() > end) throw AssertionError("waited for $what; in sight: ${inSight()}")
            Thread.sleep(10)
        }
    }

    fun view(id: Int): View? = activity.window.decorView.find { it.id == id && it.isShown }

    fun views(id: Int): List<View> = activity.window.decorView.all().filter { it.id == id && it.isShown }

    fun tap(id: Int) {
        until("a control to tap") { view(id)?.isEnabled == true }
        checkNotNull(view(id)).performClick()
    }

    fun enter(
        id: Int,
        text: String,
    ) {
        until("a field") { view(id) is EditText }
        (view(id) as EditText).setText(text)
    }

    fun inSight(): List<String> = activity.window.decorView.all().filterIsInstance<TextView>().filter { it.isShown && it.text.isNotEmpty() }.map { it.text.toString() }

    /** Controls in sight that a screen reader would have no words for. */
    fun undescribed(): List<View> = activity.window.decorView.all().filter { it.isShown && (it.isClickable || it is ImageView || it is EditText) && it.words().isNullOrBlank() }

    private fun View.words(): CharSequence? = contentDescription ?: (this as? TextView)?.let { it.text.ifEmpty { it.hint } }

    fun allowCamera(allowed: Boolean) {
        if (allowed) shadowOf(app as Application).grantPermissions(Manifest.permission.CAMERA)
        val result = if (allowed) PackageManager.PERMISSION_GRANTED else PackageManager.PERMISSION_DENIED
        activity.onRequestPermissionsResult(0, arrayOf(Manifest.permission.CAMERA), intArrayOf(result))
    }

    fun openLink(text: String) {
        checkNotNull(controller).newIntent(Intent(Intent.ACTION_VIEW, Uri.parse(text)))
    }

    /** A label of a kind, among those that the phone knows. */
    fun label(name: String): String {
        val other = name.startsWith("other_")
        val labels = testingLabels(kokoni.core, name.removePrefix("other_"))
        return labels[if (other) 1 else 0]
    }

    /** Some empty desk, then the label until it is taken or there were enough frames. */
    fun showLabel(
        label: String,
        host: String,
    ) {
        val camera = camera()
        repeat(EMPTY_FRAMES) { camera.show(ByteArray(WIDTH * HEIGHT) { EMPTY }, WIDTH, HEIGHT) }
        val luma = testingLabelFrame(host, label, WIDTH, HEIGHT, WIDTH, 1)
        repeat(LABEL_FRAMES) { camera.show(luma, WIDTH, HEIGHT) }
    }

    fun camera(): FakeCamera {
        until("the camera") { app.phone.openCamera() != null }
        return checkNotNull(app.phone.openCamera())
    }

    fun sync(): SyncEnd {
        while (true) {
            val end = wait { kokoni.sync(Duration.ofSeconds(20)) }.end
            if (end != SyncEnd.ALREADY_RUNNING) return end
        }
    }

    fun sleep(time: Duration) = testingClock(kokoni.core, time)

    /** What is scheduled with the system: the alarms' moments by the ids of their reminders. */
    @Suppress("DEPRECATION")
    fun alarms(): Map<String, Instant> =
        shadowOf(app.getSystemService(AlarmManager::class.java)).scheduledAlarms.mapNotNull { alarm ->
            val id = alarm.operation?.let { shadowOf(it).savedIntent.data?.schemeSpecificPart }
            id?.let { it to Instant.ofEpochMilli(alarm.triggerAtMs) }
        }.toMap()

    private companion object {
        /** A busy machine is slow; nothing waits for this to pass. */
        const val PATIENCE_S = 60L
        const val WIDTH = 640
        const val HEIGHT = 480
        const val EMPTY: Byte = 120
        const val EMPTY_FRAMES = 40
        const val LABEL_FRAMES = 5
    }
}

/** The generated object below: the clock and the labels of tests are not the package's to offer. */
private val Kokoni.core: FfiKokoni
    get() = javaClass.methods.first { it.name.startsWith("getCore") }.invoke(this) as FfiKokoni

internal fun View.all(): List<View> = listOf(this) + ((this as? ViewGroup)?.let { group -> (0 until group.childCount).flatMap { group.getChildAt(it).all() } }.orEmpty())

internal fun View.find(wanted: (View) -> Boolean): View? = all().firstOrNull(wanted)
