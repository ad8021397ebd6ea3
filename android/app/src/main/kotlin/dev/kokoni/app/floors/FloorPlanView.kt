// A floor drawn: free seats are rings, taken ones filled, one's own has a second ring.

package dev.kokoni.app.floors

import android.content.Context
import android.graphics.Canvas
import android.graphics.Paint
import android.view.View
import dev.kokoni.app.R
import dev.kokoni.core.FloorPlan
import dev.kokoni.core.Seat

/** For the eye; the list below it says the same to a screen reader. */
internal class FloorPlanView(
    context: Context,
) : View(context) {
    private var plan: FloorPlan? = null
    private val density = resources.displayMetrics.density
    private val line =
        Paint(Paint.ANTI_ALIAS_FLAG).apply {
            style = Paint.Style.STROKE
            strokeWidth = 2 * density
        }
    private val filled = Paint(Paint.ANTI_ALIAS_FLAG)

    fun show(new: FloorPlan) {
        val old = plan
        plan = new
        contentDescription = "${new.name} ${new.summary}"
        if (old == null || old.width != new.width || old.height != new.height) requestLayout()
        invalidate()
    }

    override fun onMeasure(
        widthSpec: Int,
        heightSpec: Int,
    ) {
        val width = MeasureSpec.getSize(widthSpec)
        val now = plan
        val height = if (now == null || now.width <= 0f) 0 else (width * now.height / now.width).toInt()
        setMeasuredDimension(width, height)
    }

    override fun onDraw(canvas: Canvas) {
        val now = plan ?: return
        if (now.width <= 0f) return
        val scale = width / now.width
        now.seats.forEach { draw(canvas, it, (it.x - now.left) * scale, (it.y - now.top) * scale) }
    }

    private fun draw(
        canvas: Canvas,
        seat: Seat,
        x: Float,
        y: Float,
    ) {
        val radius = (if (seat.room) ROOM_DP else SEAT_DP) * density
        val color = context.getColor(if (seat.mine) R.color.accent else R.color.ink_soft)
        line.color = color
        filled.color = color
        if (seat.taken) canvas.drawCircle(x, y, radius, filled) else canvas.drawCircle(x, y, radius, line)
        if (seat.mine) canvas.drawCircle(x, y, radius + 4 * density, line)
    }

    private companion object {
        const val SEAT_DP = 4
        const val ROOM_DP = 8
    }
}
