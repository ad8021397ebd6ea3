// A Kokoni that never loads the native library.

package dev.kokoni.core.fake

import dev.kokoni.core.Chip
import dev.kokoni.core.Configured
import dev.kokoni.core.Enrolment
import dev.kokoni.core.Floor
import dev.kokoni.core.FloorId
import dev.kokoni.core.FloorPlan
import dev.kokoni.core.FrameReader
import dev.kokoni.core.InputProblem
import dev.kokoni.core.ItemLine
import dev.kokoni.core.Kokoni
import dev.kokoni.core.KokoniException
import dev.kokoni.core.LabelId
import dev.kokoni.core.Language
import dev.kokoni.core.Loan
import dev.kokoni.core.Person
import dev.kokoni.core.PersonId
import dev.kokoni.core.RecordId
import dev.kokoni.core.RejectedRecord
import dev.kokoni.core.ReminderPlan
import dev.kokoni.core.Route
import dev.kokoni.core.ScanCard
import dev.kokoni.core.ScanMeaning
import dev.kokoni.core.Seat
import dev.kokoni.core.Stay
import dev.kokoni.core.SyncEnd
import dev.kokoni.core.SyncKeeper
import dev.kokoni.core.SyncOutcome
import dev.kokoni.core.SyncStatus
import dev.kokoni.core.Today
import dev.kokoni.core.Tone
import dev.kokoni.core.Topic
import dev.kokoni.core.TypedCode
import dev.kokoni.core.Via
import dev.kokoni.core.WaitingRecord
import dev.kokoni.core.Whereabouts
import dev.kokoni.core.Words
import kotlinx.coroutines.flow.Flow
import kotlinx.coroutines.flow.MutableStateFlow
import kotlinx.coroutines.flow.map
import kotlinx.coroutines.flow.takeWhile
import java.time.Clock
import java.time.Duration
import java.time.Instant
import java.time.ZoneId
import java.time.format.DateTimeFormatter
import java.util.UUID

/**
 * A [Kokoni] in memory, for previews and for the tests of an app: never loads the native library,
 * needs no server, and does what the real one does with seats, items, telework, the queue, undo and
 * being offline. It holds no rules of its own worth trusting: what a scan means is decided by the
 * real core.
 *
 * Safe to use from any thread; every call is done at once.
 *
 * @param office what its labels are bound to
 * @param clock its time; hand in a clock that a test can move
 * @param enrolled whose phone it is from the start; null for a new phone
 */
public class FakeKokoni(
    private val office: FakeOffice = FakeOffice.example(),
    language: Language = Language.JAPANESE,
    private val clock: Clock = Clock.systemUTC(),
    enrolled: Enrolment? = EXAMPLE_ENROLMENT,
) : Kokoni {
    private val lock = Any()
    private val revision = MutableStateFlow(0)
    private val day = FakeDay(office)
    private var enrolment: Enrolment? = enrolled
    private var managed: Map<String, String> = emptyMap()
    private var lastSuccess: Instant? = null
    private var closed = false
    private val refusals = ArrayDeque<Words>()
    private val failures = ArrayDeque<KokoniException>()

    /** Whether its server can be reached. */
    @Volatile
    public var online: Boolean = true

    /** Who can be found by [people]. */
    @Volatile
    public var colleagues: List<Person> = emptyList()

    /** What [reminders] answers. */
    @Volatile
    public var plannedReminders: List<ReminderPlan> = emptyList()

    /** What [losses] answers until they are told. */
    @Volatile
    public var lossSentences: List<String> = emptyList()

    /** The readers given out, the newest last. */
    public val readers: List<FakeFrameReader>
        get() = synchronized(lock) { givenReaders.toList() }
    private val givenReaders = ArrayList<FakeFrameReader>()

    override var language: Language = language
        get() = synchronized(lock) { field }
        set(value) {
            change { field = value }
        }

    /** The next call that can fail fails with this. */
    public fun failNext(error: KokoniException): Unit = synchronized(lock) { failures += error }

    /** The server refuses the next record that reaches it, and says why. */
    public fun refuseNext(why: Words): Unit = synchronized(lock) { refusals += why }

    override val changes: Flow<Set<Topic>> =
        revision.takeWhile { it >= 0 }.map { Topic.entries.toSet() }

    override suspend fun enrolment(): Enrolment? = look { enrolment }

    override suspend fun enrol(
        link: String,
        deadline: Duration,
    ): Enrolment =
        change {
            if ("/enrol#" !in link) throw KokoniException.CodeNotValid(FakeWords.codeNotValid)
            take(EXAMPLE_ENROLMENT)
        }

    override suspend fun enrolTyped(
        server: String,
        code: String,
        deadline: Duration,
    ): Enrolment =
        change {
            if (code.count { it.isLetterOrDigit() } != ENROL_CODE_LENGTH) throw KokoniException.CodeNotValid(FakeWords.codeNotValid)
            take(EXAMPLE_ENROLMENT.copy(server = server))
        }

    override suspend fun enrolQuestion(link: String): String = look { say(FakeWords.enrolAt(link.substringAfter("://").substringBefore('/'))) }

    override suspend fun configure(managed: Map<String, String>): Configured =
        change {
            this.managed = managed
            Configured(canEnrol = canEnrol(), restartNeeded = false, feedback = emptyList())
        }

    override suspend fun enrolManaged(deadline: Duration): Enrolment =
        change {
            if (!canEnrol()) throw KokoniException.Input(InputProblem.NOT_MANAGED, FakeWords.notManaged)
            take(EXAMPLE_ENROLMENT)
        }

    private fun canEnrol() = "enrolment_link" in managed || ("server_url" in managed && "enrolment_code" in managed)

    private fun take(theirs: Enrolment): Enrolment {
        needOnline()
        return theirs.also { enrolment = it }
    }

    override suspend fun signOutAndWipe(deadline: Duration): Unit =
        change {
            enrolment = null
            day.records.clear()
            lastSuccess = null
        }

    override suspend fun frameReader(budget: Duration): FrameReader =
        look { FakeFrameReader().also { givenReaders += it } }

    override suspend fun scan(
        label: LabelId,
        via: Via,
    ): ScanCard =
        change {
            needEnrolled()
            val proposal = day.propose(label, clock.instant())
            if (proposal is FakeProposal.Save && !proposal.tap) save(label, proposal.meaning) else card(label, proposal)
        }

    override suspend fun preview(label: LabelId): ScanCard =
        look {
            needEnrolled()
            card(label, day.propose(label, clock.instant()))
        }

    override suspend fun confirm(
        label: LabelId,
        meaning: ScanMeaning,
        via: Via,
    ): ScanCard =
        change {
            needEnrolled()
            val proposal = day.propose(label, clock.instant())
            if (proposal is FakeProposal.Save && proposal.meaning == meaning) save(label, meaning) else card(label, proposal)
        }

    private fun save(
        label: LabelId,
        meaning: ScanMeaning,
    ): ScanCard {
        val now = clock.instant()
        val target = office.targets[label]
        val record = FakeRecord(RecordId(UUID.randomUUID().toString()), label, target, meaning, now, FakeState.WAITING)
        day.records += record
        return ScanCard(
            tone = Tone.SUCCESS,
            title = say(FakeWords.done(meaning, target)),
            detail = if (online) null else say(FakeWords.savedOffline),
            label = label,
            meaning = meaning,
            record = record.record,
            undoUntil = now + UNDO_GRACE,
        )
    }

    private fun card(
        label: LabelId,
        proposal: FakeProposal,
    ): ScanCard =
        when (proposal) {
            is FakeProposal.Save -> {
                val intent = say(FakeWords.intent(proposal.meaning, office.targets[label]))
                ScanCard(Tone.ATTENTION, intent, label = label, meaning = proposal.meaning, confirm = intent.takeIf { proposal.tap })
            }
            is FakeProposal.AlreadyHere -> ScanCard(Tone.NEUTRAL, say(FakeWords.alreadyHere), label = label)
            is FakeProposal.ShowLocker -> ScanCard(Tone.NEUTRAL, say(FakeWords.contents), label = label, items = items())
            is FakeProposal.LentTo -> ScanCard(Tone.REFUSAL, say(FakeWords.lentTo(proposal.name)), label = label)
        }

    private fun items(): List<ItemLine> =
        office.targets.values.filterIsInstance<FakeTarget.Item>().map { item ->
            val holder = office.lentTo[item.item] ?: enrolment?.personName.takeIf { day.loans.any { it.target == item } }
            ItemLine(item.item, item.name, say(holder?.let(FakeWords::lentTo) ?: FakeWords.free), lent = holder != null)
        }

    override suspend fun undo(record: RecordId): ScanCard =
        change {
            val found = find(record, FakeState.WAITING, FakeState.APPLIED)
            if (clock.instant() > found.at + UNDO_GRACE) {
                ScanCard(Tone.REFUSAL, say(FakeWords.tooLate))
            } else {
                found.state = FakeState.GONE
                ScanCard(Tone.SUCCESS, say(FakeWords.undone))
            }
        }

    override fun foreignCard(text: String): ScanCard = look { ScanCard(Tone.REFUSAL, say(FakeWords.foreign(text))) }

    override fun typedCode(text: String): TypedCode =
        look {
            val typed = text.uppercase().filter { it.isLetterOrDigit() }
            val label = office.targets.keys.firstOrNull { typed.dropLast(1) == it.text }
            val complete = typed.length == TYPED_LENGTH
            TypedCode(
                label = label.takeIf { complete },
                shown = typed.chunked(GROUP).joinToString("-"),
                problem = say(FakeWords.badCode).takeIf { complete && label == null },
                complete = complete,
            )
        }

    override suspend fun routeLink(link: String): Route =
        look {
            val label = link.substringAfter("/q/", "").uppercase()
            when {
                "/enrol#" in link -> Route.Enrol(link)
                label.isEmpty() -> Route.Unknown
                link.startsWith("https://${(enrolment ?: EXAMPLE_ENROLMENT).labelHost}/") -> Route.Label(LabelId(label))
                else -> Route.OtherOrganisation(link.substringAfter("://").substringBefore('/'))
            }
        }

    override suspend fun chip(): Chip =
        look {
            needEnrolled()
            val place = headline()
            val waiting = waitingRecords().size
            val waitingText = say(FakeWords.waiting(waiting)).takeIf { waiting > 0 }
            Chip(
                text = listOfNotNull(place, waitingText).joinToString("・"),
                place = place,
                waitingText = waitingText,
                waiting = waiting,
                rejected = rejectedRecords().size,
                tone = if (waiting > 0) Tone.ATTENTION else Tone.NEUTRAL,
            )
        }

    override suspend fun today(): Today =
        look {
            needEnrolled()
            val here = day.here
            val date = clock.instant().atZone(ZONE).toLocalDate()
            Today(
                date = date,
                dateText = date.toString(),
                whereabouts = whereabouts(),
                headline = headline(),
                since = here?.at,
                sinceText = here?.at?.let(::timeText),
                stays = day.records.filter { it.state != FakeState.GONE }.mapNotNull { stay(it) },
                loans = loanLines(),
                waiting = waitingRecords(),
                rejected = rejectedRecords(),
                syncText = syncText(),
            )
        }

    private fun whereabouts(): Whereabouts {
        val last = day.records.lastOrNull { it.state != FakeState.GONE && it.state != FakeState.REJECTED }
        return when (day.here?.meaning) {
            ScanMeaning.SIT -> Whereabouts.PRESENT
            ScanMeaning.TELEWORK -> Whereabouts.TELEWORK
            else -> if (last == null) Whereabouts.NO_RECORD else Whereabouts.AWAY
        }
    }

    private fun headline() = say(day.here?.let { FakeWords.place(it.target) } ?: FakeWords.noRecord)

    private fun stay(record: FakeRecord): Stay? {
        val text = "${timeText(record.at)} ${say(FakeWords.place(record.target))}"
        val until = record.at.takeIf { record != day.here }
        return when (val target = record.target) {
            is FakeTarget.Seat -> Stay(target.place, record.at, until, text, telework = false).takeIf { record.meaning == ScanMeaning.SIT }
            is FakeTarget.Home -> Stay(target.place, record.at, until, text, telework = true).takeIf { record.meaning == ScanMeaning.TELEWORK }
            else -> null
        }
    }

    override suspend fun myLoans(): List<Loan> = look { needEnrolled().let { loanLines() } }

    private fun loanLines(): List<Loan> =
        day.loans.map {
            val item = it.target as FakeTarget.Item
            Loan(item.item, item.name, it.at, due = null, text = timeText(it.at), overdue = false)
        }

    override suspend fun waiting(): List<WaitingRecord> = look { waitingRecords() }

    private fun waitingRecords(): List<WaitingRecord> =
        day.records.filter { it.state == FakeState.WAITING }.map {
            WaitingRecord(it.record, say(FakeWords.intent(it.meaning, it.target)), it.at, timeText(it.at))
        }

    override suspend fun rejected(): List<RejectedRecord> = look { rejectedRecords() }

    private fun rejectedRecords(): List<RejectedRecord> =
        day.records.filter { it.state == FakeState.REJECTED }.map {
            RejectedRecord(
                record = it.record,
                title = say(FakeWords.intent(it.meaning, it.target)),
                recordedAt = it.at,
                why = it.why?.text(language).orEmpty(),
                advice = say(FakeWords.askOffice),
                canResend = true,
            )
        }

    override suspend fun resend(record: RecordId): ScanCard =
        change {
            val old = find(record, FakeState.REJECTED)
            old.state = FakeState.GONE
            save(old.label, old.meaning).copy(title = say(FakeWords.resent))
        }

    override suspend fun dismiss(record: RecordId): Unit = change { find(record, FakeState.REJECTED).state = FakeState.GONE }

    override suspend fun losses(): List<String> = look { lossSentences }

    override suspend fun lossesTold(): Unit = change { lossSentences = emptyList() }

    override suspend fun people(query: String): List<Person> =
        look {
            found(query).map { it.copy(whereabouts = Whereabouts.UNKNOWN, whereText = null, floor = null, place = null) }
        }

    override suspend fun peopleNow(
        query: String,
        deadline: Duration,
    ): List<Person> =
        look {
            needOnline()
            found(query)
        }

    private fun found(query: String): List<Person> {
        needEnrolled()
        return colleagues.filter { query in it.name || query in it.kana || query in it.section || query == it.extension }
    }

    override suspend fun floors(): List<Floor> =
        look {
            needEnrolled()
            val seats = office.targets.values.count { it is FakeTarget.Seat }
            listOf(Floor(FakeOffice.FLOOR, say(FakeOffice.FLOOR_NAME), seats, mine = day.here?.meaning == ScanMeaning.SIT))
        }

    override suspend fun floorNow(
        floor: FloorId,
        deadline: Duration,
    ): FloorPlan =
        look {
            needEnrolled()
            needOnline()
            val seats = office.targets.values.filterIsInstance<FakeTarget.Seat>().mapIndexed { index, seat -> seat(index, seat) }
            val taken = seats.count { it.taken }
            FloorPlan(
                floor = floor,
                name = say(FakeOffice.FLOOR_NAME),
                summary = "${seats.size - taken} / ${seats.size}",
                free = seats.size - taken,
                taken = taken,
                left = 0f,
                top = 0f,
                width = (seats.size + 1) * SEAT_GAP,
                height = 2 * SEAT_GAP,
                seats = seats,
            )
        }

    private fun seat(
        index: Int,
        seat: FakeTarget.Seat,
    ): Seat {
        val mine = day.here?.target == seat
        val sitter = office.takenBy[seat.place] ?: enrolment?.personName.takeIf { mine }
        val text = sitter ?: say(FakeWords.freeSeat)
        return Seat(
            place = seat.place,
            name = seat.name,
            x = (index + 1) * SEAT_GAP,
            y = SEAT_GAP,
            room = false,
            taken = sitter != null,
            mine = mine,
            text = text,
            spoken = "${seat.name} $text",
        )
    }

    override suspend fun status(): SyncStatus =
        look {
            SyncStatus(
                waiting = waitingRecords().size,
                rejected = rejectedRecords().size,
                lastSuccess = lastSuccess,
                text = syncText(),
                tone = if (online) Tone.NEUTRAL else Tone.ATTENTION,
                needsEnrolment = enrolment == null,
                needsUpdate = false,
            )
        }

    private fun syncText(): String = waitingRecords().size.let { say(if (it > 0) FakeWords.waiting(it) else FakeWords.sent) }

    override suspend fun sync(deadline: Duration): SyncOutcome = change { synced() }

    private fun synced(): SyncOutcome {
        needEnrolled()
        val toSend = day.records.filter { it.state == FakeState.WAITING }
        if (!online) return SyncOutcome(SyncEnd.OFFLINE, waiting = toSend.size, text = say(FakeWords.offline))
        toSend.forEach { record ->
            record.why = refusals.removeFirstOrNull()
            record.state = if (record.why == null) FakeState.APPLIED else FakeState.REJECTED
        }
        lastSuccess = clock.instant()
        val refused = toSend.count { it.state == FakeState.REJECTED }
        return SyncOutcome(SyncEnd.DONE, sent = toSend.size, applied = toSend.size - refused, rejected = refused, text = say(FakeWords.sent))
    }

    override suspend fun keepSynced(): SyncKeeper =
        look {
            object : SyncKeeper {
                private var ended = false

                override fun tryNow() {
                    if (ended) throw KokoniException.Closed(FakeWords.closed)
                    change { if (enrolment != null) synced() }
                }

                override fun close() {
                    ended = true
                }
            }
        }

    override suspend fun reminders(): List<ReminderPlan> = look { plannedReminders }

    override suspend fun snoozeReminders(until: Instant): Unit = change { plannedReminders = plannedReminders.filter { it.at >= until } }

    override suspend fun diagnostics(): String = look { """{"fake":true}""" }

    override fun close() {
        synchronized(lock) {
            closed = true
            revision.value = -1
        }
    }

    private fun find(
        record: RecordId,
        vararg states: FakeState,
    ): FakeRecord =
        day.records.firstOrNull { it.record == record && it.state in states }
            ?: throw KokoniException.NoSuchRecord(FakeWords.noSuchRecord)

    private fun needEnrolled() {
        if (enrolment == null) throw KokoniException.NotEnrolled(FakeWords.notEnrolled)
    }

    private fun needOnline() {
        if (!online) throw KokoniException.Offline("unreachable", FakeWords.offline)
    }

    private fun say(words: Words): String = words.text(language)

    private fun timeText(at: Instant): String = at.atZone(ZONE).format(TIME)

    private fun <T> look(call: () -> T): T =
        synchronized(lock) {
            if (closed) throw KokoniException.Closed(FakeWords.closed)
            failures.removeFirstOrNull()?.let { throw it }
            call()
        }

    private fun <T> change(call: () -> T): T =
        look {
            call().also { revision.value += 1 }
        }

    /** What previews show. */
    public companion object {
        /** Whose phone the fake is unless it is told otherwise. */
        public val EXAMPLE_ENROLMENT: Enrolment =
            Enrolment(
                organisation = "00000000-0000-7000-8000-000000000001",
                organisationName = "例市役所",
                person = PersonId("00000000-0000-7000-8000-000000000002"),
                personName = "見本 花子",
                device = "00000000-0000-7000-8000-000000000004",
                server = "https://kokoni.example",
                labelHost = "kokoni.example",
            )

        private const val ENROL_CODE_LENGTH = 10
        private const val TYPED_LENGTH = 17
        private const val GROUP = 4
        private const val SEAT_GAP = 100f
        private val UNDO_GRACE: Duration = Duration.ofSeconds(10)
        private val ZONE: ZoneId = ZoneId.of("Asia/Tokyo")
        private val TIME: DateTimeFormatter = DateTimeFormatter.ofPattern("H:mm")
    }
}
