// The way of a frame that brings nothing new: it says what the whole reading says, as safely, and
// allocates nothing.

package dev.kokoni.core

import com.sun.jna.Function
import com.sun.management.ThreadMXBean
import dev.kokoni.core.ffi.testingLabelFrame
import java.lang.management.ManagementFactory
import java.nio.ByteBuffer
import java.util.concurrent.CountDownLatch
import kotlin.concurrent.thread
import kotlin.test.AfterTest
import kotlin.test.Test
import kotlin.test.assertEquals
import kotlin.test.assertFailsWith
import kotlin.test.assertIs
import kotlin.test.assertNull
import kotlin.test.assertTrue

class FrameNewsTest {
    private val reader = FrameReader.create(ReaderConfig(host = TestServer.HOST))
    private val desk = direct(ByteArray(WIDTH * HEIGHT) { 120 })
    private val seat = direct(frame())

    @AfterTest
    fun close() = reader.close()

    @Test
    fun `a label is told once, with all that a whole reading says`() {
        assertNull(reader.readNews(desk, WIDTH, HEIGHT))
        val whole = FrameReader.create(ReaderConfig(host = TestServer.HOST)).use { it.read(seat, WIDTH, HEIGHT) }
        assertEquals(LABEL, whole.news)
        assertEquals(whole, reader.readNews(seat, WIDTH, HEIGHT))
        repeat(5) { assertNull(reader.readNews(seat, WIDTH, HEIGHT)) }
        assertEquals(true, reader.read(seat, WIDTH, HEIGHT).repeated)
        reader.reset()
        assertEquals(LABEL, reader.readNews(seat, WIDTH, HEIGHT)?.news)
    }

    @Test
    fun `a foreign code is told once`() {
        FrameReader.create(ReaderConfig(host = "other.example.jp")).use { other ->
            val reading = checkNotNull(other.readNews(seat, WIDTH, HEIGHT))
            assertEquals("https://${TestServer.HOST}/q/${LABEL.text}", reading.foreign)
            assertNull(reading.news)
            assertNull(other.readNews(seat, WIDTH, HEIGHT))
        }
    }

    @Test
    fun `a hint is told when it comes and when it goes`() {
        val dark = direct(ByteArray(WIDTH * HEIGHT) { 10 })
        val told = List(30) { reader.readNews(dark, WIDTH, HEIGHT) }.filterNotNull()
        assertEquals(listOf<Hint?>(Hint.TOO_DARK), told.map { it.hint })
        val gone = List(30) { reader.readNews(desk, WIDTH, HEIGHT) }.filterNotNull()
        assertEquals(listOf<Hint?>(null), gone.map { it.hint })
    }

    @Test
    fun `position and limit are respected and left alone, on the heap too`() {
        val bytes = ByteArray(10) + frame() + ByteArray(10)
        for (buffer in listOf(direct(bytes), ByteBuffer.wrap(bytes), direct(bytes).asReadOnlyBuffer())) {
            buffer.position(10).limit(bytes.size - 10)
            reader.reset()
            assertEquals(LABEL, reader.readNews(buffer, WIDTH, HEIGHT)?.news)
            assertEquals(10 to bytes.size - 10, buffer.position() to buffer.limit())
            assertFailsWith<KokoniException.Input> { reader.readNews(buffer, WIDTH, HEIGHT + 1) }
        }
    }

    /** The position counted twice: what was read lay behind the frame. */
    @Test
    fun `of several frames in one buffer the one between position and limit is looked at`() {
        val grey = ByteArray(WIDTH * HEIGHT) { 120 }
        val bytes = grey + frame() + grey
        for (buffer in listOf(direct(bytes), ByteBuffer.wrap(bytes))) {
            buffer.position(grey.size).limit(2 * grey.size)
            reader.reset()
            assertEquals(LABEL, reader.readNews(buffer, WIDTH, HEIGHT)?.news)
        }
    }

    @Test
    fun `a closed reader says so, on any thread`() {
        reader.close()
        assertFailsWith<KokoniException.Closed> { reader.readNews(seat, WIDTH, HEIGHT) }
        val elsewhere = onAnotherThread { runCatching { reader.readNews(seat, WIDTH, HEIGHT) } }
        assertIs<KokoniException.Closed>(elsewhere.exceptionOrNull())
    }

    @Test
    fun `a thread that never called the core reads a frame`() {
        assertEquals(LABEL, onAnotherThread { reader.readNews(seat, WIDTH, HEIGHT) }?.news)
    }

    @Test
    fun `a reader that is closed while frames are read is closed behind the last one`() {
        repeat(50) {
            val closing = FrameReader.create(ReaderConfig(host = TestServer.HOST))
            val begun = CountDownLatch(2)
            val ends = ArrayList<Throwable?>()
            val cameras =
                List(2) {
                    thread {
                        begun.countDown()
                        val end = runCatching { while (true) closing.readNews(seat, WIDTH, HEIGHT) }
                        synchronized(ends) { ends += end.exceptionOrNull() }
                    }
                }
            begun.await()
            closing.close()
            cameras.forEach(Thread::join)
            assertEquals(2, ends.size)
            ends.forEach { assertIs<KokoniException.Closed>(it) }
        }
    }

    @Test
    fun `a panic in the core is an exception`() {
        val answer = Function.getFunction("kokoni_ffi", "kokoni_testing_plain_panic").invokeInt(emptyArray())
        assertFailsWith<KokoniException.Internal> { translated { FrameLook.isNew(answer) } }
    }

    @Test
    fun `a still picture allocates nothing`() {
        assertEquals(0, allocatedAFrame(desk), "an empty desk")
        assertEquals(LABEL, reader.readNews(seat, WIDTH, HEIGHT)?.news)
        assertEquals(0, allocatedAFrame(seat), "a label that stays in sight")
        // The measure measures: a whole reading is made of objects.
        assertTrue(allocatedAFrame(seat) { reader.read(it, WIDTH, HEIGHT) } > 500)
    }

    /** Bytes, over so many frames that the measuring itself does not count. */
    private fun allocatedAFrame(
        luma: ByteBuffer,
        read: (ByteBuffer) -> Unit = { reader.readNews(it, WIDTH, HEIGHT) },
    ): Long {
        // What is loaded and compiled, once.
        repeat(WARM_UP) { read(luma) }
        val before = threads.currentThreadAllocatedBytes
        repeat(FRAMES) { read(luma) }
        return (threads.currentThreadAllocatedBytes - before) / FRAMES
    }

    private fun <T> onAnotherThread(work: () -> T): T {
        var given: Result<T>? = null
        thread { given = runCatching(work) }.join()
        return checkNotNull(given).getOrThrow()
    }

    private companion object {
        const val WIDTH = 320
        const val HEIGHT = 240
        const val WARM_UP = 500
        const val FRAMES = 3000
        val LABEL = LabelId("0123456789ABCDEF")
        val threads = ManagementFactory.getThreadMXBean() as ThreadMXBean

        fun frame(): ByteArray = testingLabelFrame(TestServer.HOST, LABEL.text, WIDTH, HEIGHT, WIDTH, 1)

        fun direct(bytes: ByteArray): ByteBuffer = ByteBuffer.allocateDirect(bytes.size).also { it.duplicate().put(bytes) }
    }
}
