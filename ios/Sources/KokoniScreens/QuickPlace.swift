// Where widgets, controls, shortcuts and the Action button lead.

import Foundation

/// A place that can be gone to from outside the app.
public enum QuickPlace: String, CaseIterable, Hashable, Sendable {
  /// The camera.
  case scan
  /// The day.
  case today

  /// The screens above the camera.
  public var path: [Place] {
    switch self {
    case .scan: []
    case .today: [.today]
    }
  }

  /// What a widget opens: the system hands it to the app and to no other.
  public var link: URL? { URL(string: "\(Self.scheme)://\(rawValue)") }

  /// From a link that was opened; nil if it is another kind of link.
  public init?(link: URL) {
    guard link.scheme == Self.scheme, let host = link.host() else { return nil }
    self.init(rawValue: host)
  }

  /// What it is called.
  public var phrase: Phrase {
    switch self {
    case .scan: .intentScan
    case .today: .intentToday
    }
  }

  /// The name of its symbol.
  public var symbol: String {
    switch self {
    case .scan: "qrcode.viewfinder"
    case .today: "calendar"
    }
  }

  private static let scheme = "kokoni-widget"
}
