// How a card is said besides by its words: a haptic, a short tone, and the screen reader's voice.

import Accessibility
import AudioToolbox
import KokoniInterface
import KokoniScreens
import UIKit

/// The phone's haptics, tones and voice.
struct SystemCues: Cues {
  func play(_ tone: Tone) {
    if let feedback = tone.feedback {
      UINotificationFeedbackGenerator().notificationOccurred(feedback)
    } else {
      UIImpactFeedbackGenerator(style: .light).impactOccurred()
    }
    if Settings.playsSound, let sound = tone.sound { AudioServicesPlaySystemSound(sound) }
  }

  func announce(_ text: String) {
    AccessibilityNotification.Announcement(text).post()
  }
}

extension Tone {
  fileprivate var feedback: UINotificationFeedbackGenerator.FeedbackType? {
    switch self {
    case .success: .success
    case .attention: .warning
    case .refusal: .error
    case .neutral: nil
    }
  }

  /// The system's short sounds; they follow the mute switch.
  fileprivate var sound: SystemSoundID? {
    switch self {
    case .success: 1057
    case .attention: 1053
    case .refusal: 1073
    case .neutral: nil
    }
  }
}

/// What the person has set on this phone; it stays here.
enum Settings {
  static let soundKey = "sound"
  static let leftHandKey = "left_hand"

  /// Whether a card is also heard; yes unless the person said no.
  static var playsSound: Bool {
    UserDefaults.standard.object(forKey: soundKey) as? Bool ?? true
  }
}
