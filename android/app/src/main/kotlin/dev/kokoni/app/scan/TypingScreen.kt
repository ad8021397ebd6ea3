// A torn label: its code typed by hand. The core says what is wrong while one types.

package dev.kokoni.app.scan

import android.text.InputFilter
import android.text.InputType
import android.view.View
import dev.kokoni.app.Destination
import dev.kokoni.app.R
import dev.kokoni.app.ScreenView
import dev.kokoni.app.Stage
import dev.kokoni.app.ui.TextRole
import dev.kokoni.app.ui.add
import dev.kokoni.app.ui.button
import dev.kokoni.app.ui.field
import dev.kokoni.app.ui.live
import dev.kokoni.app.ui.onTextChanged
import dev.kokoni.app.ui.pixels
import dev.kokoni.app.ui.text
import dev.kokoni.core.LabelId
import dev.kokoni.core.TypedCode
import dev.kokoni.core.Via
import kotlinx.coroutines.awaitCancellation

/** What is typed so far. */
internal sealed interface TypingUiState {
    /** The field as the core groups it. */
    val shown: String

    data class Unfinished(
        override val shown: String,
    ) : TypingUiState

    data class Wrong(
        override val shown: String,
        val words: String,
    ) : TypingUiState

    data class Right(
        override val shown: String,
        val label: LabelId,
    ) : TypingUiState
}

internal fun TypedCode.uiState(): TypingUiState {
    val label = label
    val problem = problem
    return when {
        label != null -> TypingUiState.Right(shown, label)
        problem != null -> TypingUiState.Wrong(shown, problem)
        else -> TypingUiState.Unfinished(shown)
    }
}

internal class TypingScreen(
    private val stage: Stage,
) : ScreenView {
    private val context = stage.context
    private val space = context.pixels(R.dimen.space)
    private var state: TypingUiState = TypingUiState.Unfinished("")

    private val field =
        context
            .field(R.id.code_field, stage.words(R.string.typing_field), CODE_TYPE)
            .apply {
                // With large letters the code takes two lines; the keyboard still has its done.
                setHorizontallyScrolling(false)
                maxLines = MOST_LINES
                filters = arrayOf(InputFilter.LengthFilter(LONGEST))
                onTextChanged(::typed)
            }
    private val problem = context.text(TextRole.BODY).apply { live(atOnce = false) }
    private val done = context.button(R.id.code_done, stage.words(R.string.typing_done), filled = true, ::accept).apply { isEnabled = false }

    override val root: View =
        stage.page(R.string.typing_title) {
            add(context.text(TextRole.NOTE, stage.words(R.string.typing_help)))
            add(field, above = space)
            add(problem)
            add(done, above = space)
        }

    override suspend fun run() {
        typed(field.text.toString())
        awaitCancellation()
    }

    private fun typed(text: String) {
        val now = stage.kokoni.typedCode(text).uiState()
        state = now
        problem.text = (now as? TypingUiState.Wrong)?.words
        problem.setTextColor(context.getColor(R.color.refusal))
        done.isEnabled = now is TypingUiState.Right
        // Grouped as it is printed, unless the person is correcting in the middle.
        if (now.shown != text && field.selectionEnd == text.length && text.length > now.shown.length - 2) {
            field.setText(now.shown)
            field.setSelection(field.text.length)
        }
    }

    private fun accept() {
        val right = state as? TypingUiState.Right ?: return
        stage.go(Destination.Scan)
        stage.session.scanner?.onLabel(right.label, Via.TYPED)
    }

    private companion object {
        const val LONGEST = 40
        const val MOST_LINES = 3
        const val CODE_TYPE = InputType.TYPE_CLASS_TEXT or InputType.TYPE_TEXT_FLAG_CAP_CHARACTERS or InputType.TYPE_TEXT_FLAG_NO_SUGGESTIONS
    }
}
