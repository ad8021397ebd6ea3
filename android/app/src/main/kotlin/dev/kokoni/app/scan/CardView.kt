// The one card: a sign and words for what a scan did, and the taps it offers.

package dev.kokoni.app.scan

import android.content.Context
import android.widget.LinearLayout
import dev.kokoni.app.R
import dev.kokoni.app.ui.TextRole
import dev.kokoni.app.ui.add
import dev.kokoni.app.ui.button
import dev.kokoni.app.ui.color
import dev.kokoni.app.ui.column
import dev.kokoni.app.ui.live
import dev.kokoni.app.ui.orGone
import dev.kokoni.app.ui.pixels
import dev.kokoni.app.ui.rounded
import dev.kokoni.app.ui.sign
import dev.kokoni.app.ui.text

/** Stays in place and changes its words, so that a screen reader says them as they change. */
internal class CardView(
    context: Context,
    presenter: ScanPresenter,
) : LinearLayout(context) {
    private val title = context.text(TextRole.TITLE).apply { live(atOnce = true) }
    private val detail = context.text(TextRole.BODY)
    private val items = context.column()
    private val confirm = context.button(R.id.confirm, "", filled = true, presenter::onConfirm)
    private val undo = context.button(R.id.undo, context.getString(R.string.undo), tap = presenter::onUndo)
    private val close = context.button(R.id.close_card, context.getString(R.string.close), tap = presenter::onCloseCard)

    init {
        id = R.id.card
        orientation = VERTICAL
        val space = context.pixels(R.dimen.space)
        val small = context.pixels(R.dimen.space_small)
        setPadding(space, space, space, space)
        background = context.rounded(context.getColor(R.color.surface), R.color.outline)
        add(title)
        add(detail, above = small)
        add(items)
        listOf(confirm, undo, close).forEach { add(it, above = small) }
        show(null)
    }

    fun show(state: CardUi?) {
        visibility = if (state == null) GONE else VISIBLE
        if (state == null) {
            title.text = null
            return
        }
        val card = state.card
        val words = "${card.tone.sign()} ${card.title}"
        if (title.text.toString() != words) title.text = words
        title.contentDescription = card.title
        title.setTextColor(context.getColor(card.tone.color()))
        detail.orGone(card.detail)
        confirm.orGone(card.confirm)
        confirm.isEnabled = !state.busy
        undo.visibility = if (state.undo) VISIBLE else GONE
        undo.isEnabled = !state.busy
        items.removeAllViews()
        card.items.forEach { item ->
            val line =
                context.column {
                    add(context.text(TextRole.BODY, item.name))
                    add(context.text(TextRole.NOTE, item.text))
                }
            items.add(line, above = context.pixels(R.dimen.space_small))
        }
    }
}
