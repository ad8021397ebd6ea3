// What the shell's way of a frame costs, from the camera's buffer to the reading, against the same
// frames timed inside the core, in one process and in turns. Started by `cargo xtask bench android`.

package dev.kokoni.app.camera

import com.sun.management.ThreadMXBean
import dev.kokoni.app.TestServer
import dev.kokoni.core.FrameReader
import dev.kokoni.core.Kokoni
import dev.kokoni.core.KokoniConfig
import dev.kokoni.core.fake.MemorySecretStore
import dev.kokoni.core.ffi.testingLabelFrame
import dev.kokoni.core.ffi.testingLabels
import dev.kokoni.core.ffi.testingReadNanos
import kotlinx.coroutines.runBlocking
import java.lang.management.ManagementFactory
import java.nio.ByteBuffer
import java.nio.file.Files
import java.nio.file.Path
import kotlin.system.measureNanoTime
import dev.kokoni.core.ffi.FrameReader as FfiFrameReader
import dev.kokoni.core.ffi.Kokoni as FfiKokoni

private const val WIDTH = 1280
private const val HEIGHT = 720
private const val ROUNDS = 400
private const val WARM_UP = 200
private const val DESK: Byte = 120

fun main() {
    val folder = Files.createTempDirectory("kokoni-frame-path")
    try {
        TestServer().use { server ->
            server.start()
            val secrets = MemorySecretStore()
            val link = server.invite().first
            runBlocking {
                Kokoni.open(config(folder), secrets).use {
                    it.enrol(link)
                    it.sync()
                }
            }
            runBlocking { coldStart(folder, secrets) }
        }
    } finally {
        folder.toFile().deleteRecursively()
    }
}

private fun config(folder: Path) = KokoniConfig(folder.resolve("data"), appVersion = "benchmark", deviceName = "benchmark")

/** From nothing open to the first frame taken, as when the app is started; then the steady state. */
private suspend fun coldStart(
    folder: Path,
    secrets: MemorySecretStore,
) {
    val begun = System.nanoTime()
    val kokoni = Kokoni.open(config(folder), secrets)
    val opened = System.nanoTime()
    val reader = kokoni.frameReader()
    val made = System.nanoTime()
    val desk = direct(ByteArray(WIDTH * HEIGHT) { DESK })
    FramePump(reader) { }.frame(desk, WIDTH, HEIGHT, WIDTH, 1)
    val read = System.nanoTime()
    println("cold start to the first frame taken: ${millis(read - begun)} (database ${millis(opened - begun)}, reader ${millis(made - opened)}, frame ${millis(read - made)})")
    kokoni.use { reader.use { steady(kokoni, reader, desk) } }
}

private suspend fun steady(
    kokoni: Kokoni,
    reader: FrameReader,
    desk: ByteBuffer,
) {
    val label = testingLabels(coreOf(kokoni) as FfiKokoni, "seat").first()
    val seat = direct(testingLabelFrame(TestServer.HOST, label, WIDTH, HEIGHT, WIDTH, 1))
    kokoni.frameReader().use { other ->
        times("an empty desk", reader, other, desk)
        times("a label that stays in sight", reader, other, seat)
    }
    var told = 0
    val pump = FramePump(reader) { told += 1 }
    println("allocated for a frame, empty desk:           ${allocated(pump, desk)} bytes (wanted: 0)")
    println("allocated for a frame, label stays in sight: ${allocated(pump, seat)} bytes (wanted: 0)")
}

/** The whole way and the core alone by turns, with two readers of one kind over the same frame. */
private fun times(
    what: String,
    ours: FrameReader,
    theirs: FrameReader,
    luma: ByteBuffer,
) {
    val pump = FramePump(ours) { }
    val core = coreOf(theirs) as FfiFrameReader
    val shell = { measureNanoTime { pump.frame(luma, WIDTH, HEIGHT, WIDTH, 1) } }
    val inside = { testingReadNanos(core, luma, WIDTH, HEIGHT, 1u).single().toLong() }
    repeat(WARM_UP) { shell() to inside() }
    val pairs = List(ROUNDS) { round -> if (round % 2 == 0) shell() to inside() else inside().let { shell() to it } }
    val (whole, alone) = pairs.map { it.first }.median() to pairs.map { it.second }.median()
    println("$what, $WIDTH x $HEIGHT, median of $ROUNDS: shell ${millis(whole)}, core ${millis(alone)}, added ${millis(pairs.map { it.first - it.second }.median())} (wanted: under 1 ms)")
}

private val threads = ManagementFactory.getThreadMXBean() as ThreadMXBean

private fun allocated(
    pump: FramePump,
    luma: ByteBuffer,
): Long {
    repeat(WARM_UP) { pump.frame(luma, WIDTH, HEIGHT, WIDTH, 1) }
    val before = threads.currentThreadAllocatedBytes
    repeat(ROUNDS) { pump.frame(luma, WIDTH, HEIGHT, WIDTH, 1) }
    return (threads.currentThreadAllocatedBytes - before) / ROUNDS
}

/** The generated object below: what tests measure is not the package's to offer. */
private fun coreOf(of: Any): Any = of.javaClass.methods.first { it.name.startsWith("getCore") }.invoke(of)

private fun direct(bytes: ByteArray): ByteBuffer = ByteBuffer.allocateDirect(bytes.size).also { it.duplicate().put(bytes) }

private fun List<Long>.median(): Long = sorted()[size / 2]

private fun millis(nanos: Long) = "%.3f ms".format(nanos / 1e6)
