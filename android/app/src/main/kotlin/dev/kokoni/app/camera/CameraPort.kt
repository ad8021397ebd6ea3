// The camera as the app sees it: a preview, and one luma plane after another.

package dev.kokoni.app.camera

import android.view.View
import java.nio.ByteBuffer

/** How the camera stands. */
internal sealed interface CameraState {
    data object Opening : CameraState

    data class Open(
        val hasTorch: Boolean,
    ) : CameraState

    /** There is none, it is taken, or an administrator forbids it. */
    data object Unavailable : CameraState
}

/** Takes the frames of a camera. */
internal fun interface FrameSink {
    /**
     * One frame, on the camera's own thread. The plane's memory is the camera's: it is dead as soon
     * as this returns. No further frame is handed over meanwhile; those in between are dropped.
     *
     * @param luma direct, one byte a pixel; the last row may end after its last pixel
     */
    fun frame(
        luma: ByteBuffer,
        width: Int,
        height: Int,
        rowStride: Int,
        pixelStride: Int,
    )
}

/** One camera. Called on the main thread; tells its state on the main thread. */
internal interface CameraPort {
    /** Where the picture is shown, cut to fill the view. Belongs to one screen. */
    val preview: View

    /** Begins, once the preview can be drawn to; needs the permission. */
    fun open(
        sink: FrameSink,
        tell: (CameraState) -> Unit,
    )

    /** Does nothing where there is no torch. */
    fun torch(on: Boolean)

    /** Ends; no frame is handed over after this returns. Closing it again is fine. */
    fun close()
}

/** Pixels, as the sensor counts them. */
internal data class FrameSize(
    val width: Int,
    val height: Int,
)

/** Frames of about this size are read: small labels need it, and it keeps the preview's rate. */
private val WANTED = FrameSize(1280, 720)

/**
 * The size to take of those a camera offers: the nearest to 1280 x 720 by area, the wider first.
 * Null where it offers none.
 */
internal fun chosen(offered: List<FrameSize>): FrameSize? {
    fun distance(size: FrameSize) = kotlin.math.abs(size.width.toLong() * size.height - WANTED.width.toLong() * WANTED.height)
    return offered.minWithOrNull(compareBy(::distance).thenByDescending { it.width })
}
