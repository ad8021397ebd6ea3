// What a control does when it is tapped. The app and the extension are both built with this: the
// system knows the intent by the extension, and performs it in the app.

import AppIntents
import KokoniScreens

/// Opens the app at a place.
struct OpenPlaceIntent: OpenIntent {
  static let title: LocalizedStringResource = "intent.open"

  @Parameter(title: "intent.open.place")
  var target: QuickPlaceEntity

  init() {}

  init(_ target: QuickPlaceEntity) {
    self.target = target
  }

  @MainActor
  func perform() async throws -> some IntentResult {
    WayIn.open(target.place)
    return .result()
  }
}

/// A place, as the system asks for it.
enum QuickPlaceEntity: String, AppEnum {
  case scan
  case today

  static let typeDisplayRepresentation: TypeDisplayRepresentation = "intent.open.place"
  static let caseDisplayRepresentations: [QuickPlaceEntity: DisplayRepresentation] = [
    .scan: "intent.scan", .today: "intent.today",
  ]

  var place: QuickPlace {
    switch self {
    case .scan: .scan
    case .today: .today
    }
  }
}

/// Where the app says how it is opened at a place; in the extension nothing is opened.
@MainActor
enum WayIn {
  static var open: (QuickPlace) -> Void = { _ in }
}
