// The fixed words and the colours, as views take them; for the app and its widgets.

import KokoniScreens
import SwiftUI

extension Phrase {
  /// The words, where a view looks them up in its own language.
  var key: LocalizedStringKey { LocalizedStringKey(rawValue) }
}

extension Text {
  /// Fixed words.
  init(_ phrase: Phrase) { self.init(phrase.key) }
}

extension Label where Title == Text, Icon == Image {
  /// Fixed words with a symbol of the system's.
  init(_ phrase: Phrase, symbol: String) { self.init(phrase.key, systemImage: symbol) }
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
