// Every screen as a person sees it, against its reviewed picture in src/test/pictures: in Japanese
// and English, light and dark, and with letters twice as large.
//
// After a change that is meant: KOKONI_ACCEPT_PICTURES=1 cargo xtask test android, then look at each
// picture that git shows as changed. What was drawn and did not match lies in target/pictures.

package dev.kokoni.app.pictures

import android.Manifest
import android.app.Application
import android.view.View
import android.widget.EditText
import dev.kokoni.app.Destination
import dev.kokoni.app.Phone
import dev.kokoni.app.R
import dev.kokoni.core.FloorId
import dev.kokoni.core.FrameReading
import dev.kokoni.core.Hint
import dev.kokoni.core.Language
import dev.kokoni.core.Via
import org.junit.After
import org.junit.Assert.assertEquals
import org.junit.Test
import org.junit.runner.RunWith
import org.robolectric.RobolectricTestRunner
import org.robolectric.RuntimeEnvironment
import org.robolectric.Shadows.shadowOf
import org.robolectric.annotation.Config
import org.robolectric.annotation.GraphicsMode
import java.io.File
import java.util.Locale
import java.util.TimeZone

@RunWith(RobolectricTestRunner::class)
@Config(sdk = [35])
@GraphicsMode(GraphicsMode.Mode.NATIVE)
class PicturesTest {
    private val zone = TimeZone.getDefault()
    private val changed = ArrayList<String>()

    /** One way of seeing a screen. */
    private class Look(
        val name: String,
        val language: Language,
        val qualifiers: String,
        val fontScale: Float = 1f,
        val leftHand: Boolean = false,
    )

    @After
    fun backToTheirZone() = TimeZone.setDefault(zone)

    @Test
    fun `the camera's screen says where I am and what helps`() = drawn("scan", WAYS + TURNED) { scan { it.onReading(FrameReading(hint = Hint.CLOSER)) } }

    @Test
    fun `a saved scan is one card that can be taken back`() = drawn("scan_saved", WAYS + TURNED) { scan { it.show(day.saved(), Via.CAMERA) } }

    @Test
    fun `what needs a tap asks for one`() = drawn("scan_asking", WAYS + TURNED_LARGE) { scan { it.show(day.asking(), Via.CAMERA) } }

    @Test
    fun `a locker shows what it holds`() = drawn("scan_locker") { scan { it.show(day.locker(), Via.CAMERA) } }

    @Test
    fun `a foreign code is named`() = drawn("scan_foreign") { scan { it.show(day.foreign(), Via.CAMERA) } }

    @Test
    fun `without the camera there is a way to typing`() = drawn("scan_refused", camera = false) { until("why") { view(R.id.camera_allow) != null } }

    @Test
    fun `a typed code that does not fit says so`() =
        drawn("typing") {
            go(Destination.Typing)
            enter(R.id.code_field, "7Q2M XK9D 4T8R W1H3 F")
        }

    @Test
    fun `my day shows what needs me first`() = drawn("today", WAYS.map(::tall)) { go(Destination.Today) }

    @Test
    fun `a day without anything says so`() =
        drawn("today_empty") {
            day.isEmpty = true
            go(Destination.Today)
            until("the day") { view(R.id.headline) != null }
        }

    @Test
    fun `a search that finds nobody says so`() =
        drawn("people_none") {
            day.isEmpty = true
            go(Destination.People)
            enter(R.id.people_field, "zzz")
            until("the answer") { inSight().any { it == activity.getString(R.string.people_none) } }
        }

    @Test
    fun `colleagues are found with where they are`() =
        drawn("people", WAYS.map(::tall)) {
            go(Destination.People)
            enter(R.id.people_field, if (day.language == Language.JAPANESE) "山田" else "yamada")
            until("colleagues") { inSight().any { it.startsWith("山田") } }
        }

    @Test
    fun `floors are a list with one's own first`() = drawn("floors") { go(Destination.Floors) }

    @Test
    fun `a floor is a plan and a list`() =
        drawn("floor") {
            go(Destination.Floor(FloorId("3")))
            until("the plan") { view(R.id.plan)?.height?.let { it > 0 } == true }
        }

    @Test
    fun `nobody's phone can be enrolled in three ways`() = drawn("enrol", enrolled = false) { until("the screen") { view(R.id.enrol_typed) != null } }

    @Test
    fun `a link asks before it enrols`() =
        drawn("enrol_asking", enrolled = false) {
            until("the screen") { view(R.id.enrol_typed) != null }
            openLink("https://kokoni.example/enrol#0123456789ABCDEFGHJKMNPQRS")
            until("the question") { view(R.id.enrol_agree) != null }
        }

    @Test
    fun `another organisation's link says what would be lost`() =
        drawn("enrol_other") {
            openLink("https://other.example.jp/enrol#0123456789ABCDEFGHJKMNPQRS")
            until("the question") { view(R.id.enrol_agree) != null }
        }

    @Test
    fun `settings say whose phone it is`() = drawn("settings", WAYS.map(::tall)) { go(Destination.Settings) }

    @Test
    fun `no reviewed picture is left over`() {
        val files = REVIEWED.listFiles().orEmpty().groupBy { it.name.substringBefore('-') }
        if (ACCEPTING) return (files - NAMES).values.flatten().forEach { it.delete() }
        assertEquals(NAMES, files.keys)
    }

    private class Scene(
        val phone: Phone,
        val day: ExampleDay,
    )

    private fun drawn(
        name: String,
        looks: List<Look> = WAYS,
        enrolled: Boolean = true,
        camera: Boolean = true,
        play: Scene.() -> Unit,
    ) {
        check(name in NAMES) { "$name is not in the list of pictures" }
        looks.forEach { look -> draw("$name-${look.name}", look, enrolled, camera, play) }
        assertEquals("pictures that changed; what was drawn lies in ${DRAWN.absolutePath}", emptyList<String>(), changed)
    }

    private fun draw(
        name: String,
        look: Look,
        enrolled: Boolean,
        camera: Boolean,
        play: Scene.() -> Unit,
    ) {
        TimeZone.setDefault(TimeZone.getTimeZone("Asia/Tokyo"))
        RuntimeEnvironment.setQualifiers(look.qualifiers)
        RuntimeEnvironment.setFontScale(look.fontScale)
        Phone().use { phone ->
            val day = if (enrolled) ExampleDay(look.language) else ExampleDay(look.language, enrolled = null)
            phone.app.phone.core = day
            phone.app.shell.settings.leftHand = look.leftHand
            if (camera) shadowOf(phone.app as Application).grantPermissions(Manifest.permission.CAMERA)
            shadowOf(phone.app as Application).grantPermissions(Manifest.permission.POST_NOTIFICATIONS)
            phone.open()
            phone.until("the core") { phone.activity.session.scanner != null }
            Scene(phone, day).play()
            phone.until("its lines") { phone.inSight().isNotEmpty() }
            val drawn = steady(phone.activity.window.decorView)
            assertEquals("$name: too small for a thumb", emptyList<String>(), drawn.smallTargets())
            assertEquals("$name: cut off", emptyList<String>(), drawn.cutOff())
            compare(name, drawn)
        }
    }

    private fun compare(
        name: String,
        view: View,
    ) {
        val now = Picture.of(view)
        val file = File(REVIEWED, "$name.png")
        if (ACCEPTING) return now.write(file)
        val differing = if (file.isFile) now.differing(Picture.read(file)) else Int.MAX_VALUE
        if (differing > TOLERATED) {
            changed += "$name ($differing pixels)"
            now.write(File(DRAWN, "$name.png"))
        }
    }

    /** Without what moves: a cursor that blinks, the last tap's ripple. */
    private fun steady(view: View): View {
        (view.findFocus() as? EditText)?.isCursorVisible = false
        view.jumpDrawablesToCurrentState()
        return view
    }

    private fun Scene.scan(show: (dev.kokoni.app.scan.ScanPresenter) -> Unit) {
        phone.camera().preview.setBackgroundColor(DESK)
        phone.until("the chip") { phone.view(R.id.chip) != null }
        show(checkNotNull(phone.activity.session.scanner))
        phone.until("it is drawn") { true }
    }

    private fun Scene.go(to: Destination) = phone.activity.session.go(to)

    private fun Scene.enter(
        field: Int,
        text: String,
    ) = phone.enter(field, text)

    private fun Scene.until(
        what: String,
        is_: Phone.() -> Boolean,
    ) = phone.until(what) { phone.is_() }

    private fun Scene.openLink(link: String) = phone.openLink(link)

    private companion object {
        val REVIEWED = File("src/test/pictures")
        val DRAWN = File("target/pictures")
        val ACCEPTING = System.getenv("KOKONI_ACCEPT_PICTURES") == "1"

        /**
         * The same code draws the same pixels on one kind of machine. Another may round the edges
         * of letters otherwise; the smallest sign a person reads, a full stop, has more than this.
         */
        const val TOLERATED = 12

        /** A desk of wood, where a camera's picture would be. */
        const val DESK = 0xFFB59B7A.toInt()

        private const val PHONE = "w360dp-h740dp"

        private fun look(
            name: String,
            language: Language,
            night: Boolean = false,
            fontScale: Float = 1f,
        ): Look {
            val tongue = if (language == Language.JAPANESE) Locale.JAPANESE.language else Locale.ENGLISH.language
            return Look(name, language, "$tongue-$PHONE-port-${if (night) "night" else "notnight"}-hdpi", fontScale)
        }

        val WAYS =
            listOf("ja" to Language.JAPANESE, "en" to Language.ENGLISH).flatMap { (name, language) ->
                listOf(
                    look("$name-light", language),
                    look("$name-dark", language, night = true),
                    look("$name-large", language, fontScale = 2f),
                )
            }

        /** On its side, for either hand, and upright for the left one. */
        val TURNED =
            listOf(
                Look("ja-turned", Language.JAPANESE, "ja-w740dp-h360dp-land-notnight-hdpi"),
                Look("ja-turned_left", Language.JAPANESE, "ja-w740dp-h360dp-land-notnight-hdpi", leftHand = true),
                Look("ja-left", Language.JAPANESE, "ja-$PHONE-port-notnight-hdpi", leftHand = true),
            )

        /** The least room there is for a card. */
        val TURNED_LARGE = Look("ja-turned_large", Language.JAPANESE, "ja-w740dp-h360dp-land-notnight-hdpi", fontScale = 2f)

        /** All of a long screen at once. */
        fun tall(look: Look): Look =
            Look(look.name, look.language, look.qualifiers.replace("h740dp", if (look.fontScale > 1f) "h2000dp" else "h1150dp"), look.fontScale)

        val NAMES =
            setOf(
                "scan",
                "scan_saved",
                "scan_asking",
                "scan_locker",
                "scan_foreign",
                "scan_refused",
                "typing",
                "today",
                "today_empty",
                "people",
                "people_none",
                "floors",
                "floor",
                "enrol",
                "enrol_asking",
                "enrol_other",
                "settings",
            )
    }
}
