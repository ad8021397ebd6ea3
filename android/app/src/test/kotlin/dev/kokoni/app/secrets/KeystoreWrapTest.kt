// The keystore's key, over a keystore of the tests: Robolectric has none. What it is asked for, and
// what happens on a phone without a chip for keys.

package dev.kokoni.app.secrets

import android.os.Build
import android.security.keystore.KeyGenParameterSpec
import android.security.keystore.StrongBoxUnavailableException
import org.junit.After
import org.junit.Assert.assertArrayEquals
import org.junit.Assert.assertEquals
import org.junit.Assert.assertFalse
import org.junit.Assert.assertNull
import org.junit.Assert.assertThrows
import org.junit.Assert.assertTrue
import org.junit.Before
import org.junit.Test
import org.junit.runner.RunWith
import org.robolectric.RobolectricTestRunner
import java.io.InputStream
import java.io.OutputStream
import java.security.Key
import java.security.KeyStoreSpi
import java.security.Provider
import java.security.ProviderException
import java.security.SecureRandom
import java.security.Security
import java.security.cert.Certificate
import java.security.spec.AlgorithmParameterSpec
import java.util.Collections
import java.util.Date
import java.util.Enumeration
import javax.crypto.KeyGeneratorSpi
import javax.crypto.SecretKey
import javax.crypto.spec.SecretKeySpec

@RunWith(RobolectricTestRunner::class)
class KeystoreWrapTest {
    private val wrap = KeystoreWrap()
    private val secret = "a token".encodeToByteArray()

    @Before
    fun install() {
        Keys.made.clear()
        Keys.asked.clear()
        Keys.trouble = { null }
        Security.addProvider(Keystore())
    }

    @After
    fun remove() = Security.removeProvider(NAME)

    private fun wantsChip(spec: KeyGenParameterSpec) = Build.VERSION.SDK_INT >= 28 && spec.isStrongBoxBacked

    @Test
    fun `one key seals and opens, and asks nobody`() {
        assertArrayEquals(secret, wrap.unwrap(wrap.wrap(secret)))
        wrap.wrap(secret)
        val key = Keys.asked.single()
        assertEquals(256, key.keySize)
        assertEquals(listOf("GCM"), key.blockModes.toList())
        assertFalse(key.isUserAuthenticationRequired)
        assertEquals(Build.VERSION.SDK_INT >= 28, wantsChip(key))
    }

    @Test
    fun `a phone without a chip for keys keeps them as it can`() {
        Keys.trouble = { spec -> if (wantsChip(spec)) StrongBoxUnavailableException() else null }
        assertArrayEquals(secret, wrap.unwrap(wrap.wrap(secret)))
        assertEquals(if (Build.VERSION.SDK_INT >= 28) listOf(true, false) else listOf(false), Keys.asked.map(::wantsChip))
    }

    @Test
    fun `another trouble is not taken for a missing chip`() {
        Keys.trouble = { ProviderException("the keystore is out of order") }
        assertThrows(ProviderException::class.java) { wrap.wrap(secret) }
        assertEquals(1, Keys.asked.size)
    }

    @Test
    fun `what another key sealed, or nobody, cannot be opened`() {
        val sealed = wrap.wrap(secret)
        Keys.made.clear()
        assertNull(wrap.unwrap(sealed))
        wrap.wrap(secret)
        assertNull(wrap.unwrap(sealed))
        assertNull(wrap.unwrap(ByteArray(3)))
        assertTrue(Keys.made.isNotEmpty())
    }

    /** What the keystore holds, and what it was asked for. */
    private object Keys {
        val made = HashMap<String, SecretKey>()
        val asked = ArrayList<KeyGenParameterSpec>()
        var trouble: (KeyGenParameterSpec) -> ProviderException? = { null }
    }

    private class Keystore : Provider(NAME, "1", "of the tests") {
        init {
            put("KeyStore.$NAME", Store::class.java.name)
            put("KeyGenerator.AES", Generator::class.java.name)
        }

        override fun getService(
            type: String?,
            algorithm: String?,
        ): Service? =
            when (type to algorithm) {
                "KeyStore" to NAME -> made(type, algorithm, ::Store)
                "KeyGenerator" to "AES" -> made(type, algorithm, ::Generator)
                else -> null
            }

        /** By this class's own loader, which the JVM's classes do not know. */
        private fun made(
            type: String?,
            algorithm: String?,
            new: () -> Any,
        ) = object : Service(this, type, algorithm, "", null, null) {
            override fun newInstance(parameter: Any?): Any = new()
        }
    }

    private class Generator : KeyGeneratorSpi() {
        private lateinit var spec: KeyGenParameterSpec

        override fun engineInit(
            spec: AlgorithmParameterSpec,
            random: SecureRandom?,
        ) {
            this.spec = spec as KeyGenParameterSpec
        }

        override fun engineInit(random: SecureRandom?) = error("not so")

        override fun engineInit(
            size: Int,
            random: SecureRandom?,
        ) = error("not so")

        override fun engineGenerateKey(): SecretKey {
            Keys.asked += spec
            Keys.trouble(spec)?.let { throw it }
            return SecretKeySpec(ByteArray(32).also(SecureRandom()::nextBytes), "AES").also { Keys.made[spec.keystoreAlias] = it }
        }
    }

    private class Store : KeyStoreSpi() {
        override fun engineGetKey(
            alias: String,
            password: CharArray?,
        ): Key? = Keys.made[alias]

        override fun engineLoad(
            stream: InputStream?,
            password: CharArray?,
        ) = Unit

        override fun engineContainsAlias(alias: String) = alias in Keys.made

        override fun engineIsKeyEntry(alias: String) = alias in Keys.made

        override fun engineSize() = Keys.made.size

        override fun engineAliases(): Enumeration<String> = Collections.enumeration(Keys.made.keys)

        override fun engineDeleteEntry(alias: String) {
            Keys.made -= alias
        }

        override fun engineIsCertificateEntry(alias: String) = false

        override fun engineGetCertificate(alias: String): Certificate? = null

        override fun engineGetCertificateChain(alias: String): Array<Certificate>? = null

        override fun engineGetCertificateAlias(certificate: Certificate?): String? = null

        override fun engineGetCreationDate(alias: String): Date? = null

        override fun engineSetKeyEntry(
            alias: String,
            key: Key?,
            password: CharArray?,
            chain: Array<out Certificate>?,
        ) = Unit

        override fun engineSetKeyEntry(
            alias: String,
            key: ByteArray?,
            chain: Array<out Certificate>?,
        ) = Unit

        override fun engineSetCertificateEntry(
            alias: String,
            certificate: Certificate?,
        ) = Unit

        override fun engineStore(
            stream: OutputStream?,
            password: CharArray?,
        ) = Unit
    }

    private companion object {
        const val NAME = "AndroidKeyStore"
    }
}
