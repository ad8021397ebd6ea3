// The values of a device management: a dictionary of the user defaults, by Apple's own key.

import Foundation
import KokoniInterface
import KokoniScreens

/// The managed app configuration, and the feedback to it.
struct ManagedConfiguration: ManagedSettings {
  private static let key = "com.apple.configuration.managed"
  private static let feedbackKey = "com.apple.feedback.managed"

  func read() -> [String: String] {
    let values = UserDefaults.standard.dictionary(forKey: Self.key) ?? [:]
    return values.compactMapValues { $0 as? String }
  }

  func answer(_ feedback: [SettingFeedback]) {
    let answers = feedback.map {
      ($0.key, ["problem": $0.problem, "text": $0.text] as [String: Any])
    }
    UserDefaults.standard.set(
      Dictionary(answers) { first, _ in first }, forKey: Self.feedbackKey)
  }
}
