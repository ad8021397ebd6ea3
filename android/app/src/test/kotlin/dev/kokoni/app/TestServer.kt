// A real `kokoni serve` on loopback, over the example city hall.

package dev.kokoni.app

import org.json.JSONObject
import java.io.File
import java.nio.file.Files
import java.util.concurrent.TimeUnit

/** The city hall is made once for each class of tests and copied for each journey. */
internal class TestServer(
    host: String = HOST,
) : AutoCloseable {
    private val folder = Files.createTempDirectory("kokoni-journey").toFile()
    private val made by lazy { City.of(host) }
    private var process: Process? = null

    /** Once started it keeps its port. */
    var address = "http://127.0.0.1:0"
        private set

    fun start() {
        check(process == null) { "it runs already" }
        if (folder.list().isNullOrEmpty()) made.data.copyRecursively(folder, overwrite = true)
        val log = File(folder, "server.log")
        val started = ProcessBuilder(program(), "serve", "--data", "$folder", "--listen", address.removePrefix("http://"), "--json").redirectError(log).start()
        process = started
        val line = checkNotNull(started.inputStream.bufferedReader().readLine()) { "no address: ${log.readText()}" }
        address = JSONObject(line).getString("address")
    }

    fun stop() {
        val running = process ?: return
        running.destroy()
        if (!running.waitFor(20, TimeUnit.SECONDS)) running.destroyForcibly().waitFor()
        process = null
    }

    /** A one-time code for the person of the journeys: a link, and ten characters to type. */
    fun invite(): Pair<String, String> {
        val said = run("enrol", "--data", "$folder", "--public-url", address, "--json", made.administrator)
        return said.getString("link") to said.getString("typed")
    }

    override fun close() {
        stop()
        folder.deleteRecursively()
    }

    companion object {
        const val HOST = "kokoni.example.jp"

        /** A second organisation's. */
        const val OTHER_HOST = "other.example.jp"

        private fun program(): String =
            checkNotNull(System.getProperty("kokoni.program")?.takeIf { it.isNotEmpty() }) {
                "-Dkokoni.program names no program: run `cargo xtask test android`"
            }

        internal fun run(vararg words: String): JSONObject {
            val process = ProcessBuilder(listOf(program(), *words)).redirectError(ProcessBuilder.Redirect.INHERIT).start()
            val said = process.inputStream.bufferedReader().readText()
            check(process.waitFor() == 0) { "kokoni ${words.first()} failed" }
            return JSONObject(said)
        }
    }
}

/** An example city hall as it was made. */
private class City(
    val data: File,
    val administrator: String,
) {
    companion object {
        private val made = HashMap<String, City>()

        fun of(host: String): City =
            made.getOrPut(host) {
                val data = Files.createTempDirectory("kokoni-city").toFile()
                Runtime.getRuntime().addShutdownHook(Thread { data.deleteRecursively() })
                val said = TestServer.run("init", "--data", "$data", "--host", host, "--example", "city-hall", "--json")
                City(data, said.getString("administrator"))
            }
    }
}
