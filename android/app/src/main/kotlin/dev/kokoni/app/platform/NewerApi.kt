// What is newer than the oldest system the app runs on, in one place. The API guard of the build
// looks at everything else; whoever calls in here looks at the system's version first.

package dev.kokoni.app.platform

import android.app.Activity
import android.app.PendingIntent
import android.content.BroadcastReceiver
import android.content.Context
import android.content.IntentFilter
import android.graphics.Rect
import android.graphics.text.LineBreakConfig
import android.hardware.camera2.CameraCaptureSession
import android.hardware.camera2.CameraDevice
import android.hardware.camera2.params.OutputConfiguration
import android.hardware.camera2.params.SessionConfiguration
import android.security.keystore.KeyGenParameterSpec
import android.security.keystore.StrongBoxUnavailableException
import android.service.quicksettings.TileService
import android.view.Surface
import android.view.View
import android.view.Window
import android.view.WindowInsets
import android.widget.TextView
import android.window.OnBackInvokedCallback
import android.window.OnBackInvokedDispatcher
import java.security.ProviderException
import java.util.concurrent.Executor

/** Marks a class that uses calls of this API level. */
@Retention(AnnotationRetention.BINARY)
@Target(AnnotationTarget.CLASS)
internal annotation class NewerApi(
    val level: Int,
)

@NewerApi(28)
internal object Api28 {
    fun createSession(
        camera: CameraDevice,
        surfaces: List<Surface>,
        executor: Executor,
        callback: CameraCaptureSession.StateCallback,
    ) {
        val outputs = surfaces.map(::OutputConfiguration)
        camera.createCaptureSession(SessionConfiguration(SessionConfiguration.SESSION_REGULAR, outputs, executor, callback))
    }
}

@NewerApi(28)
internal object StrongBox28 {
    fun ask(key: KeyGenParameterSpec.Builder): KeyGenParameterSpec.Builder = key.setIsStrongBoxBacked(true)

    /** This phone has no chip of its own for keys, or the chip cannot take this one. */
    fun isMissing(error: ProviderException): Boolean = error is StrongBoxUnavailableException
}

@NewerApi(30)
internal object Api30 {
    /** From Android 15 on it is so by itself. */
    @Suppress("DEPRECATION")
    fun drawBehindBars(window: Window) = window.setDecorFitsSystemWindows(false)

    /** What bars, cut-outs and the keyboard cover. */
    fun covered(insets: WindowInsets): Rect {
        val edges = insets.getInsets(WindowInsets.Type.systemBars() or WindowInsets.Type.displayCutout() or WindowInsets.Type.ime())
        return Rect(edges.left, edges.top, edges.right, edges.bottom)
    }
}

@NewerApi(33)
internal class Back33(
    private val activity: Activity,
    private val back: () -> Unit,
) {
    private var callback: OnBackInvokedCallback? = null

    /** Whether going back stays in the app; otherwise the system shows where it leads. */
    fun stays(inApp: Boolean) {
        val dispatcher = activity.onBackInvokedDispatcher
        val old = callback
        if (inApp && old == null) {
            val new = BackCallback33(back)
            dispatcher.registerOnBackInvokedCallback(OnBackInvokedDispatcher.PRIORITY_DEFAULT, new)
            callback = new
        } else if (!inApp && old != null) {
            dispatcher.unregisterOnBackInvokedCallback(old)
            callback = null
        }
    }
}

@NewerApi(33)
private class BackCallback33(
    private val back: () -> Unit,
) : OnBackInvokedCallback {
    override fun onBackInvoked() = back()
}

@NewerApi(33)
internal object Api33 {
    fun register(
        context: Context,
        receiver: BroadcastReceiver,
        filter: IntentFilter,
    ) {
        context.registerReceiver(receiver, filter, Context.RECEIVER_NOT_EXPORTED)
    }
}

@NewerApi(34)
internal object Api34 {
    fun openAndCollapse(
        tile: TileService,
        target: PendingIntent,
    ) = tile.startActivityAndCollapse(target)
}

@NewerApi(33)
internal object Phrases33 {
    fun keep(text: TextView) {
        text.lineBreakWordStyle = LineBreakConfig.LINE_BREAK_WORD_STYLE_PHRASE
    }
}

@NewerApi(28)
internal object Headings28 {
    fun mark(view: View) {
        view.isAccessibilityHeading = true
    }
}
