// The few kinds of view that every screen is made of, as docs/design.md describes them.

package dev.kokoni.app.ui

import android.annotation.SuppressLint
import android.content.Context
import android.content.res.ColorStateList
import android.graphics.drawable.GradientDrawable
import android.graphics.drawable.RippleDrawable
import android.text.InputType
import android.text.Layout
import android.util.TypedValue
import android.view.Gravity
import android.view.View
import android.view.ViewGroup.LayoutParams.MATCH_PARENT
import android.view.ViewGroup.LayoutParams.WRAP_CONTENT
import android.widget.Button
import android.widget.EditText
import android.widget.ImageButton
import android.widget.LinearLayout
import android.widget.TextView
import dev.kokoni.app.R
import dev.kokoni.core.Tone

/** The roles of text: size, weight and colour together. */
internal enum class TextRole(
    val size: Int,
    val color: Int,
    val bold: Boolean = false,
) {
    TITLE(R.dimen.text_title, R.color.ink, bold = true),
    HEADING(R.dimen.text_note, R.color.ink_soft, bold = true),
    BODY(R.dimen.text_body, R.color.ink),
    NOTE(R.dimen.text_note, R.color.ink_soft),
    ON_CAMERA(R.dimen.text_body, R.color.on_scrim),
}

/** Letters so large that three buttons, or three short words, do not fit beside each other. */
internal val Context.hasLargeText: Boolean get() = resources.configuration.fontScale > ROW_FITS

private const val ROW_FITS = 1.3f

internal fun Context.pixels(dimension: Int): Int = resources.getDimensionPixelSize(dimension)

internal fun Context.column(fill: LinearLayout.() -> Unit = {}): LinearLayout =
    LinearLayout(this).apply {
        orientation = LinearLayout.VERTICAL
        fill()
    }

internal fun Context.row(fill: LinearLayout.() -> Unit = {}): LinearLayout =
    LinearLayout(this).apply {
        orientation = LinearLayout.HORIZONTAL
        gravity = Gravity.CENTER_VERTICAL
        fill()
    }

internal fun Context.text(
    role: TextRole,
    value: CharSequence? = null,
): TextView =
    TextView(this).apply {
        setTextSize(TypedValue.COMPLEX_UNIT_PX, resources.getDimension(role.size))
        setTextColor(getColor(role.color))
        if (role.bold) typeface = android.graphics.Typeface.DEFAULT_BOLD
        text = value
        keepingPhrases()
        if (role == TextRole.HEADING || role == TextRole.TITLE) asHeading()
    }

/**
 * Lines of about the same length, so that no last letter stands alone; those of Japanese end between
 * phrases, not within words, where the system can tell them apart.
 */
private fun TextView.keepingPhrases() {
    breakStrategy = Layout.BREAK_STRATEGY_BALANCED
    if (android.os.Build.VERSION.SDK_INT >= 33) dev.kokoni.app.platform.Phrases33.keep(this)
}

private fun View.asHeading() {
    if (android.os.Build.VERSION.SDK_INT >= 28) dev.kokoni.app.platform.Headings28.mark(this)
}

/** The size and colour of what is to be read, for the system's own controls. */
internal fun TextView.asBody() {
    setTextSize(TypedValue.COMPLEX_UNIT_PX, resources.getDimension(TextRole.BODY.size))
    setTextColor(context.getColor(TextRole.BODY.color))
}

/** The main action of a screen or card is filled, the others are outlined. */
internal fun Context.button(
    id: Int,
    label: CharSequence,
    filled: Boolean = false,
    tap: () -> Unit,
): Button =
    DimmingButton(this, filled).apply {
        this.id = id
        text = label
        isAllCaps = false
        keepingPhrases()
        setTextSize(TypedValue.COMPLEX_UNIT_PX, resources.getDimension(R.dimen.text_body))
        minHeight = pixels(R.dimen.target)
        minimumHeight = pixels(R.dimen.target)
        minWidth = pixels(R.dimen.target)
        look()
        setOnClickListener { tap() }
    }

/** What cannot be tapped now has lost its accent, and can still be read. */
@SuppressLint("AppCompatCustomView")
private class DimmingButton(
    context: Context,
    private val filled: Boolean,
) : Button(context) {
    override fun setEnabled(enabled: Boolean) {
        if (enabled == isEnabled) return
        super.setEnabled(enabled)
        look()
    }

    fun look() {
        val raised = filled && isEnabled
        setTextColor(context.getColor(if (raised) R.color.on_accent else if (isEnabled) R.color.accent else R.color.ink_soft))
        background = context.rounded(context.getColor(if (raised) R.color.accent else R.color.surface), if (raised) null else R.color.outline)
    }
}

/** Words, or no room for them where there are none. */
internal fun TextView.orGone(words: String?) {
    text = words
    visibility = if (words.isNullOrEmpty()) View.GONE else View.VISIBLE
}

/** A picture to tap on: its words are for screen readers, and shown when it is held. */
internal fun Context.pictureButton(
    id: Int,
    picture: Int,
    words: CharSequence,
    tap: () -> Unit,
): ImageButton =
    ImageButton(this).apply {
        this.id = id
        setImageResource(picture)
        imageTintList = ColorStateList.valueOf(getColor(R.color.ink))
        background = rounded(android.graphics.Color.TRANSPARENT, null)
        contentDescription = words
        tooltipText = words
        minimumWidth = pixels(R.dimen.target)
        minimumHeight = pixels(R.dimen.target)
        setOnClickListener { tap() }
    }

internal fun Context.field(
    id: Int,
    label: CharSequence,
    type: Int = InputType.TYPE_CLASS_TEXT,
): EditText =
    EditText(this).apply {
        this.id = id
        hint = label
        inputType = type
        setSingleLine(true)
        setTextColor(getColor(R.color.ink))
        setHintTextColor(getColor(R.color.ink_soft))
        setTextSize(TypedValue.COMPLEX_UNIT_PX, resources.getDimension(R.dimen.text_body))
        minHeight = pixels(R.dimen.target)
    }

/** A field with its name above it, which stays when something is typed. */
internal fun LinearLayout.addNamed(
    field: EditText,
    name: CharSequence,
    above: Int,
) {
    add(context.text(TextRole.NOTE, name).apply { labelFor = field.id }, above = above)
    add(field)
}

internal fun Context.rounded(
    fill: Int,
    outline: Int?,
): RippleDrawable {
    val shape = { color: Int ->
        GradientDrawable().apply {
            setColor(color)
            cornerRadius = resources.getDimension(R.dimen.corner)
        }
    }
    val content = shape(fill)
    if (outline != null) content.setStroke((resources.displayMetrics.density + 0.5f).toInt(), getColor(outline))
    return RippleDrawable(ColorStateList.valueOf(getColor(R.color.outline)), content, shape(android.graphics.Color.WHITE))
}

internal fun Tone.color(): Int =
    when (this) {
        Tone.SUCCESS -> R.color.success
        Tone.ATTENTION -> R.color.attention
        Tone.REFUSAL -> R.color.refusal
        Tone.NEUTRAL -> R.color.neutral
    }

/** The sign beside a tone's words, so that the colour is never alone. */
internal fun Tone.sign(): String =
    when (this) {
        Tone.SUCCESS -> "✓"
        Tone.ATTENTION -> "!"
        Tone.REFUSAL -> "×"
        Tone.NEUTRAL -> "•"
    }

/** Says its text when it changes, after what is being said, or at once. */
internal fun View.live(atOnce: Boolean) {
    accessibilityLiveRegion = if (atOnce) View.ACCESSIBILITY_LIVE_REGION_ASSERTIVE else View.ACCESSIBILITY_LIVE_REGION_POLITE
}

internal fun LinearLayout.add(
    view: View,
    width: Int = MATCH_PARENT,
    height: Int = WRAP_CONTENT,
    weight: Float = 0f,
    above: Int = 0,
) {
    val place = LinearLayout.LayoutParams(width, height, weight)
    if (orientation == LinearLayout.VERTICAL) place.topMargin = above else place.marginStart = above
    addView(view, place)
}

/** Keeps its parts this far from each other; what is not in sight takes no room. */
internal fun LinearLayout.spaced(gap: Int) {
    showDividers = LinearLayout.SHOW_DIVIDER_MIDDLE
    dividerDrawable = GradientDrawable().apply { setSize(gap, gap) }
}

/** Hears the field's text after each change, its own changes too. */
internal fun EditText.onTextChanged(hear: (String) -> Unit) {
    addTextChangedListener(
        object : android.text.TextWatcher {
            override fun beforeTextChanged(
                text: CharSequence?,
                start: Int,
                count: Int,
                after: Int,
            ) = Unit

            override fun onTextChanged(
                text: CharSequence?,
                start: Int,
                before: Int,
                count: Int,
            ) = Unit

            override fun afterTextChanged(text: android.text.Editable?) = hear(text.toString())
        },
    )
}
