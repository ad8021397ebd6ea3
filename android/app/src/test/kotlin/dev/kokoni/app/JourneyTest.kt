// The journeys of both phones, on the oldest and the newest system: real views over the real core
// and a real server.

package dev.kokoni.app

import org.junit.Assert.assertEquals
import org.junit.Test
import org.junit.runner.RunWith
import org.robolectric.RobolectricTestRunner
import org.robolectric.RuntimeEnvironment

@RunWith(RobolectricTestRunner::class)
class JourneyTest {
    @Test
    fun `an offline scan is sent later`() = play("offline_scan_is_sent_later")

    @Test
    fun `undo takes a scan back`() = play("undo_takes_a_scan_back")

    @Test
    fun `managed settings enrol without typing`() = play("managed_settings_enrol_without_typing")

    @Test
    fun `a refused camera leaves typing`() = play("camera_refused_leaves_typing")

    @Test
    fun `a lost key asks to enrol again`() = play("lost_key_asks_to_enrol_again")

    @Test
    fun `turning the phone keeps the card`() = play("turning_keeps_the_card")

    @Test
    fun `the process may die in the middle of a scan`() = play("death_in_the_middle_of_a_scan")

    @Test
    fun `a link lands like a scan`() = play("link_lands_like_a_scan")

    @Test
    fun `a foreign code is named and left alone`() = play("foreign_code_is_named_and_left_alone")

    @Test
    fun `organisations are not mixed`() = play("organisations_are_not_mixed")

    @Test
    fun `every journey is played here`() {
        val played = javaClass.methods.count { it.isAnnotationPresent(Test::class.java) } - 1
        assertEquals(Journey.all().toString(), Journey.all().size, played)
    }

    private fun play(name: String) {
        val story = Journey.read(name)
        RuntimeEnvironment.setQualifiers("+${story.getString("language")}-w360dp-h740dp-port")
        TestServer().use { server -> TestServer(TestServer.OTHER_HOST).use { other -> Phone().use { phone -> Journey(phone, server, other).play(story) } } }
    }
}
