// Finding a colleague: from what the phone knows at once, from the server as soon as it answers.

import Foundation
import KokoniInterface
import Observation

/// The screen that finds people.
@MainActor
@Observable
public final class PeopleScreen {
  /// Who matches.
  public private(set) var people: [PersonLine] = []
  /// Whether whereabouts are those of now; else only what the phone knows is shown.
  public private(set) var isCurrent = false
  /// Why the server did not say where they are.
  public private(set) var failure: KokoniFailure?
  /// Whether the server is being asked.
  public private(set) var isAsking = false

  /// How long a person pauses before the server is asked.
  static let pause: TimeInterval = 0.3

  @ObservationIgnored private let client: any KokoniClient
  @ObservationIgnored private let clock: any WallClock

  /// The screen of this client.
  public init(client: any KokoniClient, phone: Phone) {
    self.client = client
    clock = phone.clock
  }

  /// Finds people. Run it in a task that is cancelled when the query changes: the answer to an
  /// older query is never shown after that to a newer one.
  public func search(_ query: String) async {
    let query = query.trimmingCharacters(in: .whitespaces)
    guard !query.isEmpty else {
      (people, isCurrent, failure) = ([], false, nil)
      return
    }
    do {
      let known = try await client.people(matching: query)
      try Task.checkCancellation()
      (people, isCurrent, failure) = (known, false, nil)
      try await clock.sleep(until: clock.now().addingTimeInterval(Self.pause))
      isAsking = true
      defer { isAsking = false }
      let now = try await client.peopleNow(matching: query)
      try Task.checkCancellation()
      (people, isCurrent) = (now, true)
    } catch {
      guard !Task.isCancelled, let failure = error as? KokoniFailure else { return }
      self.failure = failure
    }
  }
}
