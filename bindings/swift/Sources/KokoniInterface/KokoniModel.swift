// What a screen shows, kept up to date: the observable model over a client.

import Foundation
import Observation

/// The state of a shell's screens.
///
/// Give it to the views, and let ``follow()`` run for as long as one of them is on screen:
///
/// ```swift
/// ContentView(model: model).task { await model.follow() }
/// ```
@MainActor
@Observable
public final class KokoniModel {
  /// Whose phone this is; nil before enrolment, and before the first look.
  public private(set) var enrolment: Enrolment?
  /// The line that is always in sight.
  public private(set) var chip: Chip?
  /// The day, with loans, what waits and what was refused.
  public private(set) var today: TodayView?
  /// How things stand between phone and server.
  public private(set) var status: SyncStatus?
  /// What was lost to a damaged database, until ``acknowledgeLosses()``.
  public private(set) var losses: [String] = []
  /// What the last scan did, or proposes; nil once it was put away.
  public private(set) var card: ScanCard?
  /// Why the last call failed; nil once one succeeded.
  public private(set) var failure: KokoniFailure?
  /// Whether a sync asked for here is under way.
  public private(set) var isSyncing = false
  /// Whether the first look has been taken.
  public private(set) var hasLooked = false

  /// What the model looks at and acts on.
  @ObservationIgnored public let client: any KokoniClient
  /// How the label of ``card`` was read.
  @ObservationIgnored private var via = Via.camera

  /// A model of this client; it knows nothing before ``follow()`` or ``look()``.
  public init(client: any KokoniClient) {
    self.client = client
  }

  /// Looks now and after every change, until the task is cancelled or the core is shut down.
  public func follow() async {
    let changes = client.changes()
    await look()
    for await _ in changes { await look() }
  }

  /// Looks once.
  public func look() async {
    await attempt { () async throws(KokoniFailure) in
      let client = self.client
      let enrolment = try await client.enrolment()
      let status = try await client.status()
      let losses = try await client.losses()
      let chip: Chip?
      let today: TodayView?
      if enrolment == nil {
        (chip, today) = (nil, nil)
      } else {
        (chip, today) = (try await client.chip(), try await client.today())
      }
      (self.enrolment, self.status, self.losses) = (enrolment, status, losses)
      (self.chip, self.today, self.hasLooked) = (chip, today, true)
    }
  }

  /// Scans a label; what came of it is ``card``.
  public func scan(label: String, via: Via = .camera) async {
    self.via = via
    await show { () async throws(KokoniFailure) in
      try await self.client.scan(label: label, via: via)
    }
  }

  /// Saves what ``card`` proposes.
  public func confirm() async {
    guard let card, card.confirm != nil, let label = card.label, let meaning = card.meaning else {
      return
    }
    await show { () async throws(KokoniFailure) in
      try await self.client.confirm(label: label, meaning: meaning, via: self.via)
    }
  }

  /// Takes back what ``card`` saved.
  public func undo() async {
    guard let record = card?.record else { return }
    await show { () async throws(KokoniFailure) in try await self.client.undo(record: record) }
  }

  /// Sends a refused record once more.
  public func resend(record: String) async {
    await show { () async throws(KokoniFailure) in try await self.client.resend(record: record) }
  }

  /// Takes a refused record off the list.
  public func dismiss(record: String) async {
    await attempt { () async throws(KokoniFailure) in
      try await self.client.dismiss(record: record)
    }
  }

  /// Says what a code is that is no label.
  public func showForeign(text: String) {
    card = client.foreignCard(text: text)
  }

  /// Puts the card away.
  public func putCardAway() {
    card = nil
  }

  /// The person has read ``failure``.
  public func acknowledgeFailure() {
    failure = nil
  }

  /// The person has read ``losses``.
  public func acknowledgeLosses() async {
    await attempt { () async throws(KokoniFailure) in
      try await self.client.lossesTold()
      self.losses = []
    }
  }

  /// Enrols with a link, then looks.
  public func enrol(link: String) async {
    await attempt { () async throws(KokoniFailure) in _ = try await self.client.enrol(link: link) }
    if failure == nil { await look() }
  }

  /// Enrols with a typed code, then looks.
  public func enrol(server: String, code: String) async {
    await attempt { () async throws(KokoniFailure) in
      _ = try await self.client.enrol(server: server, code: code)
    }
    if failure == nil { await look() }
  }

  /// Syncs now; returns what it came to, or nil if it failed.
  @discardableResult
  public func sync() async -> SyncOutcome? {
    isSyncing = true
    defer { isSyncing = false }
    var outcome: SyncOutcome?
    await attempt { () async throws(KokoniFailure) in outcome = try await self.client.sync() }
    return outcome
  }

  private func show(_ call: () async throws(KokoniFailure) -> ScanCard) async {
    await attempt { () async throws(KokoniFailure) in self.card = try await call() }
  }

  /// Runs a call; its failure is shown, a cancelled one is nobody's.
  private func attempt(_ call: () async throws(KokoniFailure) -> Void) async {
    do {
      try await call()
      failure = nil
    } catch {
      if error.reason != .cancelled { failure = error }
    }
  }
}
