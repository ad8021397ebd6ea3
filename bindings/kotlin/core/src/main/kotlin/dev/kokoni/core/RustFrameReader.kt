// The real reader, over the generated bindings and the one entry in plain C.

package dev.kokoni.core

import dev.kokoni.core.ffi.FfiConverterTypeFrameReader
import java.nio.ByteBuffer
import dev.kokoni.core.ffi.FrameReader as FfiFrameReader

internal class RustFrameReader(
    made: FfiFrameReader,
) : FrameReader {
    /** The handle that [core] owns, and frees when it is closed or collected. */
    private val handle: Long = made.uniffiCloneHandle()
    internal val core: FfiFrameReader = FfiConverterTypeFrameReader.lift(handle).also { made.close() }
    private var closed = false
    private var copy: ByteBuffer? = null

    override fun read(
        luma: ByteBuffer,
        width: Int,
        height: Int,
        rowStride: Int,
        pixelStride: Int,
    ): FrameReading =
        open {
            val bytes = direct(luma)
            core.read(bytes, width, height, rowStride, pixelStride).toKotlin()
        }

    override fun readNews(
        luma: ByteBuffer,
        width: Int,
        height: Int,
        rowStride: Int,
        pixelStride: Int,
    ): FrameReading? =
        open {
            val bytes = direct(luma)
            if (FrameLook.look(handle, bytes, width, height, rowStride, pixelStride)) core.found()?.toKotlin() else null
        }

    override fun reset(): Unit = open { core.reset() }

    override fun close(): Unit =
        synchronized(core) {
            if (!closed) {
                closed = true
                copy = null
                core.close()
            }
        }

    /**
     * One at a time: a session is one sequence of frames, and closing waits for the last one. What
     * is locked is the object that frees the reader when it is collected: it is not, meanwhile.
     */
    private inline fun <T> open(call: () -> T): T =
        synchronized(core) {
            if (closed) throw closedException()
            translated(call)
        }

    /**
     * The bytes from position to limit as a direct buffer whose position is 0: the generated code
     * hands over a buffer's first byte whatever its position, and takes no buffer on the heap.
     */
    internal fun direct(luma: ByteBuffer): ByteBuffer =
        when {
            !luma.isDirect -> copied(luma)
            luma.position() == 0 -> luma
            else -> luma.slice()
        }

    private fun copied(luma: ByteBuffer): ByteBuffer {
        val length = luma.remaining()
        val room = copy?.takeIf { it.capacity() == length } ?: ByteBuffer.allocateDirect(length).also { copy = it }
        // By way of duplicates, so that neither buffer's position moves.
        room.duplicate().put(luma.duplicate())
        return room
    }

    companion object {
        fun create(config: ReaderConfig): FrameReader = RustFrameReader(translated { FfiFrameReader(config.toRust()) })
    }
}
