// What the app's views share: fixed words where there is no view, spacing, and how a failure looks.

import KokoniInterface
import KokoniScreens
import SwiftUI

extension Phrase {
  /// The words in the app's language, for what is no view.
  var localized: String { NSLocalizedString(rawValue, comment: "") }
}

extension Label where Title == Text, Icon == Image {
  /// What a control is called.
  init(_ control: Control) { self.init(control.phrase, symbol: control.symbol) }
}

/// The spacing of docs/design.md, in points.
enum Space {
  static let small: CGFloat = 8
  static let medium: CGFloat = 16
  static let corner: CGFloat = 16
  /// The least width and height of what is tapped.
  static let target: CGFloat = 48
}

/// Why something failed: a symbol and the core's sentence.
struct FailureRow: View {
  let failure: KokoniFailure

  var body: some View {
    Label(failure.text, systemImage: Tone.refusal.symbol)
      .foregroundStyle(Color(.refusal))
      .accessibilityElement(children: .combine)
  }
}
