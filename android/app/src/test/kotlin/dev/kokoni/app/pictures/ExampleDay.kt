// One person's Tuesday, the same whenever the pictures are drawn. Every sentence is one that the
// core says, as its own snapshots have them.

package dev.kokoni.app.pictures

import dev.kokoni.core.Chip
import dev.kokoni.core.Enrolment
import dev.kokoni.core.Floor
import dev.kokoni.core.FloorId
import dev.kokoni.core.FloorPlan
import dev.kokoni.core.ItemId
import dev.kokoni.core.ItemLine
import dev.kokoni.core.Kokoni
import dev.kokoni.core.LabelId
import dev.kokoni.core.Language
import dev.kokoni.core.Loan
import dev.kokoni.core.Person
import dev.kokoni.core.PersonId
import dev.kokoni.core.PlaceId
import dev.kokoni.core.RecordId
import dev.kokoni.core.RejectedRecord
import dev.kokoni.core.ScanCard
import dev.kokoni.core.ScanMeaning
import dev.kokoni.core.Seat
import dev.kokoni.core.Stay
import dev.kokoni.core.SyncStatus
import dev.kokoni.core.Today
import dev.kokoni.core.Tone
import dev.kokoni.core.TypedCode
import dev.kokoni.core.WaitingRecord
import dev.kokoni.core.Whereabouts
import dev.kokoni.core.fake.FakeKokoni
import dev.kokoni.core.fake.FakeOffice
import java.time.Duration
import java.time.Instant
import java.time.LocalDate

private val NINE = Instant.parse("2026-11-24T00:05:00Z")

/** The fake core for what happens, with this day for what is shown. */
internal class ExampleDay(
    language: Language,
    enrolled: Enrolment? = FakeKokoni.EXAMPLE_ENROLMENT,
) : Kokoni by FakeKokoni(language = language, enrolled = enrolled) {
    private val japanese = language == Language.JAPANESE

    private fun say(
        ja: String,
        en: String,
    ) = if (japanese) ja else en

    private val seat = say("3階 A-12", "3F A-12")

    /** Nothing has happened yet, and there is no network. */
    var isEmpty = false

    override suspend fun enrolQuestion(link: String): String {
        val there = link.substringAfter("://").substringBefore('/')
        if (enrolment() == null) return say("この端末を $there に登録します。", "This phone will be enrolled at $there.")
        return say(
            "この端末は 例市役所 に登録されています。$there に登録すると、例市役所 の記録はこの端末から消えます。未送信の記録が2件あります。先に送信してください。",
            "This phone is enrolled at 例市役所. Enrolling it at $there erases what it holds of 例市役所. Records that wait to be sent: 2. Send them first.",
        )
    }

    override suspend fun chip() =
        Chip(
            text = say("3階 A-12・未送信 2件・要確認 1件", "3F A-12 · 2 to send, 1 refused"),
            place = seat,
            waiting = 2,
            rejected = 1,
            tone = Tone.ATTENTION,
        )

    override suspend fun today() = if (isEmpty) emptyDay() else fullDay()

    private fun emptyDay() =
        Today(
            date = LocalDate.parse("2026-11-24"),
            dateText = say("11月24日（火）", "Tue 24 Nov"),
            whereabouts = Whereabouts.NO_RECORD,
            headline = say("未登録", "No record"),
            syncText = say("オフラインです。", "Offline."),
        )

    private fun fullDay() =
        Today(
            date = LocalDate.parse("2026-11-24"),
            dateText = say("11月24日（火）", "Tue 24 Nov"),
            whereabouts = Whereabouts.PRESENT,
            headline = say("3階 A-12 に在席", "At 3F A-12"),
            since = NINE,
            sinceText = say("10:41 から", "since 10:41"),
            stays =
                listOf(
                    Stay(PlaceId("1"), NINE, NINE, say("9:05–10:40 3階 A-13", "9:05–10:40 3F A-13"), telework = false),
                    Stay(PlaceId("2"), NINE, null, say("10:41– 3階 A-12", "10:41– 3F A-12"), telework = false),
                ),
            loans =
                listOf(
                    Loan(ItemId("1"), say("会議用スピーカー 2", "Conference speaker 2"), NINE, NINE, say("11月20日 17:15 が返却期限でした", "Was due 20 Nov 17:15"), overdue = true),
                    Loan(ItemId("2"), say("プロジェクター", "Projector"), NINE, NINE, say("11月25日 17:15 まで", "Until 25 Nov 17:15"), overdue = false),
                ),
            waiting =
                listOf(
                    WaitingRecord(RecordId("1"), say("3階 A-12 に着席", "Sit at 3F A-12"), NINE, "10:41"),
                    WaitingRecord(RecordId("2"), say("プロジェクター を借りる", "Borrow Projector"), NINE, "10:44"),
                ),
            rejected =
                listOf(
                    RejectedRecord(
                        record = RecordId("3"),
                        title = say("貸出用ノートPC 7 を借りる", "Borrow Laptop 7"),
                        recordedAt = NINE,
                        why = say("この備品は別の方に貸出中です。", "Somebody else has borrowed this item."),
                        advice = say("返却された後に、もう一度送信できます。", "Once it is returned, send it again."),
                        canResend = true,
                    ),
                ),
            syncText = say("未送信 2件。つながり次第送信します。", "2 to send, as soon as there is a connection."),
        )

    override suspend fun losses(): List<String> = emptyList()

    override suspend fun status() =
        SyncStatus(
            waiting = 2,
            rejected = 1,
            lastSuccess = NINE,
            text = say("未送信 2件。つながり次第送信します。", "2 to send, as soon as there is a connection."),
            tone = Tone.NEUTRAL,
            needsEnrolment = false,
            needsUpdate = false,
        )

    override fun typedCode(text: String) =
        TypedCode(
            label = null,
            shown = text,
            problem = text.takeIf { it.isNotEmpty() }?.let { say("番号が合いません。ラベルともう一度見比べてください。", "The code does not fit. Please compare it with the label.") },
            complete = text.isNotEmpty(),
        )

    private val colleagues =
        listOf(
            Person(PersonId("1"), "山田 太郎", "やまだ たろう", "企画課", "1234", "tel:1234", Whereabouts.PRESENT, say("3階 B-03 9:12 から", "3F B-03 since 9:12"), FloorId("3"), PlaceId("3")),
            Person(PersonId("2"), "山田 花子", "やまだ はなこ", "税務課", "2210", "tel:2210", Whereabouts.TELEWORK, say("テレワーク 9:05 から", "Telework since 9:05"), null, null),
            Person(PersonId("3"), "山田 一", "やまだ はじめ", "市民課", null, null, Whereabouts.UNKNOWN, say("不明", "Not known"), null, null),
        )

    override suspend fun people(query: String) = colleagues.filter { !isEmpty }

    override suspend fun peopleNow(
        query: String,
        deadline: Duration,
    ) = people(query)

    override suspend fun floors() =
        listOf(
            Floor(FloorId("3"), say("本庁舎 3階", "Main building 3F"), 40, mine = true),
            Floor(FloorId("2"), say("本庁舎 2階", "Main building 2F"), 32, mine = false),
            Floor(FloorId("9"), say("北分庁舎 1階", "North annex 1F"), 24, mine = false),
        )

    override suspend fun floorNow(
        floor: FloorId,
        deadline: Duration,
    ): FloorPlan {
        val seats = (0 until SEATS).map(::seatOf)
        val taken = seats.count { it.taken }
        return FloorPlan(
            floor = floor,
            name = say("本庁舎 3階", "Main building 3F"),
            summary = say("空席 ${SEATS - taken} / $SEATS", "${SEATS - taken} of $SEATS seats free"),
            free = SEATS - taken,
            taken = taken,
            left = 0f,
            top = 0f,
            width = 700f,
            height = 400f,
            seats = seats,
        )
    }

    private fun seatOf(at: Int): Seat {
        val (row, column) = at / SEATS_A_ROW to at % SEATS_A_ROW
        val name = "${'A' + row}-%02d".format(column + 1)
        val mine = at == MINE
        val who =
            when {
                mine -> say("見本 花子（総務課）", "見本 花子 (総務課)")
                at % 3 == 0 -> say("山田 太郎（企画課）", "山田 太郎 (企画課)")
                else -> null
            }
        val text = who ?: say("空席", "Free")
        return Seat(PlaceId("$at"), name, 100f * (column + 1), 100f * (row + 1), room = false, taken = who != null, mine = mine, text = text, spoken = "$name、$text")
    }

    /** A scan that was saved and can be taken back. */
    fun saved() =
        ScanCard(
            tone = Tone.SUCCESS,
            title = say("3階 A-12 に着席しました", "You are at 3F A-12"),
            label = FakeOffice.SEAT,
            meaning = ScanMeaning.SIT,
            record = RecordId("1"),
            // The phone's clock stands at now: the way back is open while the picture is drawn.
            undoUntil = Instant.now().plusSeconds(10),
        )

    /** A scan that asks. */
    fun asking() =
        ScanCard(
            tone = Tone.NEUTRAL,
            title = say("会議用スピーカー 2 を返しますか", "Return Conference speaker 2?"),
            detail = say("11月20日 17:15 が返却期限でした", "Was due 20 Nov 17:15"),
            label = FakeOffice.ITEM,
            meaning = ScanMeaning.GIVE_BACK,
            confirm = say("返す", "Return"),
        )

    /** What a locker holds. */
    fun locker() =
        ScanCard(
            tone = Tone.NEUTRAL,
            title = say("3階 備品ロッカー", "3F locker"),
            label = FakeOffice.LOCKER,
            items =
                listOf(
                    ItemLine(ItemId("1"), say("会議用スピーカー 1", "Conference speaker 1"), say("貸出可", "Available"), lent = false),
                    ItemLine(ItemId("2"), say("会議用スピーカー 2", "Conference speaker 2"), say("見本 花子 に貸出中", "Lent to 見本 花子"), lent = true),
                    ItemLine(ItemId("3"), say("プロジェクター", "Projector"), say("貸出可", "Available"), lent = false),
                ),
        )

    /** A code that is somebody else's. */
    fun foreign() =
        ScanCard(
            tone = Tone.NEUTRAL,
            title = say("ココニのラベルではありません", "This is not a Kokoni label"),
            detail = "https://example.com/campaign",
        )

    private companion object {
        const val SEATS = 18
        const val SEATS_A_ROW = 6
        const val MINE = 1
    }
}
