// What the screen of one's day shows, line by line. Pure; every sentence is the core's.

package dev.kokoni.app.today

import dev.kokoni.app.R
import dev.kokoni.core.RecordId
import dev.kokoni.core.Today

internal sealed interface TodayUiState {
    data object Loading : TodayUiState

    data class Ready(
        val today: Today,
        /** Sentences about lost records; the person has not seen them yet. */
        val losses: List<String> = emptyList(),
        /** What the last tap could not do. */
        val problem: String? = null,
    ) : TodayUiState

    data class Failed(
        val words: String,
    ) : TodayUiState
}

/** One line of the screen. */
internal sealed interface TodayLine {
    data class Heading(
        val words: Int,
    ) : TodayLine

    /** What stands there, and in smaller letters below. */
    data class Fact(
        val title: String,
        val note: String? = null,
        val kind: Kind = Kind.PLAIN,
    ) : TodayLine

    data class Empty(
        val words: Int,
    ) : TodayLine

    data class Refused(
        val record: RecordId,
        val title: String,
        val why: String,
        val advice: String,
        val canResend: Boolean,
    ) : TodayLine

    enum class Kind { PLAIN, OVERDUE, WAITING, LOSS }
}

/** The lines under the headline, in the order of what needs the person. */
internal fun TodayUiState.Ready.lines(): List<TodayLine> =
    buildList {
        if (losses.isNotEmpty()) {
            add(TodayLine.Heading(R.string.losses))
            losses.forEach { add(TodayLine.Fact(it, kind = TodayLine.Kind.LOSS)) }
        }
        if (today.rejected.isNotEmpty()) {
            add(TodayLine.Heading(R.string.today_rejected))
            today.rejected.forEach { add(TodayLine.Refused(it.record, it.title, it.why, it.advice, it.canResend)) }
        }
        if (today.waiting.isNotEmpty()) {
            add(TodayLine.Heading(R.string.today_waiting))
            today.waiting.forEach { add(TodayLine.Fact(it.title, it.text, TodayLine.Kind.WAITING)) }
        }
        add(TodayLine.Heading(R.string.today_day))
        if (today.stays.isEmpty()) add(TodayLine.Empty(R.string.today_no_day))
        today.stays.forEach { add(TodayLine.Fact(it.text)) }
        if (today.loans.isNotEmpty()) {
            add(TodayLine.Heading(R.string.today_loans))
            today.loans.forEach { add(TodayLine.Fact(it.name, it.text, if (it.overdue) TodayLine.Kind.OVERDUE else TodayLine.Kind.PLAIN)) }
        }
    }
