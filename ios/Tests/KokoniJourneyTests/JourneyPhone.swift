// The phone of a journey: the real core, and everything else of the phone as a thing of the test.

import Foundation
import KokoniFFI
import KokoniInterface
import KokoniScreens

@testable import KokoniKit

/// A value behind a lock.
final class Box<Value>: @unchecked Sendable {
  private let lock = NSLock()
  private var inner: Value

  init(_ value: Value) { inner = value }

  var value: Value {
    get { lock.withLock { inner } }
    set { lock.withLock { inner = newValue } }
  }

  func change<Result>(_ body: (inout Value) -> Result) -> Result {
    lock.withLock { body(&inner) }
  }
}

/// Opens the real core, always on the same folder, with secrets that can be lost.
final class JourneyCore: CoreOpener {
  let secrets = Box(MemorySecretStore())
  let opened = Box<KokoniKit.Kokoni?>(nil)
  private let hasLostKey = Box(false)
  private let folder = temporaryFolder()

  /// The keychain of another phone, with this phone's folder.
  func loseSecrets() {
    hasLostKey.value = secrets.value.count > 0
    secrets.value = MemorySecretStore()
  }

  func open(
    language: KokoniInterface.Language, managed: [String: String]
  ) async throws(KokoniFailure) -> any KokoniClient {
    // The library for tests does not encrypt; it could not miss its key. An app's does.
    if opened.value == nil, secrets.value.count == 0, hasLostKey.value {
      throw KokoniFailure(.keyMissing, text: "")
    }
    let kokoni = try await Kokoni.open(
      OpenConfiguration(
        folder: folder, appVersion: "1.0", language: language, platform: .ios, deviceName: "test",
        managed: managed),
      secrets: secrets.value)
    opened.value = kokoni
    return kokoni
  }

  func eraseAll(language: KokoniInterface.Language) async throws(KokoniFailure) {
    try await Kokoni.eraseAll(folder: folder, secrets: secrets.value, language: language)
    hasLostKey.value = false
  }

  /// The labels of a kind that this phone knows.
  func labels(_ kind: String) throws -> [String] {
    guard let kokoni = opened.value else { return [] }
    return try testingLabels(kokoni: kokoni.core, kind: kind)
  }

  func forward(by seconds: TimeInterval) {
    guard let kokoni = opened.value else { return }
    testingClock(kokoni: kokoni.core, forward: seconds)
  }
}

/// A camera that shows an empty desk, or a code.
final class JourneyCamera: Camera {
  static let (width, height) = (640, 480)
  private static let desk = LumaFrame(
    Data(repeating: 200, count: width * height), width: width, height: height)

  private let answer = Box<CameraPermission?>(nil)
  private let shown = Box(JourneyCamera.desk)
  /// Frames of what is shown that were taken.
  private let taken = Box(0)
  private let showing = Box<(use: CameraUse, task: Task<Void, Never>)?>(nil)

  var isOpen: Bool { showing.value != nil }

  /// The person's answer, once they give it.
  func answer(_ permission: CameraPermission) { answer.value = permission }

  func show(label: String, of host: String) throws {
    let luma = try testingLabelFrame(
      host: host, label: label, width: Int32(Self.width), height: Int32(Self.height),
      rowStride: Int32(Self.width), pixelStride: 1)
    shown.value = LumaFrame(luma, width: Self.width, height: Self.height)
  }

  func showDesk() {
    shown.value = Self.desk
    taken.value = 0
  }

  /// Whether the desk was empty for more than a second of a preview at thirty frames.
  var hasShownDesk: Bool { taken.value > 40 }

  func permission() async -> CameraPermission {
    while !Task.isCancelled {
      if let answer = answer.value { return answer }
      try? await Task.sleep(for: .milliseconds(5))
    }
    return .refused
  }

  func start(
    _ use: CameraUse, take: @escaping @Sendable (LumaFrame) -> Void
  ) async -> CameraStart {
    let (shown, taken) = (shown, taken)
    let task = Task.detached {
      while !Task.isCancelled {
        take(shown.value)
        taken.change { $0 += 1 }
        try? await Task.sleep(for: .milliseconds(30))
      }
    }
    let before = showing.change { now in
      defer { now = (use, task) }
      return now
    }
    before?.task.cancel()
    return .running(hasTorch: true)
  }

  func stop(_ use: CameraUse) async {
    let mine = showing.change { $0?.use == use ? $0.take() : nil }
    mine?.task.cancel()
    await mine?.task.value
  }

  func setTorch(_ on: Bool) async -> Bool { on }
}

/// Cues that nobody hears.
struct SilentCues: Cues {
  func play(_ tone: KokoniInterface.Tone) {}
  func announce(_ text: String) {}
}

/// The system's notifications, as a list.
final class JourneyNotifications: NotificationCentre {
  let scheduled = Box<[KokoniInterface.ReminderPlan]>([])

  func permission() async -> NotificationPermission { .granted }
  func ask() async -> NotificationPermission { .granted }
  func replaceAll(_ plans: [KokoniInterface.ReminderPlan]) async { scheduled.value = plans }
}

/// The values of a device management.
final class JourneyManaged: ManagedSettings {
  let values = Box<[String: String]>([:])

  func read() -> [String: String] { values.value }
  func answer(_ feedback: [KokoniInterface.SettingFeedback]) {}
}

/// The system's clock, moved forward together with the core's.
final class JourneyClock: WallClock {
  private let ahead = Box<TimeInterval>(0)

  func forward(by seconds: TimeInterval) { ahead.change { $0 += seconds } }
  func now() -> Date { Date().addingTimeInterval(ahead.value) }
  func tomorrow() -> Date { now().addingTimeInterval(86_400) }

  func sleep(until date: Date) async throws {
    while date > now() { try await Task.sleep(for: .milliseconds(20)) }
  }
}
