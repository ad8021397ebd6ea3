// A person's day, and what of it the server does not have yet or did not take.

package dev.kokoni.core

import java.time.Instant
import java.time.LocalDate

/** The one line that is always in sight. */
public data class Chip(
    /** `3階 A-12・未送信 2件`. */
    public val text: String,
    /** Where I am. */
    public val place: String,
    /** How much waits; null where nothing does. */
    public val waitingText: String? = null,
    /** Records not sent yet. */
    public val waiting: Int = 0,
    /** Records that the server refused and nobody has looked at. */
    public val rejected: Int = 0,
    /** What it is. */
    public val tone: Tone = Tone.NEUTRAL,
    /** For screen readers. */
    public val spoken: String = text,
)

/** The person's own day, with or without a network. */
public data class Today(
    /** The working day; it ends at four in the morning, or when the organisation says. */
    public val date: LocalDate,
    /** `11月24日（火）`. */
    public val dateText: String,
    /** Where the person is. */
    public val whereabouts: Whereabouts,
    /** The same in words. */
    public val headline: String,
    /** Since when. */
    public val since: Instant? = null,
    /** `9:05 から`. */
    public val sinceText: String? = null,
    /** Something to be told: somebody took the seat, sign-in is needed. */
    public val notice: String? = null,
    /** Where the person was today, in order. */
    public val stays: List<Stay> = emptyList(),
    /** What the person has borrowed. */
    public val loans: List<Loan> = emptyList(),
    /** What was not sent yet. */
    public val waiting: List<WaitingRecord> = emptyList(),
    /** What the server refused. */
    public val rejected: List<RejectedRecord> = emptyList(),
    /** How sending stands. */
    public val syncText: String = "",
)

/** One stretch of a day at one place. */
public data class Stay(
    /** The place. */
    public val place: PlaceId,
    /** From. */
    public val since: Instant,
    /** Until; null while it lasts. */
    public val until: Instant?,
    /** `9:05–11:30 3階 A-12`. */
    public val text: String,
    /** Whether it was telework. */
    public val telework: Boolean,
)

/** One borrowed item. */
public data class Loan(
    /** The item. */
    public val item: ItemId,
    /** Its name. */
    public val name: String,
    /** Since when. */
    public val since: Instant,
    /** When it must be back; null where nobody said. */
    public val due: Instant?,
    /** `11月25日 17:15 まで`. */
    public val text: String,
    /** Whether it should be back already. */
    public val overdue: Boolean,
)

/** A saved scan that was not sent yet. */
public data class WaitingRecord(
    /** The record. */
    public val record: RecordId,
    /** What it says: `3階 A-12 に着席`. */
    public val title: String,
    /** When it was made. */
    public val recordedAt: Instant,
    /** The time in words. */
    public val text: String,
)

/** A saved scan that the server refused. Shown until it is dismissed or sent anew. */
public data class RejectedRecord(
    /** The record. */
    public val record: RecordId,
    /** What it says. */
    public val title: String,
    /** When it was made. */
    public val recordedAt: Instant,
    /** Why it was refused. */
    public val why: String,
    /** What one can do. */
    public val advice: String,
    /** Whether [Kokoni.resend] can help. */
    public val canResend: Boolean,
)
