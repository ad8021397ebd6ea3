// The real core and a real server: what an app shows follows what happens.

package dev.kokoni.core

import app.cash.turbine.test
import dev.kokoni.core.ffi.testingLabelFrame
import dev.kokoni.core.fake.MemorySecretStore
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.async
import kotlinx.coroutines.awaitAll
import kotlinx.coroutines.runBlocking
import org.junit.jupiter.api.AfterAll
import org.junit.jupiter.api.BeforeAll
import org.junit.jupiter.api.TestInstance
import java.nio.ByteBuffer
import java.nio.file.Files
import kotlin.test.Test
import kotlin.test.assertEquals
import kotlin.test.assertNotNull
import kotlin.test.assertTrue
import kotlin.time.Duration.Companion.seconds

/** All tests are the same person: each scans seats of its own, for the own seat again is no scan. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class ServedKokoniTest {
    private lateinit var server: TestServer

    @BeforeAll
    fun start() {
        server = TestServer.start()
    }

    @AfterAll
    fun stop() = server.close()

    @Test
    fun `the ten lines of the README scan, save and sync`() {
        val label = TestPhone().use { phone -> runBlocking { phone.enrolAt(server) }.let { phone.labels("seat").first() } }
        val frame = testingLabelFrame(TestServer.HOST, label.text, 640, 480, 640, 1)
        val buffer = ByteBuffer.allocateDirect(frame.size).also { it.duplicate().put(frame) }
        val folder = Files.createTempDirectory("kokoni-readme")
        val (card, outcome) = runBlocking { tenLines(folder.resolve("data"), MemorySecretStore(), server.invite().link, buffer) }
        folder.toFile().deleteRecursively()
        assertEquals(label to ScanMeaning.SIT, card.label to card.meaning)
        assertEquals(listOf(SyncEnd.DONE, 1, 0), listOf(outcome.end, outcome.applied, outcome.waiting))
    }

    @Test
    fun `what is watched follows scans and syncs`() =
        enrolled { phone, kokoni ->
            val seat = phone.labels("seat")[1]
            kokoni.watch(Topic.QUEUE, Topic.SYNC) { chip().waiting }.test(timeout = 30.seconds) {
                assertEquals(0, awaitItem())
                assertNotNull(kokoni.scan(seat, Via.CAMERA).record)
                assertEquals(1, awaitItem())
                kokoni.sync(TestPhone.PATIENT)
                assertEquals(0, awaitItem())
                kokoni.close()
                awaitComplete()
            }
        }

    @Test
    fun `200 scans at once are all saved, and all arrive`() =
        enrolled { phone, kokoni ->
            val seats = phone.labels("seat")
            val cards =
                List(200) { number ->
                    async(Dispatchers.IO) { kokoni.scan(seats[number % seats.size], Via.CAMERA) }
                }.awaitAll()
            val saved = cards.mapNotNull { it.record }.toSet()
            assertEquals(saved, kokoni.waiting().map { it.record }.toSet())
            assertTrue(saved.size > 100, "${saved.size} saved")
            val outcome = kokoni.sync(TestPhone.PATIENT)
            assertEquals(listOf(SyncEnd.DONE, saved.size, 0), listOf(outcome.end, outcome.applied, outcome.waiting))
        }

    @Test
    fun `a scan made offline survives a restart and is sent when the network is back`() =
        enrolled { phone, kokoni ->
            val seat = phone.labels("seat").last()
            server.stop()
            try {
                val record = assertNotNull(kokoni.scan(seat, Via.CAMERA).record)
                assertEquals(SyncEnd.OFFLINE, kokoni.sync(TestPhone.PATIENT).end)
                val again = phone.restart()
                assertEquals(listOf(record), again.waiting().map { it.record })
                assertEquals(Whereabouts.PRESENT, again.today().whereabouts)
            } finally {
                server.start()
            }
            assertEquals(1, phone.kokoni.sync(TestPhone.PATIENT).applied)
        }

    @Test
    fun `a keeper syncs by itself until it is closed`() =
        enrolled { phone, kokoni ->
            val keeper = kokoni.keepSynced()
            kokoni.watch(Topic.QUEUE) { waiting().size }.test(timeout = 30.seconds) {
                assertEquals(0, awaitItem())
                assertNotNull(kokoni.scan(phone.labels("seat")[2], Via.CAMERA).record)
                keeper.tryNow()
                do { val waiting = awaitItem() } while (waiting != 0)
                cancelAndIgnoreRemainingEvents()
            }
            keeper.close()
            keeper.close()
        }

    @Test
    fun `signing out leaves a phone that is nobody's`() =
        enrolled { _, kokoni ->
            kokoni.signOutAndWipe(TestPhone.PATIENT)
            assertEquals(null, kokoni.enrolment())
        }

    @Test
    fun `colleagues and floors are found`() =
        enrolled { phone, kokoni ->
            assertNotNull(kokoni.scan(phone.labels("seat")[3], Via.CAMERA).record)
            kokoni.sync(TestPhone.PATIENT)
            val floors = kokoni.floors()
            assertEquals(400, floors.sumOf { it.seats })
            val plan = kokoni.floorNow(floors.first { it.mine }.floor, TestPhone.PATIENT)
            assertEquals(1, plan.seats.count { it.mine && it.taken })
            assertTrue(plan.seats.all { it.x in plan.left..plan.left + plan.width && it.y in plan.top..plan.top + plan.height })
            val me = assertNotNull(kokoni.enrolment())
            // A namesake may stand before.
            assertTrue(kokoni.people(me.personName).any { it.person == me.person })
            val now = kokoni.peopleNow(me.personName, TestPhone.PATIENT)
            assertEquals(Whereabouts.PRESENT, now.single { it.person == me.person }.whereabouts)
        }

    private fun enrolled(body: suspend kotlinx.coroutines.CoroutineScope.(TestPhone, Kokoni) -> Unit) =
        runBlocking {
            TestPhone().use { phone -> body(phone, phone.enrolAt(server)) }
        }
}
