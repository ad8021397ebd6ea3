// Reminders: what the core lists is what the system has scheduled.

import Foundation
import KokoniInterface
import Observation

/// Keeps the system's notifications equal to the core's reminders.
@MainActor
@Observable
public final class ReminderKeeper {
  /// Whether the person lets the app notify them; nil before it was looked up.
  public private(set) var permission: NotificationPermission?
  /// Whether there is something to remind of.
  public private(set) var hasPlans = false

  @ObservationIgnored private let client: any KokoniClient
  @ObservationIgnored private let phone: Phone
  @ObservationIgnored private var isPlanning = false
  @ObservationIgnored private var mustPlanAgain = false

  /// The keeper of this client's reminders.
  public init(client: any KokoniClient, phone: Phone) {
    self.client = client
    self.phone = phone
  }

  /// Whether it is time to ask the person: there is something to remind of, and nobody asked yet.
  public var shouldAsk: Bool { hasPlans && permission == .notAsked }

  /// Schedules what the core lists now, in place of all before.
  ///
  /// Called on every change and activation. Calls that come while one is under way become one more,
  /// so that the last list wins.
  public func replan() async {
    mustPlanAgain = true
    guard !isPlanning else { return }
    isPlanning = true
    defer { isPlanning = false }
    while mustPlanAgain {
      mustPlanAgain = false
      permission = await phone.notifications.permission()
      do {
        let plans = try await client.reminders()
        hasPlans = !plans.isEmpty
        await phone.notifications.replaceAll(plans)
      } catch {
        // Nobody's phone: nobody is to be reminded. Otherwise what is scheduled still holds.
        if error.reason == .notEnrolled { await clear() }
      }
    }
  }

  /// Asks the person whether they want to be reminded.
  public func ask() async {
    permission = await phone.notifications.ask()
    await replan()
  }

  /// Does not remind again before tomorrow.
  public func silenceToday() async {
    try? await client.snoozeReminders(until: phone.clock.tomorrow())
    await replan()
  }

  /// Schedules nothing any more.
  func clear() async {
    hasPlans = false
    await phone.notifications.replaceAll([])
  }
}
