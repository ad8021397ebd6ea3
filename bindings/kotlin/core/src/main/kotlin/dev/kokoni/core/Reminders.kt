// Reminders, for the system's own alarms.

package dev.kokoni.core

import java.time.Instant
import java.time.LocalDateTime
import java.time.ZoneId

/** A reminder to be scheduled. */
public data class ReminderPlan(
    /** Stable: the same reminder has the same id when it is asked for again. */
    public val id: String,
    /** When, as a moment. */
    public val at: Instant,
    /** When, on the organisation's clocks. */
    public val local: LocalDateTime,
    /** The organisation's zone. */
    public val zone: ZoneId,
    /** The notification's title. */
    public val title: String,
    /** Its text. */
    public val body: String,
    /** What it is about. */
    public val kind: ReminderKind,
)

/** What a reminder is about. */
public enum class ReminderKind {
    /** There is no record yet today. */
    NO_RECORD,

    /** Telework was begun and not ended. */
    TELEWORK_END,
}
