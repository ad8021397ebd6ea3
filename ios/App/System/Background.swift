// Time in the background: to finish what was begun, and to refresh now and then.

import BackgroundTasks
import Foundation
import KokoniScreens
import UIKit

/// Asks the system for time when a write must not be cut off.
struct BackgroundAllowance: ExtraTime {
  func begin() -> @MainActor @Sendable () -> Void {
    let allowance = Allowance()
    allowance.identifier = UIApplication.shared.beginBackgroundTask(withName: "save") {
      MainActor.assumeIsolated { allowance.end() }
    }
    return { allowance.end() }
  }

  @MainActor
  private final class Allowance {
    var identifier = UIBackgroundTaskIdentifier.invalid

    func end() {
      guard identifier != .invalid else { return }
      UIApplication.shared.endBackgroundTask(identifier)
      identifier = .invalid
    }
  }
}

/// Asks the system to wake the app now and then. It promises nothing: what must be on time is a
/// scheduled notification.
enum BackgroundRefresh {
  static let identifier = "dev.kokoni.app.refresh"
  /// Not before then.
  private static let pause: TimeInterval = 30 * 60

  /// Asks for the next time. Where the system refuses, background refresh is off, by choice.
  static func submit() async {
    let request = BGAppRefreshTaskRequest(identifier: identifier)
    request.earliestBeginDate = Date(timeIntervalSinceNow: pause)
    try? BGTaskScheduler.shared.submit(request)
  }
}
