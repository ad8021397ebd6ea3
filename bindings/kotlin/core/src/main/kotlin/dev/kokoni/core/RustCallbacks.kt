// What the app gives to the core: secrets and the log.

package dev.kokoni.core

import dev.kokoni.core.ffi.SecretException
import dev.kokoni.core.ffi.LogLevel as FfiLogLevel
import dev.kokoni.core.ffi.LogSink as FfiLogSink
import dev.kokoni.core.ffi.SecretStore as FfiSecretStore

internal class RustSecretStore(
    private val secrets: SecretStore,
) : FfiSecretStore {
    override fun load(name: String): ByteArray? = answered { secrets.load(name) }

    override fun store(
        name: String,
        value: ByteArray,
    ): Unit = answered { secrets.store(name, value) }

    override fun erase(name: String): Unit = answered { secrets.erase(name) }

    private inline fun <T> answered(call: () -> T): T =
        try {
            call()
        } catch (error: SecretsException.Locked) {
            throw SecretException.Locked(error.toString())
        } catch (error: Exception) {
            // Only the kind: what an exception says may quote the secret.
            throw SecretException.Failed(error.javaClass.name)
        }
}

internal class RustLogSink(
    private val sink: LogSink,
) : FfiLogSink {
    override fun log(
        level: FfiLogLevel,
        target: String,
        text: String,
    ): Unit = sink.log(level.toKotlin(), target, text)
}
