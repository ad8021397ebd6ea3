// From labels and taps to cards: asks the core and keeps the screen's state.

package dev.kokoni.app.scan

import dev.kokoni.app.camera.CameraState
import dev.kokoni.core.FrameReading
import dev.kokoni.core.Kokoni
import dev.kokoni.core.KokoniException
import dev.kokoni.core.LabelId
import dev.kokoni.core.Route
import dev.kokoni.core.ScanCard
import dev.kokoni.core.Tone
import dev.kokoni.core.Via
import dev.kokoni.core.watch
import kotlinx.coroutines.CoroutineScope
import kotlinx.coroutines.Job
import kotlinx.coroutines.delay
import kotlinx.coroutines.flow.MutableStateFlow
import kotlinx.coroutines.flow.StateFlow
import kotlinx.coroutines.flow.asStateFlow
import kotlinx.coroutines.flow.update
import kotlinx.coroutines.launch
import java.time.Clock
import java.time.Duration

/** What is kept of a card when the system ends the process. A record of a saved scan is no secret. */
internal data class CardMemory(
    val label: LabelId,
    val via: Via,
)

/**
 * Lives as long as the person is in the app, over turns of the phone. Called on the main thread.
 *
 * @param follow where links lead that are no labels: an enrolment's code before the camera
 * @param saved a scan was saved: send it when there is a network
 */
internal class ScanPresenter(
    private val kokoni: Kokoni,
    private val scope: CoroutineScope,
    private val clock: Clock,
    private val follow: (Route) -> Unit,
    private val saved: () -> Unit,
) {
    private val shown = MutableStateFlow<ScanUiState>(ScanUiState.Starting())
    private var undoEnds: Job? = null

    val state: StateFlow<ScanUiState> = shown.asStateFlow()

    /** The card that the hand and the ear were told of: not again when the phone is turned. */
    var felt: ScanCard? = null

    private var chips: Job? = null

    init {
        followChip()
    }

    /** Anew: the language was changed, say. */
    fun followChip() {
        chips?.cancel()
        chips =
            scope.launch {
                try {
                    kokoni.watch { chip() }.collect { happened(ScanEvent.ChipRead(it)) }
                } catch (error: KokoniException) {
                    show(ScanCard(Tone.REFUSAL, error.words.text(kokoni.language)), Via.CAMERA)
                }
            }
    }

    fun onCamera(state: CameraState) =
        happened(
            when (state) {
                CameraState.Opening -> ScanEvent.CameraOpening
                is CameraState.Open -> ScanEvent.CameraOpen(state.hasTorch)
                CameraState.Unavailable -> ScanEvent.CameraUnavailable
            },
        )

    fun onPermissionMissing(canAsk: Boolean) = happened(ScanEvent.PermissionMissing(canAsk))

    fun onTorch() = happened(ScanEvent.TorchTapped)

    fun onReading(reading: FrameReading) {
        happened(ScanEvent.HintChanged(reading.hint))
        val label = reading.news
        val foreign = reading.foreign
        if (label != null) {
            onLabel(label, Via.CAMERA)
        } else if (foreign != null) {
            onForeign(foreign)
        }
    }

    fun onLabel(
        label: LabelId,
        via: Via,
    ) = asking(via) { scan(label, via) }

    /** A code that is no label: an enrolment is followed, anything else named and left alone. */
    private fun onForeign(text: String) {
        scope.launch {
            val route = routeOf(text)
            if (route is Route.Enrol) follow(route) else show(kokoni.foreignCard(text), Via.CAMERA)
        }
    }

    private suspend fun routeOf(text: String): Route =
        try {
            kokoni.routeLink(text)
        } catch (_: KokoniException) {
            Route.Unknown
        }

    fun onConfirm() {
        val card = shown.value.card ?: return
        val label = card.card.label ?: return
        val meaning = card.card.meaning ?: return
        if (card.busy || card.card.confirm == null) return
        happened(ScanEvent.ButtonTapped)
        asking(card.via) { confirm(label, meaning, card.via) }
    }

    fun onUndo() {
        val card = shown.value.card ?: return
        val record = card.card.record ?: return
        if (card.busy || !card.undo) return
        happened(ScanEvent.ButtonTapped)
        asking(card.via) { undo(record) }
    }

    fun onCloseCard() {
        undoEnds?.cancel()
        happened(ScanEvent.CardClosed)
    }

    /** A card that another part of the app has: a sent-again record's, say. */
    fun show(
        card: ScanCard,
        via: Via,
    ) {
        undoEnds?.cancel()
        val until = card.undoUntil.takeIf { card.record != null }
        happened(ScanEvent.CardRead(card, via, undo = until != null))
        if (card.record != null) saved()
        if (until != null) {
            undoEnds =
                scope.launch {
                    // A phone's clock may jump meanwhile: never longer than it was meant.
                    delay(Duration.between(clock.instant(), until).toMillis().coerceIn(0, LONGEST_UNDO_MS))
                    happened(ScanEvent.UndoEnded)
                }
        }
    }

    /** What to keep should the process end: a card that waits for a tap. What is saved is saved. */
    fun memory(): CardMemory? {
        val card = shown.value.card?.takeIf { it.card.confirm != null } ?: return null
        return card.card.label?.let { CardMemory(it, card.via) }
    }

    /** The process ended while a card waited for its tap: ask anew what a tap would mean now. */
    fun restore(memory: CardMemory) = asking(memory.via) { preview(memory.label) }

    private fun asking(
        via: Via,
        ask: suspend Kokoni.() -> ScanCard,
    ) {
        scope.launch {
            try {
                show(kokoni.ask(), via)
            } catch (error: KokoniException) {
                happened(ScanEvent.ButtonFailed)
                show(ScanCard(Tone.REFUSAL, error.words.text(kokoni.language)), via)
            }
        }
    }

    private fun happened(event: ScanEvent) = shown.update { it.after(event) }

    private companion object {
        const val LONGEST_UNDO_MS = 10_000L
    }
}
