// Making this phone somebody's: by the camera, a link, a typed code, or the administrator.

package dev.kokoni.app.enrol

import android.text.InputType
import android.view.View
import dev.kokoni.app.Destination
import dev.kokoni.app.R
import dev.kokoni.app.ScreenView
import dev.kokoni.app.Stage
import dev.kokoni.app.ui.TextRole
import dev.kokoni.app.ui.add
import dev.kokoni.app.ui.addNamed
import dev.kokoni.app.ui.button
import dev.kokoni.app.ui.column
import dev.kokoni.app.ui.field
import dev.kokoni.app.ui.live
import dev.kokoni.app.ui.pixels
import dev.kokoni.app.ui.text
import dev.kokoni.core.Enrolment
import dev.kokoni.core.Kokoni
import dev.kokoni.core.KokoniException
import kotlinx.coroutines.CoroutineScope
import kotlinx.coroutines.flow.MutableStateFlow
import kotlinx.coroutines.flow.StateFlow
import kotlinx.coroutines.flow.asStateFlow
import kotlinx.coroutines.launch

internal sealed interface EnrolUiState {
    /** How the person can begin. */
    data class Choosing(
        /** Why the last try failed. */
        val problem: String? = null,
    ) : EnrolUiState

    /** A link is at hand; nothing happens without the person's word. */
    data class Asking(
        val link: String,
        /** Where it leads, and what of this phone's would be lost, in the core's words. */
        val question: String,
    ) : EnrolUiState {
        /** The link holds a secret. */
        override fun toString() = "Asking"
    }

    data object Busy : EnrolUiState

    data object Done : EnrolUiState
}

/** Asks the core to enrol and keeps the screen's state. Lives over turns of the phone. */
internal class EnrolPresenter(
    private val kokoni: Kokoni,
    private val scope: CoroutineScope,
) {
    private val shown = MutableStateFlow<EnrolUiState>(EnrolUiState.Choosing())

    val state: StateFlow<EnrolUiState> = shown.asStateFlow()

    /** A link was opened or read. While another enrolment is under way it is left alone. */
    fun onLink(link: String) {
        if (shown.value == EnrolUiState.Busy) return
        scope.launch {
            val asked =
                try {
                    EnrolUiState.Asking(link, kokoni.enrolQuestion(link))
                } catch (error: KokoniException) {
                    EnrolUiState.Choosing(error.words.text(kokoni.language))
                }
            if (shown.value != EnrolUiState.Busy) shown.value = asked
        }
    }

    fun onAgree() {
        val asked = shown.value as? EnrolUiState.Asking ?: return
        enrolling { enrol(asked.link) }
    }

    fun onCancel() {
        if (shown.value is EnrolUiState.Asking) shown.value = EnrolUiState.Choosing()
    }

    fun onTyped(
        server: String,
        code: String,
    ) = enrolling { enrolTyped(server.trim(), code.trim()) }

    private fun enrolling(enrol: suspend Kokoni.() -> Enrolment) {
        if (shown.value == EnrolUiState.Busy) return
        shown.value = EnrolUiState.Busy
        scope.launch {
            shown.value =
                try {
                    kokoni.enrol()
                    EnrolUiState.Done
                } catch (error: KokoniException) {
                    EnrolUiState.Choosing(error.words.text(kokoni.language))
                }
        }
    }
}

internal class EnrolScreen(
    private val stage: Stage,
    private val presenter: EnrolPresenter,
) : ScreenView {
    private val context = stage.context
    private val space = context.pixels(R.dimen.space)
    private val small = context.pixels(R.dimen.space_small)
    private val told = context.text(TextRole.BODY).apply { live(atOnce = true) }
    private val server = context.field(R.id.enrol_server, stage.words(R.string.enrol_server_example), InputType.TYPE_CLASS_TEXT or InputType.TYPE_TEXT_VARIATION_URI)
    private val code = context.field(R.id.enrol_code, stage.words(R.string.enrol_code_example), CODE_TYPE)
    private val asking =
        context.column {
            add(context.button(R.id.enrol_agree, stage.words(R.string.enrol_agree), filled = true, presenter::onAgree))
            add(context.button(R.id.enrol_cancel, stage.words(R.string.enrol_cancel), tap = ::cancel), above = small)
        }
    private val choosing =
        context.column {
            add(context.button(R.id.enrol_scan, stage.words(R.string.enrol_scan), filled = true) { stage.go(Destination.Scan) })
            addNamed(server, stage.words(R.string.enrol_server), above = space)
            addNamed(code, stage.words(R.string.enrol_code), above = small)
            add(context.button(R.id.enrol_typed, stage.words(R.string.enrol_typed)) { presenter.onTyped(server.text.toString(), code.text.toString()) }, above = small)
        }

    override val root: View =
        stage.page(R.string.enrol_title) {
            if (stage.session.shell.keyLost) add(context.text(TextRole.BODY, stage.words(R.string.enrol_lost)).apply { id = R.id.notice })
            add(told, above = small)
            add(asking, above = space)
            add(choosing, above = space)
        }

    override suspend fun run() {
        presenter.state.collect(::show)
    }

    private fun show(state: EnrolUiState) {
        asking.visibility = if (state is EnrolUiState.Asking) View.VISIBLE else View.GONE
        choosing.visibility = if (state is EnrolUiState.Choosing) View.VISIBLE else View.GONE
        told.text =
            when (state) {
                is EnrolUiState.Choosing -> state.problem ?: managedProblem() ?: stage.words(R.string.enrol_help)
                is EnrolUiState.Asking -> state.question
                EnrolUiState.Busy -> stage.words(R.string.enrol_busy)
                EnrolUiState.Done -> null
            }
    }

    /** Somebody's phone goes back to where the link was opened; nobody's can be enrolled otherwise. */
    private fun cancel() {
        presenter.onCancel()
        stage.session.back()
    }

    private fun managedProblem(): String? =
        stage.session.shell.managed.value
            .problem

    private companion object {
        const val CODE_TYPE = InputType.TYPE_CLASS_TEXT or InputType.TYPE_TEXT_FLAG_CAP_CHARACTERS or InputType.TYPE_TEXT_FLAG_NO_SUGGESTIONS
    }
}
