// What a person chooses about this app on this phone. None of it is a fact of the core's.

package dev.kokoni.app

import android.content.Context
import android.content.res.Configuration
import android.content.res.Resources
import dev.kokoni.core.Language
import java.util.Locale

/** Which language to speak. */
internal enum class LanguageChoice(
    /** Null leaves it to the phone. */
    val locale: Locale?,
) {
    SYSTEM(null),
    JAPANESE(Locale.JAPANESE),
    ENGLISH(Locale.ENGLISH),
}

/** Small choices in the app's preferences. */
internal class Settings(
    context: Context,
) {
    private val kept = context.getSharedPreferences("settings", Context.MODE_PRIVATE)

    var language: LanguageChoice
        get() = LanguageChoice.entries.firstOrNull { it.name == kept.getString(LANGUAGE, null) } ?: LanguageChoice.SYSTEM
        set(value) = kept.edit().putString(LANGUAGE, value.name).apply()

    var leftHand: Boolean
        get() = kept.getBoolean(LEFT_HAND, false)
        set(value) = kept.edit().putBoolean(LEFT_HAND, value).apply()

    var sound: Boolean
        get() = kept.getBoolean(SOUND, true)
        set(value) = kept.edit().putBoolean(SOUND, value).apply()

    /** A context whose resources speak the chosen language. */
    fun speaking(base: Context): Context {
        val locale = language.locale ?: return base
        val configuration = Configuration(base.resources.configuration).apply { setLocale(locale) }
        return base.createConfigurationContext(configuration)
    }

    private companion object {
        const val LANGUAGE = "language"
        const val LEFT_HAND = "left_hand"
        const val SOUND = "sound"
    }
}

/** The core's language for these resources. */
internal val Resources.coreLanguage: Language
    get() = if (getString(R.string.core_language) == "en") Language.ENGLISH else Language.JAPANESE
