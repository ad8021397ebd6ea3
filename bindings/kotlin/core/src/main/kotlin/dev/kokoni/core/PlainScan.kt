// The core's entry in plain C for a scan: one way across instead of five.

package dev.kokoni.core

import com.sun.jna.Native
import dev.kokoni.core.ffi.FfiConverterString
import dev.kokoni.core.ffi.FfiConverterTypeKokoniError
import dev.kokoni.core.ffi.FfiConverterTypeScanCard
import dev.kokoni.core.ffi.FfiConverterTypeVia
import java.nio.Buffer
import java.nio.ByteBuffer
import kotlin.math.absoluteValue
import dev.kokoni.core.ffi.KokoniException as FfiException

/**
 * Scans of one object of the core, one after the other. Label and answer lie in the same memory,
 * written as the generated code writes them.
 */
internal class PlainScan {
    private var room = ByteBuffer.allocateDirect(USUAL_CARD)

    /** [handle] must not be freed meanwhile. */
    fun scan(
        handle: Long,
        label: LabelId,
        via: Via,
    ): ScanCard {
        // Before Android 9 only a Buffer has these.
        (room as Buffer).clear()
        FfiConverterString.write(label.text, room)
        FfiConverterTypeVia.write(via.toRust(), room)
        val written = room.position()
        // Back to the first byte: JNA hands over the byte at the position.
        (room as Buffer).clear()
        val answer = kokoni_scan(handle, room, room.capacity(), written)
        val length = answer.absoluteValue
        if (length == 0) throw FfiException.Internal("scan")
        if (length > room.capacity()) {
            room = ByteBuffer.allocateDirect(length)
            if (kokoni_rest_of_answer(room, length) != length) throw FfiException.Internal("scan")
        }
        (room as Buffer).limit(length)
        if (answer < 0) throw FfiConverterTypeKokoniError.read(room)
        return FfiConverterTypeScanCard.read(room).toKotlin()
    }

    @Suppress("ktlint:standard:function-naming", "FunctionName")
    companion object {
        /** Most cards are shorter. */
        private const val USUAL_CARD = 4096

        init {
            registerPlain(PlainScan::class.java)
        }

        @JvmStatic
        private external fun kokoni_scan(
            kokoni: Long,
            room: ByteBuffer,
            capacity: Int,
            length: Int,
        ): Int

        @JvmStatic
        private external fun kokoni_rest_of_answer(
            room: ByteBuffer,
            capacity: Int,
        ): Int
    }
}

private const val LIBRARY = "kokoni_ffi"

/** Finds a class's entries in plain C where the generated code looks too. */
internal fun registerPlain(entries: Class<*>) {
    Native.register(entries, System.getProperty("uniffi.component.$LIBRARY.libraryOverride") ?: LIBRARY)
}
