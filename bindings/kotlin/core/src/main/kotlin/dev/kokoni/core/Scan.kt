// What comes of a scan, and of what is typed or opened instead.

package dev.kokoni.core

import java.time.Instant

/** How a label came in. */
public enum class Via {
    /** Read by the camera. */
    CAMERA,

    /** Typed by hand. */
    TYPED,

    /** Opened as a link. */
    LINK,
}

/** What a scan means. */
public enum class ScanMeaning {
    /** I sit here. */
    SIT,

    /** I leave. */
    LEAVE,

    /** I telework. */
    TELEWORK,

    /** I have finished telework. */
    END_TELEWORK,

    /** I borrow this. */
    BORROW,

    /** I bring this back. */
    GIVE_BACK,

    /** The phone does not know the label: the server decides. */
    UNDECIDED,
}

/** What a scan did, or would do: show it as it is. */
public data class ScanCard(
    /** What it is: for colour, haptic and sound. */
    public val tone: Tone,
    /** `3階 A-12 に着席しました`. */
    public val title: String,
    /** More about it, or what one can do. */
    public val detail: String? = null,
    /** The label scanned. */
    public val label: LabelId? = null,
    /** What was saved, or what [Kokoni.confirm] would save. */
    public val meaning: ScanMeaning? = null,
    /** The text of the one button; null where no tap is needed. */
    public val confirm: String? = null,
    /** What it was saved as; null where nothing was saved. */
    public val record: RecordId? = null,
    /** Offer [Kokoni.undo] until then. */
    public val undoUntil: Instant? = null,
    /** What a locker holds. */
    public val items: List<ItemLine> = emptyList(),
)

/** One item of a locker. */
public data class ItemLine(
    /** The item. */
    public val item: ItemId,
    /** Its name. */
    public val name: String,
    /** `貸出可`, or who has it. */
    public val text: String,
    /** Whether somebody has it. */
    public val lent: Boolean,
)

/** A code as it is being typed. */
public data class TypedCode(
    /** The label, once the code is complete and right. */
    public val label: LabelId?,
    /** What was typed so far, in groups of four. */
    public val shown: String,
    /** What is wrong, only once something is. */
    public val problem: String?,
    /** Whether every character is there. */
    public val complete: Boolean,
)

/** Where a link leads. */
public sealed interface Route {
    /** A label: hand it to [Kokoni.scan] with [Via.LINK]. */
    public data class Label(
        /** The label. */
        public val label: LabelId,
    ) : Route

    /** An enrolment: hand it to [Kokoni.enrol]. */
    public data class Enrol(
        /** The whole link. It holds a secret: never log it. */
        public val link: String,
    ) : Route {
        override fun toString(): String = "Enrol"
    }

    /** The end of a sign-in in the browser. */
    public data class SignIn(
        /** The whole link. It holds a secret: never log it. */
        public val link: String,
    ) : Route {
        override fun toString(): String = "SignIn"
    }

    /** Another organisation's label. */
    public data class OtherOrganisation(
        /** The host in it. */
        public val host: String,
    ) : Route

    /** Nothing of ours. */
    public data object Unknown : Route
}
