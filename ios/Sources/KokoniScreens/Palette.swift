// The colour roles of docs/design.md. Tests hold the table there and this one equal, and every pair
// that is read on the other to a contrast of 4.5.

/// A colour by what it is for.
public enum ColourRole: String, CaseIterable, Sendable {
  case background
  case surface
  case ink
  case inkSoft = "ink_soft"
  case outline
  case accent
  case onAccent = "on_accent"
  case success
  case attention
  case refusal
  case neutral
  case onTone = "on_tone"
  /// Over the camera's picture, the same in light and dark.
  case scrim
  case onScrim = "on_scrim"

  /// The colour as 0xAARRGGBB, by day and by night.
  public var values: (light: UInt32, dark: UInt32) {
    switch self {
    case .background: (0xFFF7_F8F7, 0xFF10_1614)
    case .surface: (0xFFFF_FFFF, 0xFF1B_2320)
    case .ink: (0xFF16_201C, 0xFFEE_F3F0)
    case .inkSoft: (0xFF4A_5752, 0xFFB7_C3BD)
    case .outline: (0xFF6B_7772, 0xFF8A_9791)
    case .accent: (0xFF00_664F, 0xFF7F_D9BB)
    case .onAccent: (0xFFFF_FFFF, 0xFF00_271D)
    case .success: (0xFF0B_6B3A, 0xFF7E_DBA4)
    case .attention: (0xFF8A_4B00, 0xFFFF_C27A)
    case .refusal: (0xFFA8_201A, 0xFFFF_B0A8)
    case .neutral: (0xFF3D_4A5C, 0xFFC0_CCDC)
    case .onTone: (0xFFFF_FFFF, 0xFF10_1614)
    case .scrim: (0xE610_1614, 0xE610_1614)
    case .onScrim: (0xFFFF_FFFF, 0xFFFF_FFFF)
    }
  }
}
