// The app with the Android SDK. First, in the checkout: `cargo xtask kotlin` (the bindings) and
// `cargo xtask android-libs` (the native library for each architecture, into android/jniLibs).
plugins {
    id("com.android.application")
}

android {
    namespace = "dev.kokoni.app"
    compileSdk = 36
    ndkVersion = "28.2.13676358"

    defaultConfig {
        applicationId = "dev.kokoni.app"
        minSdk = 26
        targetSdk = 36
        versionCode = 1
        versionName = "0.1.0"
        ndk { abiFilters += listOf("arm64-v8a", "armeabi-v7a", "x86_64") }
    }

    buildTypes {
        release {
            isMinifyEnabled = true
            isShrinkResources = true
            proguardFiles(getDefaultProguardFile("proguard-android-optimize.txt"), "proguard-rules.pro")
        }
    }

    sourceSets["main"].jniLibs.srcDir("../jniLibs")

    // Libraries lie uncompressed and aligned to 16 KB in the package, and are mapped from there.
    packaging.jniLibs.useLegacyPackaging = false

    compileOptions {
        sourceCompatibility = JavaVersion.VERSION_17
        targetCompatibility = JavaVersion.VERSION_17
    }

    lint {
        warningsAsErrors = true
        // What is newer lies behind one door, dev.kokoni.app.platform, which lint knows by this.
        disable += "ObsoleteSdkInt"
    }
}

dependencies {
    implementation(project(":core"))
    implementation("org.jetbrains.kotlinx:kotlinx-coroutines-android:1.11.0")
    implementation("net.java.dev.jna:jna:5.19.1@aar")
}
