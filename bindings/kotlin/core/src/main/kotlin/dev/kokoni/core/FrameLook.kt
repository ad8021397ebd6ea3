// The core's entry in plain C: a frame in, a number out, and nothing allocated on the way.

package dev.kokoni.core

import java.nio.ByteBuffer
import dev.kokoni.core.ffi.InputProblem as FfiInputProblem
import dev.kokoni.core.ffi.KokoniException as FfiException

/**
 * JNA calls it directly: numbers as they are, and the buffer by the byte at its position. The
 * generated code hands over the first byte instead; so the position is 0 here. The buffer lives until the call ends, because it is one of its arguments.
 */
internal object FrameLook {
    private const val NOTHING_NEW = 0
    private const val NEW = 1
    private const val REFUSED = -1

    init {
        registerPlain(FrameLook::class.java)
    }

    /** Whether a frame brought something to be fetched. [luma] is direct, and its position is 0. */
    fun look(
        reader: Long,
        luma: ByteBuffer,
        width: Int,
        height: Int,
        rowStride: Int,
        pixelStride: Int,
    ): Boolean = isNew(kokoni_frame_reader_look(reader, luma, luma.remaining(), width, height, rowStride, pixelStride))

    /** What the number says, or the error that it stands for. */
    fun isNew(answer: Int): Boolean =
        when (answer) {
            NOTHING_NEW -> false
            NEW -> true
            REFUSED -> throw FfiException.Input(FfiInputProblem.FRAME)
            else -> throw FfiException.Internal("frame")
        }

    @Suppress("ktlint:standard:function-naming", "FunctionName")
    @JvmStatic
    private external fun kokoni_frame_reader_look(
        reader: Long,
        memory: ByteBuffer,
        length: Int,
        width: Int,
        height: Int,
        rowStride: Int,
        pixelStride: Int,
    ): Int
}
