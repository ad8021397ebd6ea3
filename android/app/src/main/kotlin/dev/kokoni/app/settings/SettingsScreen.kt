// Whose phone this is, what the person chose, and the way out.

package dev.kokoni.app.settings

import android.app.AlertDialog
import android.app.NotificationManager
import android.content.Intent
import android.os.Build
import android.view.View
import android.widget.LinearLayout
import android.widget.RadioButton
import android.widget.RadioGroup
import android.widget.Switch
import dev.kokoni.app.Destination
import dev.kokoni.app.LanguageChoice
import dev.kokoni.app.Managed
import dev.kokoni.app.R
import dev.kokoni.app.ScreenView
import dev.kokoni.app.Stage
import dev.kokoni.app.ui.TextRole
import dev.kokoni.app.ui.add
import dev.kokoni.app.ui.asBody
import dev.kokoni.app.ui.button
import dev.kokoni.app.ui.column
import dev.kokoni.app.ui.live
import dev.kokoni.app.ui.orGone
import dev.kokoni.app.ui.pixels
import dev.kokoni.app.ui.text
import dev.kokoni.core.Enrolment
import dev.kokoni.core.Kokoni
import dev.kokoni.core.KokoniException
import dev.kokoni.core.SyncStatus
import dev.kokoni.core.Topic
import dev.kokoni.core.watch
import kotlinx.coroutines.CoroutineScope
import kotlinx.coroutines.coroutineScope
import kotlinx.coroutines.flow.MutableStateFlow
import kotlinx.coroutines.flow.StateFlow
import kotlinx.coroutines.flow.asStateFlow
import kotlinx.coroutines.launch

internal sealed interface SettingsUiState {
    data object Loading : SettingsUiState

    data class Ready(
        val enrolment: Enrolment?,
        val status: SyncStatus,
    ) : SettingsUiState
}

/** Signing out, which may take a while: it sends first. */
internal sealed interface LeaveUiState {
    data object Idle : LeaveUiState

    data object Busy : LeaveUiState

    data class Failed(
        val words: String,
    ) : LeaveUiState
}

/** Asks the core to sign out. What was begun is ended, whatever becomes of the screens meanwhile. */
internal class LeavePresenter(
    private val kokoni: Kokoni,
    private val scope: CoroutineScope,
) {
    private val shown = MutableStateFlow<LeaveUiState>(LeaveUiState.Idle)

    val state: StateFlow<LeaveUiState> = shown.asStateFlow()

    fun onAgree() {
        if (shown.value == LeaveUiState.Busy) return
        shown.value = LeaveUiState.Busy
        scope.launch {
            shown.value =
                try {
                    kokoni.signOutAndWipe()
                    LeaveUiState.Idle
                } catch (error: KokoniException) {
                    LeaveUiState.Failed(error.words.text(kokoni.language))
                }
        }
    }
}

/** Who is enrolled, line by line. */
internal fun SettingsUiState.Ready.who(): List<String> =
    enrolment?.let { listOf(it.personName, it.organisationName, it.server) }.orEmpty()

/** What an administrator should know of the managed settings, line by line. */
internal fun Managed.lines(): List<String> = feedback.map { (if (it.problem) "! " else "") + "${it.key}: ${it.text}" } + listOfNotNull(problem)

internal class SettingsScreen(
    private val stage: Stage,
    private val leaver: LeavePresenter,
) : ScreenView {
    private val context = stage.context
    private val space = context.pixels(R.dimen.space)
    private val small = context.pixels(R.dimen.space_small)
    private val settings = stage.session.shell.settings
    private val who = context.column { id = R.id.list }
    private val told =
        context.text(TextRole.BODY).apply {
            live(atOnce = true)
            orGone(null)
        }
    private val enrolAgain = context.button(R.id.enrol_scan, stage.words(R.string.enrol_title), filled = true) { stage.go(Destination.Enrol()) }
    private val signOut = context.button(R.id.sign_out, stage.words(R.string.sign_out)) { askToLeave() }

    override val root: View =
        stage.page(R.string.settings_title) {
            heading(R.string.settings_who)
            add(who)
            add(told)
            add(enrolAgain, above = small)
            heading(R.string.settings_language)
            add(languages())
            add(choice(R.id.left_hand, R.string.settings_left_hand, settings.leftHand) { settings.leftHand = it }, above = space)
            add(choice(R.id.sound, R.string.settings_sound, settings.sound) { settings.sound = it }, above = small)
            reminders()
            managed()
            add(context.button(View.NO_ID, stage.words(R.string.settings_diagnostics)) { stage.tapped(::say) { share(diagnostics()) } }, above = space)
            add(signOut, above = space)
            add(context.text(TextRole.NOTE, context.getString(R.string.settings_version, Kokoni.coreVersion)), above = space)
        }

    override suspend fun run(): Unit =
        coroutineScope {
            launch { leaver.state.collect(::show) }
            try {
                stage.kokoni.watch(Topic.IDENTITY, Topic.SYNC) { SettingsUiState.Ready(enrolment(), status()) }.collect(::show)
            } catch (error: KokoniException) {
                say(error.words.text(stage.kokoni.language))
            }
        }

    private fun LinearLayout.heading(words: Int) = add(context.text(TextRole.HEADING, stage.words(words)), above = space)

    private fun show(state: SettingsUiState) {
        when (state) {
            SettingsUiState.Loading -> say(stage.words(R.string.loading))
            is SettingsUiState.Ready -> {
                who.removeAllViews()
                state.who().forEach { who.add(context.text(TextRole.BODY, it)) }
                who.add(context.text(TextRole.NOTE, state.status.text))
                enrolAgain.visibility = if (state.status.needsEnrolment) View.VISIBLE else View.GONE
            }
        }
    }

    private fun show(state: LeaveUiState) {
        signOut.isEnabled = state != LeaveUiState.Busy
        when (state) {
            LeaveUiState.Idle -> Unit
            LeaveUiState.Busy -> say(stage.words(R.string.sign_out_busy))
            is LeaveUiState.Failed -> say(state.words)
        }
    }

    private fun say(words: String) {
        told.orGone(words)
    }

    private fun languages(): View =
        RadioGroup(context).apply {
            val names = mapOf(LanguageChoice.SYSTEM to R.string.language_system, LanguageChoice.JAPANESE to R.string.language_japanese, LanguageChoice.ENGLISH to R.string.language_english)
            val buttons =
                names.map { (choice, words) ->
                    RadioButton(context).apply {
                        id = View.generateViewId()
                        text = stage.words(words)
                        asBody()
                        minHeight = context.pixels(R.dimen.target)
                        tag = choice
                    }
                }
            buttons.forEach(::addView)
            check(buttons.first { it.tag == settings.language }.id)
            setOnCheckedChangeListener { group, checked ->
                settings.language = group.findViewById<RadioButton>(checked).tag as LanguageChoice
                stage.session.speakAnew()
            }
        }

    private fun choice(
        id: Int,
        words: Int,
        now: Boolean,
        chosen: (Boolean) -> Unit,
    ): View =
        Switch(context).apply {
            this.id = id
            text = stage.words(words)
            asBody()
            minHeight = context.pixels(R.dimen.target)
            isChecked = now
            setOnCheckedChangeListener { _, on -> chosen(on) }
        }

    private fun LinearLayout.reminders() {
        if (context.getSystemService(NotificationManager::class.java).areNotificationsEnabled()) return
        heading(R.string.settings_reminders)
        add(context.text(TextRole.BODY, stage.words(R.string.settings_reminders_off)))
        add(context.button(View.NO_ID, stage.words(R.string.settings_reminders_allow)) { allowReminders() }, above = small)
    }

    private fun allowReminders() {
        val permission = android.Manifest.permission.POST_NOTIFICATIONS
        if (Build.VERSION.SDK_INT >= 33 && stage.wouldAsk(permission)) {
            stage.askPermission(permission)
        } else {
            context.startActivity(Intent(android.provider.Settings.ACTION_APP_NOTIFICATION_SETTINGS).putExtra(android.provider.Settings.EXTRA_APP_PACKAGE, context.packageName))
        }
    }

    private fun LinearLayout.managed() {
        val lines =
            stage.session.shell.managed.value
                .lines()
        if (lines.isEmpty()) return
        heading(R.string.settings_managed)
        lines.forEach { add(context.text(TextRole.NOTE, it)) }
    }

    private fun share(diagnostics: String) {
        val send = Intent(Intent.ACTION_SEND).setType("application/json").putExtra(Intent.EXTRA_TEXT, diagnostics)
        context.startActivity(Intent.createChooser(send, stage.words(R.string.settings_diagnostics)))
    }

    private fun askToLeave() {
        AlertDialog
            .Builder(context)
            .setTitle(R.string.sign_out)
            .setMessage(R.string.sign_out_ask)
            .setPositiveButton(R.string.sign_out_agree) { _, _ -> leaver.onAgree() }
            .setNegativeButton(R.string.enrol_cancel, null)
            .show()
    }
}
