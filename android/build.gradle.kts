// Versions of the plugins, once. The Kotlin modules below have no Gradle files of their own: what
// they are is said here, so that Maven and Gradle build the same sources.
plugins {
    id("com.android.application") version "9.0.0" apply false
    kotlin("jvm") version "2.4.21" apply false
}

val coroutines = "1.11.0"
val jna = "5.19.1"

project(":ffi") {
    apply(plugin = "org.jetbrains.kotlin.jvm")
    the<SourceSetContainer>()["main"].java.srcDir("target/generated-sources/uniffi")
    dependencies.add("compileOnly", "net.java.dev.jna:jna:$jna")
}

project(":core") {
    apply(plugin = "org.jetbrains.kotlin.jvm")
    dependencies.add("api", "org.jetbrains.kotlinx:kotlinx-coroutines-core:$coroutines")
    dependencies.add("implementation", project(":ffi"))
}
