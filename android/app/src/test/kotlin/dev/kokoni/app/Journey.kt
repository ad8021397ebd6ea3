// Plays the journeys of tests/fixtures/journeys; their README says what each step means.

package dev.kokoni.app

import dev.kokoni.app.scan.ScanUiState
import dev.kokoni.core.LabelId
import org.json.JSONObject
import org.junit.Assert.assertEquals
import org.junit.Assert.assertTrue
import java.io.File
import java.time.Duration
import java.time.Instant

internal class Journey(
    private val phone: Phone,
    private val server: TestServer,
    private val other: TestServer,
) {
    private var reminder: String? = null

    fun play(story: JSONObject) {
        val steps = story.getJSONArray("steps")
        for (at in 0 until steps.length()) {
            val step = steps.getJSONObject(at)
            try {
                take(step)
            } catch (error: Throwable) {
                throw AssertionError("${story.getString("journey")}, step ${at + 1}, $step: ${error.message}", error)
            }
        }
    }

    private fun take(step: JSONObject) {
        when (val what = step.keys().asSequence().single()) {
            "server" -> if (step.getString(what) == "start") server.start() else server.stop()
            "other_server" -> other.start()
            "app" -> app(step.getString(what))
            "manage" -> manage()
            "enrol" -> enrol()
            "camera" -> camera(step.getString(what) == "allow")
            "show" -> phone.showLabel(phone.label(step.getString(what)), TestServer.HOST)
            "show_foreign" -> phone.showLabel(FOREIGN_LABEL, step.getString(what))
            "type" -> typeCode(phone.label(step.getString(what)))
            "open_link" -> phone.openLink("https://${TestServer.HOST}/q/${phone.label(step.getString(what))}")
            "open_invitation" -> phone.openLink(other.invite().first)
            "answer" -> phone.tap(if (step.getString(what) == "yes") R.id.enrol_agree else R.id.enrol_cancel)
            "tap" -> phone.tap(controlOf(step.getString(what)))
            "sync" -> phone.sync()
            "sleep_until_before_reminder" -> sleepUntilBeforeReminder(step.getLong(what))
            "lose" -> loseKey()
            "screen" -> phone.until("the screen ${step.getString(what)}") { screen() == step.getString(what) }
            "finder" -> phone.until("the finder ${step.getString(what)}") { finder() == step.getString(what) }
            "card" -> card(step.optJSONObject(what))
            "chip" -> chip(step.getJSONObject(what))
            "waiting" -> phone.until("lines that wait") { phone.views(R.id.waiting_line).size == step.getInt(what) }
            "rejected" -> phone.until("refused lines") { phone.views(R.id.rejected_line).size == step.getInt(what) }
            "whereabouts" -> whereabouts(step.getString(what))
            "asked" -> asked()
            "refused" -> phone.until("that records wait") { phone.inSight().any { "未送信の記録が1件あります" in it } && phone.view(R.id.enrol_agree) == null }
            "organisation" -> phone.until("the organisation ${step.getString(what)}") { phone.wait { phone.kokoni.enrolment() }?.labelHost == step.getString(what) }
            "enrolled" -> phone.until("the enrolment") { (phone.wait { phone.kokoni.enrolment() } != null) == step.getBoolean(what) }
            "next_reminder" -> phone.until("the reminder ${step.getString(what)}") { (reminder in phone.alarms()) == (step.getString(what) == "kept") }
            "described" -> assertEquals("controls without words", emptyList<Any>(), phone.undescribed())
            else -> throw AssertionError("no such step")
        }
    }

    private fun app(what: String) =
        when (what) {
            "open" -> phone.open()
            "turn" -> phone.turn("+land")
            "die" -> phone.die()
            else -> throw AssertionError("no such step")
        }

    private fun manage() {
        phone.app.phone.managed = mapOf("server_url" to server.address, "enrolment_code" to server.invite().second)
        phone.activity.sendBroadcast(android.content.Intent(android.content.Intent.ACTION_APPLICATION_RESTRICTIONS_CHANGED))
    }

    private fun enrol() {
        phone.until("the screen enrol") { screen() == "enrol" }
        phone.openLink(server.invite().first)
        phone.tap(R.id.enrol_agree)
        phone.until("the camera's screen") { screen() == "scan" }
    }

    private fun camera(allowed: Boolean) {
        phone.allowCamera(allowed)
        phone.until("the answer about the camera") { finder() == if (allowed) "live" else "permission_needed" }
    }

    private fun asked() {
        val here = checkNotNull(phone.wait { phone.kokoni.enrolment() }).organisationName
        val there = other.address.removePrefix("http://")
        phone.until("a question that names $here and $there") { phone.view(R.id.enrol_agree) != null && phone.inSight().any { here in it && there in it } }
    }

    private fun typeCode(label: String) {
        phone.enter(R.id.code_field, printed(label))
        phone.tap(R.id.code_done)
    }

    /** The code as it stands under the label: the check symbol is found by asking. */
    private fun printed(label: String): String =
        CHECK_SYMBOLS.map { label + it }.first { phone.kokoni.typedCode(it).label == LabelId(label) }

    private fun sleepUntilBeforeReminder(minutes: Long) {
        phone.until("a reminder") { phone.alarms().isNotEmpty() }
        val (id, at) = phone.alarms().minBy { it.value }
        reminder = id
        phone.sleep(Duration.between(Instant.now(), at).minusMinutes(minutes))
    }

    private fun loseKey() {
        phone.app.phone.key
            .lose()
        phone.startAgain()
    }

    private fun screen(): String =
        when (phone.activity.session.front.value) {
            is Front.Ready -> name(phone.activity.session.stack.value.top)
            else -> "none"
        }

    private fun name(destination: Destination) = BackStack(destination).saved().single().substringBefore(':')

    private fun finder(): String =
        when (val state = phone.activity.session.scanner?.state?.value) {
            is ScanUiState.Live -> "live"
            is ScanUiState.PermissionNeeded -> "permission_needed".takeIf { phone.view(R.id.typing) != null } ?: "no way to typing"
            else -> state.toString()
        }

    private fun card(wanted: JSONObject?) {
        if (wanted == null) return phone.until("no card") { phone.view(R.id.card) == null }
        phone.until("the card $wanted") { phone.view(R.id.card) != null && cardInSight().let { now -> wanted.keys().asSequence().all { now[it] == wanted.get(it) } } }
    }

    private fun cardInSight(): Map<String, Any?> {
        val card = phone.activity.session.scanner?.state?.value?.card?.card
        return mapOf(
            "tone" to card?.tone?.name?.lowercase(),
            "meaning" to card?.meaning?.name?.lowercase(),
            "saved" to (card?.record != null),
            "undo" to (phone.view(R.id.undo) != null),
            "confirm" to (phone.view(R.id.confirm) != null),
        )
    }

    private fun chip(wanted: JSONObject) {
        phone.until("the chip $wanted") {
            val chip = phone.activity.session.scanner?.state?.value?.chip
            phone.view(R.id.chip) != null && chip?.waiting == wanted.getInt("waiting") && chip.rejected == wanted.getInt("rejected")
        }
    }

    private fun whereabouts(wanted: String) {
        phone.until("whereabouts $wanted") { phone.wait { phone.kokoni.today() }.whereabouts.name.lowercase() == wanted }
        val headline = phone.wait { phone.kokoni.today() }.headline
        phone.until("the headline") { headline in phone.inSight() }
        assertTrue(headline.isNotBlank())
    }

    private fun controlOf(name: String): Int =
        when (name) {
            "confirm" -> R.id.confirm
            "undo" -> R.id.undo
            "close_card" -> R.id.close_card
            "torch" -> R.id.torch
            "typing" -> R.id.typing
            "today" -> R.id.today
            "people" -> R.id.people
            "floors" -> R.id.floors
            "settings" -> R.id.settings
            "back" -> R.id.back
            else -> throw AssertionError("no such control")
        }

    companion object {
        private const val FOREIGN_LABEL = "0123456789ABCDEF"
        private const val CHECK_SYMBOLS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ*~\$=U"

        private val folder = File(checkNotNull(System.getProperty("kokoni.journeys")))

        fun all(): List<String> = folder.listFiles().orEmpty().filter { it.extension == "json" }.map { it.nameWithoutExtension }.sorted()

        fun read(name: String) = JSONObject(File(folder, "$name.json").readText())
    }
}
