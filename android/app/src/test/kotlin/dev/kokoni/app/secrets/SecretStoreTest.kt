// Secrets on disk: wrapped, replaced whole, and lost with their key.

package dev.kokoni.app.secrets

import dev.kokoni.app.SoftKey
import dev.kokoni.core.SecretsException
import org.junit.Assert.assertArrayEquals
import org.junit.Assert.assertFalse
import org.junit.Assert.assertNull
import org.junit.Assert.assertThrows
import org.junit.Assert.assertTrue
import org.junit.Rule
import org.junit.Test
import org.junit.rules.TemporaryFolder
import org.junit.runner.RunWith
import org.robolectric.RobolectricTestRunner
import java.io.File

@RunWith(RobolectricTestRunner::class)
class SecretStoreTest {
    @get:Rule
    val temporary = TemporaryFolder()

    private val key = SoftKey()
    private val folder by lazy { File(temporary.root, "secrets") }
    private val store by lazy { WrappedSecretStore(folder, key) }
    private val secret = ByteArray(32) { it.toByte() }

    @Test
    fun `a phone begins with no secrets, and none are lost`() {
        assertNull(store.load("database"))
        assertFalse(store.isLost())
    }

    @Test
    fun `what was stored is loaded by the next process, and lies on the disk closed`() {
        store.store("database", secret)
        assertArrayEquals(secret, WrappedSecretStore(folder, key).load("database"))
        val onDisk = folder.listFiles()!!.single().readBytes()
        assertFalse(onDisk.toList().windowed(secret.size).any { it == secret.toList() })
    }

    @Test
    fun `a secret is replaced and erased by its name`() {
        store.store("token", secret)
        store.store("token", byteArrayOf(1))
        assertArrayEquals(byteArrayOf(1), store.load("token"))
        store.erase("token")
        store.erase("token")
        assertNull(store.load("token"))
    }

    @Test
    fun `without their key the secrets are lost, and said to be`() {
        store.store("database", secret)
        key.lose()
        assertNull(store.load("database"))
        assertTrue(store.isLost())
    }

    @Test
    fun `a name that leads out of the folder is refused`() {
        assertThrows(SecretsException.Failed::class.java) { store.store("../settings", secret) }
        assertThrows(SecretsException.Failed::class.java) { store.load("") }
    }

    @Test
    fun `a keystore that fails is told as a failure`() {
        val broken =
            object : KeyWrap {
                override fun wrap(plain: ByteArray) = throw IllegalStateException("keystore")

                override fun unwrap(wrapped: ByteArray) = throw IllegalStateException("keystore")
            }
        assertThrows(SecretsException.Failed::class.java) { WrappedSecretStore(folder, broken).store("database", secret) }
    }
}
