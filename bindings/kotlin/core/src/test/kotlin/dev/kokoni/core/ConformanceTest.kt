// The scripts of tests/fixtures/conformance, which Rust, Kotlin and Swift all run: here through the
// package's own functions, against the real library and a real server.

package dev.kokoni.core

import kotlinx.coroutines.CancellationException
import kotlinx.coroutines.runBlocking
import kotlinx.serialization.json.Json
import kotlinx.serialization.json.JsonElement
import kotlinx.serialization.json.JsonNull
import kotlinx.serialization.json.JsonObject
import kotlinx.serialization.json.JsonPrimitive
import kotlinx.serialization.json.jsonArray
import kotlinx.serialization.json.jsonObject
import kotlinx.serialization.json.jsonPrimitive
import org.junit.jupiter.api.AfterAll
import org.junit.jupiter.api.BeforeAll
import org.junit.jupiter.api.DynamicTest
import org.junit.jupiter.api.TestFactory
import org.junit.jupiter.api.TestInstance
import java.nio.file.Files
import java.nio.file.Path
import kotlin.io.path.extension
import kotlin.io.path.name
import kotlin.test.assertEquals
import kotlin.test.fail

@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class ConformanceTest {
    private lateinit var server: TestServer

    @BeforeAll
    fun start() {
        server = TestServer.start()
    }

    @AfterAll
    fun stop() = server.close()

    @TestFactory
    fun scripts(): List<DynamicTest> {
        val folder = Path.of(System.getProperty("kokoni.conformance"))
        val files = Files.list(folder).use { all -> all.filter { it.extension == "json" }.sorted().toList() }
        check(files.isNotEmpty()) { "no scripts in $folder" }
        return files.map { file ->
            DynamicTest.dynamicTest(file.name) { play(file) }
        }
    }

    private fun play(file: Path) =
        ConformanceVerbs(server).use { verbs ->
            val script = Json.parseToJsonElement(Files.readString(file)).jsonObject
            val kept = HashMap<String, String>()
            script.getValue("steps").jsonArray.forEachIndexed { number, step ->
                runBlocking { Step(step.jsonObject, kept).play("${file.name} step ${number + 1}", verbs) }
            }
        }
}

/** One step of a script, with what earlier steps kept. */
internal class Step(
    private val json: JsonObject,
    private val kept: MutableMap<String, String>,
) {
    val verb = text("do")

    fun text(name: String): String = optional(name)?.content ?: error("$json has no $name")

    fun optionalText(name: String): String? = optional(name)?.content

    fun texts(name: String): List<String> = json.getValue(name).jsonArray.map { it.jsonPrimitive.content }

    fun int(name: String): Int = text(name).toInt()

    fun optionalInt(name: String): Int? = optionalText(name)?.toInt()

    fun inside(name: String): Step? = (json[name] as? JsonObject)?.let { Step(JsonObject(it + ("do" to JsonPrimitive(name))), kept) }

    private fun optional(name: String): JsonPrimitive? {
        val found = json[name]?.jsonPrimitive ?: return null
        val kept = found.content.takeIf { it.startsWith("$") }?.let { kept.getValue(it.drop(1)) }
        return kept?.let(::JsonPrimitive) ?: found
    }

    suspend fun play(
        where: String,
        verbs: ConformanceVerbs,
    ) {
        val place = "$where, $verb"
        val expectedError = optionalText("error")
        val outcome =
            try {
                verbs.perform(this)
            } catch (error: KokoniException) {
                assertEquals(expectedError, nameOf(error), place)
                return
            } catch (_: CancellationException) {
                assertEquals(expectedError, "Cancelled", place)
                return
            }
        if (expectedError != null) fail("$place: no $expectedError, but $outcome")
        json["expect"]?.jsonObject?.forEach { (name, value) ->
            assertEquals(value, outcome.json(name), "$place: $name")
        }
        optionalText("keep")?.let { kept[it] = checkNotNull(outcome.keep) { "$place: nothing to keep" } }
    }

    private fun nameOf(error: KokoniException): String =
        when (error) {
            is KokoniException.Input -> "Input.${rustName(error.problem)}"
            is KokoniException.Closed -> "ShutDown"
            else -> checkNotNull(error::class.simpleName)
        }
}

/** What a step gave: values by name, and the one that can be kept. */
internal class Outcome(
    private val values: Map<String, Any?> = emptyMap(),
    val keep: String? = null,
) {
    fun json(name: String): JsonElement {
        check(name in values) { "there is no value $name among ${values.keys}" }
        return when (val value = values[name]) {
            null -> JsonNull
            is Boolean -> JsonPrimitive(value)
            is Number -> JsonPrimitive(value)
            is Enum<*> -> JsonPrimitive(rustName(value))
            else -> JsonPrimitive(value.toString())
        }
    }

    override fun toString(): String = values.toString()
}

/** `SIGN_IN_NEEDED` as Rust and the scripts spell it: `SignInNeeded`. */
internal fun rustName(value: Enum<*>): String =
    value.name.split('_').joinToString("") { word -> word.lowercase().replaceFirstChar(Char::uppercase) }
