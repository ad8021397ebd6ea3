// The real core, through JNA: life and death of handles, cancelling, threads, callbacks.

package dev.kokoni.core

import app.cash.turbine.test
import dev.kokoni.core.ffi.KokoniException as FfiException
import dev.kokoni.core.ffi.testingCallsRunning
import dev.kokoni.core.ffi.testingCancelledCalls
import dev.kokoni.core.ffi.testingPanic
import dev.kokoni.core.fake.MemorySecretStore
import kotlinx.coroutines.CoroutineScope
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.async
import kotlinx.coroutines.awaitAll
import kotlinx.coroutines.cancelAndJoin
import kotlinx.coroutines.coroutineScope
import kotlinx.coroutines.launch
import kotlinx.coroutines.runBlocking
import kotlinx.coroutines.withTimeoutOrNull
import java.lang.ref.WeakReference
import java.time.Duration
import java.util.concurrent.CopyOnWriteArrayList
import kotlin.test.Test
import kotlin.test.assertEquals
import kotlin.test.assertFailsWith
import kotlin.test.assertIs
import kotlin.test.assertNull
import kotlin.test.assertTrue
import dev.kokoni.core.ffi.TestingServer as SilentServer

class RealKokoniTest {
    @Test
    fun `closing twice is fine, and use after it is a clear refusal`() =
        onPhone { phone ->
            val kokoni = phone.open()
            val reader = FrameReader.create()
            kokoni.close()
            kokoni.close()
            val refused = assertFailsWith<KokoniException.Closed> { kokoni.enrolment() }
            assertEquals("すでに閉じられています。", refused.words.japanese)
            assertFailsWith<KokoniException.Closed> { kokoni.language }
            assertFailsWith<KokoniException.Closed> { kokoni.sync() }
            reader.close()
            reader.close()
            assertFailsWith<KokoniException.Closed> { reader.reset() }
        }

    @Test
    fun `closing frees the database for the next one`() =
        onPhone { phone ->
            repeat(3) {
                phone.open().close()
                Kokoni.eraseAll(phone.config().folder, phone.secrets)
            }
        }

    @Test
    fun `a forgotten handle is closed by the collector of garbage`() =
        onPhone { phone ->
            val forgotten = forget(phone)
            assertTrue(openFiles(phone.folder).isNotEmpty())
            eventually {
                System.gc()
                forgotten.get() == null && openFiles(phone.folder).isEmpty()
            }
        }

    private suspend fun forget(phone: TestPhone): WeakReference<Kokoni> {
        val kokoni = Kokoni.open(phone.config(), phone.secrets)
        kokoni.changes.test {
            awaitItem()
            cancel()
        }
        return WeakReference(kokoni)
    }

    @Test
    fun `cancelling a coroutine ends the call in Rust`() =
        onPhone { phone ->
            SilentServer.silent().use { server ->
                val kokoni = phone.open()
                val before = testingCancelledCalls()
                val call = launch { kokoni.enrol(linkTo(server), LONG) }
                eventually { server.connections() > 0u }
                assertEquals(1, testingCallsRunning())
                call.cancelAndJoin()
                // Structured: when the coroutine has ended, so has the call.
                assertEquals(0, testingCallsRunning())
                assertEquals(before + 1u, testingCancelledCalls())
                assertNull(kokoni.enrolment())
            }
        }

    @Test
    fun `a call that ended by itself cancels nothing`() =
        onPhone { phone ->
            val before = testingCancelledCalls()
            assertFailsWith<KokoniException.Offline> { phone.open().enrol(NOBODY, TestPhone.PATIENT) }
            assertEquals(before, testingCancelledCalls())
        }

    @Test
    fun `a busy caller's thread does not hold up the cancellation`() =
        onPhone { phone ->
            SilentServer.silent().use { server ->
                val kokoni = phone.open()
                val call = launch { kokoni.enrol(linkTo(server), LONG) }
                eventually { server.connections() > 0u }
                call.cancel()
                // This thread is the caller's only one, and it does not give way.
                val patience = System.nanoTime() + TestPhone.PATIENT.toNanos()
                while (testingCallsRunning() > 0 && System.nanoTime() < patience) Thread.sleep(5)
                assertEquals(0, testingCallsRunning())
            }
        }

    @Test
    fun `a deadline ends a call with a clear exception`() =
        onPhone { phone ->
            SilentServer.silent().use { server ->
                assertFailsWith<KokoniException.DeadlineReached> { phone.open().enrol(linkTo(server), Duration.ofMillis(200)) }
            }
        }

    @Test
    fun `a timeout of the coroutine reaches Rust like any cancellation`() =
        onPhone { phone ->
            SilentServer.silent().use { server ->
                val before = testingCancelledCalls()
                assertNull(withTimeoutOrNull(500) { phone.open().enrol(linkTo(server), LONG) })
                assertEquals(before + 1u, testingCancelledCalls())
            }
        }

    @Test
    fun `closing ends the calls under way`() =
        onPhone { phone ->
            SilentServer.silent().use { server ->
                val kokoni = phone.open()
                val call = async(Dispatchers.IO) { runCatching { kokoni.enrol(linkTo(server), LONG) } }
                eventually { server.connections() > 0u }
                kokoni.close()
                assertIs<KokoniException.Closed>(call.await().exceptionOrNull())
            }
        }

    @Test
    fun `a panic of the core arrives as an error, and the core goes on`() =
        onPhone { phone ->
            val error = assertFailsWith<FfiException.Internal> { testingPanic() }
            val ours = assertIs<KokoniException.Internal>(error.toKokoniException())
            assertEquals("panic", ours.place)
            assertTrue(ours.words.japanese.isNotEmpty() && ours.message == ours.words.english)
            phone.open().status()
        }

    @Test
    fun `errors come with their sentence in both languages`() =
        onPhone { phone ->
            val error = assertFailsWith<KokoniException.NotEnrolled> { phone.open().today() }
            assertTrue(error.words.japanese.any { it in 'ぁ'..'ん' })
            assertTrue(error.words.english.all { it.code < 128 })
        }

    @Test
    fun `200 calls at once all get their answer`() =
        onPhone { phone ->
            val kokoni = phone.open()
            val labels = List(200) { LabelId("%016d".format(it)) }
            coroutineScope {
                val calls = labels.map { label -> async(Dispatchers.IO) { kokoni.typedCode(label.text.take(4)).shown to kokoni.status().waiting } }
                assertEquals(labels.map { it.text.take(4) to 0 }, calls.awaitAll())
            }
        }

    @Test
    fun `secrets that throw end the call with a clear exception`() =
        onPhone { phone ->
            TestServer.start().use { server ->
                val broken = TestPhone(ThrowingSecretStore { IllegalArgumentException("not for the log") })
                broken.use { assertFailsWith<KokoniException.SecretsFailed> { it.open().enrol(server.invite().link, TestPhone.PATIENT) } }
                val locked = TestPhone(ThrowingSecretStore { SecretsException.Locked() })
                locked.use { assertFailsWith<KokoniException.SecretsLocked> { it.open().enrol(server.invite().link, TestPhone.PATIENT) } }
                // The core is none the worse.
                phone.enrolAt(server)
            }
        }

    @Test
    fun `a log sink that throws harms nobody`() =
        onPhone { phone ->
            val lines = CopyOnWriteArrayList<String>()
            Kokoni.setLogSink({ _, _, text ->
                lines += text
                error("on purpose")
            }, LogLevel.DEBUG)
            try {
                assertFailsWith<KokoniException.Offline> { phone.open().enrol(NOBODY, TestPhone.PATIENT) }
                phone.restart().status()
            } finally {
                Kokoni.setLogSink(null)
            }
        }

    @Test
    fun `the language can be changed at any time`() =
        onPhone { phone ->
            val kokoni = phone.open()
            assertEquals(Language.JAPANESE, kokoni.language)
            val japanese = kokoni.foreignCard("https://example.com/").title
            kokoni.language = Language.ENGLISH
            assertTrue(kokoni.foreignCard("https://example.com/").title != japanese)
            assertTrue(Hint.CLOSER.text(Language.JAPANESE) != Hint.CLOSER.text(Language.ENGLISH))
        }

    private class ThrowingSecretStore(
        private val error: () -> Exception,
    ) : SecretStore {
        private val secrets = MemorySecretStore()

        override fun load(name: String) = secrets.load(name)

        override fun store(
            name: String,
            value: ByteArray,
        ): Unit = throw error()

        override fun erase(name: String) = secrets.erase(name)
    }

    private companion object {
        /** Longer than any of these calls lasts if it is ended as it should be. */
        val LONG: Duration = Duration.ofSeconds(30)

        /** A loopback port on which nobody listens. */
        const val NOBODY = "http://127.0.0.1:9/enrol#0123456789ABCDEFGHJKMNPQRS"

        fun linkTo(server: SilentServer) = "${server.address()}/enrol#0123456789ABCDEFGHJKMNPQRS"

        fun onPhone(body: suspend CoroutineScope.(TestPhone) -> Unit) = runBlocking { TestPhone().use { body(it) } }
    }
}
