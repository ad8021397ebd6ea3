// My day: where I am, what waits, what was refused and what I can do about it.

package dev.kokoni.app.today

import android.view.View
import android.view.ViewGroup.LayoutParams.MATCH_PARENT
import android.widget.LinearLayout
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
import dev.kokoni.app.ui.orGone
import dev.kokoni.app.ui.pixels
import dev.kokoni.app.ui.rounded
import dev.kokoni.app.ui.spaced
import dev.kokoni.app.ui.text
import dev.kokoni.core.Kokoni
import dev.kokoni.core.KokoniException
import dev.kokoni.core.RecordId
import dev.kokoni.core.Via
import dev.kokoni.core.watch

internal class TodayScreen(
    private val stage: Stage,
) : ScreenView {
    private val context = stage.context
    private val space = context.pixels(R.dimen.space)
    private val small = context.pixels(R.dimen.space_small)
    private val hasLargeText = context.hasLargeText
    private val date = context.text(TextRole.NOTE)
    private val headline = context.text(TextRole.TITLE).apply { id = R.id.headline }
    private val since = context.text(TextRole.NOTE)
    private val notice = context.text(TextRole.BODY).apply { id = R.id.notice }
    private val sync = context.text(TextRole.NOTE).apply { live(atOnce = false) }
    private val problem = context.text(TextRole.BODY).apply { live(atOnce = true) }
    private val list = context.column { id = R.id.list }

    override val root: View =
        stage.page(R.string.today_title, thumb = if (hasLargeText) null else ways(LinearLayout.HORIZONTAL)) {
            listOf(date, headline, since, notice).forEach { add(it) }
            add(problem, above = small)
            add(list)
            add(sync, above = space)
            add(context.button(R.id.sync_now, stage.words(R.string.sync_now)) { stage.tapped(::failed) { sync() } }, above = small)
            if (hasLargeText) add(ways(LinearLayout.VERTICAL), above = space)
        }

    override suspend fun run() {
        try {
            stage.kokoni.watch { read() }.collect(::show)
        } catch (error: KokoniException) {
            failed(error.words.text(stage.kokoni.language))
        }
    }

    private suspend fun Kokoni.read() = TodayUiState.Ready(today(), losses())

    /** At the thumb in a row; words that are too large for that stand below the day, one by one. */
    private fun ways(direction: Int): LinearLayout =
        LinearLayout(context).apply {
            orientation = direction
            spaced(small)
            val ways =
                listOf(
                    Triple(R.id.people, R.string.people_title, Destination.People),
                    Triple(R.id.floors, R.string.floors_title, Destination.Floors),
                    Triple(R.id.settings, R.string.settings_title, Destination.Settings),
                )
            ways.forEach { (id, words, where) ->
                val way = context.button(id, stage.words(words)) { stage.go(where) }
                if (direction == LinearLayout.VERTICAL) add(way) else add(way, width = 0, height = MATCH_PARENT, weight = 1f)
            }
        }

    private fun show(state: TodayUiState.Ready) {
        val today = state.today
        date.text = today.dateText
        headline.text = today.headline
        since.orGone(today.sinceText)
        notice.orGone(today.notice)
        sync.text = today.syncText
        problem.orGone(state.problem)
        list.removeAllViews()
        state.lines().forEach { line -> list.add(view(line), above = if (line is TodayLine.Heading) space else small) }
    }

    private fun failed(words: String) {
        problem.orGone(words)
    }

    private fun view(line: TodayLine): View =
        when (line) {
            is TodayLine.Heading -> context.text(TextRole.HEADING, stage.words(line.words))
            is TodayLine.Empty -> context.text(TextRole.NOTE, stage.words(line.words))
            is TodayLine.Fact -> fact(line)
            is TodayLine.Refused -> refused(line)
        }

    private fun fact(line: TodayLine.Fact): View =
        context.column {
            if (line.kind == TodayLine.Kind.WAITING) id = R.id.waiting_line
            val title = if (line.kind == TodayLine.Kind.OVERDUE) "! ${line.title}・${stage.words(R.string.overdue)}" else line.title
            add(context.text(TextRole.BODY, title).apply { if (line.kind == TodayLine.Kind.OVERDUE) setTextColor(context.getColor(R.color.attention)) })
            line.note?.let { add(context.text(TextRole.NOTE, it)) }
            if (line.kind == TodayLine.Kind.LOSS) add(context.button(View.NO_ID, stage.words(R.string.dismiss)) { stage.tapped(::failed) { lossesTold() } })
        }

    private fun refused(line: TodayLine.Refused): View =
        context.column {
            id = R.id.rejected_line
            background = context.rounded(context.getColor(R.color.surface), R.color.outline)
            setPadding(space, space, space, space)
            add(context.text(TextRole.BODY, "× ${line.title}").apply { setTextColor(context.getColor(R.color.refusal)) })
            add(context.text(TextRole.BODY, line.why))
            add(context.text(TextRole.NOTE, line.advice))
            if (line.canResend) add(context.button(View.NO_ID, stage.words(R.string.resend), filled = true) { resend(line.record) }, above = small)
            add(context.button(View.NO_ID, stage.words(R.string.dismiss)) { stage.tapped(::failed) { dismiss(line.record) } }, above = small)
        }

    private fun resend(record: RecordId) =
        stage.tapped(::failed) {
            val card = resend(record)
            stage.session.scanner?.show(card, Via.TYPED)
            stage.go(Destination.Scan)
        }
}
