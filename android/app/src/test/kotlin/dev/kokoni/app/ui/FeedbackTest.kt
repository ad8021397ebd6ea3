// What a card gives to the hand and the ear.

package dev.kokoni.app.ui

import android.media.ToneGenerator
import android.os.Build
import android.view.HapticFeedbackConstants
import android.view.View
import dev.kokoni.core.Tone
import org.junit.After
import org.junit.Assert.assertEquals
import org.junit.Test
import org.junit.runner.RunWith
import org.robolectric.RobolectricTestRunner
import org.robolectric.RuntimeEnvironment
import org.robolectric.Shadows.shadowOf
import org.robolectric.shadows.ShadowToneGenerator

@RunWith(RobolectricTestRunner::class)
class FeedbackTest {
    private var sound = true
    private val feedback = PhoneFeedback { sound }
    private val card = View(RuntimeEnvironment.getApplication())

    @After
    fun silence() = ShadowToneGenerator.reset()

    private fun heard() = ShadowToneGenerator.getPlayedTones().map { it.type() }

    @Test
    fun `what was refused feels otherwise than what was done`() {
        val felt = Tone.entries.associateWith { shadowOf(card.also { card -> feedback.give(it, card) }).lastHapticFeedbackPerformed() }
        val expected =
            if (Build.VERSION.SDK_INT < 30) {
                Tone.entries.associateWith { HapticFeedbackConstants.LONG_PRESS }
            } else {
                Tone.entries.associateWith { HapticFeedbackConstants.CONFIRM } + (Tone.REFUSAL to HapticFeedbackConstants.REJECT)
            }
        assertEquals(expected, felt)
    }

    @Test
    fun `each tone that wants to be heard has a sound of its own`() {
        Tone.entries.forEach { feedback.give(it, card) }
        assertEquals(listOf(ToneGenerator.TONE_PROP_ACK, ToneGenerator.TONE_PROP_BEEP, ToneGenerator.TONE_PROP_NACK), heard())
    }

    @Test
    fun `whoever wants silence has it, at once`() {
        sound = false
        Tone.entries.forEach { feedback.give(it, card) }
        assertEquals(emptyList<Int>(), heard())
        sound = true
        feedback.give(Tone.SUCCESS, card)
        assertEquals(listOf(ToneGenerator.TONE_PROP_ACK), heard())
    }
}
