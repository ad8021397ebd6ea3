// A small app that `cargo xtask test kotlin` shrinks and renames with R8 and the package's own
// rules, as Android's build does with every app, and then runs: each way across the border between
// Kotlin and the native library once, in both directions.

package dev.kokoni.core

import dev.kokoni.core.fake.MemorySecretStore
import dev.kokoni.core.ffi.Observer
import dev.kokoni.core.ffi.testingLabelFrame
import kotlinx.coroutines.flow.first
import kotlinx.coroutines.runBlocking
import java.nio.ByteBuffer
import java.util.concurrent.atomic.AtomicInteger
import dev.kokoni.core.ffi.Topic as FfiTopic

fun main() {
    val lines = AtomicInteger()
    Kokoni.setLogSink(LogSink { _, _, _ -> lines.incrementAndGet() }, LogLevel.DEBUG)
    TestServer.start().use { server ->
        TestPhone(secrets = CountedSecrets).use { phone -> runBlocking { day(phone, server, lines) } }
    }
    check(CountedSecrets.calls.get() > 0) { "the core kept no secret" }
    println("shrunk: everything crossed, ${lines.get()} lines of the log")
}

private suspend fun day(
    phone: TestPhone,
    server: TestServer,
    lines: AtomicInteger,
) {
    val kokoni = phone.enrolAt(server)
    val throws =
        object : Observer {
            override fun changed(topic: FfiTopic): Unit = error("on purpose")
        }
    val handle = kokoni.core.observe(throws)
    val seat = phone.labels("seat").first()
    val bytes = testingLabelFrame(TestServer.HOST, seat.text, 640, 480, 640, 1)
    val luma = ByteBuffer.allocateDirect(bytes.size).also { it.duplicate().put(bytes) }
    val seen = kokoni.frameReader().use { it.read(luma, 640, 480).news }
    check(seen == seat) { "read $seen" }
    val card = kokoni.scan(seat, Via.CAMERA)
    check(card.record != null && kokoni.waiting().size == 1) { "nothing was saved" }
    check(kokoni.changes.first().isNotEmpty()) { "no topic" }
    check(kokoni.sync(TestPhone.PATIENT).end == SyncEnd.DONE && kokoni.waiting().isEmpty()) { "not sent" }
    check(kokoni.today().headline.isNotEmpty() && kokoni.people("山").isNotEmpty()) { "nothing to look at" }
    check(runCatching { kokoni.undo(RecordId("nobody")) }.exceptionOrNull() is KokoniException) { "no error came across" }
    val patience = System.nanoTime() + TestPhone.PATIENT.toNanos()
    while (lines.get() == 0 && System.nanoTime() < patience) Thread.sleep(5)
    check(lines.get() > 0) { "no line of the log, though an observer threw" }
    handle.close()
    kokoni.close()
    check(runCatching { kokoni.status() }.exceptionOrNull() is KokoniException.Closed) { "it is still open" }
}

private object CountedSecrets : SecretStore {
    private val kept = MemorySecretStore()
    val calls = AtomicInteger()

    override fun load(name: String): ByteArray? = kept.load(name)

    override fun store(
        name: String,
        value: ByteArray,
    ) {
        calls.incrementAndGet()
        kept.store(name, value)
    }

    override fun erase(name: String): Unit = kept.erase(name)
}
