// The fake behaves as previews and the tests of an app need it to.

package dev.kokoni.core

import dev.kokoni.core.fake.FakeKokoni
import dev.kokoni.core.fake.FakeOffice
import dev.kokoni.core.fake.MemorySecretStore
import kotlinx.coroutines.test.runTest
import java.time.Clock
import java.time.Duration
import java.time.Instant
import java.time.ZoneId
import kotlin.test.Test
import kotlin.test.assertEquals
import kotlin.test.assertFailsWith
import kotlin.test.assertNotNull
import kotlin.test.assertNull
import kotlin.test.assertTrue

class FakeKokoniTest {
    private val clock = MovableClock()
    private val office = FakeOffice.example()
    private val kokoni = FakeKokoni(office, clock = clock)

    @Test
    fun `one tap less_ a free seat is taken at once`() =
        runTest {
            val card = kokoni.scan(FakeOffice.SEAT, Via.CAMERA)
            assertEquals("3階 A-12 に着席しました", card.title)
            assertNotNull(card.record)
            assertNull(card.confirm)
            assertEquals(Whereabouts.PRESENT, kokoni.today().whereabouts)
            assertEquals("3階 A-12・未送信 1件", kokoni.chip().text)
        }

    @Test
    fun `the own seat again means leaving only after a minute, and with a tap`() =
        runTest {
            kokoni.scan(FakeOffice.SEAT, Via.CAMERA)
            assertNull(kokoni.scan(FakeOffice.SEAT, Via.CAMERA).confirm)
            clock.forward(Duration.ofSeconds(61))
            val card = kokoni.scan(FakeOffice.SEAT, Via.CAMERA)
            assertNotNull(card.confirm)
            assertNull(card.record)
            assertNotNull(kokoni.confirm(FakeOffice.SEAT, ScanMeaning.LEAVE, Via.CAMERA).record)
            assertEquals(Whereabouts.AWAY, kokoni.today().whereabouts)
        }

    @Test
    fun `a tap on what has changed meanwhile saves nothing`() =
        runTest {
            val card = kokoni.confirm(FakeOffice.SEAT, ScanMeaning.LEAVE, Via.CAMERA)
            assertEquals(ScanMeaning.SIT, card.meaning)
            assertNull(card.record)
            assertTrue(kokoni.waiting().isEmpty())
        }

    @Test
    fun `what another person has cannot be borrowed, and the card says who has it`() =
        runTest {
            office.lendToAnother(FakeOffice.ITEM, "見本 太郎")
            val card = kokoni.scan(FakeOffice.ITEM, Via.CAMERA)
            assertEquals(Tone.REFUSAL, card.tone)
            assertTrue("見本 太郎" in card.title)
            assertTrue(
                kokoni
                    .scan(FakeOffice.LOCKER, Via.CAMERA)
                    .items
                    .single()
                    .lent,
            )
        }

    @Test
    fun `offline the queue grows, and the next sync sends it`() =
        runTest {
            kokoni.online = false
            kokoni.scan(FakeOffice.HOME, Via.CAMERA)
            assertEquals(SyncEnd.OFFLINE, kokoni.sync().end)
            assertEquals(1, kokoni.waiting().size)
            kokoni.online = true
            assertEquals(SyncOutcome(SyncEnd.DONE, sent = 1, applied = 1, text = "送信済み"), kokoni.sync())
            assertTrue(kokoni.waiting().isEmpty())
        }

    @Test
    fun `a refused record stays in sight until it is dismissed or sent anew`() =
        runTest {
            kokoni.scan(FakeOffice.ITEM, Via.CAMERA)
            kokoni.refuseNext(Words("貸出中です", "It is lent"))
            assertEquals(1, kokoni.sync().rejected)
            val refused = kokoni.rejected().single()
            assertEquals("貸出中です", refused.why)
            kokoni.resend(refused.record)
            assertTrue(kokoni.rejected().isEmpty())
            assertEquals(1, kokoni.sync().applied)
            assertEquals(1, kokoni.myLoans().size)
        }

    @Test
    fun `undo within the grace takes a scan back`() =
        runTest {
            val first = assertNotNull(kokoni.scan(FakeOffice.SEAT, Via.CAMERA).record)
            kokoni.undo(first)
            assertEquals(Whereabouts.NO_RECORD, kokoni.today().whereabouts)
            val second = assertNotNull(kokoni.scan(FakeOffice.SEAT, Via.CAMERA).record)
            clock.forward(Duration.ofSeconds(60))
            assertEquals(Tone.REFUSAL, kokoni.undo(second).tone)
            assertEquals(Whereabouts.PRESENT, kokoni.today().whereabouts)
        }

    @Test
    fun `it fails as it is told to, once`() =
        runTest {
            kokoni.failNext(KokoniException.StorageFull(Words("空き容量がありません", "The disk is full")))
            assertFailsWith<KokoniException.StorageFull> { kokoni.scan(FakeOffice.SEAT, Via.CAMERA) }
            kokoni.scan(FakeOffice.SEAT, Via.CAMERA)
        }

    @Test
    fun `a new phone is nobody's until it is enrolled`() =
        runTest {
            val fresh = FakeKokoni(office, enrolled = null)
            assertFailsWith<KokoniException.NotEnrolled> { fresh.today() }
            assertFailsWith<KokoniException.CodeNotValid> { fresh.enrol("https://kokoni.example/") }
            fresh.enrol("https://kokoni.example/enrol#CODE")
            assertEquals(Whereabouts.NO_RECORD, fresh.today().whereabouts)
            fresh.signOutAndWipe()
            assertNull(fresh.enrolment())
        }

    @Test
    fun `its camera shows what it is told to`() =
        runTest {
            kokoni.frameReader().use { reader ->
                kokoni.readers.single().show(FakeOffice.SEAT)
                val nothing = java.nio.ByteBuffer.allocate(0)
                assertEquals(FakeOffice.SEAT, reader.read(nothing, 0, 0).news)
                assertNull(reader.read(nothing, 0, 0).news)
            }
        }

    @Test
    fun `closed it refuses everything, as the real one does`() =
        runTest {
            kokoni.close()
            kokoni.close()
            assertFailsWith<KokoniException.Closed> { kokoni.today() }
        }

    @Test
    fun `secrets in memory are copies`() {
        val secrets = MemorySecretStore()
        val value = byteArrayOf(1, 2, 3)
        secrets.store("key", value)
        value[0] = 9
        assertEquals(1, assertNotNull(secrets.load("key"))[0])
        secrets.erase("key")
        assertNull(secrets.load("key"))
    }

    @Test
    fun `the fake never loads the native library`() {
        val java = "${System.getProperty("java.home")}/bin/java"
        val program = listOf(java, "-Xlog:class+load", "-cp", System.getProperty("java.class.path"), "dev.kokoni.core.FakeOnlyKt")
        val process = ProcessBuilder(program).redirectErrorStream(true).start()
        val said = process.inputReader().readLines()
        assertEquals(0, process.waitFor(), said.takeLast(20).joinToString("\n"))
        assertTrue(said.any { "dev.kokoni.core.fake.FakeKokoni " in it })
        assertEquals(emptyList(), said.filter { " dev.kokoni.core.ffi." in it || " com.sun.jna." in it })
    }
}

/** A clock that stands still until it is moved. */
class MovableClock : Clock() {
    private var now: Instant = Instant.parse("2026-11-24T00:05:00Z")

    fun forward(by: Duration) {
        now += by
    }

    override fun instant(): Instant = now

    override fun getZone(): ZoneId = ZoneId.of("UTC")

    override fun withZone(zone: ZoneId): Clock = this
}
