// The real Kokoni, over the generated bindings.

package dev.kokoni.core

import dev.kokoni.core.ffi.FfiConverterTypeKokoni
import dev.kokoni.core.ffi.Observer
import kotlinx.coroutines.CoroutineDispatcher
import kotlinx.coroutines.channels.Channel
import kotlinx.coroutines.flow.Flow
import kotlinx.coroutines.flow.flow
import java.nio.file.Path
import java.time.Duration
import java.time.Instant
import java.util.EnumSet
import java.util.concurrent.ConcurrentHashMap
import dev.kokoni.core.ffi.Kokoni as FfiKokoni
import dev.kokoni.core.ffi.KokoniException as FfiException
import dev.kokoni.core.ffi.SyncKeeper as FfiSyncKeeper
import dev.kokoni.core.ffi.Topic as FfiTopic

/**
 * Nothing that the core holds (observers, secrets) may refer to this object: then one that was
 * forgotten is found by the collector, whose cleaner frees [core].
 */
internal class RustKokoni private constructor(
    made: FfiKokoni,
    private val dispatcher: CoroutineDispatcher,
) : Kokoni {
    /** The handle that [core] owns, and frees when it is closed or collected. */
    private val handle: Long = made.uniffiCloneHandle()
    internal val core: FfiKokoni = FfiConverterTypeKokoni.lift(handle).also { made.close() }
    private val scans = PlainScan()
    private val calls = RustCalls(dispatcher)
    private val collectors: MutableSet<Changes> = ConcurrentHashMap.newKeySet()

    override var language: Language
        get() = calls.now { core.language().toKotlin() }
        set(value) = calls.now { core.setLanguage(value.toRust()) }

    override val changes: Flow<Set<Topic>> =
        flow {
            val changes = Changes()
            val handle = calls.now { core.observe(changes) }
            collectors += changes
            try {
                // Closed in between: close() did not see this collector.
                calls.now { }
                changes.collect { emit(it) }
            } finally {
                collectors -= changes
                handle.use { it.stop() }
            }
        }

    override suspend fun enrolment(): Enrolment? = calls.local { core.enrolment()?.toKotlin() }

    override suspend fun enrol(
        link: String,
        deadline: Duration,
    ): Enrolment = calls.limited(deadline) { core.enrol(link, it).toKotlin() }

    override suspend fun enrolTyped(
        server: String,
        code: String,
        deadline: Duration,
    ): Enrolment = calls.limited(deadline) { core.enrolTyped(server, code, it).toKotlin() }

    override suspend fun configure(managed: Map<String, String>): Configured = calls.local { core.configure(managed).toKotlin() }

    override suspend fun enrolManaged(deadline: Duration): Enrolment = calls.limited(deadline) { core.enrolManaged(it).toKotlin() }

    override suspend fun signOutAndWipe(deadline: Duration): Unit = calls.limited(deadline) { core.signOutAndWipe(it) }

    override suspend fun frameReader(budget: Duration): FrameReader = calls.made { RustFrameReader(core.frameReader(budget)) }

    override suspend fun scan(
        label: LabelId,
        via: Via,
    ): ScanCard =
        calls.local {
            // What is locked is the object that frees the handle: it is neither closed nor collected
            // meanwhile.
            synchronized(core) { calls.now { scans.scan(handle, label, via) } }
        }

    override suspend fun preview(label: LabelId): ScanCard = calls.local { core.preview(label.text).toKotlin() }

    override suspend fun confirm(
        label: LabelId,
        meaning: ScanMeaning,
        via: Via,
    ): ScanCard = calls.local { core.confirm(label.text, meaning.toRust(), via.toRust()).toKotlin() }

    override suspend fun undo(record: RecordId): ScanCard = calls.local { core.undo(record.text).toKotlin() }

    override fun foreignCard(text: String): ScanCard = calls.now { core.foreignCard(text).toKotlin() }

    override fun typedCode(text: String): TypedCode = calls.now { core.typedCode(text).toKotlin() }

    override suspend fun enrolQuestion(link: String): String = calls.local { core.enrolQuestion(link) }

    override suspend fun routeLink(link: String): Route = calls.local { core.routeLink(link).toKotlin() }

    override suspend fun chip(): Chip = calls.local { core.chip().toKotlin() }

    override suspend fun today(): Today = calls.local { core.today().toKotlin() }

    override suspend fun myLoans(): List<Loan> = calls.local { core.myLoans().map { it.toKotlin() } }

    override suspend fun waiting(): List<WaitingRecord> = calls.local { core.waiting().map { it.toKotlin() } }

    override suspend fun rejected(): List<RejectedRecord> = calls.local { core.rejected().map { it.toKotlin() } }

    override suspend fun resend(record: RecordId): ScanCard = calls.local { core.resend(record.text).toKotlin() }

    override suspend fun dismiss(record: RecordId): Unit = calls.local { core.dismiss(record.text) }

    override suspend fun losses(): List<String> = calls.local { core.losses() }

    override suspend fun lossesTold(): Unit = calls.local { core.lossesTold() }

    override suspend fun people(query: String): List<Person> = calls.local { core.people(query).map { it.toKotlin() } }

    override suspend fun peopleNow(
        query: String,
        deadline: Duration,
    ): List<Person> = calls.limited(deadline) { limits -> core.peopleNow(query, limits).map { it.toKotlin() } }

    override suspend fun floors(): List<Floor> = calls.local { core.floors().map { it.toKotlin() } }

    override suspend fun floorNow(
        floor: FloorId,
        deadline: Duration,
    ): FloorPlan = calls.limited(deadline) { core.floorNow(floor.text, it).toKotlin() }

    override suspend fun status(): SyncStatus = calls.local { core.status().toKotlin() }

    override suspend fun sync(deadline: Duration): SyncOutcome =
        calls.limited(deadline) { limits ->
            val outcome = core.sync(limits).toKotlin()
            if (outcome.end == SyncEnd.CANCELLED) throw CallCancelled()
            outcome
        }

    override suspend fun keepSynced(): SyncKeeper = calls.made { RustSyncKeeper(core.keepSynced()) }

    override suspend fun reminders(): List<ReminderPlan> = calls.local { core.reminders().map { it.toKotlin() } }

    override suspend fun snoozeReminders(until: Instant): Unit = calls.local { core.snoozeReminders(until) }

    override suspend fun diagnostics(): String = calls.local { core.diagnostics() }

    override fun close(): Unit =
        calls.close {
            synchronized(core) { core.use { it.shutDown() } }
            collectors.forEach { it.end() }
        }

    companion object {
        suspend fun open(
            config: KokoniConfig,
            secrets: SecretStore,
            dispatcher: CoroutineDispatcher,
        ): Kokoni =
            made(dispatcher) {
                val core = translated { FfiKokoni.open(config.toRust(), RustSecretStore(secrets)) }
                RustKokoni(core, dispatcher)
            }
    }
}

/** One collector's changes: what it has not been told yet, merged. */
private class Changes : Observer {
    private val untold = EnumSet.allOf(Topic::class.java)
    private val wake = Channel<Unit>(Channel.CONFLATED).apply { trySend(Unit) }

    override fun changed(topic: FfiTopic) {
        synchronized(untold) { untold.add(topic.toKotlin()) }
        wake.trySend(Unit)
    }

    suspend fun collect(tell: suspend (Set<Topic>) -> Unit) {
        for (signal in wake) {
            val topics = synchronized(untold) { EnumSet.copyOf(untold).also { untold.clear() } }
            if (topics.isNotEmpty()) tell(topics)
        }
    }

    fun end() {
        wake.close()
    }
}

private class RustSyncKeeper(
    private val core: FfiSyncKeeper,
) : SyncKeeper {
    private val lock = Any()
    private var closed = false

    override fun tryNow() {
        synchronized(lock) {
            if (closed) throw closedException()
            core.tryNow()
        }
    }

    override fun close() {
        synchronized(lock) {
            if (closed) return
            closed = true
        }
        core.use { it.stop() }
    }
}

/** A call that belongs to no object. */
internal inline fun <T> translated(call: () -> T): T =
    try {
        call()
    } catch (error: FfiException) {
        throw error.toKokoniException()
    }

internal fun rustEraseAll(
    folder: Path,
    secrets: SecretStore,
): Unit = translated { dev.kokoni.core.ffi.eraseAll(folder.toString(), RustSecretStore(secrets)) }

internal fun rustSetLogSink(
    sink: LogSink?,
    level: LogLevel,
): Unit = dev.kokoni.core.ffi.setLogSink(sink?.let(::RustLogSink), level.toRust())

internal fun rustCoreVersion(): String = dev.kokoni.core.ffi.coreVersion()

internal fun hintText(
    hint: Hint,
    language: Language,
): String = dev.kokoni.core.ffi.hintText(hint.toRust(), language.toRust())
