// Finding a colleague: from the phone's own list at once, with whereabouts when the server answers.

package dev.kokoni.app.people

import android.content.ActivityNotFoundException
import android.content.Intent
import android.net.Uri
import android.view.View
import dev.kokoni.app.Destination
import dev.kokoni.app.R
import dev.kokoni.app.ScreenView
import dev.kokoni.app.Stage
import dev.kokoni.app.ui.TextRole
import dev.kokoni.app.ui.add
import dev.kokoni.app.ui.button
import dev.kokoni.app.ui.column
import dev.kokoni.app.ui.field
import dev.kokoni.app.ui.live
import dev.kokoni.app.ui.onTextChanged
import dev.kokoni.app.ui.orGone
import dev.kokoni.app.ui.pixels
import dev.kokoni.app.ui.text
import dev.kokoni.core.Kokoni
import dev.kokoni.core.KokoniException
import dev.kokoni.core.Person
import kotlinx.coroutines.delay
import kotlinx.coroutines.flow.Flow
import kotlinx.coroutines.flow.MutableStateFlow
import kotlinx.coroutines.flow.collectLatest
import kotlinx.coroutines.flow.flow

internal sealed interface PeopleUiState {
    /** Nothing is asked for yet. */
    data object Idle : PeopleUiState

    data object Nobody : PeopleUiState

    data class Found(
        val people: List<Person>,
        /** Why whereabouts are missing; null where they are there or still under way. */
        val note: String? = null,
    ) : PeopleUiState
}

/**
 * The answers to one query, the better ones later. The phone's own list is there without a network;
 * the server is asked once the person pauses.
 */
internal fun Kokoni.search(query: String): Flow<PeopleUiState> =
    flow {
        if (query.isBlank()) {
            emit(PeopleUiState.Idle)
            return@flow
        }
        val own = people(query)
        emit(own.uiState())
        delay(PAUSE_MS)
        emit(
            try {
                peopleNow(query).uiState()
            } catch (error: KokoniException) {
                if (own.isEmpty()) PeopleUiState.Nobody else PeopleUiState.Found(own, error.words.text(language))
            },
        )
    }

private fun List<Person>.uiState() = if (isEmpty()) PeopleUiState.Nobody else PeopleUiState.Found(this)

private const val PAUSE_MS = 400L

internal class PeopleScreen(
    private val stage: Stage,
) : ScreenView {
    private val context = stage.context
    private val small = context.pixels(R.dimen.space_small)
    private val query = MutableStateFlow("")
    private val field = context.field(R.id.people_field, stage.words(R.string.people_field)).apply { onTextChanged { query.value = it } }
    private val note = context.text(TextRole.NOTE).apply { live(atOnce = false) }
    private val list = context.column { id = R.id.list }

    override val root: View =
        stage.page(R.string.people_title) {
            add(field)
            add(note, above = small)
            add(list)
        }

    override suspend fun run() {
        query.value = field.text.toString()
        query.collectLatest { asked ->
            try {
                stage.kokoni.search(asked.trim()).collect(::show)
            } catch (error: KokoniException) {
                note.orGone(error.words.text(stage.kokoni.language))
            }
        }
    }

    private fun show(state: PeopleUiState) {
        list.removeAllViews()
        note.orGone(
            when (state) {
                PeopleUiState.Idle -> stage.words(R.string.people_hint)
                PeopleUiState.Nobody -> stage.words(R.string.people_none)
                is PeopleUiState.Found -> state.note
            },
        )
        if (state is PeopleUiState.Found) state.people.take(MOST).forEach { list.add(view(it), above = context.pixels(R.dimen.space)) }
    }

    private fun view(person: Person): View =
        context.column {
            add(context.text(TextRole.BODY, person.name))
            add(context.text(TextRole.NOTE, listOfNotNull(person.kana, person.section, person.extension).joinToString("・")))
            person.whereText?.let { add(context.text(TextRole.BODY, it)) }
            person.dial?.let { dial ->
                add(
                    context.button(View.NO_ID, stage.words(R.string.call)) { call(dial) }.apply {
                        contentDescription = context.getString(R.string.call_described, person.name)
                    },
                    above = small,
                )
            }
            person.floor?.let { floor ->
                add(
                    context.button(View.NO_ID, stage.words(R.string.show_floor)) { stage.go(Destination.Floor(floor)) }.apply {
                        contentDescription = context.getString(R.string.show_floor_described, person.name)
                    },
                    above = small,
                )
            }
        }

    /** Hands the number to the phone's dialler; the person presses call there. */
    private fun call(dial: String) {
        try {
            context.startActivity(Intent(Intent.ACTION_DIAL, Uri.parse(dial)))
        } catch (_: ActivityNotFoundException) {
            note.orGone(Uri.parse(dial).schemeSpecificPart)
        }
    }

    private companion object {
        /** More than anyone reads; a longer query finds the rest. */
        const val MOST = 50
    }
}
