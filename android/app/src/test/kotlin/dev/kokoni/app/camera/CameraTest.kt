// Which frames are taken, how their picture is laid out, and what is told of them.

package dev.kokoni.app.camera

import dev.kokoni.core.FrameReader
import dev.kokoni.core.FrameReading
import dev.kokoni.core.Hint
import dev.kokoni.core.fake.FakeFrameReader
import dev.kokoni.core.fake.FakeOffice
import org.junit.Assert.assertEquals
import org.junit.Assert.assertNull
import org.junit.Assert.assertSame
import org.junit.Assert.assertTrue
import org.junit.Test
import java.nio.ByteBuffer

class CameraTest {
    private val told = ArrayList<FrameReading>()
    private val reader = FakeFrameReader()
    private val pump = FramePump(reader, told::add)
    private val luma = ByteBuffer.allocateDirect(64)

    private fun frame(reading: FrameReading? = null) {
        reading?.let(reader::show)
        pump.frame(luma, 8, 8, 8, 1)
    }

    @Test
    fun `every frame is read and only news is told`() {
        frame()
        frame(FrameReading(hint = Hint.CLOSER))
        frame(FrameReading(hint = Hint.CLOSER))
        frame(FrameReading(news = FakeOffice.SEAT, hint = Hint.CLOSER))
        frame(FrameReading(repeated = true))
        frame()
        assertEquals(6, reader.framesRead)
        assertEquals(listOf(Hint.CLOSER, Hint.CLOSER, null), told.map { it.hint })
        assertEquals(FakeOffice.SEAT, told[1].news)
    }

    @Test
    fun `a hint is taken back when it no longer helps`() {
        frame(FrameReading(hint = Hint.TOO_DARK))
        frame()
        assertEquals(listOf(Hint.TOO_DARK, null), told.map { it.hint })
    }

    @Test
    fun `the camera's memory reaches the reader uncopied`() {
        var seen: ByteBuffer? = null
        val watching =
            object : FrameReader by reader {
                override fun readNews(
                    luma: ByteBuffer,
                    width: Int,
                    height: Int,
                    rowStride: Int,
                    pixelStride: Int,
                ) = null.also { seen = luma }
            }
        FramePump(watching, told::add).frame(luma, 8, 8, 8, 1)
        assertSame(luma, seen)
    }

    @Test
    fun `frames after the end are left alone`() {
        reader.close()
        frame(FrameReading(news = FakeOffice.SEAT))
        assertTrue(told.isEmpty())
    }

    @Test
    fun `the size nearest to what is wanted is taken`() {
        val offered = listOf(FrameSize(1920, 1080), FrameSize(640, 480), FrameSize(1280, 960), FrameSize(1280, 720))
        assertEquals(FrameSize(1280, 720), chosen(offered))
        assertEquals(FrameSize(640, 480), chosen(listOf(FrameSize(640, 480))))
        assertNull(chosen(emptyList()))
    }

    @Test
    fun `the picture covers the view and is not stretched`() {
        val frames = FrameSize(1280, 720)
        assertEquals(FrameSize(720, 1280), covering(720, 1280, frames))
        assertEquals(FrameSize(1350, 2400), covering(1080, 2400, frames))
        assertEquals(FrameSize(2400, 1350), covering(2400, 1080, frames))
        for ((width, height) in listOf(1 to 1, 300 to 301, 1000 to 999)) {
            val size = covering(width, height, frames)
            assertTrue("$size covers $width x $height", size.width >= width && size.height >= height)
        }
    }
}
