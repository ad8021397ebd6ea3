// From the camera's thread to the main thread: every frame is read, only news is told.

package dev.kokoni.app.camera

import dev.kokoni.core.FrameReader
import dev.kokoni.core.FrameReading
import dev.kokoni.core.KokoniException
import java.nio.ByteBuffer

/**
 * Reads each frame where it lies, on the camera's thread, and tells what is new: a label, somebody
 * else's code, another hint. A picture that shows nothing new allocates nothing and costs the main
 * thread nothing.
 */
internal class FramePump(
    private val reader: FrameReader,
    private val tell: (FrameReading) -> Unit,
) : FrameSink {
    override fun frame(
        luma: ByteBuffer,
        width: Int,
        height: Int,
        rowStride: Int,
        pixelStride: Int,
    ) {
        val news =
            try {
                reader.readNews(luma, width, height, rowStride, pixelStride)
            } catch (_: KokoniException) {
                // Closed meanwhile, or a frame that cannot be read: the next one comes at once.
                return
            }
        if (news != null) tell(news)
    }
}
