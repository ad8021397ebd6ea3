// The first screen: the camera, the line that says where I am, and the card of the last scan.

import Foundation
import KokoniInterface
import Observation

/// The scanning screen.
@MainActor
@Observable
public final class ScanScreen {
  /// The camera.
  public let camera: CameraModel
  /// What the last scan did; shared with typed codes and links.
  public let cards: CardModel
  /// Where I am and what waits to be sent; nil before the first look.
  public private(set) var chip: Chip?

  @ObservationIgnored private let client: any KokoniClient
  @ObservationIgnored private let invited: @MainActor (String) async -> Void

  /// The screen of this client; `invited` is handed the link of an enrolment code that was seen.
  public init(
    client: any KokoniClient, phone: Phone, cards: CardModel,
    invited: @escaping @MainActor (String) async -> Void = { _ in }
  ) {
    self.client = client
    self.cards = cards
    self.invited = invited
    camera = CameraModel(camera: phone.camera)
  }

  /// Scans until the task is cancelled.
  public func run() async {
    guard let reader = try? await client.labelReader() else { return }
    await run(reader: reader)
  }

  /// The same with a reader of one's own.
  public func run(reader: any LabelReader) async {
    await camera.run(client: client, reader: reader) { [cards, client, invited] sighting in
      switch sighting {
      case .label(let label): await cards.take(label: label, via: .camera)
      case .foreign(let text):
        if case .enrol(let link)? = try? await client.route(link: text) {
          await invited(link)
        } else {
          cards.takeForeign(text)
        }
      case .hint: break
      }
    }
  }

  /// Reads the line anew.
  public func look() async {
    if let chip = try? await client.chip() { self.chip = chip }
  }
}
