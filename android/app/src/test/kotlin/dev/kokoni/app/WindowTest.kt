// The window: behind the bars but readable, back where one came from, the light and the hand's
// signals where they belong.

package dev.kokoni.app

import android.Manifest
import android.app.Application
import android.graphics.Insets
import android.graphics.Rect
import android.os.Build
import android.util.Pair
import android.view.View
import android.view.ViewGroup
import android.view.WindowInsets
import android.window.OnBackInvokedCallback
import dev.kokoni.core.Tone
import dev.kokoni.core.Via
import dev.kokoni.core.fake.FakeKokoni
import dev.kokoni.core.fake.FakeOffice
import org.junit.After
import org.junit.Assert.assertEquals
import org.junit.Assert.assertFalse
import org.junit.Assert.assertTrue
import org.junit.Before
import org.junit.Test
import org.junit.runner.RunWith
import org.robolectric.RobolectricTestRunner
import org.robolectric.Shadows.shadowOf
import org.robolectric.util.ReflectionHelpers
import org.robolectric.util.ReflectionHelpers.ClassParameter

@RunWith(RobolectricTestRunner::class)
class WindowTest {
    private val phone = Phone()
    private val activity get() = phone.activity

    @Before
    fun open() {
        phone.app.phone.core = FakeKokoni()
        // As the manifest says; Robolectric does not read that line.
        if (Build.VERSION.SDK_INT >= 33) ReflectionHelpers.callInstanceMethod<Any?>(phone.app.applicationInfo, "setEnableOnBackInvokedCallback", ClassParameter.from(Boolean::class.javaPrimitiveType, true))
        shadowOf(phone.app as Application).grantPermissions(Manifest.permission.CAMERA)
        phone.open()
        phone.until("the core") { activity.session.scanner != null }
    }

    @After
    fun close() = phone.close()

    @Test
    fun `nothing to read or tap lies under a bar`() {
        val frame = activity.findViewById<ViewGroup>(android.R.id.content).getChildAt(0)
        frame.dispatchApplyWindowInsets(insets(Rect(1, 40, 2, 30)))
        assertEquals(listOf(1, 40, 2, 30), listOf(frame.paddingLeft, frame.paddingTop, frame.paddingRight, frame.paddingBottom))
    }

    private fun insets(bars: Rect): WindowInsets =
        if (Build.VERSION.SDK_INT >= 30) {
            WindowInsets.Builder().setInsets(WindowInsets.Type.systemBars(), Insets.of(bars.left, bars.top, bars.right, bars.bottom)).build()
        } else {
            ReflectionHelpers.callConstructor(WindowInsets::class.java, ClassParameter.from(Rect::class.java, bars))
        }

    @Test
    fun `back goes to the screen before, and from the first one to the system`() {
        assertFalse(staysInApp())
        activity.session.go(Destination.Today)
        activity.session.go(Destination.People)
        phone.until("the search") { phone.view(R.id.people_field) != null }
        assertTrue(staysInApp())
        goBack()
        phone.until("the day") { phone.view(R.id.headline) != null }
        goBack()
        phone.until("the camera") { phone.view(R.id.chip) != null }
        assertFalse(staysInApp())
        assertFalse(activity.isFinishing)
    }

    /** Otherwise the system itself answers, and can show beforehand where back leads. */
    private fun staysInApp() = if (Build.VERSION.SDK_INT >= 33) ours() != null else activity.session.stack.value.canGoBack

    /** Who answers next, if it is the app: asked of the window's dispatcher, or what waits for it. */
    private fun ours(): OnBackInvokedCallback? {
        val proxy = activity.onBackInvokedDispatcher
        val top =
            when (val window: Any? = ReflectionHelpers.getField(proxy, "mActualDispatcher")) {
                null -> ReflectionHelpers.getField<List<Pair<OnBackInvokedCallback, Int>>>(proxy, "mCallbacks").lastOrNull()?.first
                else -> ReflectionHelpers.callInstanceMethod<OnBackInvokedCallback?>(window, "getTopCallback")
            }
        return top?.takeIf { it.javaClass.name.startsWith("dev.kokoni.app") }
    }

    @Suppress("DEPRECATION")
    private fun goBack() = if (Build.VERSION.SDK_INT >= 33) checkNotNull(ours()).onBackInvoked() else activity.onBackPressed()

    @Test
    fun `the light is the camera's, and says what a tap would do`() {
        val words = { phone.view(R.id.torch)?.contentDescription.toString() }
        val off = words()
        phone.tap(R.id.torch)
        phone.until("the light") { phone.camera().torch }
        assertTrue(words() != off)
        phone.tap(R.id.torch)
        phone.until("no light") { !phone.camera().torch }
        assertEquals(off, words())
    }

    @Test
    fun `a card is felt once, and not again when the phone is turned`() {
        checkNotNull(activity.session.scanner).onLabel(FakeOffice.SEAT, Via.CAMERA)
        phone.until("the card") { phone.view(R.id.card) != null }
        assertEquals(listOf(Tone.SUCCESS), phone.app.phone.felt)
        phone.turn("+land")
        phone.until("the card again") { phone.view(R.id.card) != null }
        assertEquals(listOf(Tone.SUCCESS), phone.app.phone.felt)
        val title = phone.activity.window.decorView.all().first { it.accessibilityLiveRegion == View.ACCESSIBILITY_LIVE_REGION_ASSERTIVE && it.isShown }
        assertTrue("a screen reader says it at once, without its sign", title.contentDescription.isNotBlank() && '✓' !in title.contentDescription)
    }
}
