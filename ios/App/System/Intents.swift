// Fast ways in: Spotlight, Siri, the Action button and Shortcuts.

import AppIntents
import KokoniScreens

/// Opens the camera.
struct ScanIntent: AppIntent {
  static let title: LocalizedStringResource = "intent.scan"
  static let description: IntentDescription? = IntentDescription("intent.scan.about")
  static let openAppWhenRun = true

  @MainActor
  func perform() async throws -> some IntentResult {
    WayIn.open(.scan)
    return .result()
  }
}

/// Opens the day.
struct TodayIntent: AppIntent {
  static let title: LocalizedStringResource = "intent.today"
  static let description: IntentDescription? = IntentDescription("intent.today.about")
  static let openAppWhenRun = true

  @MainActor
  func perform() async throws -> some IntentResult {
    WayIn.open(.today)
    return .result()
  }
}

/// What the system offers without being set up.
struct KokoniShortcuts: AppShortcutsProvider {
  static var appShortcuts: [AppShortcut] {
    AppShortcut(
      intent: ScanIntent(),
      phrases: ["Check in with \(.applicationName)"],
      shortTitle: "intent.scan", systemImageName: "qrcode.viewfinder")
    AppShortcut(
      intent: TodayIntent(),
      phrases: ["Show today in \(.applicationName)"],
      shortTitle: "intent.today", systemImageName: "calendar")
  }
}
