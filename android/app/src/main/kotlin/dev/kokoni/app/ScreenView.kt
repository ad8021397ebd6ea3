// What a screen is to the activity, and what the activity is to a screen.

package dev.kokoni.app

import android.content.Context
import android.view.View
import android.widget.LinearLayout
import android.widget.ScrollView
import dev.kokoni.app.ui.TextRole
import dev.kokoni.app.ui.add
import dev.kokoni.app.ui.column
import dev.kokoni.app.ui.pictureButton
import dev.kokoni.app.ui.pixels
import dev.kokoni.app.ui.row
import dev.kokoni.app.ui.text
import dev.kokoni.core.Kokoni
import dev.kokoni.core.KokoniException
import kotlinx.coroutines.CoroutineScope
import kotlinx.coroutines.launch

/** One screen. Built anew when the phone is turned; what must outlive that is in [Session]. */
internal interface ScreenView {
    val root: View

    /** From when the screen is in front until it is not; ends by being cancelled. */
    suspend fun run()
}

/** What every screen is given. */
internal class Stage(
    val context: Context,
    val session: Session,
    val kokoni: Kokoni,
    /** As long as the screen exists. */
    val scope: CoroutineScope,
    /** Asks the system for a permission; the screen runs anew after the answer. */
    val askPermission: (String) -> Unit,
    /** Whether the system would still ask for it. */
    val wouldAsk: (String) -> Boolean,
) {
    fun words(id: Int): String = context.getString(id)

    fun go(destination: Destination) = session.go(destination)

    /** A tap that asks the core; what goes wrong is handed on in the person's words. */
    fun tapped(
        failed: (String) -> Unit,
        ask: suspend Kokoni.() -> Unit,
    ) {
        scope.launch {
            try {
                kokoni.ask()
            } catch (error: KokoniException) {
                failed(error.words.text(kokoni.language))
            }
        }
    }

    /** A screen with a title, a way back and a column that scrolls, above what stays at the thumb. */
    fun page(
        title: Int,
        canGoBack: Boolean = session.stack.value.canGoBack,
        thumb: View? = null,
        fill: LinearLayout.() -> Unit,
    ): View =
        context.column {
            val space = context.pixels(R.dimen.space)
            add(
                context.row {
                    if (canGoBack) add(context.pictureButton(R.id.back, R.drawable.ic_back, words(R.string.back)) { session.back() }, width = context.pixels(R.dimen.target), height = context.pixels(R.dimen.target))
                    add(context.text(TextRole.TITLE, words(title)).apply { id = R.id.screen_title }, above = space)
                },
            )
            val content =
                context.column {
                    setPadding(space, 0, space, space)
                    fill()
                }
            add(
                ScrollView(context).apply {
                    id = R.id.scroll
                    addView(content)
                },
                height = 0,
                weight = 1f,
            )
            if (thumb != null) {
                thumb.setPadding(space, context.pixels(R.dimen.space_small), space, space)
                add(thumb)
            }
        }
}
