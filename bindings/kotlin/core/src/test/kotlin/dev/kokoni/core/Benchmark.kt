// What the way through Kotlin costs, against the same calls timed inside Rust, in one process and
// in turns, so that a busy machine slows both. Started by `cargo xtask bench kotlin`.

package dev.kokoni.core

import dev.kokoni.core.ffi.testingLabelFrame
import dev.kokoni.core.ffi.testingLookNanos
import dev.kokoni.core.ffi.testingReadNanos
import dev.kokoni.core.ffi.testingScanNanos
import dev.kokoni.core.fake.MemorySecretStore
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.runBlocking
import kotlinx.coroutines.withContext
import java.nio.ByteBuffer
import java.nio.file.Files
import kotlin.system.measureNanoTime

fun main() {
    println("cold: load the library             ${millis(measureNanoTime { check(Kokoni.coreVersion.isNotEmpty()) })}")
    val folder = Files.createTempDirectory("kokoni-benchmark")
    runBlocking {
        val secrets = MemorySecretStore()
        val config = KokoniConfig(folder.resolve("data"), appVersion = "benchmark", deviceName = "benchmark")
        println("cold: open a new database          ${millis(measureNanoTime { Kokoni.open(config, secrets).close() })}")
        println("cold: open it again                ${millis(measureNanoTime { Kokoni.open(config, secrets).close() })}")
        frames()
        scans()
    }
    folder.toFile().deleteRecursively()
}

/** A full HD frame with one label, seen again and again by two readers of the same settings. */
private fun frames() {
    val (width, height) = 1920 to 1080
    val label = LabelId("0123456789ABCDEF")
    val bytes = testingLabelFrame(TestServer.HOST, label.text, width, height, width, 1)
    val luma = ByteBuffer.allocateDirect(bytes.size).also { it.duplicate().put(bytes) }
    val config = ReaderConfig(host = TestServer.HOST)
    FrameReader.create(config).use { ours ->
        RustFrameReader.create(config).use { theirs ->
            val core = (theirs as RustFrameReader).core
            compare("frame of 1920 x 1080, news of it", bound = "1.03", rounds = 400, warmUp = 2_000) {
                inTurns(
                    kotlin = { measureNanoTime { ours.readNews(luma, width, height) } },
                    rust = { testingLookNanos(core, luma, width, height, 1u).single().toLong() },
                )
            }
            compare("frame of 1920 x 1080, whole reading", bound = "1.03", rounds = 400, warmUp = 2_000) {
                inTurns(
                    kotlin = { measureNanoTime { ours.read(luma, width, height) } },
                    rust = { testingReadNanos(core, luma, width, height, 1u).single().toLong() },
                )
            }
        }
    }
}

/**
 * Scans that each save: from seat to seat, in turns, by phones that have saved little so far, as on
 * any morning. First from a thread that may wait, as the call in Rust is made; then from one that may
 * not, so that each scan goes to another thread and back.
 */
private suspend fun scans() =
    TestServer.start().use { server ->
        // What saves nothing goes the same way.
        TestPhone().use { phone ->
            val kokoni = phone.enrolAt(server)
            val seats = phone.labels("seat")
            withContext(Dispatchers.IO) { repeat(10_000) { kokoni.preview(seats[it % seats.size]) } }
            repeat(10_000) { kokoni.preview(seats[it % seats.size]) }
        }
        withContext(Dispatchers.IO) { scans("scan, saved", "1.20", server) }
        scans("scan, saved on another thread", "1.20 and two changes of threads", server)
    }

private suspend fun scans(
    what: String,
    bound: String,
    server: TestServer,
) {
    val pairs =
        List(PHONES) {
            TestPhone().use { phone ->
                val kokoni = phone.enrolAt(server)
                val core = (kokoni as RustKokoni).core
                val seats = phone.labels("seat").iterator()
                List(SCANS_OF_A_PHONE) {
                    inTurns(
                        kotlin = { measureNanoTime { check(kokoni.scan(seats.next(), Via.CAMERA).record != null) } },
                        rust = { testingScanNanos(core, listOf(seats.next().text)).single().toLong() },
                    )
                }
            }
        }
    tell(what, bound, pairs.flatten())
}

private const val PHONES = 20
private const val SCANS_OF_A_PHONE = 10

private var kotlinFirst = false

/** Both once; who goes first, and finds the caches cold, changes from time to time. */
private inline fun inTurns(
    kotlin: () -> Long,
    rust: () -> Long,
): Pair<Long, Long> {
    kotlinFirst = !kotlinFirst
    if (kotlinFirst) return kotlin().let { it to rust() }
    return rust().let { kotlin() to it }
}

private inline fun compare(
    what: String,
    bound: String,
    rounds: Int,
    warmUp: Int,
    round: () -> Pair<Long, Long>,
) {
    repeat(warmUp) { round() }
    tell(what, bound, List(rounds) { round() })
}

private fun tell(
    what: String,
    bound: String,
    pairs: List<Pair<Long, Long>>,
) {
    val kotlin = pairs.map { it.first }.median()
    val rust = pairs.map { it.second }.median()
    val ratio = "%.3f".format(kotlin.toDouble() / rust)
    println("$what, median of ${pairs.size}:  Kotlin ${millis(kotlin)}, Rust ${millis(rust)}, ratio $ratio (wanted: at most $bound)")
}

private fun List<Long>.median(): Long = sorted()[size / 2]

private fun millis(nanos: Long) = "%.3f ms".format(nanos / 1e6)
