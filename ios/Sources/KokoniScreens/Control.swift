// The controls of the screens by name, with the words and the symbol of each.

import Foundation

/// A control that a person taps.
public enum Control: Hashable, Sendable, CaseIterable {
  /// Saves what the card proposes; its words are the card's own.
  case confirm
  /// Takes back what the card saved.
  case undo
  /// Puts the card away.
  case closeCard
  /// Turns the torch on and off.
  case torch
  /// Goes to typing a code.
  case typing
  /// Goes to the day.
  case today
  /// Goes to finding a colleague.
  case people
  /// Goes to the floors.
  case floors
  /// Goes to this phone.
  case settings
  /// Goes back.
  case back

  /// What stands on it, or is said of it.
  public var phrase: Phrase {
    switch self {
    case .confirm: .cardConfirm
    case .undo: .cardUndo
    case .closeCard: .cardClose
    case .torch: .scanTorch
    case .typing: .typedCodeTitle
    case .today: .todayTitle
    case .people: .peopleTitle
    case .floors: .floorsTitle
    case .settings: .settingsTitle
    case .back: .back
    }
  }

  /// The name of its symbol among the system's.
  public var symbol: String {
    switch self {
    case .confirm: "checkmark"
    case .undo: "arrow.uturn.backward"
    case .closeCard: "xmark"
    case .torch: "flashlight.on.fill"
    case .typing: "keyboard"
    case .today: "calendar"
    case .people: "person.2"
    case .floors: "map"
    case .settings: "gearshape"
    case .back: "chevron.backward"
    }
  }

  /// The controls at the thumb, in their order: a row is mirrored for the left hand, a
  /// column is not.
  public static func atTheThumb(leftHanded: Bool, inAColumn: Bool) -> [Control] {
    let controls: [Control] = [.torch, .typing, .today, .people, .floors]
    return leftHanded && !inAColumn ? controls.reversed() : controls
  }
}
