// What each event does to the screen for scanning.

package dev.kokoni.app.scan

import dev.kokoni.core.Chip
import dev.kokoni.core.Hint
import dev.kokoni.core.ScanCard
import dev.kokoni.core.Tone
import dev.kokoni.core.Via
import org.junit.Assert.assertEquals
import org.junit.Assert.assertNull
import org.junit.Assert.assertSame
import org.junit.Test

class ScanUiStateTest {
    private val chip = Chip(text = "3階 A-12", place = "3階 A-12")
    private val card = ScanCard(Tone.SUCCESS, "3階 A-12 に着席しました")

    private fun ScanUiState.after(vararg events: ScanEvent): ScanUiState = events.fold(this) { state, event -> state.after(event = event) }

    private val live = ScanUiState.Starting().after(ScanEvent.CameraOpen(hasTorch = true))

    @Test
    fun `a camera with a torch opens with it off`() = assertEquals(ScanUiState.Live(Torch.OFF), live)

    @Test
    fun `a camera without a torch offers none`() {
        val state = ScanUiState.Starting().after(ScanEvent.CameraOpen(hasTorch = false), ScanEvent.TorchTapped)
        assertEquals(ScanUiState.Live(Torch.NONE), state)
    }

    @Test
    fun `tapping the torch twice is as never`() {
        assertEquals(ScanUiState.Live(Torch.ON), live.after(ScanEvent.TorchTapped))
        assertEquals(live, live.after(ScanEvent.TorchTapped, ScanEvent.TorchTapped))
    }

    @Test
    fun `chip and card stay whatever the camera does`() {
        val told = live.after(ScanEvent.ChipRead(chip), ScanEvent.CardRead(card, Via.CAMERA, undo = true))
        val kept = CardUi(card, Via.CAMERA, undo = true)
        assertEquals(ScanUiState.NoCamera(chip, kept), told.after(ScanEvent.CameraUnavailable))
        assertEquals(ScanUiState.PermissionNeeded(canAsk = false, chip, kept), told.after(ScanEvent.PermissionMissing(canAsk = false)))
        assertEquals(ScanUiState.Starting(chip, kept), told.after(ScanEvent.CameraOpening))
    }

    @Test
    fun `the end of undo leaves the card`() {
        val state = live.after(ScanEvent.CardRead(card, Via.TYPED, undo = true), ScanEvent.UndoEnded)
        assertEquals(CardUi(card, Via.TYPED, undo = false), state.card)
    }

    @Test
    fun `a tap makes the card wait, and a failure lets it be tapped again`() {
        val asked = live.after(ScanEvent.CardRead(card, Via.LINK, undo = true), ScanEvent.ButtonTapped)
        assertEquals(true, asked.card?.busy)
        assertEquals(false, asked.after(ScanEvent.ButtonFailed).card?.busy)
    }

    @Test
    fun `a new card takes the place of the old`() {
        val next = ScanCard(Tone.REFUSAL, "この座席は別の方が使用中です")
        val state = live.after(ScanEvent.CardRead(card, Via.CAMERA, undo = true), ScanEvent.ButtonTapped, ScanEvent.CardRead(next, Via.CAMERA, undo = false))
        assertEquals(CardUi(next, Via.CAMERA), state.card)
    }

    @Test
    fun `a closed card is gone and late events about it change nothing`() {
        val closed = live.after(ScanEvent.CardRead(card, Via.CAMERA, undo = true), ScanEvent.CardClosed)
        assertNull(closed.card)
        assertEquals(closed, closed.after(ScanEvent.UndoEnded, ScanEvent.ButtonTapped, ScanEvent.ButtonFailed))
    }

    @Test
    fun `hints are for a live picture only`() {
        assertEquals(Hint.CLOSER, (live.after(ScanEvent.HintChanged(Hint.CLOSER)) as ScanUiState.Live).hint)
        val starting = ScanUiState.Starting()
        assertSame(starting, starting.after(ScanEvent.HintChanged(Hint.GLARE)))
    }
}
