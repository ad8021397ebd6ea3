// swift-tools-version: 6.0
// KokoniKit: Kokoni's core for Swift. `cargo xtask swift` generates what lies in `Generated` and
// builds this; on a Mac `cargo xtask xcframework` puts the core for iOS beside this file.

import Foundation
import PackageDescription

let xcframework = "kokoni_ffiFFI.xcframework"
let hasXcframework = FileManager.default.fileExists(
  atPath: Context.packageDirectory + "/" + xcframework)

/// The C interface of the core: with the core itself where it was built for iOS, else with the
/// library that the linker is told of by `-L`.
let core: Target =
  hasXcframework
  ? .binaryTarget(name: "kokoni_ffiFFI", path: xcframework)
  : .systemLibrary(name: "kokoni_ffiFFI", path: "Generated/kokoni_ffiFFI")

let package = Package(
  name: "KokoniKit",
  platforms: [.iOS(.v17), .macOS(.v14)],
  products: [
    .library(name: "KokoniInterface", targets: ["KokoniInterface"]),
    .library(name: "KokoniKit", targets: ["KokoniKit"]),
  ],
  targets: [
    core,
    .target(
      name: "KokoniFFI",
      dependencies: ["kokoni_ffiFFI"],
      path: "Generated/KokoniFFI",
      linkerSettings: hasXcframework ? [] : [.linkedLibrary("kokoni_ffi")]),
    .target(name: "KokoniInterface"),
    .target(name: "KokoniKit", dependencies: ["KokoniFFI", "KokoniInterface"]),
    .target(
      name: "KokoniTestServer", dependencies: ["KokoniInterface"], path: "Tests/KokoniTestServer"),
    .executableTarget(
      name: "kokoni-benchmark", dependencies: ["KokoniFFI", "KokoniKit", "KokoniTestServer"],
      path: "Benchmarks"),
    .testTarget(name: "KokoniInterfaceTests", dependencies: ["KokoniInterface"]),
    .testTarget(
      name: "KokoniKitTests", dependencies: ["KokoniFFI", "KokoniKit", "KokoniTestServer"]),
  ],
  swiftLanguageModes: [.v6]
)
