// Colleagues and floors.

package dev.kokoni.core

/** A colleague, as far as the organisation's policy shows. */
public data class Person(
    /** Who. */
    public val person: PersonId,
    /** The name. */
    public val name: String,
    /** The name's reading in kana. */
    public val kana: String,
    /** The section. */
    public val section: String,
    /** The extension. */
    public val extension: String?,
    /** A `tel:` link of the extension. */
    public val dial: String?,
    /** Where the person is; [Whereabouts.UNKNOWN] from [Kokoni.people]. */
    public val whereabouts: Whereabouts,
    /** `3階 A-12 9:05 から`. */
    public val whereText: String?,
    /** The floor the person is on. */
    public val floor: FloorId?,
    /** The place the person is at. */
    public val place: PlaceId?,
)

/** A floor, as a line of a list. */
public data class Floor(
    /** The floor. */
    public val floor: FloorId,
    /** `本庁舎 3階`. */
    public val name: String,
    /** How many seats it has. */
    public val seats: Int,
    /** Whether the person is on it. */
    public val mine: Boolean,
)

/** A floor as it is now. The plan's unit is the organisation's own; y points down. */
public data class FloorPlan(
    /** The floor. */
    public val floor: FloorId,
    /** Its name. */
    public val name: String,
    /** `空席 12 / 40`. */
    public val summary: String,
    /** Free seats. */
    public val free: Int,
    /** Taken seats. */
    public val taken: Int,
    /** Left edge of the box around the places, with a margin. */
    public val left: Float,
    /** Its upper edge. */
    public val top: Float,
    /** Its width. */
    public val width: Float,
    /** Its height. */
    public val height: Float,
    /** The seats and rooms. */
    public val seats: List<Seat>,
)

/** A seat or a room on a plan. */
public data class Seat(
    /** The place. */
    public val place: PlaceId,
    /** Its name. */
    public val name: String,
    /** Its middle, to the right. */
    public val x: Float,
    /** Its middle, downwards. */
    public val y: Float,
    /** A room rather than a seat. */
    public val room: Boolean,
    /** Whether somebody is there. */
    public val taken: Boolean,
    /** Whether it is the person's own. */
    public val mine: Boolean,
    /** Who is there, as far as the policy shows. */
    public val text: String,
    /** For screen readers. */
    public val spoken: String,
)
