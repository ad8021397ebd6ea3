// Opening, enrolling, and what an administrator sets from afar.

package dev.kokoni.core

import java.nio.file.Path

/** What a [Kokoni] needs to be opened. */
public data class KokoniConfig(
    /** A folder of its own, private to the app and never backed up; made where missing. */
    public val folder: Path,
    /** The app's version, for diagnostics. */
    public val appVersion: String,
    /** What the device calls itself in the list of a person's devices: 1 to 80 characters. */
    public val deviceName: String,
    /** The language of every text. */
    public val language: Language = Language.JAPANESE,
    /** The kind of device. */
    public val platform: Platform = Platform.ANDROID,
    /** Managed settings (MDM); empty for a device that nobody manages. */
    public val managed: Map<String, String> = emptyMap(),
) {
    /** Managed settings may hold an enrolment code: only their names are told. */
    override fun toString(): String = "KokoniConfig(appVersion=$appVersion, language=$language, platform=$platform, managed=${managed.keys})"
}

/** The kind of device. */
public enum class Platform {
    /** Android. */
    ANDROID,

    /** iOS. */
    IOS,

    /** Anything else. */
    OTHER,
}

/** Whose phone this is. */
public data class Enrolment(
    /** The organisation's id. */
    public val organisation: String,
    /** Its name. */
    public val organisationName: String,
    /** The person. */
    public val person: PersonId,
    /** The person's name. */
    public val personName: String,
    /** This device's id. */
    public val device: String,
    /** The server. */
    public val server: String,
    /** The host in the organisation's labels. */
    public val labelHost: String,
)

/** What became of managed settings. */
public data class Configured(
    /** Whether [Kokoni.enrolManaged] can be called. */
    public val canEnrol: Boolean,
    /** Certificates changed: close the [Kokoni] and open it again. */
    public val restartNeeded: Boolean,
    /** What to answer to the administrator, key by key. */
    public val feedback: List<SettingFeedback>,
)

/** What became of one managed setting. */
public data class SettingFeedback(
    /** The setting. */
    public val key: String,
    /** Whether it could not be used. */
    public val problem: Boolean,
    /** The same in words. */
    public val text: String,
)

/**
 * Keeps small secrets: the key of the database, the tokens. On a phone the keystore.
 *
 * Called on threads of the core, seldom, and may block. What it throws reaches the caller of the
 * function that needed the secret, as [KokoniException.SecretsLocked] or
 * [KokoniException.SecretsFailed].
 */
public interface SecretStore {
    /** The secret of this name; null where there is none. */
    @Throws(SecretsException::class)
    public fun load(name: String): ByteArray?

    /** Keeps a secret in place of any of the same name, durably once this returns. */
    @Throws(SecretsException::class)
    public fun store(
        name: String,
        value: ByteArray,
    )

    /** Forgets a secret; fine where there is none. */
    @Throws(SecretsException::class)
    public fun erase(name: String)
}

/** Why a [SecretStore] cannot answer. Any other exception counts as [Failed]. */
public sealed class SecretsException(
    message: String,
    cause: Throwable?,
) : Exception(message, cause) {
    /** The device is locked; it will work later. */
    public class Locked(
        cause: Throwable? = null,
    ) : SecretsException("the device is locked", cause)

    /** It does not work. */
    public class Failed(
        cause: Throwable? = null,
    ) : SecretsException("the store of secrets failed", cause)
}

/** Hears what the core logs. No personal data and no secret is in it. */
public fun interface LogSink {
    /** One line; called on a thread of its own. What it throws is dropped. */
    public fun log(
        level: LogLevel,
        target: String,
        text: String,
    )
}

/** How much a line of the log matters. */
public enum class LogLevel {
    /** Something failed. */
    ERROR,

    /** Something is not as it should be. */
    WARN,

    /** What happened. */
    INFO,

    /** How it happened. */
    DEBUG,
}
