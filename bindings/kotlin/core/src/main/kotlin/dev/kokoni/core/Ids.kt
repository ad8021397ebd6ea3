// The names of things, each of its own type, so that none is taken for another.

package dev.kokoni.core

/** A printed label: 16 upper-case characters of Crockford's base 32. Knowing one grants nothing. */
@JvmInline
public value class LabelId(
    /** The 16 characters, without check symbol and hyphens. */
    public val text: String,
)

/** A saved scan: a UUID in lower case. */
@JvmInline
public value class RecordId(
    /** The UUID. */
    public val text: String,
)

/** A floor: a UUID in lower case. */
@JvmInline
public value class FloorId(
    /** The UUID. */
    public val text: String,
)

/** A seat, a room or a home: a UUID in lower case. */
@JvmInline
public value class PlaceId(
    /** The UUID. */
    public val text: String,
)

/** Something that can be borrowed: a UUID in lower case. */
@JvmInline
public value class ItemId(
    /** The UUID. */
    public val text: String,
)

/** A member of staff: a UUID in lower case. */
@JvmInline
public value class PersonId(
    /** The UUID. */
    public val text: String,
)
