// Secrets as files that only the keystore can open.

package dev.kokoni.app.secrets

import android.util.AtomicFile
import dev.kokoni.core.SecretStore
import dev.kokoni.core.SecretsException
import java.io.File
import java.io.FileNotFoundException
import java.io.IOException

/** Closes small secrets with a key that never leaves the keystore. */
internal interface KeyWrap {
    /** Only [unwrap] of the same key gives the bytes back. */
    fun wrap(plain: ByteArray): ByteArray

    /** What was wrapped; null when the key that wrapped it is gone. */
    fun unwrap(wrapped: ByteArray): ByteArray?
}

/**
 * One wrapped file for each secret, in a folder that is never backed up.
 *
 * A secret whose key is gone is no secret any more: [load] says null, and [isLost] tells it from a
 * phone that never had one.
 */
internal class WrappedSecretStore(
    private val folder: File,
    private val key: KeyWrap,
) : SecretStore {
    override fun load(name: String): ByteArray? = reaching { read(name)?.let(key::unwrap) }

    override fun store(
        name: String,
        value: ByteArray,
    ): Unit =
        reaching {
            if (!folder.isDirectory && !folder.mkdirs()) throw IOException("the folder of secrets cannot be made")
            val file = file(name)
            val out = file.startWrite()
            try {
                out.write(key.wrap(value))
                // Syncs to the disk before the new file takes the old one's place.
                file.finishWrite(out)
            } catch (error: Exception) {
                file.failWrite(out)
                throw error
            }
        }

    override fun erase(name: String): Unit = reaching { file(name).delete() }

    /** Whether there are secrets here that nobody can open any more: a restore, a new phone. */
    fun isLost(): Boolean =
        reaching {
            val files = folder.listFiles().orEmpty()
            files.isNotEmpty() && files.all { key.unwrap(AtomicFile(it).readFully()) == null }
        }

    private fun read(name: String): ByteArray? =
        try {
            file(name).readFully()
        } catch (_: FileNotFoundException) {
            null
        }

    private fun file(name: String): AtomicFile {
        require(name.isNotEmpty() && name.all { it.isLetterOrDigit() || it in "-_." } && name.first() != '.') { "not the name of a secret" }
        return AtomicFile(File(folder, name))
    }

    private inline fun <T> reaching(call: () -> T): T =
        try {
            call()
        } catch (error: SecretsException) {
            throw error
        } catch (error: Exception) {
            throw SecretsException.Failed(error)
        }
}
