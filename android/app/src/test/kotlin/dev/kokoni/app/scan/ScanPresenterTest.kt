// From labels and taps to cards, over a core that is a fake.

package dev.kokoni.app.scan

import dev.kokoni.core.FrameReading
import dev.kokoni.core.Route
import dev.kokoni.core.ScanMeaning
import dev.kokoni.core.Tone
import dev.kokoni.core.Via
import dev.kokoni.core.fake.FakeKokoni
import dev.kokoni.core.fake.FakeOffice
import kotlinx.coroutines.CoroutineScope
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.Job
import kotlinx.coroutines.cancel
import org.junit.After
import org.junit.Assert.assertEquals
import org.junit.Assert.assertFalse
import org.junit.Assert.assertNull
import org.junit.Assert.assertTrue
import org.junit.Test
import java.time.Clock

class ScanPresenterTest {
    private val kokoni = FakeKokoni()
    private val scope = CoroutineScope(Job() + Dispatchers.Unconfined)
    private val followed = ArrayList<Route>()
    private var saved = 0
    private val presenter = ScanPresenter(kokoni, scope, Clock.systemUTC(), followed::add) { saved += 1 }

    @After
    fun end() = scope.cancel()

    private val card get() = presenter.state.value.card

    @Test
    fun `a label is saved without a tap, and can be taken back`() {
        presenter.onReading(FrameReading(news = FakeOffice.SEAT))
        assertEquals(ScanMeaning.SIT, card?.card?.meaning)
        assertTrue(card?.undo == true)
        assertEquals(1, saved)
        presenter.onUndo()
        assertFalse(card?.undo == true)
        assertNull(card?.card?.confirm)
    }

    @Test
    fun `what needs a tap is saved by the tap alone`() {
        presenter.onLabel(FakeOffice.ITEM, Via.CAMERA)
        presenter.onLabel(FakeOffice.ITEM, Via.CAMERA)
        assertEquals(ScanMeaning.GIVE_BACK, card?.card?.meaning)
        assertNull(card?.card?.record)
        assertEquals(CardMemory(FakeOffice.ITEM, Via.CAMERA), presenter.memory())
        presenter.onConfirm()
        assertEquals(Tone.SUCCESS, card?.card?.tone)
        assertNull(presenter.memory())
    }

    @Test
    fun `after the process ended the same card asks again and nothing was saved`() {
        presenter.onLabel(FakeOffice.ITEM, Via.CAMERA)
        val before = saved
        presenter.restore(CardMemory(FakeOffice.ITEM, Via.CAMERA))
        assertEquals(ScanMeaning.GIVE_BACK, card?.card?.meaning)
        assertTrue(card?.card?.confirm != null)
        assertEquals(before, saved)
    }

    @Test
    fun `a failure is told in words and leaves nothing to tap`() {
        presenter.onLabel(FakeOffice.SEAT, Via.CAMERA)
        presenter.onCloseCard()
        kokoni.close()
        presenter.onLabel(FakeOffice.OTHER_SEAT, Via.CAMERA)
        assertEquals(Tone.REFUSAL, card?.card?.tone)
        assertTrue(card?.card?.title.orEmpty().isNotBlank())
        assertFalse(card?.undo == true)
    }

    @Test
    fun `the chip follows the person`() {
        val before = presenter.state.value.chip
        presenter.onLabel(FakeOffice.SEAT, Via.CAMERA)
        assertTrue(presenter.state.value.chip != before)
    }

    @Test
    fun `somebody else's code is named and not followed`() {
        presenter.onReading(FrameReading(foreign = "https://example.com/"))
        assertNull(card?.card?.record)
        assertEquals(emptyList<Route>(), followed)
    }

    @Test
    fun `an enrolment before the camera is followed`() {
        presenter.onReading(FrameReading(foreign = "https://kokoni.example/enrol#0123456789ABCDEFGHJKMNPQRS"))
        assertTrue(followed.single() is Route.Enrol)
    }
}
