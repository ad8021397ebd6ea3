// The system's notifications: exactly the reminders the core lists, by the wall clock of their zone.

import Foundation
import KokoniInterface
import KokoniScreens
import UserNotifications

/// The system's notification centre.
struct SystemNotifications: NotificationCentre {
  static let category = "reminder"
  static let silence = "silence_today"

  private var centre: UNUserNotificationCenter { .current() }

  func permission() async -> NotificationPermission {
    switch await centre.notificationSettings().authorizationStatus {
    case .notDetermined: .notAsked
    case .denied: .refused
    default: .granted
    }
  }

  func ask() async -> NotificationPermission {
    let granted = try? await centre.requestAuthorization(options: [.alert, .sound])
    return granted == true ? .granted : .refused
  }

  func replaceAll(_ plans: [ReminderPlan]) async {
    centre.removeAllPendingNotificationRequests()
    for plan in plans {
      guard let due = plan.wallClock else { continue }
      let content = UNMutableNotificationContent()
      content.title = plan.title
      content.body = plan.body
      content.sound = .default
      content.categoryIdentifier = Self.category
      let trigger = UNCalendarNotificationTrigger(dateMatching: due, repeats: false)
      try? await centre.add(
        UNNotificationRequest(identifier: plan.id, content: content, trigger: trigger))
    }
  }
}

/// What a person does with a reminder.
final class NotificationResponder: NSObject, UNUserNotificationCenterDelegate {
  /// Tells the system whom to ask, and what a reminder offers.
  @MainActor func install() {
    let centre = UNUserNotificationCenter.current()
    centre.delegate = self
    let silence = UNNotificationAction(
      identifier: SystemNotifications.silence, title: Phrase.remindersSilence.localized)
    centre.setNotificationCategories([
      UNNotificationCategory(
        identifier: SystemNotifications.category, actions: [silence], intentIdentifiers: [])
    ])
  }

  nonisolated func userNotificationCenter(
    _ center: UNUserNotificationCenter, didReceive response: UNNotificationResponse
  ) async {
    if response.actionIdentifier == SystemNotifications.silence {
      await AppDelegate.app.silenceReminders()
    } else {
      await AppDelegate.app.go(to: [])
    }
  }

  nonisolated func userNotificationCenter(
    _ center: UNUserNotificationCenter, willPresent notification: UNNotification
  ) async -> UNNotificationPresentationOptions {
    [.banner, .list, .sound]
  }
}
