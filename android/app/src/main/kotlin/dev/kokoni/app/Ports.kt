// What the app takes from the phone through seams of its own, so that tests can hand in others.

package dev.kokoni.app

import android.content.Context
import android.content.RestrictionsManager
import dev.kokoni.app.camera.Camera2Port
import dev.kokoni.app.camera.CameraPort
import dev.kokoni.app.secrets.KeystoreWrap
import dev.kokoni.app.secrets.WrappedSecretStore
import dev.kokoni.app.ui.Feedback
import dev.kokoni.app.ui.PhoneFeedback
import dev.kokoni.core.Kokoni
import dev.kokoni.core.KokoniConfig
import java.io.File
import java.time.Clock

/** The phone, as far as the rest of the app may know it. */
internal interface Ports {
    /** Where the core keeps its database. */
    val folder: File

    val secrets: WrappedSecretStore

    val clock: Clock

    val feedback: Feedback

    /** A camera, closed. */
    fun camera(): CameraPort

    /** The core in [folder], with [secrets]. */
    suspend fun open(config: KokoniConfig): Kokoni = Kokoni.open(config, secrets)

    /** Managed settings as the administrator's tool gives them; empty on a phone nobody manages. */
    fun managedSettings(): Map<String, String>
}

/** The real phone. */
internal class PhonePorts(
    private val context: Context,
    settings: Settings,
) : Ports {
    override val folder = File(context.noBackupFilesDir, "kokoni")

    override val secrets = WrappedSecretStore(File(context.noBackupFilesDir, "secrets"), KeystoreWrap())

    override val clock: Clock = Clock.systemUTC()

    override val feedback: Feedback = PhoneFeedback { settings.sound }

    override fun camera(): CameraPort = Camera2Port(context)

    override fun managedSettings(): Map<String, String> = managedSettingsOf(context)
}

internal fun managedSettingsOf(context: Context): Map<String, String> {
    val values = context.getSystemService(RestrictionsManager::class.java).applicationRestrictions
    return values.keySet().mapNotNull { key -> values.getString(key)?.let { key to it } }.toMap()
}
