// Typing the code under a label, where the label is torn or the camera may not be used.

import Foundation
import KokoniInterface
import Observation

/// The screen for typing a label's code.
@MainActor
@Observable
public final class TypedCodeScreen {
  /// What was typed, in groups of four.
  public private(set) var text = ""
  /// What is wrong with it, only once something is.
  public private(set) var problem: String?
  /// The label, once the code is complete and right.
  public private(set) var label: String?

  @ObservationIgnored private let client: any KokoniClient
  @ObservationIgnored private let cards: CardModel

  /// The screen of this client; what is typed ends in these cards.
  public init(client: any KokoniClient, cards: CardModel) {
    self.client = client
    self.cards = cards
  }

  /// Takes what stands in the field now.
  ///
  /// A character that was deleted just before a hyphen takes the hyphen with it, so that one can
  /// delete across groups.
  public func type(_ new: String) {
    let code = client.typedCode(new)
    let isDeleting = new.count < text.count && text.hasPrefix(new)
    text = isDeleting ? new : code.shown
    (problem, label) = (code.problem, code.label)
  }

  /// Whether there is a label to scan.
  public var canSubmit: Bool { label != nil }

  /// Scans the label; says whether there was one. The field is empty afterwards.
  public func submit() async -> Bool {
    guard let label else { return false }
    (text, problem, self.label) = ("", nil, nil)
    await cards.take(label: label, via: .typed)
    return true
  }
}
