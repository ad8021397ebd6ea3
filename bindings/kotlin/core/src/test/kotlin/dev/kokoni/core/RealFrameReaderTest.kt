// The real reader: what crosses, and where it lies when it does.

package dev.kokoni.core

import com.sun.jna.Native
import dev.kokoni.core.ffi.testingLabelFrame
import dev.kokoni.core.ffi.testingSliceAddress
import java.nio.ByteBuffer
import kotlin.test.AfterTest
import kotlin.test.Test
import kotlin.test.assertEquals
import kotlin.test.assertFailsWith
import kotlin.test.assertIs
import kotlin.test.assertTrue

class RealFrameReaderTest {
    private val reader = FrameReader.create(ReaderConfig(host = TestServer.HOST))

    @AfterTest
    fun close() = reader.close()

    @Test
    fun `a label in a frame is news once`() {
        val reading = reader.read(direct(frame()), WIDTH, HEIGHT)
        assertEquals(LABEL, reading.news)
        val code = reading.readings.single()
        assertEquals(CodeContent.Label(LABEL, known = false), code.content)
        assertEquals(4, code.corners.size)
        assertTrue(code.corners.all { it.x in 0f..WIDTH.toFloat() && it.y in 0f..HEIGHT.toFloat() })
        assertEquals(null, reader.read(direct(frame()), WIDTH, HEIGHT).news)
        reader.reset()
        assertEquals(LABEL, reader.read(direct(frame()), WIDTH, HEIGHT).news)
    }

    @Test
    fun `Rust reads a direct buffer where it lies`() {
        val buffer = direct(frame())
        val seen = (reader as RustFrameReader).direct(buffer)
        assertEquals(Native.getDirectBufferPointer(buffer).toString(), "native@0x${testingSliceAddress(seen).toString(16)}")
    }

    @Test
    fun `a buffer's position and limit are respected and left alone`() {
        val bytes = frame()
        val buffer = ByteBuffer.allocateDirect(bytes.size + 20)
        buffer.position(10)
        buffer.put(bytes)
        buffer.limit(bytes.size + 10)
        buffer.position(10)
        assertEquals(LABEL, reader.read(buffer, WIDTH, HEIGHT).news)
        assertEquals(10 to bytes.size + 10, buffer.position() to buffer.limit())
        val whole = Native.getDirectBufferPointer(buffer).share(10).toString()
        val seen = (reader as RustFrameReader).direct(buffer)
        assertEquals(whole, "native@0x${testingSliceAddress(seen).toString(16)}")
    }

    @Test
    fun `a buffer on the heap is read too`() {
        val bytes = frame()
        val buffer = ByteBuffer.wrap(ByteArray(5) + bytes).position(5)
        assertEquals(LABEL, reader.read(buffer, WIDTH, HEIGHT).news)
        assertEquals(5, buffer.position())
        assertEquals(true, reader.read(ByteBuffer.wrap(bytes), WIDTH, HEIGHT).repeated)
    }

    @Test
    fun `strides of camera frames are understood`() {
        val bytes = testingLabelFrame(TestServer.HOST, LABEL.text, WIDTH, HEIGHT, 2 * WIDTH + 64, 2)
        assertEquals(LABEL, reader.read(direct(bytes), WIDTH, HEIGHT, 2 * WIDTH + 64, 2).news)
    }

    @Test
    fun `sizes that do not fit the buffer are refused`() {
        val buffer = direct(frame())
        val wrong =
            listOf<(FrameReader) -> Unit>(
                { it.read(buffer, WIDTH, HEIGHT + 1) },
                { it.read(buffer, WIDTH, HEIGHT, WIDTH - 1) },
                { it.read(buffer, -1, HEIGHT) },
                { it.read(buffer, 0, 0) },
                { it.read(buffer, WIDTH, HEIGHT, WIDTH, 0) },
                { it.read(buffer, Int.MAX_VALUE, Int.MAX_VALUE, Int.MAX_VALUE, Int.MAX_VALUE) },
                { it.read(ByteBuffer.allocateDirect(0), WIDTH, HEIGHT) },
                { it.read(ByteBuffer.allocate(0), WIDTH, HEIGHT) },
            )
        wrong.forEach { read ->
            listOf(reader, TellingNews(reader)).forEach { way ->
                val refused = assertFailsWith<KokoniException.Input> { read(way) }
                assertEquals(InputProblem.FRAME, refused.problem)
                assertEquals("カメラの画像の大きさが正しくありません。", refused.words.japanese)
            }
        }
        assertEquals(LABEL, reader.read(buffer, WIDTH, HEIGHT).news)
    }

    @Test
    fun `a foreign code is named and is no label`() {
        FrameReader.create(ReaderConfig(host = "other.example.jp")).use { other ->
            val reading = other.read(direct(frame()), WIDTH, HEIGHT)
            assertEquals(null, reading.news)
            assertIs<CodeContent.Foreign>(reading.readings.single().content)
            assertTrue(TestServer.HOST in checkNotNull(reading.foreign))
        }
    }

    /** Reads by way of [FrameReader.readNews]. */
    private class TellingNews(
        private val reader: FrameReader,
    ) : FrameReader by reader {
        override fun read(
            luma: ByteBuffer,
            width: Int,
            height: Int,
            rowStride: Int,
            pixelStride: Int,
        ): FrameReading = reader.readNews(luma, width, height, rowStride, pixelStride) ?: FrameReading()
    }

    private companion object {
        const val WIDTH = 640
        const val HEIGHT = 480
        val LABEL = LabelId("0123456789ABCDEF")

        fun frame(): ByteArray = testingLabelFrame(TestServer.HOST, LABEL.text, WIDTH, HEIGHT, WIDTH, 1)

        fun direct(bytes: ByteArray): ByteBuffer = ByteBuffer.allocateDirect(bytes.size).also { it.duplicate().put(bytes) }
    }
}
