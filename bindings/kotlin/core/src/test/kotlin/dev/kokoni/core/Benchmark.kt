// What the way through Kotlin costs, against the same calls timed inside Rust, in one process and
// in turns, so that a busy machine slows both. Started by `cargo xtask bench kotlin`.

package dev.kokoni.core

import dev.kokoni.core.ffi.testingLabelFrame
import dev.kokoni.core.ffi.testingReadNanos
import dev.kokoni.core.ffi.testingScanNanos
import dev.kokoni.core.fake.MemorySecretStore
import kotlinx.coroutines.runBlocking
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

/** A full HD frame with one label, read again and again by two readers of the same settings. */
private fun frames() {
    val (width, height) = 1920 to 1080
    val label = LabelId("0123456789ABCDEF")
    val bytes = testingLabelFrame(TestServer.HOST, label.text, width, height, width, 1)
    val luma = ByteBuffer.allocateDirect(bytes.size).also { it.duplicate().put(bytes) }
    val config = ReaderConfig(host = TestServer.HOST)
    FrameReader.create(config).use { ours ->
        RustFrameReader.create(config).use { theirs ->
            compare("frame of 1920 x 1080", bound = "1.03", rounds = 400, warmUp = 100) {
                inTurns(
                    kotlin = { measureNanoTime { ours.read(luma, width, height) } },
                    rust = { testingReadNanos((theirs as RustFrameReader).core, luma, width, height, 1u).single().toLong() },
                )
            }
        }
    }
}

/** Scans that each save: from seat to seat, in turns. */
private suspend fun scans() =
    TestServer.start().use { server ->
        TestPhone().use { phone ->
            val kokoni = phone.enrolAt(server)
            val seats = phone.labels("seat").iterator()
            var saved = true
            compare("scan, saved", bound = "1.20", rounds = 150, warmUp = 20) {
                inTurns(
                    kotlin = { measureNanoTime { saved = saved && kokoni.scan(seats.next(), Via.CAMERA).record != null } },
                    rust = { testingScanNanos(kokoni.core, listOf(seats.next().text)).single().toLong() },
                )
            }
            check(saved) { "a scan saved nothing: the figures are worth nothing" }
        }
    }

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
    val pairs = List(rounds) { round() }
    val kotlin = pairs.map { it.first }.median()
    val rust = pairs.map { it.second }.median()
    val ratio = "%.3f".format(kotlin.toDouble() / rust)
    println("$what, median of $rounds:  Kotlin ${millis(kotlin)}, Rust ${millis(rust)}, ratio $ratio (wanted: at most $bound)")
}

private fun List<Long>.median(): Long = sorted()[size / 2]

private fun millis(nanos: Long) = "%.3f ms".format(nanos / 1e6)
