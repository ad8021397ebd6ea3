// The app on a phone of the tests: the real core, with a camera, a keystore and an administrator
// that the tests hold in their hands. Robolectric takes it for KokoniApp by its name.

package dev.kokoni.app

import android.content.Context
import android.view.View
import dev.kokoni.app.camera.CameraPort
import dev.kokoni.app.camera.CameraState
import dev.kokoni.app.camera.FrameSink
import dev.kokoni.app.secrets.KeyWrap
import dev.kokoni.app.secrets.WrappedSecretStore
import dev.kokoni.app.ui.Feedback
import dev.kokoni.core.Kokoni
import dev.kokoni.core.KokoniConfig
import dev.kokoni.core.Tone
import java.io.File
import java.nio.ByteBuffer
import java.security.SecureRandom
import java.time.Clock
import javax.crypto.AEADBadTagException
import javax.crypto.Cipher
import javax.crypto.spec.GCMParameterSpec
import javax.crypto.spec.SecretKeySpec

class TestKokoniApp : KokoniApp() {
    internal val phone by lazy { TestPhone(this) }
    private var current: Shell? = null

    internal override val shell: Shell
        get() = current ?: Shell(this, phone, settings).also { current = it }

    /** The process ends here; whatever asks for the shell next is in a new one. */
    internal fun forgetShell(): Shell? = current.also { current = null }
}

internal class TestPhone(
    private val context: Context,
) : Ports {
    val key = SoftKey()
    var managed: Map<String, String> = emptyMap()
    val cameras = ArrayList<FakeCamera>()
    val felt = ArrayList<Tone>()

    /** Opened instead of the real one. */
    var core: Kokoni? = null

    override val folder = File(context.noBackupFilesDir, "kokoni")
    override val secrets = WrappedSecretStore(File(context.noBackupFilesDir, "secrets"), key)
    override val clock: Clock = Clock.systemUTC()
    override val feedback = Feedback { tone, _ -> felt += tone }

    override suspend fun open(config: KokoniConfig): Kokoni = core ?: super.open(config)

    override fun camera(): CameraPort = FakeCamera(context).also { cameras += it }

    override fun managedSettings() = managed

    /** The camera that is open now. */
    fun openCamera(): FakeCamera? = cameras.lastOrNull { it.sink != null }
}

/** As the keystore's key, but in memory; [lose] does what a restore to another phone does. */
internal class SoftKey : KeyWrap {
    private var key = newKey()

    fun lose() {
        key = newKey()
    }

    override fun wrap(plain: ByteArray): ByteArray {
        val cipher = Cipher.getInstance("AES/GCM/NoPadding").apply { init(Cipher.ENCRYPT_MODE, key) }
        return cipher.iv + cipher.doFinal(plain)
    }

    override fun unwrap(wrapped: ByteArray): ByteArray? {
        val cipher = Cipher.getInstance("AES/GCM/NoPadding")
        cipher.init(Cipher.DECRYPT_MODE, key, GCMParameterSpec(128, wrapped, 0, 12))
        return try {
            cipher.doFinal(wrapped, 12, wrapped.size - 12)
        } catch (_: AEADBadTagException) {
            null
        }
    }

    private fun newKey() = SecretKeySpec(ByteArray(32).also(SecureRandom()::nextBytes), "AES")
}

/** A camera whose frames the test makes. */
internal class FakeCamera(
    context: Context,
) : CameraPort {
    var sink: FrameSink? = null
        private set
    var torch = false
        private set

    override val preview = View(context)

    override fun open(
        sink: FrameSink,
        tell: (CameraState) -> Unit,
    ) {
        this.sink = sink
        tell(CameraState.Opening)
        tell(CameraState.Open(hasTorch = true))
    }

    override fun torch(on: Boolean) {
        torch = on
    }

    override fun close() {
        sink = null
    }

    /** One frame, handed over as the camera does: direct memory, on a thread of its own. */
    fun show(
        luma: ByteArray,
        width: Int,
        height: Int,
    ) {
        val taker = sink ?: return
        val direct = ByteBuffer.allocateDirect(luma.size).also { it.duplicate().put(luma) }
        val thread = Thread { taker.frame(direct, width, height, width, 1) }
        thread.start()
        thread.join()
    }
}
