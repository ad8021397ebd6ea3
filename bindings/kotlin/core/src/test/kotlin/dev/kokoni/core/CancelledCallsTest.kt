// Coroutines that are cancelled while the core is already done: nothing that was made for them is
// left behind, and what was saved is told.

package dev.kokoni.core

import dev.kokoni.core.ffi.testingObjectsAlive
import kotlinx.coroutines.CoroutineDispatcher
import kotlinx.coroutines.CoroutineStart
import kotlinx.coroutines.Job
import kotlinx.coroutines.Runnable
import kotlinx.coroutines.cancel
import kotlinx.coroutines.coroutineScope
import kotlinx.coroutines.launch
import kotlinx.coroutines.runBlocking
import java.util.concurrent.Executors
import java.util.concurrent.atomic.AtomicInteger
import kotlin.concurrent.thread
import kotlin.coroutines.CoroutineContext
import kotlin.test.Test
import kotlin.test.assertEquals
import kotlin.test.assertFalse
import kotlin.test.assertNotNull
import kotlin.test.assertNull
import kotlin.test.assertTrue

class CancelledCallsTest {
    @Test
    fun `what is opened for a coroutine that is cancelled on the way back is closed again`() =
        onPhone { phone ->
            val alive = testingObjectsAlive()
            assertNull(cancelledOnTheWayBack { Kokoni.open(phone.config(), phone.secrets, TakesItsTime) })
            assertTrue(testingObjectsAlive() <= alive, "something is left")
            assertEquals(emptyList(), openFiles(phone.folder))
            phone.open().status()
        }

    @Test
    fun `a reader and a keeper made for such a coroutine are closed again`() =
        onPhone { phone ->
            val kokoni = phone.open()
            val alive = testingObjectsAlive()
            assertNull(cancelledOnTheWayBack { kokoni.frameReader() })
            assertNull(cancelledOnTheWayBack { kokoni.keepSynced() })
            assertTrue(testingObjectsAlive() <= alive, "something is left")
            kokoni.frameReader().use { assertEquals(alive + 1, testingObjectsAlive()) }
        }

    @Test
    fun `a scan that was saved is told to such a coroutine`() =
        onPhone { phone ->
            TestServer.start().use { server ->
                val kokoni = phone.enrolAt(server)
                val seat = phone.labels("seat").first()
                val card = assertNotNull(cancelledOnTheWayBack { kokoni.scan(seat, Via.CAMERA) })
                assertEquals(listOf(card.record), kokoni.waiting().map { it.record })
            }
        }

    @Test
    fun `a call of a coroutine that is cancelled already never begins`() =
        onPhone { phone ->
            var opened = false
            coroutineScope {
                val job =
                    launch {
                        coroutineContext.cancel()
                        Kokoni.open(phone.config(), phone.secrets).use { opened = true }
                    }
                job.join()
            }
            assertFalse(opened)
            assertFalse(phone.config().folder.toFile().exists())
        }

    /** What a call gives to a coroutine that is cancelled after the core has answered. */
    private suspend fun <T : Any> cancelledOnTheWayBack(call: suspend () -> T): T? =
        CancelsOnTheWayBack().use { dispatcher ->
            var given: T? = null
            coroutineScope {
                val job = launch(dispatcher, CoroutineStart.LAZY) { given = call() }
                dispatcher.cancels = job
                job.join()
                assertTrue(job.isCancelled)
            }
            given
        }

    private fun onPhone(body: suspend (TestPhone) -> Unit) = runBlocking { TestPhone(dispatcher = TakesItsTime).use { body(it) } }
}

/** Runs calls so late that whoever makes them has let go of its thread and must come back to it. */
private object TakesItsTime : CoroutineDispatcher() {
    override fun dispatch(
        context: CoroutineContext,
        block: Runnable,
    ) {
        thread {
            Thread.sleep(20)
            block.run()
        }
    }
}

/** Runs a coroutine on a thread of its own; at its second turn, when its first call has answered, cancels it. */
private class CancelsOnTheWayBack :
    CoroutineDispatcher(),
    AutoCloseable {
    lateinit var cancels: Job
    private val turn = Executors.newSingleThreadExecutor()
    private val turns = AtomicInteger()

    override fun dispatch(
        context: CoroutineContext,
        block: Runnable,
    ) = turn.execute {
        if (turns.incrementAndGet() == 2) cancels.cancel()
        block.run()
    }

    override fun close() {
        turn.shutdown()
    }
}
