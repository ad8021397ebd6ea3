// Making this phone somebody's: by the camera, by a link, by hand, or by device management.

import Foundation
import KokoniInterface
import Observation

/// The screen that enrols the phone.
@MainActor
@Observable
public final class EnrolScreen {
  /// The camera, which looks for an enrolment code.
  public let camera: CameraModel
  /// The server's address, typed.
  public var server = ""
  /// The code, typed.
  public var code = ""
  /// Whether the server is being asked.
  public private(set) var isBusy = false
  /// Why it did not work.
  public private(set) var failure: KokoniFailure?
  /// What the camera saw that is no enrolment code.
  public private(set) var stranger: String?
  /// Whether the device management's values suffice.
  public private(set) var canEnrolManaged = false
  /// What was said of the values of the device management.
  public private(set) var feedback: [SettingFeedback] = []

  @ObservationIgnored private let client: any KokoniClient
  @ObservationIgnored private let phone: Phone
  @ObservationIgnored private let enrolled: @MainActor (Enrolment) async -> Void

  /// The screen of this client; `enrolled` is called once it is done.
  public init(
    client: any KokoniClient, phone: Phone,
    enrolled: @escaping @MainActor (Enrolment) async -> Void
  ) {
    self.client = client
    self.phone = phone
    self.enrolled = enrolled
    camera = CameraModel(camera: phone.camera)
  }

  /// Looks for an enrolment code until the task is cancelled.
  public func run() async {
    guard let reader = try? await client.labelReader() else { return }
    await run(reader: reader)
  }

  /// The same with a reader of one's own.
  public func run(reader: any LabelReader) async {
    await camera.run(client: client, reader: reader) { sighting in
      switch sighting {
      case .foreign(let text): await self.saw(text)
      case .label, .hint: break
      }
    }
  }

  /// Whether both fields are filled.
  public var canSubmit: Bool {
    !isBusy && !server.trimmed.isEmpty && !code.trimmed.isEmpty
  }

  /// Enrols with what was typed.
  public func submit() async {
    guard canSubmit else { return }
    let (server, code) = (server.trimmed, code.trimmed)
    await enrol { client async throws(KokoniFailure) in
      try await client.enrol(server: server, code: code)
    }
  }

  /// Enrols with a link.
  public func enrol(link: String) async {
    await enrol { client async throws(KokoniFailure) in try await client.enrol(link: link) }
  }

  /// Hands the values of the device management to the core, and enrols with them if they suffice.
  public func configured(_ configured: Configured) async {
    (canEnrolManaged, feedback) = (configured.canEnrol, configured.feedback)
    if canEnrolManaged { await enrolManaged() }
  }

  /// Enrols with the values of the device management, once more.
  public func enrolManaged() async {
    await enrol { client async throws(KokoniFailure) in try await client.enrolManaged() }
  }

  private func saw(_ text: String) async {
    guard !isBusy else { return }
    if case .enrol(let link)? = try? await client.route(link: text) {
      stranger = nil
      await enrol(link: link)
    } else {
      stranger = client.foreignCard(text: text).title
    }
  }

  private func enrol(
    _ call: @Sendable (any KokoniClient) async throws(KokoniFailure) -> Enrolment
  ) async {
    guard !isBusy else { return }
    isBusy = true
    defer { isBusy = false }
    do {
      let enrolment = try await call(client)
      failure = nil
      phone.cues.play(.success)
      await enrolled(enrolment)
    } catch {
      guard error.reason != .cancelled else { return }
      failure = error
      phone.cues.play(.refusal)
      phone.cues.announce(error.text)
    }
  }
}

extension String {
  /// Without the spaces that keyboards add around what is typed.
  var trimmed: String { trimmingCharacters(in: .whitespacesAndNewlines) }
}
