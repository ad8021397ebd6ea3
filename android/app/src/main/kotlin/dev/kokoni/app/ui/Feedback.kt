// How a card feels and sounds.

package dev.kokoni.app.ui

import android.media.AudioManager
import android.media.ToneGenerator
import android.os.Build
import android.view.HapticFeedbackConstants
import android.view.View
import dev.kokoni.core.Tone

/** Says a card's tone to the hand and the ear. */
internal fun interface Feedback {
    fun give(
        tone: Tone,
        at: View,
    )
}

/** The phone's own haptics, and short tones at the volume of the ring. */
internal class PhoneFeedback(
    private val sound: () -> Boolean,
) : Feedback {
    private var generator: ToneGenerator? = null

    override fun give(
        tone: Tone,
        at: View,
    ) {
        at.performHapticFeedback(hapticOf(tone))
        if (sound()) toneOf(tone)?.let(::play)
    }

    private fun hapticOf(tone: Tone): Int =
        when {
            Build.VERSION.SDK_INT < 30 -> HapticFeedbackConstants.LONG_PRESS
            tone == Tone.REFUSAL -> HapticFeedbackConstants.REJECT
            else -> HapticFeedbackConstants.CONFIRM
        }

    private fun toneOf(tone: Tone): Int? =
        when (tone) {
            Tone.SUCCESS -> ToneGenerator.TONE_PROP_ACK
            Tone.ATTENTION -> ToneGenerator.TONE_PROP_BEEP
            Tone.REFUSAL -> ToneGenerator.TONE_PROP_NACK
            Tone.NEUTRAL -> null
        }

    private fun play(tone: Int) {
        try {
            val player = generator ?: ToneGenerator(AudioManager.STREAM_NOTIFICATION, VOLUME).also { generator = it }
            player.startTone(tone, LONGEST_MS)
        } catch (_: RuntimeException) {
            // The system has no player to spare: the hand and the words say it as well.
            generator = null
        }
    }

    private companion object {
        const val VOLUME = 70
        const val LONGEST_MS = 400
    }
}
