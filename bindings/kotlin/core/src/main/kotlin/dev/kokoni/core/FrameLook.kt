// The core's entry in plain C: a frame in, a number out, and nothing allocated on the way.

package dev.kokoni.core

import com.sun.jna.Native
import java.nio.ByteBuffer
import dev.kokoni.core.ffi.InputProblem as FfiInputProblem
import dev.kokoni.core.ffi.KokoniException as FfiException

/**
 * JNA calls it directly: numbers as they are, and the buffer by its first byte, whatever its
 * position. The buffer lives until the call ends, because it is one of its arguments.
 */
internal object FrameLook {
    private const val NOTHING_NEW = 0
    private const val NEW = 1
    private const val REFUSED = -1
    private const val LIBRARY = "kokoni_ffi"

    init {
        // Where the generated code looks too.
        Native.register(FrameLook::class.java, System.getProperty("uniffi.component.$LIBRARY.libraryOverride") ?: LIBRARY)
    }

    /** Whether a frame brought something to be fetched. */
    fun look(
        reader: Long,
        luma: ByteBuffer,
        width: Int,
        height: Int,
        rowStride: Int,
        pixelStride: Int,
    ): Boolean = isNew(kokoni_frame_reader_look(reader, luma, luma.position(), luma.remaining(), width, height, rowStride, pixelStride))

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
        offset: Int,
        length: Int,
        width: Int,
        height: Int,
        rowStride: Int,
        pixelStride: Int,
    ): Int
}
