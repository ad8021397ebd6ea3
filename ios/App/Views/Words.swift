// The fixed words and the colours, as views take them.

import KokoniInterface
import KokoniScreens
import SwiftUI

extension Phrase {
  /// The words, where a view looks them up in its own language.
  var key: LocalizedStringKey { LocalizedStringKey(rawValue) }

  /// The words in the app's language, for what is no view.
  var localized: String { NSLocalizedString(rawValue, comment: "") }
}

extension Text {
  /// Fixed words.
  init(_ phrase: Phrase) { self.init(phrase.key) }
}

extension Label where Title == Text, Icon == Image {
  /// Fixed words with a symbol of the system's.
  init(_ phrase: Phrase, symbol: String) { self.init(phrase.key, systemImage: symbol) }

  /// What a control is called.
  init(_ control: Control) { self.init(control.phrase, symbol: control.symbol) }
}

extension Color {
  /// The colour of a role, by day or by night as the view is shown.
  init(_ role: ColourRole) {
    let values = role.values
    self.init(
      uiColor: UIColor { traits in
        UIColor(argb: traits.userInterfaceStyle == .dark ? values.dark : values.light)
      })
  }
}

extension UIColor {
  /// The colour 0xAARRGGBB.
  fileprivate convenience init(argb: UInt32) {
    func part(_ shift: UInt32) -> CGFloat { CGFloat((argb >> shift) & 0xFF) / 255 }
    self.init(red: part(16), green: part(8), blue: part(0), alpha: part(24))
  }
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
