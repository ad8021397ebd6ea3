// The key in the phone's keystore: AES-256-GCM, without asking the person.

package dev.kokoni.app.secrets

import android.os.Build
import android.security.keystore.KeyGenParameterSpec
import android.security.keystore.KeyProperties
import dev.kokoni.app.platform.StrongBox28
import java.security.KeyStore
import java.security.ProviderException
import javax.crypto.AEADBadTagException
import javax.crypto.Cipher
import javax.crypto.KeyGenerator
import javax.crypto.SecretKey
import javax.crypto.spec.GCMParameterSpec

/**
 * Wrapped bytes are the twelve bytes of the nonce, then the sealed bytes with their tag.
 *
 * The key is made at the first [wrap]. Keys do not travel to another phone; files that did are
 * then without their key.
 */
internal class KeystoreWrap(
    private val alias: String = "kokoni",
) : KeyWrap {
    override fun wrap(plain: ByteArray): ByteArray {
        val cipher = Cipher.getInstance(TRANSFORMATION)
        cipher.init(Cipher.ENCRYPT_MODE, key() ?: made())
        return cipher.iv + cipher.doFinal(plain)
    }

    override fun unwrap(wrapped: ByteArray): ByteArray? {
        val key = key() ?: return null
        if (wrapped.size < NONCE_BYTES) return null
        val cipher = Cipher.getInstance(TRANSFORMATION)
        cipher.init(Cipher.DECRYPT_MODE, key, GCMParameterSpec(TAG_BITS, wrapped, 0, NONCE_BYTES))
        return try {
            cipher.doFinal(wrapped, NONCE_BYTES, wrapped.size - NONCE_BYTES)
        } catch (_: AEADBadTagException) {
            // Sealed by another key, of an earlier installation.
            null
        }
    }

    private fun key(): SecretKey? = KeyStore.getInstance(PROVIDER).apply { load(null) }.getKey(alias, null) as SecretKey?

    /** In a chip of its own where the phone has one. */
    private fun made(): SecretKey {
        if (Build.VERSION.SDK_INT < 28) return generated(specification())
        return try {
            generated(StrongBox28.ask(specification()))
        } catch (error: ProviderException) {
            if (!StrongBox28.isMissing(error)) throw error
            generated(specification())
        }
    }

    private fun specification(): KeyGenParameterSpec.Builder =
        KeyGenParameterSpec
            .Builder(alias, KeyProperties.PURPOSE_ENCRYPT or KeyProperties.PURPOSE_DECRYPT)
            .setBlockModes(KeyProperties.BLOCK_MODE_GCM)
            .setEncryptionPaddings(KeyProperties.ENCRYPTION_PADDING_NONE)
            .setKeySize(KEY_BITS)

    private fun generated(key: KeyGenParameterSpec.Builder): SecretKey =
        KeyGenerator.getInstance(KeyProperties.KEY_ALGORITHM_AES, PROVIDER).apply { init(key.build()) }.generateKey()

    private companion object {
        const val PROVIDER = "AndroidKeyStore"
        const val TRANSFORMATION = "AES/GCM/NoPadding"
        const val NONCE_BYTES = 12
        const val TAG_BITS = 128
        const val KEY_BITS = 256
    }
}
