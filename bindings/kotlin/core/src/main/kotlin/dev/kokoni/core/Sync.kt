// Sending what was saved and fetching what is new.

package dev.kokoni.core

import java.time.Duration
import java.time.Instant

/** How a sync ended. None of these is an error, and nothing is lost by any of them. */
public enum class SyncEnd {
    /** Everything was sent and answered. */
    DONE,

    /** No network, or no server. */
    OFFLINE,

    /** The device's enrolment has ended. */
    SIGN_IN_NEEDED,

    /** Another sync is under way. */
    ALREADY_RUNNING,

    /** The server no longer speaks to this version of the app. */
    APP_TOO_OLD,

    /** The Kokoni was closed meanwhile. A cancelled coroutine gets its CancellationException. */
    CANCELLED,

    /** The time given was up. */
    DEADLINE_REACHED,
}

/** What a sync came to. */
public data class SyncOutcome(
    /** How it ended. */
    public val end: SyncEnd,
    /** Records sent. */
    public val sent: Int = 0,
    /** Records the server applied. */
    public val applied: Int = 0,
    /** Records the server refused. */
    public val rejected: Int = 0,
    /** Records still waiting. */
    public val waiting: Int = 0,
    /** When to try again, where something is left to try. */
    public val retryAfter: Duration? = null,
    /** The same in words. */
    public val text: String = "",
)

/** How sending stands, without asking the network. */
public data class SyncStatus(
    /** Records waiting. */
    public val waiting: Int,
    /** Records refused and not dismissed. */
    public val rejected: Int,
    /** The last time that everything went through. */
    public val lastSuccess: Instant?,
    /** The same in words. */
    public val text: String,
    /** What it is. */
    public val tone: Tone,
    /** Whether the device must be enrolled anew. */
    public val needsEnrolment: Boolean,
    /** Whether the app must be updated. */
    public val needsUpdate: Boolean,
)

/**
 * Keeps the phone synced by itself, with growing pauses after failures, until it is closed. One
 * that was forgotten ends when the collector of garbage finds it.
 */
public interface SyncKeeper : AutoCloseable {
    /** There is a reason to try at once: the network is back, the person pulled to refresh. */
    public fun tryNow()

    /** Ends it. Closing it again is fine. */
    override fun close()
}

/** What changed; ask again for what is shown of it. */
public enum class Topic {
    /** What waits and what was refused, and with it the day. */
    QUEUE,

    /** What the server says of the person. */
    ME,

    /** Places, items, people, the catalogue of labels. */
    DIRECTORY,

    /** A sync began or ended. */
    SYNC,

    /** Whose phone this is. */
    IDENTITY,
}
