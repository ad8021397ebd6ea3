// The camera's picture, filling the screen: what sticks out is cut off, nothing is stretched.

package dev.kokoni.app.camera

import android.content.Context
import android.view.Surface
import android.view.SurfaceHolder
import android.view.SurfaceView
import android.view.ViewGroup

/** Lays its one child out so that it covers the view in the proportions of the camera's frames. */
internal class PreviewView(
    context: Context,
) : ViewGroup(context) {
    private val picture = SurfaceView(context)
    private var frames = FrameSize(1280, 720)
    private var callback: SurfaceHolder.Callback? = null

    init {
        addView(picture)
    }

    /** The buffers' size; the surface turns them upright by itself. */
    fun show(size: FrameSize) {
        frames = size
        picture.holder.setFixedSize(size.width, size.height)
        requestLayout()
    }

    /** Calls [ready] when the surface can be drawn to, now or later, and [gone] before it cannot. */
    fun surface(
        ready: (Surface) -> Unit,
        gone: () -> Unit,
    ) {
        noSurface()
        val new =
            object : SurfaceHolder.Callback {
                override fun surfaceCreated(holder: SurfaceHolder) = ready(holder.surface)

                override fun surfaceChanged(
                    holder: SurfaceHolder,
                    format: Int,
                    width: Int,
                    height: Int,
                ) = Unit

                override fun surfaceDestroyed(holder: SurfaceHolder) = gone()
            }
        callback = new
        picture.holder.addCallback(new)
        if (picture.holder.surface?.isValid == true) ready(picture.holder.surface)
    }

    fun noSurface() {
        callback?.let(picture.holder::removeCallback)
        callback = null
    }

    override fun onMeasure(
        widthSpec: Int,
        heightSpec: Int,
    ) {
        setMeasuredDimension(MeasureSpec.getSize(widthSpec), MeasureSpec.getSize(heightSpec))
        val size = covering(measuredWidth, measuredHeight, frames)
        picture.measure(MeasureSpec.makeMeasureSpec(size.width, MeasureSpec.EXACTLY), MeasureSpec.makeMeasureSpec(size.height, MeasureSpec.EXACTLY))
    }

    override fun onLayout(
        changed: Boolean,
        left: Int,
        top: Int,
        right: Int,
        bottom: Int,
    ) {
        val x = (right - left - picture.measuredWidth) / 2
        val y = (bottom - top - picture.measuredHeight) / 2
        picture.layout(x, y, x + picture.measuredWidth, y + picture.measuredHeight)
    }
}

/** The smallest size in the frames' proportions, turned as the view is, that covers the view. */
internal fun covering(
    width: Int,
    height: Int,
    frames: FrameSize,
): FrameSize {
    val long = maxOf(frames.width, frames.height)
    val short = minOf(frames.width, frames.height)
    val upright = if (height >= width) FrameSize(short, long) else FrameSize(long, short)
    val scale = maxOf(width.toDouble() / upright.width, height.toDouble() / upright.height)
    return FrameSize(Math.ceil(upright.width * scale).toInt(), Math.ceil(upright.height * scale).toInt())
}
