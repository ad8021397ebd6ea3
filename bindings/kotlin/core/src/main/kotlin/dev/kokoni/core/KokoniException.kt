// What can go wrong, as far as an app can act on it.

package dev.kokoni.core

/**
 * Why a call failed. [words] is the sentence that a person reads; `message` is its English.
 *
 * Being offline during a sync is no exception: see [SyncEnd]. A cancelled coroutine gets its
 * `CancellationException`, never one of these.
 */
public sealed class KokoniException(
    /** What a person reads, in both languages. */
    public val words: Words,
    cause: Throwable? = null,
) : Exception(words.english, cause) {
    /** Something handed in is not right. */
    public class Input(
        /** What it is that is not right. */
        public val problem: InputProblem,
        words: Words,
    ) : KokoniException(words)

    /** This phone is nobody's yet. */
    public class NotEnrolled(
        words: Words,
    ) : KokoniException(words)

    /** The enrolment code is wrong, used or too old. */
    public class CodeNotValid(
        words: Words,
    ) : KokoniException(words)

    /** Records of another person wait here to be sent. */
    public class OthersRecordsWait(
        /** How many. */
        public val waiting: Int,
        words: Words,
    ) : KokoniException(words)

    /** The enrolment has ended: enrol anew. */
    public class SignInNeeded(
        words: Words,
    ) : KokoniException(words)

    /** The server no longer speaks to this version. */
    public class AppTooOld(
        words: Words,
    ) : KokoniException(words)

    /** The server cannot be reached. */
    public class Offline(
        /** A code: `unreachable`, `captive_portal` and others. */
        public val obstacle: String,
        words: Words,
    ) : KokoniException(words)

    /** The server answered no. */
    public class Refused(
        /** The status of HTTP. */
        public val status: Int,
        words: Words,
    ) : KokoniException(words)

    /** There is no such record, or it is no longer of the kind asked for. */
    public class NoSuchRecord(
        words: Words,
    ) : KokoniException(words)

    /** The disk of the phone is full; nothing was saved. */
    public class StorageFull(
        words: Words,
    ) : KokoniException(words)

    /** The disk of the phone does not work; nothing was saved. */
    public class StorageFailed(
        words: Words,
    ) : KokoniException(words)

    /** The database is damaged. */
    public class StorageDamaged(
        words: Words,
    ) : KokoniException(words)

    /** A later version of the app made this database. */
    public class StorageFromTheFuture(
        words: Words,
    ) : KokoniException(words)

    /** Something else has the database open. */
    public class DatabaseInUse(
        words: Words,
    ) : KokoniException(words)

    /** The key of the database is gone: [Kokoni.eraseAll], open again, enrol again. */
    public class KeyMissing(
        words: Words,
    ) : KokoniException(words)

    /** The key is another database's. */
    public class KeyWrong(
        words: Words,
    ) : KokoniException(words)

    /** The store of secrets is locked; it will work later. */
    public class SecretsLocked(
        words: Words,
    ) : KokoniException(words)

    /** The store of secrets does not work. */
    public class SecretsFailed(
        words: Words,
    ) : KokoniException(words)

    /** The time given was up. Nothing is half done. */
    public class DeadlineReached(
        words: Words,
    ) : KokoniException(words)

    /** It was closed, before or during the call. */
    public class Closed(
        words: Words,
        cause: Throwable? = null,
    ) : KokoniException(words, cause)

    /** A fault of the core itself. */
    public class Internal(
        /** Where. */
        public val place: String,
        words: Words,
    ) : KokoniException(words)
}

/** What is not right of what was handed in. */
public enum class InputProblem {
    /** A frame's sizes do not fit its bytes. */
    FRAME,

    /** The host of the labels. */
    HOST,

    /** A label. */
    LABEL,

    /** A record's id. */
    RECORD,

    /** A floor's id. */
    FLOOR,

    /** The server's address. */
    SERVER,

    /** The link to enrol by. */
    ENROL_LINK,

    /** The typed code to enrol by. */
    ENROL_CODE,

    /** The name of the device. */
    DEVICE_NAME,

    /** A root certificate. */
    ROOT_CERTIFICATE,

    /** A text is too long. */
    TOO_LONG,

    /** A time or a duration. */
    TIME,

    /** Nobody manages this device. */
    NOT_MANAGED,
}
