// The first screen: the camera's picture, the chip above it, the card and the ways on at the thumb.

package dev.kokoni.app.scan

import android.Manifest
import android.content.Intent
import android.content.pm.PackageManager
import android.content.res.Configuration
import android.net.Uri
import android.os.Handler
import android.os.Looper
import android.view.Gravity
import android.view.View
import android.view.ViewGroup.LayoutParams.MATCH_PARENT
import android.view.ViewGroup.LayoutParams.WRAP_CONTENT
import android.widget.Button
import android.widget.FrameLayout
import android.widget.LinearLayout
import android.widget.ScrollView
import android.widget.TextView
import dev.kokoni.app.Destination
import dev.kokoni.app.R
import dev.kokoni.app.ScreenView
import dev.kokoni.app.Stage
import dev.kokoni.app.camera.FramePump
import dev.kokoni.app.ui.TextRole
import dev.kokoni.app.ui.add
import dev.kokoni.app.ui.button
import dev.kokoni.app.ui.column
import dev.kokoni.app.ui.live
import dev.kokoni.app.ui.pixels
import dev.kokoni.app.ui.rounded
import dev.kokoni.app.ui.spaced
import dev.kokoni.app.ui.text
import kotlinx.coroutines.awaitCancellation
import kotlinx.coroutines.coroutineScope
import kotlinx.coroutines.launch

internal class ScanScreen(
    private val stage: Stage,
    private val presenter: ScanPresenter,
) : ScreenView {
    private val context = stage.context
    private val space = context.pixels(R.dimen.space)
    private val small = context.pixels(R.dimen.space_small)
    private val leftHand = stage.session.shell.settings.leftHand
    private val main = Handler(Looper.getMainLooper())
    private val camera = stage.session.shell.ports.camera()

    private val chip = onScrim(R.id.chip).apply { setOnClickListener { stage.go(Destination.Today) } }
    private val hint = onScrim(R.id.hint).apply { live(atOnce = false) }
    private val help = context.button(R.id.camera_allow, "", filled = true, ::helpTapped)
    private val card = CardView(context, presenter)
    /** With large letters a card may be higher than the screen. */
    private val cardHolder = ScrollView(context).apply { addView(card) }
    private val torch = wayOn(R.id.torch, stage.words(R.string.torch), presenter::onTorch)

    override val root: View =
        FrameLayout(context).apply {
            setBackgroundColor(context.getColor(R.color.scrim))
            camera.preview.contentDescription = stage.words(R.string.preview_described)
            addView(camera.preview, FrameLayout.LayoutParams(MATCH_PARENT, MATCH_PARENT))
            addView(overlay(), FrameLayout.LayoutParams(MATCH_PARENT, MATCH_PARENT))
        }

    override suspend fun run(): Unit =
        coroutineScope {
            launch { presenter.state.collect(::show) }
            if (context.checkSelfPermission(Manifest.permission.CAMERA) == PackageManager.PERMISSION_GRANTED) {
                look()
            } else {
                presenter.onPermissionMissing(canAsk = stage.wouldAsk(Manifest.permission.CAMERA))
            }
        }

    /** The camera, until the screen is left. */
    private suspend fun look() {
        val reader = stage.session.reader(stage.kokoni)
        val pump = FramePump(reader) { reading -> main.post { presenter.onReading(reading) } }
        camera.open(pump, presenter::onCamera)
        try {
            awaitCancellation()
        } finally {
            camera.close()
        }
    }

    private fun overlay(): View {
        val wide = context.resources.configuration.orientation == Configuration.ORIENTATION_LANDSCAPE
        val told =
            context.column {
                add(chip)
                add(View(context), height = 0, weight = 1f)
                add(hint, above = small)
                add(help, above = small)
                add(cardHolder, above = small)
            }
        val ways =
            listOf(
                torch,
                wayOn(R.id.typing, stage.words(R.string.type_code)) { stage.go(Destination.Typing) },
                wayOn(R.id.today, stage.words(R.string.today)) { stage.go(Destination.Today) },
            )
        val bar = (if (wide) context.column() else LinearLayout(context)).apply { spaced(small) }
        // What is used most lies nearest the thumb.
        (if (leftHand && !wide) ways.reversed() else ways).forEach { way ->
            if (wide) way.setPadding(small, way.paddingTop, small, way.paddingBottom)
            if (wide) bar.add(way) else bar.add(way, width = 0, height = MATCH_PARENT, weight = 1f)
        }
        return LinearLayout(context).apply {
            setPadding(space, space, space, space)
            if (wide) {
                orientation = LinearLayout.HORIZONTAL
                gravity = Gravity.BOTTOM
                if (leftHand) add(bar, width = WRAP_CONTENT)
                add(told, width = 0, height = MATCH_PARENT, weight = 1f, above = if (leftHand) small else 0)
                if (!leftHand) add(bar, width = WRAP_CONTENT, above = small)
            } else {
                orientation = LinearLayout.VERTICAL
                add(told, height = 0, weight = 1f)
                add(bar, above = small)
            }
        }
    }

    private fun onScrim(id: Int): TextView =
        context.text(TextRole.ON_CAMERA).apply {
            this.id = id
            background = context.rounded(context.getColor(R.color.scrim), null)
            setPadding(space, small, space, small)
            minHeight = context.pixels(R.dimen.target)
            gravity = Gravity.CENTER
        }

    private fun wayOn(
        id: Int,
        words: String,
        tap: () -> Unit,
    ): Button = context.button(id, words, tap = tap)

    private fun show(state: ScanUiState) {
        val chipNow = state.chip
        chip.visibility = if (chipNow == null) View.GONE else View.VISIBLE
        chip.text = chipNow?.text
        chip.contentDescription = chipNow?.spoken
        showCard(state.card)
        val words =
            when (state) {
                is ScanUiState.Starting -> stage.words(R.string.scan_starting)
                is ScanUiState.PermissionNeeded -> stage.words(R.string.camera_needed)
                is ScanUiState.NoCamera -> stage.words(R.string.camera_unavailable)
                is ScanUiState.Live -> state.hint?.text(stage.kokoni.language) ?: stage.words(R.string.scan_ready)
            }
        if (hint.text.toString() != words) hint.text = words
        showHelp(state)
        showTorch((state as? ScanUiState.Live)?.torch ?: Torch.NONE)
    }

    private fun showCard(now: CardUi?) {
        card.show(now)
        cardHolder.visibility = if (now == null) View.GONE else View.VISIBLE
        hint.visibility = if (now == null) View.VISIBLE else View.GONE
        if (now != null && now.card !== presenter.felt) {
            presenter.felt = now.card
            stage.session.shell.ports.feedback
                .give(now.card.tone, card)
        }
    }

    private fun showHelp(state: ScanUiState) {
        val words =
            when (state) {
                is ScanUiState.PermissionNeeded -> if (state.canAsk) R.string.camera_allow else R.string.camera_settings
                is ScanUiState.NoCamera -> R.string.camera_retry
                else -> null
            }
        help.visibility = if (words == null || state.card != null) View.GONE else View.VISIBLE
        help.text = words?.let(stage::words)
    }

    private fun helpTapped() {
        val state = presenter.state.value
        when {
            state is ScanUiState.NoCamera -> stage.session.refresh()
            state is ScanUiState.PermissionNeeded && state.canAsk -> stage.askPermission(Manifest.permission.CAMERA)
            else -> context.startActivity(Intent(android.provider.Settings.ACTION_APPLICATION_DETAILS_SETTINGS, Uri.fromParts("package", context.packageName, null)))
        }
    }

    private fun showTorch(now: Torch) {
        torch.visibility = if (now == Torch.NONE) View.GONE else View.VISIBLE
        torch.contentDescription = stage.words(if (now == Torch.ON) R.string.torch_off else R.string.torch_on)
        torch.isSelected = now == Torch.ON
        if (now != Torch.NONE) camera.torch(now == Torch.ON)
    }
}
