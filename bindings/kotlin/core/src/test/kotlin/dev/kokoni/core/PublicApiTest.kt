// The package's promises about its own public face.

package dev.kokoni.core

import java.lang.reflect.Modifier
import java.nio.file.Files
import java.nio.file.Path
import kotlin.io.path.extension
import kotlin.io.path.name
import kotlin.test.Test
import kotlin.test.assertEquals
import kotlin.test.assertTrue

class PublicApiTest {
    private val classes: Path = Path.of(Kokoni::class.java.protectionDomain.codeSource.location.toURI())

    @Test
    fun `no generated type can be seen from outside`() {
        val seen = publicClasses().flatMap { type -> typesIn(type).filter { GENERATED in it }.map { "${type.name}: $it" } }
        assertEquals(emptyList(), seen)
    }

    @Test
    fun `what is written by hand names the generated code in few files only`() {
        val naming =
            sources().filter { (_, text) -> GENERATED in text.lines().filterNot { it.trim().startsWith("*") }.joinToString("\n") }.keys
        val allowed =
            setOf(
                "Convert.kt",
                "ConvertChoices.kt",
                "ConvertErrors.kt",
                "FrameLook.kt",
                "PlainScan.kt",
                "RustCalls.kt",
                "RustCallbacks.kt",
                "RustFrameReader.kt",
                "RustKokoni.kt",
            )
        assertEquals(allowed, naming)
    }

    @Test
    fun `everything public is described`() {
        val bare =
            sources().flatMap { (name, text) ->
                val lines = text.lines()
                lines.indices
                    .filter { PUBLIC.containsMatchIn(lines[it]) && !described(lines, it) }
                    .map { "$name:${it + 1}: ${lines[it].trim()}" }
            }
        assertEquals(emptyList(), bare)
    }

    private fun described(
        lines: List<String>,
        at: Int,
    ): Boolean {
        val above = (at - 1 downTo 0).map { lines[it].trim() }.first { !it.startsWith("@") }
        return above.endsWith("*/")
    }

    private fun publicClasses(): List<Class<*>> {
        val found =
            Files.walk(classes).use { files ->
                files.filter { it.extension == "class" }.map { classes.relativize(it).toString() }.toList()
            }
        assertTrue(found.size > 30, "the classes are in $classes")
        return found
            .map { Class.forName(it.removeSuffix(".class").replace('/', '.'), false, javaClass.classLoader) }
            .filter { Modifier.isPublic(it.modifiers) && !isInternal(it) }
    }

    /** Kotlin's `internal` is public to the JVM: told apart by the names of the files. */
    private fun isInternal(type: Class<*>): Boolean = INTERNAL.any { type.simpleName.startsWith(it) || "${type.name}$".contains("$it$") }

    private fun typesIn(type: Class<*>): List<String> {
        val methods = type.methods.filter { '$' !in it.name }
        return methods.flatMap { method -> method.genericParameterTypes.map { it.typeName } + method.genericReturnType.typeName } +
            type.constructors.flatMap { made -> made.genericParameterTypes.map { it.typeName } } +
            listOfNotNull(type.genericSuperclass?.typeName) +
            type.genericInterfaces.map { it.typeName }
    }

    private fun sources(): Map<String, String> {
        val folder = Path.of("src/main/kotlin")
        return Files.walk(folder).use { files ->
            files.filter { it.extension == "kt" }.toList().associate { it.name to Files.readString(it) }
        }
    }

    private companion object {
        const val GENERATED = "dev.kokoni.core.ffi"
        val PUBLIC = Regex("""^\s*public (?!companion object \{ *\}).*""")
        val INTERNAL = listOf("Rust", "Convert", "Changes", "FrameLook")
    }
}
