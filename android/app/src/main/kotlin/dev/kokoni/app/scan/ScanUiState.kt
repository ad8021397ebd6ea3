// What the screen for scanning shows, and how each event changes it. Pure.

package dev.kokoni.app.scan

import dev.kokoni.core.Chip
import dev.kokoni.core.Hint
import dev.kokoni.core.ScanCard
import dev.kokoni.core.Via

/** The light beside the camera. */
internal enum class Torch {
    NONE,
    OFF,
    ON,
}

/** A card in sight. */
internal data class CardUi(
    val card: ScanCard,
    /** How its label came in: confirming it says so too. */
    val via: Via,
    /** The button was tapped and the core is at it. */
    val busy: Boolean = false,
    /** Undo can be tapped now. */
    val undo: Boolean = false,
)

/** The screen by what its camera does; chip and card lie over all of them. */
internal sealed interface ScanUiState {
    val chip: Chip?
    val card: CardUi?

    data class Starting(
        override val chip: Chip? = null,
        override val card: CardUi? = null,
    ) : ScanUiState

    data class PermissionNeeded(
        /** The system will ask; otherwise only its settings help. */
        val canAsk: Boolean,
        override val chip: Chip? = null,
        override val card: CardUi? = null,
    ) : ScanUiState

    data class NoCamera(
        override val chip: Chip? = null,
        override val card: CardUi? = null,
    ) : ScanUiState

    data class Live(
        val torch: Torch,
        val hint: Hint? = null,
        override val chip: Chip? = null,
        override val card: CardUi? = null,
    ) : ScanUiState
}

/** What happens to the screen. */
internal sealed interface ScanEvent {
    data object CameraOpening : ScanEvent

    data class CameraOpen(
        val hasTorch: Boolean,
    ) : ScanEvent

    data object CameraUnavailable : ScanEvent

    data class PermissionMissing(
        val canAsk: Boolean,
    ) : ScanEvent

    data object TorchTapped : ScanEvent

    data class HintChanged(
        val hint: Hint?,
    ) : ScanEvent

    data class ChipRead(
        val chip: Chip,
    ) : ScanEvent

    data class CardRead(
        val card: ScanCard,
        val via: Via,
        val undo: Boolean,
    ) : ScanEvent

    data object ButtonTapped : ScanEvent

    data object ButtonFailed : ScanEvent

    data object UndoEnded : ScanEvent

    data object CardClosed : ScanEvent
}

/** The screen after an event. An event that means nothing now changes nothing. */
internal fun ScanUiState.after(event: ScanEvent): ScanUiState =
    when (event) {
        ScanEvent.CameraOpening -> ScanUiState.Starting(chip, card)
        is ScanEvent.CameraOpen -> ScanUiState.Live(if (event.hasTorch) Torch.OFF else Torch.NONE, null, chip, card)
        ScanEvent.CameraUnavailable -> ScanUiState.NoCamera(chip, card)
        is ScanEvent.PermissionMissing -> ScanUiState.PermissionNeeded(event.canAsk, chip, card)
        ScanEvent.TorchTapped -> if (this is ScanUiState.Live) copy(torch = torch.switched()) else this
        is ScanEvent.HintChanged -> if (this is ScanUiState.Live) copy(hint = event.hint) else this
        is ScanEvent.ChipRead -> with(event.chip, card)
        is ScanEvent.CardRead -> with(chip, CardUi(event.card, event.via, busy = false, undo = event.undo))
        ScanEvent.ButtonTapped -> with(chip, card?.copy(busy = true))
        ScanEvent.ButtonFailed -> with(chip, card?.copy(busy = false))
        ScanEvent.UndoEnded -> with(chip, card?.copy(undo = false))
        ScanEvent.CardClosed -> with(chip, null)
    }

private fun Torch.switched() =
    when (this) {
        Torch.NONE -> Torch.NONE
        Torch.OFF -> Torch.ON
        Torch.ON -> Torch.OFF
    }

private fun ScanUiState.with(
    chip: Chip?,
    card: CardUi?,
): ScanUiState =
    when (this) {
        is ScanUiState.Starting -> copy(chip = chip, card = card)
        is ScanUiState.PermissionNeeded -> copy(chip = chip, card = card)
        is ScanUiState.NoCamera -> copy(chip = chip, card = card)
        is ScanUiState.Live -> copy(chip = chip, card = card)
    }
