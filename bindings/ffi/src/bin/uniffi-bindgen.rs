//! Writes the Kotlin and Swift sources from the built library: `uniffi-bindgen generate ...`.

fn main() {
    uniffi::uniffi_bindgen_main();
}
