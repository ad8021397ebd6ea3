// What an app programs against.

package dev.kokoni.core

import kotlinx.coroutines.CoroutineDispatcher
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.flow.Flow
import kotlinx.coroutines.withContext
import java.nio.file.Path
import java.time.Duration
import java.time.Instant

/**
 * The engine of one phone: the queue of saved scans, what is known of the organisation, and the
 * way to the server. [open] gives the real one; `dev.kokoni.core.fake.FakeKokoni` is for previews
 * and tests and never loads the native library.
 *
 * Every `suspend` function may be called from any thread, the main thread too: the work is done on
 * the dispatcher handed to [open]. A function with a deadline asks the server; the others look only
 * into the phone's own database and take milliseconds. Cancelling the coroutine ends the call in
 * the core, and the function returns only when the core has let go. A call that only uses the
 * phone's own database is finished once it has begun: [scan] and its like then return their card,
 * and what [open], [frameReader] and [keepSynced] made is closed again.
 *
 * A scan that [scan] or [confirm] called saved survives everything short of the loss of the phone.
 *
 * [close] ends it; after that every function throws [KokoniException.Closed]. One that was lost
 * without being closed is closed when the collector of garbage finds it; do not wait for that,
 * for until then its database stays open.
 */
public interface Kokoni : AutoCloseable {
    /** The language of every text from now on. */
    public var language: Language

    /**
     * What changed. The first value comes at once and names every topic; so whoever asks anew at
     * each value misses nothing. A slow collector gets one value with everything that changed
     * meanwhile. Completes when this is closed. [watch] is the usual way to use it.
     */
    public val changes: Flow<Set<Topic>>

    /**
     * Whose phone this is; null before enrolment.
     */
    public suspend fun enrolment(): Enrolment?

    /**
     * Enrols this phone by a link, `https://HOST/enrol#CODE`.
     *
     * @throws KokoniException.CodeNotValid when the code is wrong, used or older than 15 minutes
     * @throws KokoniException.OthersRecordsWait when records of somebody else wait to be sent
     */
    public suspend fun enrol(
        link: String,
        deadline: Duration = USUAL_DEADLINE,
    ): Enrolment

    /**
     * Enrols this phone by a typed code of ten characters. Otherwise as [enrol].
     *
     * @param server the server's address as a person types it
     */
    public suspend fun enrolTyped(
        server: String,
        code: String,
        deadline: Duration = USUAL_DEADLINE,
    ): Enrolment

    /**
     * What a person reads before an enrolment by link: where it leads, and what of this phone's
     * would be lost. Asks no server.
     *
     * @throws KokoniException.Input when it is no such link
     */
    public suspend fun enrolQuestion(link: String): String

    /** Takes managed settings anew: they were read again, or changed. */
    public suspend fun configure(managed: Map<String, String>): Configured

    /**
     * Enrols this phone by the managed settings, where [Configured.canEnrol] says so. Otherwise as
     * [enrol].
     *
     * @throws KokoniException.Input with [InputProblem.NOT_MANAGED] when they do not hold enough
     */
    public suspend fun enrolManaged(deadline: Duration = USUAL_DEADLINE): Enrolment

    /**
     * Sends what waits, signs the device out and forgets everything on this phone, the secrets too.
     * What could not be sent within the deadline is lost, as the person asked for.
     */
    public suspend fun signOutAndWipe(deadline: Duration = USUAL_DEADLINE)

    /** A reader for the camera which knows this organisation's labels. */
    public suspend fun frameReader(budget: Duration = FrameReader.USUAL_BUDGET): FrameReader

    /**
     * A label was scanned: decides what it means now, and saves it where no tap is needed. Where
     * one is, [ScanCard.confirm] has the button's text: call [confirm] when it is tapped.
     *
     * @throws KokoniException.NotEnrolled before enrolment
     * @throws KokoniException.StorageFull when it could not be saved, and likewise the others
     */
    public suspend fun scan(
        label: LabelId,
        via: Via,
    ): ScanCard

    /** What [scan] would do now; saves nothing. */
    public suspend fun preview(label: LabelId): ScanCard

    /**
     * Saves what [scan] proposed. If things changed meanwhile, the card proposes the new meaning
     * and nothing is saved.
     */
    public suspend fun confirm(
        label: LabelId,
        meaning: ScanMeaning,
        via: Via,
    ): ScanCard

    /** Takes a saved scan back, until [ScanCard.undoUntil]; later the card says that it is too late. */
    public suspend fun undo(record: RecordId): ScanCard

    /** A card that names a code of somebody else's. */
    public fun foreignCard(text: String): ScanCard

    /** A code as it is being typed; call it at every change of the field. */
    public fun typedCode(text: String): TypedCode

    /** Where an opened link leads. */
    public suspend fun routeLink(link: String): Route

    /** The one line that is always in sight. */
    public suspend fun chip(): Chip

    /** The person's day. */
    public suspend fun today(): Today

    /** What the person has borrowed. */
    public suspend fun myLoans(): List<Loan>

    /** What was saved and not sent yet, in the order of the scans. */
    public suspend fun waiting(): List<WaitingRecord>

    /** What the server refused. */
    public suspend fun rejected(): List<RejectedRecord>

    /** Sends a refused record once more, as a new one. */
    public suspend fun resend(record: RecordId): ScanCard

    /** The person has understood: takes a refused record off the list. */
    public suspend fun dismiss(record: RecordId)

    /** Sentences about records that were lost because the database was damaged. */
    public suspend fun losses(): List<String>

    /** The person has seen [losses]. */
    public suspend fun lossesTold()

    /** Finds colleagues by name, kana, section or extension; without whereabouts. */
    public suspend fun people(query: String): List<Person>

    /** Finds colleagues, and where they are now. */
    public suspend fun peopleNow(
        query: String,
        deadline: Duration = USUAL_DEADLINE,
    ): List<Person>

    /** The floors, the person's own first. */
    public suspend fun floors(): List<Floor>

    /** A floor as it is now. */
    public suspend fun floorNow(
        floor: FloorId,
        deadline: Duration = USUAL_DEADLINE,
    ): FloorPlan

    /** How sending stands. */
    public suspend fun status(): SyncStatus

    /** Sends what waits and fetches what is new. Being offline is an outcome, no exception. */
    public suspend fun sync(deadline: Duration = USUAL_DEADLINE): SyncOutcome

    /** Syncs by itself while the app is in front, until the keeper is closed. */
    public suspend fun keepSynced(): SyncKeeper

    /** The next reminders, at most 50, the soonest first: replace all that are scheduled by these. */
    public suspend fun reminders(): List<ReminderPlan>

    /** No reminder before then. */
    public suspend fun snoozeReminders(until: Instant)

    /** JSON for whoever helps, without personal data. */
    public suspend fun diagnostics(): String

    /**
     * Cancels the calls under way, finishes what is being written and closes the database. May wait
     * for a write, milliseconds. Closing it again is fine.
     */
    override fun close()

    /** Opens the real one, and what belongs to no one Kokoni. */
    public companion object {
        /** How long a call may wait for the server unless it is told otherwise. */
        public val USUAL_DEADLINE: Duration = Duration.ofSeconds(30)

        /**
         * Opens the database in a folder, making both where missing.
         *
         * @param dispatcher runs the blocking calls into the core; several at once
         * @throws KokoniException.DatabaseInUse when another Kokoni has it open
         * @throws KokoniException.KeyMissing when the database is encrypted and its key is gone
         */
        public suspend fun open(
            config: KokoniConfig,
            secrets: SecretStore,
            dispatcher: CoroutineDispatcher = Dispatchers.IO,
        ): Kokoni = RustKokoni.open(config, secrets, dispatcher)

        /** Forgets a folder and its secrets, without opening it. No Kokoni may be open on it. */
        public suspend fun eraseAll(
            folder: Path,
            secrets: SecretStore,
            dispatcher: CoroutineDispatcher = Dispatchers.IO,
        ): Unit = withContext(dispatcher) { rustEraseAll(folder, secrets) }

        /** Who hears the core's log, in the whole process; null for nobody. */
        public fun setLogSink(
            sink: LogSink?,
            level: LogLevel = LogLevel.INFO,
        ): Unit = rustSetLogSink(sink, level)

        /** The version of the core. */
        public val coreVersion: String
            get() = rustCoreVersion()
    }
}
