// What of a day is shown, and in which order.

package dev.kokoni.app.today

import dev.kokoni.app.R
import dev.kokoni.core.ItemId
import dev.kokoni.core.Loan
import dev.kokoni.core.PlaceId
import dev.kokoni.core.RecordId
import dev.kokoni.core.RejectedRecord
import dev.kokoni.core.Stay
import dev.kokoni.core.Today
import dev.kokoni.core.WaitingRecord
import dev.kokoni.core.Whereabouts
import org.junit.Assert.assertEquals
import org.junit.Test
import java.time.Instant
import java.time.LocalDate

class TodayUiStateTest {
    private val nine = Instant.parse("2026-11-24T00:05:00Z")
    private val empty = Today(LocalDate.of(2026, 11, 24), "11月24日（火）", Whereabouts.NO_RECORD, "本日の登録がまだありません")
    private val stay = Stay(PlaceId("p"), nine, null, "9:05– 3階 A-12", telework = false)
    private val waiting = WaitingRecord(RecordId("w"), "3階 A-12 に着席", nine, "9:05")
    private val refused = RejectedRecord(RecordId("r"), "スピーカーの貸出", nine, "山田さんに貸出中です", "庶務担当へ", canResend = false)

    private fun loan(overdue: Boolean) = Loan(ItemId("i"), "スピーカー", nine, nine, "11月25日 17:15 まで", overdue)

    @Test
    fun `an empty day says so in a sentence`() =
        assertEquals(
            listOf(TodayLine.Heading(R.string.today_day), TodayLine.Empty(R.string.today_no_day)),
            TodayUiState.Ready(empty).lines(),
        )

    @Test
    fun `what needs the person comes first`() {
        val today = empty.copy(stays = listOf(stay), loans = listOf(loan(false)), waiting = listOf(waiting), rejected = listOf(refused))
        val headings = TodayUiState.Ready(today, losses = listOf("1 件が失われました")).lines().filterIsInstance<TodayLine.Heading>()
        assertEquals(listOf(R.string.losses, R.string.today_rejected, R.string.today_waiting, R.string.today_day, R.string.today_loans), headings.map { it.words })
    }

    @Test
    fun `a refused record carries why, what to do and whether sending again can help`() {
        val line = TodayUiState.Ready(empty.copy(rejected = listOf(refused))).lines()[1]
        assertEquals(TodayLine.Refused(RecordId("r"), "スピーカーの貸出", "山田さんに貸出中です", "庶務担当へ", canResend = false), line)
    }

    @Test
    fun `an overdue loan stands out`() {
        val kinds = TodayUiState.Ready(empty.copy(loans = listOf(loan(true), loan(false)))).lines().filterIsInstance<TodayLine.Fact>().map { it.kind }
        assertEquals(listOf(TodayLine.Kind.OVERDUE, TodayLine.Kind.PLAIN), kinds)
    }
}
