// What a picture alone does not prove: that everything tapped is large enough, and that no words are
// cut off.

package dev.kokoni.app.pictures

import android.view.View
import android.widget.EditText
import android.widget.TextView
import dev.kokoni.app.all

private const val TARGET_DP = 48

/** What is tapped and is smaller than a thumb needs. */
internal fun View.smallTargets(): List<String> {
    val least = (TARGET_DP * resources.displayMetrics.density).toInt()
    return all().filter { it.isShown && it.isClickable && it.isEnabled && (it.width < least || it.height < least) }.map { "${it.called()} ${it.width} x ${it.height}, not $least" }
}

/** Words that do not fit their view: lines below its edge, or letters that were left out. */
internal fun View.cutOff(): List<String> =
    all().filterIsInstance<TextView>().filter { it.isShown && !it.showsAll() }.map { "${it.called()}: ${it.text.ifEmpty { it.hint }}" }

private fun TextView.showsAll(): Boolean =
    when {
        text.isEmpty() -> hint.isNullOrEmpty() || paint.measureText(hint.toString()) <= width - compoundPaddingLeft - compoundPaddingRight
        // What is typed scrolls.
        this is EditText -> true
        else -> showsText()
    }

private fun TextView.showsText(): Boolean {
    val lines = layout ?: return false
    val room = height - compoundPaddingTop - compoundPaddingBottom
    return lines.height <= room && (0 until lines.lineCount).all { lines.getEllipsisCount(it) == 0 }
}

private fun View.called(): String = if (id == View.NO_ID || id ushr 24 == 0) javaClass.simpleName else resources.getResourceEntryName(id)
