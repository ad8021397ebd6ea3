// The card: what a scan did, or proposes. The camera, a typed code and a link all end here.

import Foundation
import KokoniInterface
import Observation

/// The card that says what a scan did.
///
/// Scans are taken one after another. A card is said by haptic, tone and voice when it appears; its
/// undo goes when its time is over, and a plain success then puts itself away.
@MainActor
@Observable
public final class CardModel {
  /// What there is to say; nil when there is nothing.
  public private(set) var card: ScanCard?
  /// Why nothing could be said; the record, if there was one, was not saved.
  public private(set) var failure: KokoniFailure?
  /// Whether what the card saved can still be taken back.
  public private(set) var canUndo = false
  /// Whether a call is under way: the button waits.
  public private(set) var isBusy = false

  @ObservationIgnored private let client: any KokoniClient
  @ObservationIgnored private let phone: Phone
  /// How the label of the card was read.
  @ObservationIgnored private var via = Via.camera
  /// Ends the undo of the card that is shown.
  @ObservationIgnored private var ending: Task<Void, Never>?

  /// The cards of this client.
  public init(client: any KokoniClient, phone: Phone) {
    self.client = client
    self.phone = phone
  }

  deinit { ending?.cancel() }

  /// Whether the card proposes something that takes a tap.
  public var proposes: Bool { card?.confirm != nil }

  /// Takes a label that was read.
  public func take(label: String, via: Via) async {
    self.via = via
    await show { [client] () async throws(KokoniFailure) in
      try await client.scan(label: label, via: via)
    }
  }

  /// Names a code that is no label. A proposal that waits for its tap stays.
  public func takeForeign(_ text: String) {
    guard !proposes, !isBusy else { return }
    put(client.foreignCard(text: text))
  }

  /// Saves what the card proposes.
  public func confirm() async {
    guard let card, proposes, let label = card.label, let meaning = card.meaning else { return }
    let via = via
    await show { [client] () async throws(KokoniFailure) in
      try await client.confirm(label: label, meaning: meaning, via: via)
    }
  }

  /// Takes back what the card saved.
  public func undo() async {
    guard canUndo, let record = card?.record else { return }
    await show { [client] () async throws(KokoniFailure) in
      try await client.undo(record: record)
    }
  }

  /// Sends a refused record once more.
  public func resend(record: String) async {
    await show { [client] () async throws(KokoniFailure) in
      try await client.resend(record: record)
    }
  }

  /// The proposal that waits for its tap.
  public var proposal: Proposal? {
    guard proposes, let label = card?.label else { return nil }
    return Proposal(label: label, via: via)
  }

  /// Proposes anew what waited when the process ended. Saves nothing, whatever it means by now.
  func restore(_ proposal: Proposal) async {
    via = proposal.via
    await show { [client] () async throws(KokoniFailure) in
      try await client.preview(label: proposal.label)
    }
  }

  /// Puts the card, or the failure, away.
  public func putAway() {
    ending?.cancel()
    (card, failure, canUndo) = (nil, nil, false)
  }

  private func show(
    _ call: @Sendable () async throws(KokoniFailure) -> ScanCard
  ) async {
    guard !isBusy else { return }
    isBusy = true
    let giveBack = phone.extraTime.begin()
    defer {
      isBusy = false
      giveBack()
    }
    do {
      put(try await call())
    } catch {
      guard error.reason != .cancelled else { return }
      putAway()
      failure = error
      phone.cues.play(.refusal)
      phone.cues.announce(error.text)
    }
  }

  private func put(_ new: ScanCard) {
    putAway()
    card = new
    phone.cues.play(new.tone)
    phone.cues.announce([new.title, new.detail].compactMap { $0 }.joined(separator: " "))
    if new.record != nil, let end = new.undoUntil, end > phone.clock.now() {
      canUndo = true
      ending = Task { [weak self, clock = phone.clock] in
        guard (try? await clock.sleep(until: end)) != nil else { return }
        self?.undoEnded(of: new)
      }
    }
  }

  private func undoEnded(of old: ScanCard) {
    guard card == old, !isBusy else { return }
    canUndo = false
    // Whoever must read or do something more is given the time for it.
    if old.tone == .success, old.detail == nil, old.items.isEmpty { card = nil }
  }
}
