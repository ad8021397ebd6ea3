// A reader that says what it was told to, and secrets in memory.

package dev.kokoni.core.fake

import dev.kokoni.core.CodeContent
import dev.kokoni.core.CodeReading
import dev.kokoni.core.Corner
import dev.kokoni.core.FrameReader
import dev.kokoni.core.FrameReading
import dev.kokoni.core.Hint
import dev.kokoni.core.KokoniException
import dev.kokoni.core.LabelId
import dev.kokoni.core.ReadingMethod
import dev.kokoni.core.SecretStore
import java.nio.ByteBuffer
import java.util.concurrent.ConcurrentHashMap
import java.util.concurrent.ConcurrentLinkedQueue
import java.util.concurrent.atomic.AtomicInteger

/** A [FrameReader] that answers frame after frame what [show] was given, and then nothing. */
public class FakeFrameReader : FrameReader {
    private val answers = ConcurrentLinkedQueue<FrameReading>()
    private val frames = AtomicInteger()

    @Volatile
    private var closed = false

    @Volatile
    private var hint: Hint? = null

    /** How many frames it was handed. */
    public val framesRead: Int get() = frames.get()

    /** The next frame reads like this. */
    public fun show(reading: FrameReading) {
        answers += reading
    }

    /** The next frame shows a label, in the middle. */
    public fun show(label: LabelId) {
        val corners = listOf(Corner(100f, 100f), Corner(200f, 100f), Corner(200f, 200f), Corner(100f, 200f))
        val reading = CodeReading(CodeContent.Label(label, known = true), corners, ReadingMethod.GENERAL)
        show(FrameReading(readings = listOf(reading), news = label))
    }

    override fun read(
        luma: ByteBuffer,
        width: Int,
        height: Int,
        rowStride: Int,
        pixelStride: Int,
    ): FrameReading {
        if (closed) throw KokoniException.Closed(FakeWords.closed)
        frames.incrementAndGet()
        return (answers.poll() ?: NOTHING).also { hint = it.hint }
    }

    override fun readNews(
        luma: ByteBuffer,
        width: Int,
        height: Int,
        rowStride: Int,
        pixelStride: Int,
    ): FrameReading? {
        val said = hint
        val reading = read(luma, width, height, rowStride, pixelStride)
        return reading.takeIf { it.news != null || it.foreign != null || it.hint != said }
    }

    override fun reset() {
        if (closed) throw KokoniException.Closed(FakeWords.closed)
        answers.clear()
    }

    override fun close() {
        closed = true
    }

    private companion object {
        val NOTHING = FrameReading()
    }
}

/** A [SecretStore] in memory, for tests: a phone must keep its secrets in the keystore. */
public class MemorySecretStore : SecretStore {
    private val secrets = ConcurrentHashMap<String, ByteArray>()

    override fun load(name: String): ByteArray? = secrets[name]?.copyOf()

    override fun store(
        name: String,
        value: ByteArray,
    ) {
        secrets[name] = value.copyOf()
    }

    override fun erase(name: String) {
        secrets.remove(name)
    }
}
