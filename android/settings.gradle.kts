// For machines with the Android SDK and NDK; `cargo xtask android` builds without them.
pluginManagement {
    repositories {
        google()
        mavenCentral()
        gradlePluginPortal()
    }
}

dependencyResolutionManagement {
    repositories {
        google()
        mavenCentral()
    }
}

rootProject.name = "kokoni"
include(":app", ":core", ":ffi")
project(":core").projectDir = file("../bindings/kotlin/core")
project(":ffi").projectDir = file("../bindings/kotlin/ffi")
