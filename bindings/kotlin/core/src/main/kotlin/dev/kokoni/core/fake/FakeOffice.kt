// The state behind the fake: an office with labels, and what became of one person's scans.

package dev.kokoni.core.fake

import dev.kokoni.core.FloorId
import dev.kokoni.core.ItemId
import dev.kokoni.core.LabelId
import dev.kokoni.core.PlaceId
import dev.kokoni.core.RecordId
import dev.kokoni.core.ScanMeaning
import dev.kokoni.core.Words
import java.time.Duration
import java.time.Instant
import java.util.UUID

/** An office of one floor for [FakeKokoni]: what its labels are bound to. */
public class FakeOffice {
    internal val targets: MutableMap<LabelId, FakeTarget> = LinkedHashMap()
    internal val lentTo: MutableMap<ItemId, String> = HashMap()
    internal val takenBy: MutableMap<PlaceId, String> = HashMap()

    /** Adds a seat. */
    public fun seat(
        label: LabelId,
        name: String,
    ): FakeOffice = bind(label, FakeTarget.Seat(PlaceId(idOf(label)), name))

    /** Adds an item. */
    public fun item(
        label: LabelId,
        name: String,
    ): FakeOffice = bind(label, FakeTarget.Item(ItemId(idOf(label)), name))

    /** Adds the person's own home. */
    public fun home(label: LabelId): FakeOffice = bind(label, FakeTarget.Home(PlaceId(idOf(label))))

    /** Adds the exit. */
    public fun exit(label: LabelId): FakeOffice = bind(label, FakeTarget.Exit)

    /** Adds a locker that shows every item. */
    public fun locker(label: LabelId): FakeOffice = bind(label, FakeTarget.Locker)

    /** Somebody else borrows an item, or brings it back where the name is null. */
    public fun lendToAnother(
        label: LabelId,
        name: String?,
    ) {
        val item = requireNotNull(targets[label] as? FakeTarget.Item) { "not the label of an item" }.item
        if (name == null) lentTo.remove(item) else lentTo[item] = name
    }

    /** Somebody else sits down, or leaves where the name is null. */
    public fun seatAnother(
        label: LabelId,
        name: String?,
    ) {
        val place = requireNotNull(targets[label] as? FakeTarget.Seat) { "not the label of a seat" }.place
        if (name == null) takenBy.remove(place) else takenBy[place] = name
    }

    private fun bind(
        label: LabelId,
        target: FakeTarget,
    ): FakeOffice = apply { targets[label] = target }

    /** The offices of previews. */
    public companion object {
        /** The seat A-12 of [example]. */
        public val SEAT: LabelId = LabelId("0123456789ABCDEF")

        /** The seat A-13 of [example]. */
        public val OTHER_SEAT: LabelId = LabelId("0123456789ABCDEG")

        /** The loudspeaker of [example]. */
        public val ITEM: LabelId = LabelId("0123456789ABCDEH")

        /** The home of [example]. */
        public val HOME: LabelId = LabelId("0123456789ABCDEJ")

        /** The exit of [example]. */
        public val EXIT: LabelId = LabelId("0123456789ABCDEK")

        /** The locker of [example]. */
        public val LOCKER: LabelId = LabelId("0123456789ABCDEM")

        internal val FLOOR: FloorId = FloorId("00000000-0000-7000-8000-000000000003")
        internal val FLOOR_NAME: Words = Words("3階", "3F")

        /** Two seats, a loudspeaker in a locker, a home and an exit. */
        public fun example(): FakeOffice =
            FakeOffice()
                .seat(SEAT, "A-12")
                .seat(OTHER_SEAT, "A-13")
                .item(ITEM, "スピーカー")
                .home(HOME)
                .exit(EXIT)
                .locker(LOCKER)

        private fun idOf(label: LabelId): String = UUID.nameUUIDFromBytes(label.text.toByteArray()).toString()
    }
}

internal sealed interface FakeTarget {
    data class Seat(
        val place: PlaceId,
        val name: String,
    ) : FakeTarget

    data class Item(
        val item: ItemId,
        val name: String,
    ) : FakeTarget

    data class Home(
        val place: PlaceId,
    ) : FakeTarget

    data object Exit : FakeTarget

    data object Locker : FakeTarget
}

internal enum class FakeState { WAITING, APPLIED, REJECTED, GONE }

internal data class FakeRecord(
    val record: RecordId,
    val label: LabelId,
    val target: FakeTarget?,
    val meaning: ScanMeaning,
    val at: Instant,
    var state: FakeState,
    var why: Words? = null,
)

/** What a scan would do: save it, at once or after a tap, or only say something. */
internal sealed interface FakeProposal {
    data class Save(
        val meaning: ScanMeaning,
        val tap: Boolean,
    ) : FakeProposal

    data object AlreadyHere : FakeProposal

    data object ShowLocker : FakeProposal

    data class LentTo(
        val name: String,
    ) : FakeProposal
}

/** One person's records, and what they add up to: the rules of the core in short. */
internal class FakeDay(
    private val office: FakeOffice,
) {
    val records: MutableList<FakeRecord> = ArrayList()

    private val standing get() = records.filter { it.state == FakeState.WAITING || it.state == FakeState.APPLIED }

    /** The record that says where the person is; null where none does. */
    val here: FakeRecord?
        get() =
            standing
                .lastOrNull { it.meaning in MOVES }
                ?.takeIf { it.meaning == ScanMeaning.SIT || it.meaning == ScanMeaning.TELEWORK }

    val loans: List<FakeRecord>
        get() =
            standing
                .filter { it.target is FakeTarget.Item }
                .groupBy { it.label }
                .mapNotNull { (_, moves) -> moves.last().takeIf { it.meaning == ScanMeaning.BORROW } }

    fun propose(
        label: LabelId,
        now: Instant,
    ): FakeProposal =
        when (val target = office.targets[label]) {
            null -> FakeProposal.Save(ScanMeaning.UNDECIDED, tap = true)
            is FakeTarget.Seat -> proposeSeat(label, now)
            is FakeTarget.Home -> proposeHome()
            is FakeTarget.Item -> proposeItem(label, target)
            is FakeTarget.Exit -> FakeProposal.Save(ScanMeaning.LEAVE, tap = false)
            is FakeTarget.Locker -> FakeProposal.ShowLocker
        }

    private fun proposeSeat(
        label: LabelId,
        now: Instant,
    ): FakeProposal {
        val here = here
        return when {
            here?.label != label -> FakeProposal.Save(ScanMeaning.SIT, tap = false)
            Duration.between(here.at, now) < LEAVE_AFTER -> FakeProposal.AlreadyHere
            else -> FakeProposal.Save(ScanMeaning.LEAVE, tap = true)
        }
    }

    private fun proposeHome(): FakeProposal =
        if (here?.meaning == ScanMeaning.TELEWORK) {
            FakeProposal.Save(ScanMeaning.END_TELEWORK, tap = true)
        } else {
            FakeProposal.Save(ScanMeaning.TELEWORK, tap = false)
        }

    private fun proposeItem(
        label: LabelId,
        target: FakeTarget.Item,
    ): FakeProposal {
        val other = office.lentTo[target.item]
        return when {
            loans.any { it.label == label } -> FakeProposal.Save(ScanMeaning.GIVE_BACK, tap = true)
            other != null -> FakeProposal.LentTo(other)
            else -> FakeProposal.Save(ScanMeaning.BORROW, tap = false)
        }
    }

    private companion object {
        val MOVES = setOf(ScanMeaning.SIT, ScanMeaning.LEAVE, ScanMeaning.TELEWORK, ScanMeaning.END_TELEWORK)
        val LEAVE_AFTER: Duration = Duration.ofSeconds(60)
    }
}
