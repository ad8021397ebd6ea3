// A phone of the tests: a folder, its secrets, and the Kokoni that is open on them.

package dev.kokoni.core

import dev.kokoni.core.fake.MemorySecretStore
import kotlinx.coroutines.CoroutineDispatcher
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.runBlocking
import java.nio.file.Files
import java.nio.file.Path
import java.time.Duration

class TestPhone(
    val secrets: SecretStore = MemorySecretStore(),
    private val language: Language = Language.JAPANESE,
    private val dispatcher: CoroutineDispatcher = Dispatchers.IO,
) : AutoCloseable {
    val folder: Path = Files.createTempDirectory("kokoni-phone")
    private var opened: Kokoni? = null

    val kokoni: Kokoni get() = opened ?: runBlocking { open() }

    suspend fun open(): Kokoni = Kokoni.open(config(), secrets, dispatcher).also { opened = it }

    fun config() = KokoniConfig(folder = folder.resolve("data"), appVersion = "test", language = language, deviceName = "試験機")

    /** Enrols, and fetches the directory. */
    suspend fun enrolAt(server: TestServer): Kokoni {
        kokoni.enrol(server.invite().link, PATIENT)
        check(kokoni.sync(PATIENT).end == SyncEnd.DONE)
        return kokoni
    }

    /** The app ends and is started again. */
    suspend fun restart(): Kokoni {
        opened?.close()
        return open()
    }

    /** Labels of a kind that this phone knows: `seat`, `item`, `home`, `exit`, `locker`. */
    fun labels(kind: String): List<LabelId> = testingLabels(kokoni, kind)

    override fun close() {
        opened?.close()
        folder.toFile().deleteRecursively()
    }

    companion object {
        /** Long enough for a busy machine; no test waits for it to pass. */
        val PATIENT: Duration = Duration.ofSeconds(120)
    }
}

internal val Kokoni.core get() = (this as RustKokoni).core

internal fun testingLabels(
    kokoni: Kokoni,
    kind: String,
): List<LabelId> =
    dev.kokoni.core.ffi
        .testingLabels(kokoni.core, kind)
        .map(::LabelId)
