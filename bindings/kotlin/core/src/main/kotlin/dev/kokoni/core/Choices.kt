// Choices that several parts of the package share.

package dev.kokoni.core

/** The language of every text that a person reads. */
public enum class Language {
    /** 日本語 */
    JAPANESE,

    /** English */
    ENGLISH,
}

/** A sentence in both languages. */
public data class Words(
    /** In Japanese. */
    public val japanese: String,
    /** In English. */
    public val english: String,
) {
    /** The sentence in one language. */
    public fun text(language: Language): String =
        when (language) {
            Language.JAPANESE -> japanese
            Language.ENGLISH -> english
        }
}

/** What a text is: choose colour, haptic and sound by it, and never by the colour alone. */
public enum class Tone {
    /** Done as wished. */
    SUCCESS,

    /** Done, or to be done, and worth a look. */
    ATTENTION,

    /** Not done, and the text says why. */
    REFUSAL,

    /** A plain fact. */
    NEUTRAL,
}

/** Where a person is, as far as is known. */
public enum class Whereabouts {
    /** No record today. */
    NO_RECORD,

    /** At a place. */
    PRESENT,

    /** Working from home. */
    TELEWORK,

    /** Was here today, and left. */
    AWAY,

    /** Somebody else took the seat since. */
    DISPLACED,

    /** Not shown to this person, or not known. */
    UNKNOWN,
}
