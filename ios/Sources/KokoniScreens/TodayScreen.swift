// Today: where I am, my day, what I have borrowed, what waits, and what was refused.

import Foundation
import KokoniInterface
import Observation

/// The screen of the person's day.
@MainActor
@Observable
public final class TodayScreen {
  /// The day; nil before the first look.
  public private(set) var day: TodayView?
  /// What was lost to a damaged database, in sentences, until it is acknowledged.
  public private(set) var losses: [String] = []
  /// What the last sync asked for here came to.
  public private(set) var syncText: String?
  /// Why the day cannot be shown, or the last tap did nothing.
  public private(set) var failure: KokoniFailure?
  /// Whether a sync asked for here is under way.
  public private(set) var isSyncing = false

  @ObservationIgnored private let client: any KokoniClient
  @ObservationIgnored private let cards: CardModel

  /// The screen of this client.
  public init(client: any KokoniClient, cards: CardModel) {
    self.client = client
    self.cards = cards
  }

  /// Reads the day anew.
  public func look() async {
    await attempt { () async throws(KokoniFailure) in
      let client = self.client
      let (day, losses) = (try await client.today(), try await client.losses())
      (self.day, self.losses) = (day, losses)
    }
  }

  /// Syncs now: the list was pulled down.
  public func sync() async {
    isSyncing = true
    defer { isSyncing = false }
    await attempt { () async throws(KokoniFailure) in
      self.syncText = try await self.client.sync().text
    }
    if failure == nil { await look() }
  }

  /// Sends a refused record once more; the card says what came of it.
  public func resend(_ line: RejectedLine) async {
    guard line.canResend else { return }
    await cards.resend(record: line.record)
    await look()
  }

  /// The person has understood why it was refused.
  public func dismiss(_ line: RejectedLine) async {
    await attempt { () async throws(KokoniFailure) in
      try await self.client.dismiss(record: line.record)
    }
    if failure == nil { await look() }
  }

  /// The person has read what was lost.
  public func acknowledgeLosses() async {
    await attempt { () async throws(KokoniFailure) in
      try await self.client.lossesTold()
      self.losses = []
    }
  }

  private func attempt(_ call: () async throws(KokoniFailure) -> Void) async {
    do {
      try await call()
      failure = nil
    } catch {
      if error.reason != .cancelled { failure = error }
    }
  }
}
