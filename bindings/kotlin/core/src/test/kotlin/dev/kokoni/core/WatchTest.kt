// Values that follow what changes, on the fake.

package dev.kokoni.core

import app.cash.turbine.test
import dev.kokoni.core.fake.FakeKokoni
import dev.kokoni.core.fake.FakeOffice
import kotlinx.coroutines.CompletableDeferred
import kotlinx.coroutines.flow.collect
import kotlinx.coroutines.flow.onEach
import kotlinx.coroutines.launch
import kotlinx.coroutines.test.runTest
import kotlin.test.Test
import kotlin.test.assertEquals
import kotlin.test.assertFailsWith

class WatchTest {
    private val kokoni = FakeKokoni()

    @Test
    fun `a value comes now, and again when it has changed`() =
        runTest {
            kokoni.watch { today().whereabouts }.test {
                assertEquals(Whereabouts.NO_RECORD, awaitItem())
                kokoni.scan(FakeOffice.SEAT, Via.CAMERA)
                assertEquals(Whereabouts.PRESENT, awaitItem())
                kokoni.sync()
                expectNoEvents()
                cancel()
            }
        }

    @Test
    fun `before enrolment nothing comes, and the enrolment brings it`() =
        runTest {
            val fresh = FakeKokoni(enrolled = null)
            fresh.watch(Topic.QUEUE) { today().headline }.test {
                expectNoEvents()
                fresh.enrol("https://kokoni.example/enrol#CODE")
                assertEquals("記録なし", awaitItem())
                cancel()
            }
        }

    @Test
    fun `a slow collector gets the newest value, not every one`() =
        runTest {
            val seen = ArrayList<Int>()
            val first = CompletableDeferred<Unit>()
            val goOn = CompletableDeferred<Unit>()
            val collecting =
                launch {
                    kokoni
                        .watch { waiting().size }
                        .onEach {
                            seen += it
                            first.complete(Unit)
                            goOn.await()
                        }.collect()
                }
            first.await()
            listOf(FakeOffice.SEAT, FakeOffice.OTHER_SEAT, FakeOffice.ITEM).forEach { kokoni.scan(it, Via.CAMERA) }
            testScheduler.advanceUntilIdle()
            goOn.complete(Unit)
            testScheduler.advanceUntilIdle()
            assertEquals(listOf(0, 3), seen)
            collecting.cancel()
        }

    @Test
    fun `closing completes it`() =
        runTest {
            kokoni.watch { chip() }.test {
                awaitItem()
                kokoni.close()
                awaitComplete()
            }
        }

    @Test
    fun `what the reading throws ends it`() =
        runTest {
            kokoni.failNext(KokoniException.StorageDamaged(Words("壊れています", "It is damaged")))
            assertFailsWith<KokoniException.StorageDamaged> { kokoni.watch { chip() }.collect() }
        }
}
