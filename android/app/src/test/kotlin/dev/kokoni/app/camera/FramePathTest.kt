// The way from the camera's buffer to the reading, over the real reader: what is new is told, and a
// picture that brings nothing new allocates nothing.

package dev.kokoni.app.camera

import com.sun.management.ThreadMXBean
import dev.kokoni.core.FrameReader
import dev.kokoni.core.FrameReading
import dev.kokoni.core.LabelId
import dev.kokoni.core.ReaderConfig
import dev.kokoni.core.ffi.testingLabelFrame
import org.junit.After
import org.junit.Assert.assertEquals
import org.junit.Assert.assertTrue
import org.junit.Test
import org.junit.runner.RunWith
import org.robolectric.RobolectricTestRunner
import java.lang.management.ManagementFactory
import java.nio.ByteBuffer

@RunWith(RobolectricTestRunner::class)
class FramePathTest {
    private val told = ArrayList<FrameReading>()
    private val reader = FrameReader.create(ReaderConfig(host = HOST))
    private val pump = FramePump(reader, told::add)
    private val desk = direct(ByteArray(ROW * HEIGHT) { 120 })
    private val seat = direct(testingLabelFrame(HOST, LABEL.text, WIDTH, HEIGHT, ROW, 1))

    @After
    fun close() = reader.close()

    @Test
    fun `a label in rows with gaps is told once, and again after the camera was opened anew`() {
        repeat(3) { frame(desk) }
        repeat(3) { frame(seat) }
        reader.reset()
        repeat(3) { frame(seat) }
        assertEquals(listOf(LABEL, LABEL), told.map { it.news })
    }

    @Test
    fun `a frame that cannot be is left alone, and the next one is read`() {
        pump.frame(seat, WIDTH, HEIGHT + 1, ROW, 1)
        pump.frame(seat, -1, HEIGHT, ROW, 1)
        pump.frame(seat, WIDTH, HEIGHT, WIDTH - 1, 1)
        frame(seat)
        assertEquals(listOf(LABEL), told.map { it.news })
    }

    @Test
    fun `an empty desk and a label held still allocate nothing`() {
        assertEquals("bytes a frame, an empty desk", 0, allocatedAFrame(desk))
        frame(seat)
        assertEquals(LABEL, told.last().news)
        assertEquals("bytes a frame, a label held still", 0, allocatedAFrame(seat))
        // The measure measures: what is told is made of objects.
        reader.reset()
        val before = threads.currentThreadAllocatedBytes
        frame(seat)
        assertTrue(threads.currentThreadAllocatedBytes - before > 500)
    }

    private fun allocatedAFrame(luma: ByteBuffer): Long {
        // What is loaded and compiled, once; the first frames may still bring or end a hint.
        repeat(WARM_UP) { frame(luma) }
        val (news, before) = told.size to threads.currentThreadAllocatedBytes
        repeat(FRAMES) { frame(luma) }
        val after = threads.currentThreadAllocatedBytes
        assertEquals("nothing is told meanwhile", news, told.size)
        return (after - before) / FRAMES
    }

    private fun frame(luma: ByteBuffer) = pump.frame(luma, WIDTH, HEIGHT, ROW, 1)

    private companion object {
        const val HOST = "kokoni.example.jp"
        const val WIDTH = 320
        const val HEIGHT = 240

        /** As cameras pad their rows. */
        const val ROW = 384
        const val WARM_UP = 500
        const val FRAMES = 3000
        val LABEL = LabelId("0123456789ABCDEF")
        val threads = ManagementFactory.getThreadMXBean() as ThreadMXBean

        fun direct(bytes: ByteArray): ByteBuffer = ByteBuffer.allocateDirect(bytes.size).also { it.duplicate().put(bytes) }
    }
}
