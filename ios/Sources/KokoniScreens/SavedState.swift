// What the system keeps of the screens when it ends the app's process.

import Foundation
import KokoniInterface

/// One of the places a person can go to.
public enum Place: Hashable, Sendable, Codable {
  /// The camera.
  case scan
  /// Typing a code.
  case typedCode
  /// The day.
  case today
  /// Finding a colleague.
  case people
  /// The floors.
  case floors
  /// One floor.
  case floor(String)
  /// This phone.
  case settings
}

/// A card that waits for its tap.
public struct Proposal: Hashable, Sendable, Codable {
  /// The label that was read.
  public var label: String
  /// How it was read.
  public var via: Via

  private enum CodingKeys: CodingKey { case label, via }

  init(label: String, via: Via) {
    self.label = label
    self.via = via
  }

  /// Reads what ``encode(to:)`` wrote; a way of reading that is not known counts as the camera.
  public init(from decoder: any Decoder) throws {
    let values = try decoder.container(keyedBy: CodingKeys.self)
    label = try values.decode(String.self, forKey: .label)
    via =
      switch try values.decode(String.self, forKey: .via) {
      case "typed": .typed
      case "link": .link
      default: .camera
      }
  }

  /// Writes it for the system to keep.
  public func encode(to encoder: any Encoder) throws {
    var values = encoder.container(keyedBy: CodingKeys.self)
    try values.encode(label, forKey: .label)
    try values.encode("\(via)", forKey: .via)
  }
}

/// What was in sight: enough to show it again, and nothing that is not looked up anew.
public struct SavedState: Hashable, Sendable, Codable {
  /// The screens above the camera.
  public var path: [Place]
  /// The card that waits for its tap.
  public var proposal: Proposal?

  init(path: [Place] = [], proposal: Proposal? = nil) {
    self.path = path
    self.proposal = proposal
  }

  /// From what the system kept; nil if there is nothing, or nothing that can be read.
  public init?(kept text: String) {
    guard let saved = try? JSONDecoder().decode(Self.self, from: Data(text.utf8)) else {
      return nil
    }
    self = saved
  }

  /// As a text for the system to keep.
  public var kept: String {
    (try? JSONEncoder().encode(self)).map { String(decoding: $0, as: UTF8.self) } ?? ""
  }
}
