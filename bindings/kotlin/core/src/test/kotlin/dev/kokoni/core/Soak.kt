// Many calls from eight threads, then many cycles of opening and closing: memory stays flat, nothing
// stays open, and what was saved is there. Started by `cargo xtask bindings soak`.

package dev.kokoni.core

import dev.kokoni.core.ffi.testingLabelFrame
import dev.kokoni.core.ffi.testingObjectsAlive
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.flow.first
import kotlinx.coroutines.runBlocking
import java.nio.ByteBuffer
import java.nio.file.Path
import java.time.Duration
import java.util.concurrent.ConcurrentLinkedQueue
import java.util.concurrent.atomic.AtomicInteger
import kotlin.concurrent.thread

/** What a process may have more at the end than half way: what the allocators keep, no leak. */
private const val FLAT_KILOBYTES = 4096
private const val THREADS = 8

/** A day holds what a person scanned in it: with thousands of scans it would rightly take more room. */
private const val SCAN_EVERY = 400

fun main() {
    val server = TestServer.start()
    server.use {
        TestPhone().use { phone ->
            calls(phone, runBlocking { phone.enrolAt(server) }, number("kokoni.calls"))
        }
    }
    TestPhone().use { cycles(it, number("kokoni.cycles")) }
}

/** The calls of a shell, in turns, each on the thread that makes it. */
private fun calls(
    phone: TestPhone,
    enrolled: Kokoni,
    count: Int,
) {
    val seats = phone.labels("seat")
    enrolled.close()
    val kokoni = runBlocking { Kokoni.open(phone.config(), phone.secrets, Dispatchers.Unconfined) }
    val bytes = testingLabelFrame(TestServer.HOST, seats.first().text, 320, 240, 320, 1)
    val luma = ByteBuffer.allocateDirect(bytes.size).also { it.duplicate().put(bytes) }
    val saved = AtomicInteger()

    suspend fun scan(number: Int) {
        if (kokoni.scan(seats[number / SCAN_EVERY % seats.size], Via.CAMERA).record != null) saved.incrementAndGet()
    }

    suspend fun call(number: Int) {
        when (number % 20) {
            0 -> if (number % SCAN_EVERY == 0) scan(number) else kokoni.preview(seats[number / 20 % seats.size])
            1 -> kokoni.changes.first()
            2 -> kokoni.frameReader().use { it.read(luma, 320, 240) }
            3 -> kokoni.people("山")
            4 -> kokoni.today()
            5 -> kokoni.reminders()
            6 -> kokoni.preview(seats[number % seats.size])
            7 -> runCatching { kokoni.undo(RecordId("nobody")) }
            8 -> runCatching { kokoni.sync(Duration.ZERO) }
            9 -> kokoni.floors()
            10 -> kokoni.diagnostics()
            11, 12 -> kokoni.chip()
            13, 14 -> kokoni.status()
            else -> kokoni.typedCode("0123")
        }
    }
    val alive = testingObjectsAlive()
    val failures = ConcurrentLinkedQueue<Throwable>()
    val next = AtomicInteger()

    fun upTo(end: Int) {
        val threads =
            List(THREADS) {
                thread {
                    runCatching {
                        while (true) {
                            val number = next.getAndIncrement()
                            if (number >= end) break
                            runBlocking { call(number) }
                        }
                    }.onFailure(failures::add)
                }
            }
        threads.forEach(Thread::join)
        next.set(end)
        check(failures.isEmpty()) { "a call failed: ${failures.first().stackTraceToString()}" }
        println("${"%7d".format(end)} calls, ${saved.get()} saved: ${residentKilobytes()} kB resident")
    }
    (1..4).forEach { upTo(count * it / 8) }
    val before = residentKilobytes()
    (5..8).forEach { upTo(count * it / 8) }
    flat("$count calls from $THREADS threads", before)
    check(testingObjectsAlive() <= alive) { "${testingObjectsAlive() - alive} objects are left" }
    runBlocking { check(kokoni.waiting().size == saved.get()) { "${saved.get()} were saved, ${kokoni.waiting().size} wait" } }
    kokoni.close()
}

private fun cycles(
    phone: TestPhone,
    count: Int,
) {
    fun cycle(times: Int) =
        runBlocking {
            repeat(times) {
                Kokoni.open(phone.config(), phone.secrets).use { kokoni ->
                    kokoni.status()
                    kokoni.changes.first()
                    kokoni.frameReader().close()
                }
            }
            println("${"%7d".format(times)} cycles: ${residentKilobytes()} kB resident")
        }
    repeat(4) { cycle(count / 8) }
    val (before, files, alive) = Triple(residentKilobytes(), openFiles(Path.of("/")).size, testingObjectsAlive())
    repeat(4) { cycle(count / 8) }
    flat("$count cycles of opening and closing", before)
    check(openFiles(Path.of("/")).size <= files) { "files stay open" }
    check(testingObjectsAlive() <= alive) { "${testingObjectsAlive() - alive} objects are left" }
}

private fun flat(
    what: String,
    before: Int,
) {
    val grown = residentKilobytes() - before
    println("$what: $grown kB more in the second half (at most $FLAT_KILOBYTES)")
    check(grown <= FLAT_KILOBYTES) { "memory grows" }
}

private fun number(property: String): Int = checkNotNull(System.getProperty(property)) { "-D$property is missing" }.toInt()
