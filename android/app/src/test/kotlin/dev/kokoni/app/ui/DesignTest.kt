// The promises of docs/design.md that resources can break.

package dev.kokoni.app.ui

import android.graphics.Color
import dev.kokoni.app.R
import dev.kokoni.core.Tone
import org.junit.Assert.assertEquals
import org.junit.Assert.assertTrue
import org.junit.Test
import org.junit.runner.RunWith
import org.robolectric.RobolectricTestRunner
import org.robolectric.RuntimeEnvironment

@RunWith(RobolectricTestRunner::class)
class DesignTest {
    private val app get() = RuntimeEnvironment.getApplication()

    @Test
    fun `every text can be read, light and dark`() {
        val roles = listOf(R.color.ink, R.color.ink_soft, R.color.accent) + Tone.entries.map { it.color() }
        for (theme in listOf("notnight", "night")) {
            RuntimeEnvironment.setQualifiers("+$theme")
            for (ground in listOf(R.color.background, R.color.surface)) roles.forEach { check(theme, it, ground) }
            check(theme, R.color.on_accent, R.color.accent)
            check(theme, R.color.on_scrim, R.color.scrim)
        }
    }

    private fun check(
        theme: String,
        text: Int,
        ground: Int,
    ) {
        val contrast = contrast(app.getColor(text), app.getColor(ground))
        assertTrue("$theme ${app.resources.getResourceEntryName(text)} on ${app.resources.getResourceEntryName(ground)}: $contrast", contrast >= 4.5)
    }

    /** By WCAG 2.2; [android.graphics.Color.luminance] is its relative luminance. */
    private fun contrast(
        one: Int,
        other: Int,
    ): Double {
        val (dark, light) = listOf(Color.luminance(one), Color.luminance(other)).sorted()
        return (light + 0.05) / (dark + 0.05)
    }

    @Test
    fun `no tone is told by its colour alone`() = assertEquals(Tone.entries.size, Tone.entries.map { it.sign() }.toSet().size)

    @Test
    fun `Japanese comes first, and English is whole`() {
        val strings = R.string::class.java.fields.map { it.getInt(null) }
        RuntimeEnvironment.setQualifiers("+fr")
        assertEquals("ココニ", app.getString(R.string.app_name))
        val japanese = strings.associateWith(app::getString)
        RuntimeEnvironment.setQualifiers("+en")
        assertEquals("Kokoni", app.getString(R.string.app_name))
        val foreign = strings.filter { app.getString(it) == japanese[it] }.map(app.resources::getResourceEntryName)
        assertEquals(setOf("link_host", "language_japanese", "language_english"), foreign.toSet())
    }
}
