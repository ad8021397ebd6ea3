// What the verbs of the conformance scripts do.

package dev.kokoni.core

import dev.kokoni.core.ffi.Observer
import dev.kokoni.core.ffi.ObserverHandle
import dev.kokoni.core.ffi.testingCancelledCalls
import dev.kokoni.core.ffi.testingClock
import dev.kokoni.core.ffi.testingLabelFrame
import dev.kokoni.core.ffi.testingPanic
import dev.kokoni.core.fake.MemorySecretStore
import kotlinx.coroutines.CancellationException
import kotlinx.coroutines.CoroutineStart
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.cancelAndJoin
import kotlinx.coroutines.coroutineScope
import kotlinx.coroutines.delay
import kotlinx.coroutines.launch
import kotlinx.coroutines.runBlocking
import kotlinx.serialization.json.Json
import kotlinx.serialization.json.JsonObject
import kotlinx.serialization.json.JsonPrimitive
import kotlinx.serialization.json.jsonObject
import java.nio.ByteBuffer
import java.nio.file.Files
import java.nio.file.Path
import java.time.Duration
import java.util.concurrent.ConcurrentHashMap
import java.util.concurrent.Executors
import java.util.concurrent.atomic.AtomicInteger
import kotlin.concurrent.thread
import kotlin.test.assertEquals
import kotlin.test.assertTrue
import dev.kokoni.core.ffi.TestingServer as SilentServer
import dev.kokoni.core.ffi.Topic as FfiTopic

/** The phones of one script, on the server of all. */
internal class ConformanceVerbs(
    private val server: TestServer,
) : AutoCloseable {
    private val phones = HashMap<String, ConformancePhone>()
    private val observers = HashMap<String, CountingObserver>()

    suspend fun perform(step: Step): Outcome =
        when (step.verb) {
            "open" -> done { phone(step).open() }
            "close" -> done { phone(step).close() }
            "shut_down" -> done { kokoni(step).close() }
            "enrolment" -> enrolment(kokoni(step).enrolment())
            "enrol" -> enrolment(kokoni(step).enrol(server.invite().link, LIMIT))
            "enrol_with" -> enrolment(kokoni(step).enrol(step.text("link"), LIMIT))
            "enrol_typed" -> enrolTyped(step)
            "sync" -> kokoni(step).sync(LIMIT).outcome()
            "wipe" -> done { kokoni(step).signOutAndWipe(LIMIT) }
            "labels" -> Outcome(keep = testingLabels(kokoni(step), step.text("kind"))[step.int("index")].text)
            "preview" -> card(kokoni(step).preview(label(step)))
            "scan" -> card(kokoni(step).scan(label(step), via(step)))
            "confirm" -> card(kokoni(step).confirm(label(step), choice(step.text("meaning")), via(step)))
            "undo" -> card(kokoni(step).undo(record(step)))
            "resend" -> card(kokoni(step).resend(record(step)))
            "dismiss" -> done { kokoni(step).dismiss(record(step)) }
            "foreign" -> card(kokoni(step).foreignCard(step.text("text")))
            "route" -> route(kokoni(step).routeLink(step.text("link")))
            "today" -> kokoni(step).today().outcome()
            "chip" -> kokoni(step).chip().outcome()
            "status" -> kokoni(step).status().outcome()
            "waiting" -> Outcome(mapOf("count" to kokoni(step).waiting().size))
            "rejected" -> rejected(kokoni(step).rejected())
            "stop_server" -> done { server.stop() }
            "start_server" -> done { server.start() }
            "forward" -> done { testingClock(kokoni(step).core, Duration.ofSeconds(step.int("seconds").toLong())) }
            "spoil" -> done { phone(step).secrets.spoil(step.texts("tokens")) }
            "secrets" -> done { phone(step).secrets.throwing = step.text("throw").toBoolean() }
            "secret_count" -> Outcome(mapOf("count" to phone(step).secrets.count))
            "frame" -> frame(step)
            "observe" -> done { observe(step) }
            "heard" -> done { observers.getValue(step.text("observer")).heard(step.int("at_least")) }
            "parallel" -> done { parallel(step) }
            "cancel_in_the_middle" -> cancelInTheMiddle(step)
            "deadline_in_the_middle" -> deadlineInTheMiddle(step)
            "drop_elsewhere" -> done { dropElsewhere(step) }
            "panic" -> done { translated { testingPanic() } }
            "cycles" -> done { cycles(step) }
            else -> error("no verb ${step.verb}")
        }

    override fun close() {
        server.start()
        phones.values.forEach { it.remove() }
    }

    private fun phone(step: Step): ConformancePhone = phones.getOrPut(step.text("phone")) { ConformancePhone() }

    private fun kokoni(step: Step): Kokoni = checkNotNull(phone(step).kokoni) { "the phone is not open" }

    private fun label(step: Step) = LabelId(step.text("label"))

    private fun record(step: Step) = RecordId(step.text("record"))

    private fun via(step: Step): Via = choice(step.text("via"))

    private inline fun <reified T : Enum<T>> choice(name: String): T = enumValues<T>().first { rustName(it) == name }

    private inline fun done(action: () -> Unit): Outcome {
        action()
        return Outcome()
    }

    private fun enrolment(enrolment: Enrolment?) =
        Outcome(mapOf("enrolled" to (enrolment != null), "label_host" to enrolment?.labelHost))

    private suspend fun enrolTyped(step: Step): Outcome {
        val code = step.optionalText("code") ?: server.invite().typed
        val enrolment = kokoni(step).enrolTyped(server.address, code, LIMIT)
        return Outcome(mapOf("enrolled" to true, "label_host" to enrolment.labelHost), keep = code)
    }

    private fun card(card: ScanCard) =
        Outcome(
            mapOf("tone" to card.tone, "meaning" to card.meaning, "title" to card.title, "saved" to (card.record != null)),
            keep = card.record?.text,
        )

    private fun route(route: Route) = Outcome(mapOf("route" to route::class.simpleName, "label" to (route as? Route.Label)?.label?.text))

    private fun SyncOutcome.outcome() =
        Outcome(
            mapOf("end" to end, "sent" to sent, "applied" to applied, "rejected" to rejected, "waiting" to waiting, "text" to text),
        )

    private fun Today.outcome() =
        Outcome(mapOf("whereabouts" to whereabouts, "headline" to headline, "waiting" to waiting.size, "rejected" to rejected.size))

    private fun Chip.outcome() = Outcome(mapOf("waiting" to waiting, "rejected" to rejected, "tone" to tone, "text" to text))

    private fun SyncStatus.outcome() =
        Outcome(
            mapOf(
                "waiting" to waiting,
                "rejected" to rejected,
                "text" to text,
                "needs_enrolment" to needsEnrolment,
                "needs_update" to needsUpdate,
            ),
        )

    private fun rejected(lines: List<RejectedRecord>): Outcome {
        val first = lines.firstOrNull()
        return Outcome(
            mapOf("count" to lines.size, "why" to first?.why, "advice" to first?.advice, "can_resend" to first?.canResend),
            keep = first?.record?.text,
        )
    }

    private fun frame(step: Step): Outcome {
        val host = step.text("host")
        val numbers = FRAME_NUMBERS.map(step::int)
        val drawn = step.optionalText("drawn_host") ?: host
        val bytes = testingLabelFrame(drawn, step.text("label"), numbers[0], numbers[1], numbers[2], numbers[3])
        val luma = ByteBuffer.allocateDirect(bytes.size - (step.optionalInt("cut") ?: 0))
        luma.duplicate().put(bytes, 0, luma.capacity())
        val said = FRAME_NUMBERS.mapIndexed { index, name -> step.inside("say")?.optionalInt(name) ?: numbers[index] }
        FrameReader.create(ReaderConfig(host = host, budget = Duration.ofMillis(33))).use { reader ->
            // Both ways say the same, errors too; the second one is in another session.
            val news = runCatching { reader.readNews(luma, said[0], said[1], said[2], said[3]) }
            reader.reset()
            val reading =
                try {
                    reader.read(luma, said[0], said[1], said[2], said[3])
                } catch (error: KokoniException.Input) {
                    assertEquals(error.problem, (news.exceptionOrNull() as? KokoniException.Input)?.problem)
                    throw error
                }
            assertEquals(reading, news.getOrThrow())
            return Outcome(mapOf("news" to reading.news?.text, "foreign" to reading.foreign))
        }
    }

    private fun observe(step: Step) {
        val kokoni = kokoni(step)
        val observer =
            when (val kind = step.text("observer")) {
                "throws" -> CountingObserver { error("on purpose") }
                "slow" -> CountingObserver { Thread.sleep(300) }
                "reenters" -> CountingObserver { runBlocking { kokoni.status() to kokoni.chip() } }
                "counts" -> CountingObserver {}
                else -> error("no observer $kind")
            }
        observers[step.text("observer")] = observer
        phone(step).observing += kokoni.core.observe(observer)
    }

    /** The first call is a scan that ends before the rest begins. */
    private suspend fun parallel(step: Step) {
        val kokoni = kokoni(step)
        val label = label(step)
        suspend fun call(number: Int): Any =
            when (number % 4) {
                0 -> kokoni.scan(label, Via.CAMERA)
                1 -> kokoni.today()
                2 -> kokoni.preview(label)
                else -> kokoni.chip()
            }
        call(0)
        val pool = Executors.newFixedThreadPool(step.int("threads"))
        try {
            val calls = (1 until step.int("calls")).map { number -> pool.submit { runBlocking { call(number) } } }
            calls.forEach { it.get() }
        } finally {
            pool.shutdown()
        }
    }

    private suspend fun cancelInTheMiddle(step: Step): Outcome =
        SilentServer.silent().use { silent ->
            val before = testingCancelledCalls()
            var ended: CancellationException? = null
            coroutineScope {
                val call =
                    launch(Dispatchers.IO) {
                        try {
                            kokoni(step).enrolTyped(silent.address(), TYPED, LIMIT)
                        } catch (error: CancellationException) {
                            ended = error
                            throw error
                        }
                    }
                eventually { silent.connections() >= 1u }
                call.cancelAndJoin()
            }
            assertEquals(step.text("counted").toULong(), testingCancelledCalls() - before)
            throw checkNotNull(ended) { "the call did not end by being cancelled" }
        }

    private suspend fun deadlineInTheMiddle(step: Step): Outcome =
        SilentServer.silent().use { silent ->
            done { kokoni(step).enrolTyped(silent.address(), TYPED, Duration.ofMillis(step.int("deadline_ms").toLong())) }
        }

    private suspend fun dropElsewhere(step: Step) {
        val kokoni = kokoni(step)
        val keeper = kokoni.keepSynced()
        val reader = kokoni.frameReader(FrameReader.USUAL_BUDGET)
        val failures = ConcurrentHashMap.newKeySet<Throwable>()
        coroutineScope {
            launch(start = CoroutineStart.UNDISPATCHED) { kokoni.changes.collect {} }
            val callers = List(4) { thread { runBlocking { repeat(50) { failures += unexpected { kokoni.chip() } } } } }
            thread { listOf(keeper, reader, kokoni).forEach(AutoCloseable::close) }.join()
            callers.forEach(Thread::join)
        }
        assertEquals(emptySet(), failures as Set<Throwable>)
        phone(step).close()
    }

    private suspend fun unexpected(call: suspend () -> Unit): Set<Throwable> {
        val error = runCatching { call() }.exceptionOrNull()
        return setOfNotNull(error.takeUnless { it is KokoniException.Closed })
    }

    private suspend fun cycles(step: Step) {
        val phone = ConformancePhone()
        suspend fun cycles(count: Int) =
            repeat(count) {
                phone.open()
                phone.kokoni?.status()
                phone.close()
            }
        cycles(step.int("warm_up"))
        val files = openFiles(ANYWHERE).size
        val before = residentKilobytes()
        cycles(System.getenv("KOKONI_CYCLES")?.toInt() ?: step.int("count"))
        val grown = residentKilobytes() - before
        assertTrue(grown <= step.int("growth_kb"), "grew by $grown kB")
        assertTrue(openFiles(ANYWHERE).size <= files + 2, "files stay open")
        assertEquals(emptyList(), openFiles(phone.folder))
        phone.remove()
    }

    private companion object {
        val LIMIT: Duration = Duration.ofSeconds(30)
        val FRAME_NUMBERS = listOf("width", "height", "row_stride", "pixel_stride")
        val ANYWHERE: Path = Path.of("/")
        const val TYPED = "ABCDE12345"
    }
}

/** A data folder and secrets that live through close and open. */
internal class ConformancePhone {
    val folder: Path = Files.createTempDirectory("kokoni-conformance")
    val secrets = ScriptedSecretStore()
    val observing = ArrayList<ObserverHandle>()
    var kokoni: Kokoni? = null
        private set

    suspend fun open() {
        val config =
            KokoniConfig(folder.resolve("data"), appVersion = "conformance", deviceName = "conformance", platform = Platform.OTHER)
        kokoni = Kokoni.open(config, secrets)
    }

    fun close() {
        kokoni?.close()
        kokoni = null
        observing.forEach(ObserverHandle::close)
        observing.clear()
    }

    fun remove() {
        close()
        folder.toFile().deleteRecursively()
    }
}

internal class ScriptedSecretStore : SecretStore {
    private val secrets = MemorySecretStore()
    private val names = ConcurrentHashMap.newKeySet<String>()

    @Volatile
    var throwing = false

    val count: Int get() = names.size

    override fun load(name: String): ByteArray? {
        check(!throwing) { "on purpose" }
        return secrets.load(name)
    }

    override fun store(
        name: String,
        value: ByteArray,
    ) {
        check(!throwing) { "on purpose" }
        secrets.store(name, value)
        names += name
    }

    override fun erase(name: String) {
        check(!throwing) { "on purpose" }
        secrets.erase(name)
        names -= name
    }

    fun spoil(tokens: List<String>) {
        val enrolment = Json.parseToJsonElement(checkNotNull(secrets.load("enrolment")).decodeToString()).jsonObject
        val spoilt = tokens.associateWith { JsonPrimitive("spoilt") }
        val changed = JsonObject(enrolment.getValue("tokens").jsonObject + spoilt)
        secrets.store("enrolment", JsonObject(enrolment + ("tokens" to changed)).toString().encodeToByteArray())
    }
}

private class CountingObserver(
    private val behave: () -> Unit,
) : Observer {
    private val calls = AtomicInteger()

    override fun changed(topic: FfiTopic) {
        calls.incrementAndGet()
        behave()
    }

    suspend fun heard(atLeast: Int) = eventually { calls.get() >= atLeast }
}

/** Waits, with more patience than any machine should need. */
internal suspend fun eventually(holds: () -> Boolean) {
    val patience = System.nanoTime() + TestPhone.PATIENT.toNanos()
    while (!holds()) {
        check(System.nanoTime() < patience) { "waited in vain" }
        delay(10)
    }
}

/** What this process holds in memory, after a collection of garbage. */
internal fun residentKilobytes(): Int {
    System.gc()
    val status = Files.readAllLines(Path.of("/proc/self/status"))
    return status.first { it.startsWith("VmRSS:") }.filter(Char::isDigit).toInt()
}

/** What this process has open below a folder. */
internal fun openFiles(below: Path): List<String> =
    Files.list(Path.of("/proc/self/fd")).use { descriptors ->
        descriptors
            .toList()
            .mapNotNull { runCatching { Files.readSymbolicLink(it).toString() }.getOrNull() }
            .filter { it.startsWith("$below") }
    }
