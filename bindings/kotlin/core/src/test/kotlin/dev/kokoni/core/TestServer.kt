// A real `kokoni serve` on loopback, in a folder of its own.

package dev.kokoni.core

import kotlinx.serialization.json.Json
import kotlinx.serialization.json.JsonObject
import kotlinx.serialization.json.jsonObject
import kotlinx.serialization.json.jsonPrimitive
import java.nio.file.Files
import java.nio.file.Path
import java.util.concurrent.TimeUnit

/** The example city hall, served until it is closed. */
class TestServer private constructor(
    private val folder: Path,
    val administrator: String,
) : AutoCloseable {
    private var process: Process? = null

    /** `http://127.0.0.1:PORT`; the port stays the same over [stop] and [start]. */
    var address: String = "http://127.0.0.1:0"
        private set

    fun start() {
        if (process != null) return
        val command = listOf(PROGRAM, "serve", "--data", "$folder", "--listen", address.removePrefix("http://"), "--json")
        val started =
            ProcessBuilder(command)
                .redirectError(folder.resolve("server.log").toFile())
                .start()
        process = started
        val line = checkNotNull(started.inputReader().readLine()) { "no address: ${Files.readString(folder.resolve("server.log"))}" }
        address = line.json().text("address")
    }

    fun stop() {
        val running = process ?: return
        running.destroy()
        if (!running.waitFor(20, TimeUnit.SECONDS)) running.destroyForcibly().waitFor()
        process = null
    }

    /** A one-time link for somebody, by name or id. */
    fun invite(person: String = administrator): Invitation {
        val said = run("enrol", "--data", "$folder", "--public-url", address, "--json", person)
        return Invitation(said.text("link"), said.text("typed"))
    }

    override fun close() {
        stop()
        folder.toFile().deleteRecursively()
    }

    data class Invitation(
        val link: String,
        val typed: String,
    )

    companion object {
        const val HOST = "kokoni.example.jp"
        private val PROGRAM: String =
            checkNotNull(System.getProperty("kokoni.program")?.takeIf { it.isNotEmpty() }) {
                "-Dkokoni.program names no program: run `cargo xtask test kotlin`"
            }

        fun start(): TestServer {
            val folder = Files.createTempDirectory("kokoni-server")
            val made = run("init", "--data", "$folder", "--host", HOST, "--example", "city-hall", "--json")
            return TestServer(folder, made.text("administrator")).apply { start() }
        }

        private fun run(vararg words: String): JsonObject {
            val process = ProcessBuilder(listOf(PROGRAM, *words)).redirectError(ProcessBuilder.Redirect.INHERIT).start()
            val said = process.inputReader().readText()
            check(process.waitFor() == 0) { "kokoni ${words.first()} failed" }
            return said.json()
        }

        private fun String.json() = Json.parseToJsonElement(this).jsonObject

        private fun JsonObject.text(name: String) = getValue(name).jsonPrimitive.content
    }
}
