// How a tone looks: a colour and a symbol, so that colour is never the only sign.

import KokoniInterface

extension Tone {
  /// Its colour.
  public var role: ColourRole {
    switch self {
    case .success: .success
    case .attention: .attention
    case .refusal: .refusal
    case .neutral: .neutral
    }
  }

  /// The name of its symbol among the system's.
  public var symbol: String {
    switch self {
    case .success: "checkmark.circle.fill"
    case .attention: "exclamationmark.triangle.fill"
    case .refusal: "xmark.octagon.fill"
    case .neutral: "info.circle.fill"
    }
  }
}
