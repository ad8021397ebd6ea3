// What the activity's comings and goings must not do to what was begun.

package dev.kokoni.app

import android.app.AlertDialog
import android.os.Looper
import dev.kokoni.core.Enrolment
import dev.kokoni.core.Kokoni
import dev.kokoni.core.SyncKeeper
import dev.kokoni.core.fake.FakeKokoni
import kotlinx.coroutines.CompletableDeferred
import org.junit.After
import org.junit.Assert.assertFalse
import org.junit.Assert.assertNull
import org.junit.Assert.assertTrue
import org.junit.Test
import org.junit.runner.RunWith
import org.robolectric.RobolectricTestRunner
import org.robolectric.shadows.ShadowAlertDialog
import java.time.Duration
import java.util.concurrent.CountDownLatch
import java.util.concurrent.atomic.AtomicReference

@RunWith(RobolectricTestRunner::class)
class SessionTest {
    private val phone = Phone()

    @After
    fun end() = phone.close()

    /** A keeper that takes as long as an exchange with a slow server. */
    private class SlowKeeper : SyncKeeper {
        val exchanged = CountDownLatch(1)
        val closedOn = AtomicReference<Thread>()

        override fun tryNow() = Unit

        override fun close() {
            // There it would wait for ever; the test says so instead.
            if (Looper.myLooper() != Looper.getMainLooper()) exchanged.await()
            closedOn.set(Thread.currentThread())
        }
    }

    @Test
    fun `leaving the app does not hold up the main thread for a sync under way`() {
        val keeper = SlowKeeper()
        phone.app.phone.core =
            object : Kokoni by FakeKokoni() {
                override suspend fun keepSynced() = keeper
            }
        phone.open()
        phone.until("the core") { phone.activity.session.scanner != null }
        phone.leave()
        assertNull(keeper.closedOn.get())
        keeper.exchanged.countDown()
        phone.until("the keeper's end") { keeper.closedOn.get() != null }
        assertFalse(keeper.closedOn.get() === Looper.getMainLooper().thread)
    }

    @Test
    fun `signing out goes on when the phone is turned`() {
        val fake = FakeKokoni()
        val answered = CompletableDeferred<Unit>()
        phone.app.phone.core =
            object : Kokoni by fake {
                override suspend fun signOutAndWipe(deadline: Duration) {
                    answered.await()
                    fake.signOutAndWipe(deadline)
                }
            }
        agreeToSignOut()
        phone.until("that it is under way") { phone.view(R.id.sign_out)?.isEnabled == false }
        phone.turn("+land")
        phone.until("that it is still under way") { phone.view(R.id.sign_out)?.isEnabled == false }
        answered.complete(Unit)
        phone.until("nobody's phone") { phone.view(R.id.enrol_scan) != null }
        assertNull(phone.wait { fake.enrolment() })
    }

    @Test
    fun `signing out goes on when the person leaves the app`() {
        val fake = FakeKokoni()
        val answered = CompletableDeferred<Unit>()
        phone.app.phone.core =
            object : Kokoni by fake {
                override suspend fun signOutAndWipe(deadline: Duration) {
                    answered.await()
                    fake.signOutAndWipe(deadline)
                }
            }
        agreeToSignOut()
        phone.until("that it is under way") { phone.view(R.id.sign_out)?.isEnabled == false }
        phone.finish()
        answered.complete(Unit)
        var now: Enrolment? = FakeKokoni.EXAMPLE_ENROLMENT
        phone.until("nobody's phone") { phone.wait { fake.enrolment() }.also { now = it } == null }
        assertNull(now)
    }

    private fun agreeToSignOut() {
        phone.open()
        phone.until("the core") { phone.activity.session.scanner != null }
        phone.activity.session.go(Destination.Settings)
        phone.tap(R.id.sign_out)
        val question = ShadowAlertDialog.getLatestDialog() as AlertDialog
        assertTrue(question.isShowing)
        question.getButton(AlertDialog.BUTTON_POSITIVE).performClick()
        phone.until("the answer") { !question.isShowing }
    }
}
