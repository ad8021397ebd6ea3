// The camera's side: a luma image in, readings out. Pure computing, no camera and no threads.

package dev.kokoni.core

import java.nio.ByteBuffer
import java.time.Duration

/**
 * Reads labels from the frames of one camera.
 *
 * One thread calls [read], frame after frame; evidence adds up over frames, so a reader belongs to
 * one session of one camera, and [reset] starts the next. It keeps nothing of a frame's memory.
 */
public interface FrameReader : AutoCloseable {
    /**
     * Reads one frame. Never throws for what is in the picture.
     *
     * The bytes from the buffer's position to its limit are read where they lie, if the buffer is
     * direct as those of a camera are; a buffer on the heap is copied first. Neither position nor
     * limit is changed. The last row may be short: `rowStride * (height - 1) + pixelStride *
     * (width - 1) + 1` bytes are enough.
     *
     * @param luma the brightness of every pixel, 0 black to 255 white, row after row
     * @param width in pixels, 1 to 4096
     * @param height in pixels, 1 to 4096
     * @param rowStride bytes from one row to the next
     * @param pixelStride bytes from one pixel to the next
     * @throws KokoniException.Input when the sizes do not fit the buffer
     * @throws KokoniException.Closed after [close]
     */
    public fun read(
        luma: ByteBuffer,
        width: Int,
        height: Int,
        rowStride: Int = width,
        pixelStride: Int = 1,
    ): FrameReading

    /**
     * Reads one frame like [read], and says only what is new: a label or a foreign code that came
     * into sight, or another hint than was said last. Null otherwise.
     *
     * For a preview that nobody points at anything new, which is nearly always: then, and with a
     * direct buffer, nothing is allocated.
     *
     * @param luma as for [read], and so are the other parameters
     * @throws KokoniException.Input when the sizes do not fit the buffer
     * @throws KokoniException.Closed after [close]
     */
    public fun readNews(
        luma: ByteBuffer,
        width: Int,
        height: Int,
        rowStride: Int = width,
        pixelStride: Int = 1,
    ): FrameReading?

    /** The camera was opened anew: forget what was seen, take the newest catalogue of labels. */
    public fun reset()

    /** Frees the reader. Closing it again is fine. */
    override fun close()

    /** Readers that belong to no [Kokoni]: for tests and trials. */
    public companion object {
        /**
         * A reader of its own.
         *
         * @throws KokoniException.Input when the host or a label is none
         */
        public fun create(config: ReaderConfig = ReaderConfig()): FrameReader = RustFrameReader.create(config)

        /** How long deep passes may take in one frame of a preview at 30 frames a second. */
        public val USUAL_BUDGET: Duration = Duration.ofMillis(25)
    }
}

/** What a reader of its own knows. */
public data class ReaderConfig(
    /** The host in the organisation's labels; without one no code is taken for a label. */
    public val host: String? = null,
    /** The labels that exist: what is known can be read from worse pictures. */
    public val labels: List<LabelId> = emptyList(),
    /** How long the deeper passes may take in one frame. */
    public val budget: Duration = FrameReader.USUAL_BUDGET,
)

/** What one frame says. */
public data class FrameReading(
    /** Every code in sight, the nearest to the centre first. */
    public val readings: List<CodeReading> = emptyList(),
    /** The label to act on: newly shown, nearest the centre. Hand it to [Kokoni.scan]. */
    public val news: LabelId? = null,
    /** A newly shown code of somebody else's, where no label is in sight: [Kokoni.foreignCard]. */
    public val foreign: String? = null,
    /** What would help, once it has stood for some frames; null says nothing. */
    public val hint: Hint? = null,
    /** Everything in sight was read before. */
    public val repeated: Boolean = false,
)

/** One code in a frame. */
public data class CodeReading(
    /** What it says. */
    public val content: CodeContent,
    /** Its corners as printed: top left, top right, bottom right, bottom left. */
    public val corners: List<Corner>,
    /** How it was read. */
    public val method: ReadingMethod,
)

/** What a code says. */
public sealed interface CodeContent {
    /** A label of this organisation. */
    public data class Label(
        /** The label. */
        public val label: LabelId,
        /** Whether it is in the phone's catalogue. */
        public val known: Boolean,
    ) : CodeContent

    /** A code of somebody else's: to be named, never to be acted on. */
    public data class Foreign(
        /** What it says. */
        public val text: String,
    ) : CodeContent

    /** A code that cannot be read yet. */
    public data object Unreadable : CodeContent
}

/** A point of a frame, in pixels from the top left. */
public data class Corner(
    /** To the right. */
    public val x: Float,
    /** Downwards. */
    public val y: Float,
)

/** How a code was read. */
public enum class ReadingMethod {
    /** As any QR code. */
    GENERAL,

    /** With the codewords that every label of this organisation shares. */
    KNOWN_CODEWORDS,

    /** By the catalogue of labels that exist. */
    CATALOGUE,
}

/** What would help the camera. */
public enum class Hint {
    /** Hold the phone closer. */
    CLOSER,

    /** Hold the phone farther away. */
    MOVE_BACK,

    /** It is too dark: offer the torch. */
    TOO_DARK,

    /** Light is reflected: tilt the phone. */
    GLARE,

    /** The picture is blurred: hold still. */
    HOLD_STILL,

    ;

    /** The hint as a person reads it. */
    public fun text(language: Language): String = hintText(this, language)
}
