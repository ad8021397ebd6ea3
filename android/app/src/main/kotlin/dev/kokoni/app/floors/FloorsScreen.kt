// The floors, and one floor as it is now: a plan to look at and a list to read.

package dev.kokoni.app.floors

import android.text.Layout
import android.view.View
import android.view.ViewGroup.LayoutParams.WRAP_CONTENT
import android.widget.LinearLayout
import android.widget.TextView
import dev.kokoni.app.Destination
import dev.kokoni.app.R
import dev.kokoni.app.ScreenView
import dev.kokoni.app.Stage
import dev.kokoni.app.ui.TextRole
import dev.kokoni.app.ui.add
import dev.kokoni.app.ui.button
import dev.kokoni.app.ui.column
import dev.kokoni.app.ui.hasLargeText
import dev.kokoni.app.ui.live
import dev.kokoni.app.ui.pixels
import dev.kokoni.app.ui.row
import dev.kokoni.app.ui.text
import dev.kokoni.core.Floor
import dev.kokoni.core.FloorId
import dev.kokoni.core.FloorPlan
import dev.kokoni.core.Kokoni
import dev.kokoni.core.KokoniException
import dev.kokoni.core.Topic
import dev.kokoni.core.watch
import kotlinx.coroutines.delay

internal sealed interface FloorsUiState {
    data object None : FloorsUiState

    data class Listed(
        val floors: List<Floor>,
    ) : FloorsUiState
}

internal fun List<Floor>.uiState(): FloorsUiState = if (isEmpty()) FloorsUiState.None else FloorsUiState.Listed(this)

internal class FloorsScreen(
    private val stage: Stage,
) : ScreenView {
    private val context = stage.context
    private val list = context.column { id = R.id.list }

    override val root: View = stage.page(R.string.floors_title) { add(list) }

    override suspend fun run() {
        try {
            stage.kokoni.watch(Topic.DIRECTORY, Topic.QUEUE) { floors().uiState() }.collect(::show)
        } catch (error: KokoniException) {
            list.removeAllViews()
            list.add(context.text(TextRole.BODY, error.words.text(stage.kokoni.language)))
        }
    }

    private fun show(state: FloorsUiState) {
        list.removeAllViews()
        when (state) {
            FloorsUiState.None -> list.add(context.text(TextRole.NOTE, stage.words(R.string.floors_none)))
            is FloorsUiState.Listed -> state.floors.forEach { list.add(view(it), above = context.pixels(R.dimen.space_small)) }
        }
    }

    private fun view(floor: Floor): View {
        val words = if (floor.mine) context.getString(R.string.floor_mine, floor.name) else floor.name
        return context.button(View.NO_ID, words, filled = floor.mine) { stage.go(Destination.Floor(floor.floor)) }
    }
}

internal sealed interface FloorUiState {
    data object Loading : FloorUiState

    data class Ready(
        val plan: FloorPlan,
    ) : FloorUiState

    data class Failed(
        val words: String,
    ) : FloorUiState
}

internal suspend fun Kokoni.floorState(floor: FloorId): FloorUiState =
    try {
        FloorUiState.Ready(floorNow(floor))
    } catch (error: KokoniException) {
        FloorUiState.Failed(error.words.text(language))
    }

internal class FloorScreen(
    private val stage: Stage,
    private val floor: FloorId,
) : ScreenView {
    private val context = stage.context
    private val summary = context.text(TextRole.BODY, stage.words(R.string.loading)).apply { live(atOnce = false) }
    private val plan = FloorPlanView(context).apply { id = R.id.plan }
    private val signs = signs().apply { visibility = View.GONE }
    private val list = context.column { id = R.id.list }

    override val root: View =
        stage.page(R.string.floors_title) {
            add(summary)
            add(plan)
            add(signs)
            add(context.text(TextRole.HEADING, stage.words(R.string.floor_seats)), above = context.pixels(R.dimen.space))
            add(list)
        }

    /** Which floor it is, once it is known. */
    private val title = root.findViewById<TextView>(R.id.screen_title)

    override suspend fun run() {
        while (true) {
            show(stage.kokoni.floorState(floor))
            delay(REFRESH_MS)
        }
    }

    /** What the plan's signs mean. */
    private fun signs(): LinearLayout =
        (if (context.hasLargeText) context.column() else context.row()).apply {
            listOf(R.string.sign_free, R.string.sign_taken, R.string.sign_mine).forEach { words ->
                val beside = if (orientation == LinearLayout.HORIZONTAL && childCount > 0) context.pixels(R.dimen.space) else 0
                add(context.text(TextRole.NOTE, stage.words(words)), width = WRAP_CONTENT, above = beside)
            }
        }

    private fun show(state: FloorUiState) {
        when (state) {
            FloorUiState.Loading -> summary.text = stage.words(R.string.loading)
            // What was seen before stays, with the words that say why it is not newer.
            is FloorUiState.Failed -> summary.text = state.words
            is FloorUiState.Ready -> show(state.plan)
        }
    }

    private fun show(now: FloorPlan) {
        title.text = now.name
        if (summary.text.toString() != now.summary) summary.text = now.summary
        plan.show(now)
        signs.visibility = View.VISIBLE
        list.removeAllViews()
        now.seats.forEach { seat ->
            val line = context.text(TextRole.BODY, "${seat.name}　${seat.text}")
            line.contentDescription = seat.spoken
            // Who is there follows where it is; a name is no sentence.
            line.breakStrategy = Layout.BREAK_STRATEGY_SIMPLE
            list.add(line, above = context.pixels(R.dimen.space_small))
        }
    }

    private companion object {
        const val REFRESH_MS = 15_000L
    }
}
