// The app: one window over the screens' models. What the system calls is handed on from here.

import BackgroundTasks
import KokoniInterface
import KokoniScreens
import SwiftUI

@main
struct KokoniApp: App {
  @UIApplicationDelegateAdaptor(AppDelegate.self) private var delegate
  @Environment(\.scenePhase) private var scenePhase

  var body: some Scene {
    WindowGroup {
      RootView(app: AppDelegate.app)
    }
    .backgroundTask(.appRefresh(BackgroundRefresh.identifier)) {
      await BackgroundRefresh.submit()
      await AppDelegate.app.refreshInBackground()
    }
    .onChange(of: scenePhase) { _, phase in
      if phase == .background { Task { await BackgroundRefresh.submit() } }
    }
  }
}

/// Holds the app's model for as long as the process lives: also when the system starts it in the
/// background, with no window.
@MainActor
final class AppDelegate: NSObject, UIApplicationDelegate {
  /// The model, for intents and background work.
  static let app = AppModel(phone: .system, language: .ofTheSystem)

  private let notifications = NotificationResponder()

  func application(
    _ application: UIApplication,
    didFinishLaunchingWithOptions launchOptions: [UIApplication.LaunchOptionsKey: Any]? = nil
  ) -> Bool {
    notifications.install()
    WayIn.open = { Self.app.go(to: $0.path) }
    return true
  }
}

extension Language {
  /// Japanese where the app is shown in Japanese, else English.
  static var ofTheSystem: Language {
    Bundle.main.preferredLocalizations.first?.hasPrefix("ja") == true ? .japanese : .english
  }
}
