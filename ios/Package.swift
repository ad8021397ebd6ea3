// swift-tools-version: 6.0
// The iOS shell without its pixels: the screens' models, tested on any machine with Swift; and on
// machines without Apple's frameworks, the app itself checked against stand-ins of them.
//
// The app is built by Xcode, from project.yml.

import PackageDescription

/// Apple's frameworks the app uses, as far as it uses them, where there are none.
var standIns: [Target] = []
/// The app's sources, to be checked only.
var app: [Target] = []
#if os(Linux)
  let frameworks: [(String, [String])] = [
    ("Accessibility", []),
    ("AVFoundation", ["CoreMedia", "UIKit"]),
    ("AppIntents", []),
    ("AudioToolbox", []),
    ("BackgroundTasks", []),
    ("CoreMedia", ["CoreVideo"]),
    ("CoreVideo", []),
    ("Security", []),
    ("SwiftUI", ["UIKit"]),
    ("UIKit", []),
    ("UserNotifications", []),
    ("WidgetKit", ["AppIntents", "SwiftUI"]),
  ]
  standIns = frameworks.map { name, needs in
    .target(
      name: name, dependencies: needs.map { .byName(name: $0) }, path: "StandIns/\(name)")
  }
  app = [
    .target(
      name: "KokoniApp",
      dependencies: ["KokoniScreens", .product(name: "KokoniKit", package: "swift")]
        + frameworks.map { .byName(name: $0.0) },
      path: "App",
      swiftSettings: [.unsafeFlags(["-warnings-as-errors"])]),
    // What the extension takes of the app's sources lies there as a link: no file of a package may
    // be in two targets.
    .target(
      name: "KokoniWidgets",
      dependencies: ["KokoniScreens"]
        + ["AppIntents", "SwiftUI", "WidgetKit"].map { .byName(name: $0) },
      path: ".",
      sources: ["Widgets", "StandIns/AppShared"],
      swiftSettings: [.unsafeFlags(["-warnings-as-errors"])]),
  ]
#endif

let package = Package(
  name: "KokoniShell",
  defaultLocalization: "ja",
  platforms: [.iOS(.v17), .macOS(.v14)],
  products: [.library(name: "KokoniScreens", targets: ["KokoniScreens"])],
  dependencies: [.package(path: "../bindings/swift")],
  targets: [
    .target(
      name: "KokoniScreens",
      dependencies: [.product(name: "KokoniInterface", package: "swift")]),
    .testTarget(name: "KokoniScreensTests", dependencies: ["KokoniScreens"]),
    .testTarget(
      name: "KokoniJourneyTests",
      dependencies: ["KokoniScreens", .product(name: "KokoniKit", package: "swift")]),
  ] + standIns + app,
  swiftLanguageModes: [.v6]
)
