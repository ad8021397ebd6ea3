// A phone for tests: every port as a small working thing with a memory.

import Foundation
import KokoniInterface

@testable import KokoniScreens

/// A phone whose parts can be looked at and turned by hand.
struct TestPhone {
  let camera = TestCamera()
  let cues = TestCues()
  let notifications = TestNotifications()
  let managed = TestManaged()
  let clock = TestClock()
  let extraTime = TestExtraTime()
  let core: TestOpener
  let kokoni: FakeKokoni

  init(enrolled: Bool = true) {
    let kokoni = FakeKokoni(enrolled: enrolled, now: { [clock] in clock.now() })
    self.kokoni = kokoni
    core = TestOpener(kokoni)
  }

  var phone: Phone {
    Phone(
      core: core, camera: camera, cues: cues, notifications: notifications, managed: managed,
      clock: clock, extraTime: extraTime)
  }
}

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

/// A camera that shows what it is told to.
final class TestCamera: Camera {
  let permissionGiven = Box(CameraPermission.granted)
  let started = Box(CameraStart.running(hasTorch: true))
  let isTorchOn = Box(false)
  /// Whether it is so busy that stopping it comes only after it was started again.
  let staysUntilTheNext = Box(false)
  private let taking = Box<(use: CameraUse, take: @Sendable (LumaFrame) -> Void)?>(nil)
  private let starts = Box(0)

  var isOpen: Bool { taking.value != nil }

  func permission() async -> CameraPermission { permissionGiven.value }

  func start(
    _ use: CameraUse, take: @escaping @Sendable (LumaFrame) -> Void
  ) async -> CameraStart {
    if started.value != .missing { taking.value = (use, take) }
    starts.change { $0 += 1 }
    return started.value
  }

  func stop(_ use: CameraUse) async {
    let begun = starts.value
    while staysUntilTheNext.value, starts.value == begun {
      // Not to be cancelled: a queue that is busy does not hear of that either.
      await Task.detached { try? await Task.sleep(for: .milliseconds(5)) }.value
    }
    taking.change { if $0?.use == use { $0 = nil } }
  }

  func setTorch(_ on: Bool) async -> Bool {
    isTorchOn.value = on
    return on
  }

  /// Hands one frame over, as the camera's queue does.
  func frame() {
    taking.value?.take(LumaFrame(Data(count: 16), width: 4, height: 4))
  }
}

/// Remembers what was played and said.
final class TestCues: Cues {
  let played = Box<[Tone]>([])
  let said = Box<[String]>([])

  func play(_ tone: Tone) { played.change { $0.append(tone) } }
  func announce(_ text: String) { said.change { $0.append(text) } }
}

/// The system's notifications, as a list.
final class TestNotifications: NotificationCentre {
  let given = Box(NotificationPermission.notAsked)
  let answer = Box(NotificationPermission.granted)
  let scheduled = Box<[ReminderPlan]>([])
  let replaced = Box(0)

  func permission() async -> NotificationPermission { given.value }

  func ask() async -> NotificationPermission {
    given.value = answer.value
    return given.value
  }

  func replaceAll(_ plans: [ReminderPlan]) async {
    scheduled.value = plans
    replaced.change { $0 += 1 }
  }
}

/// The values of a device management.
final class TestManaged: ManagedSettings {
  let values = Box<[String: String]>([:])
  let answers = Box<[SettingFeedback]>([])

  func read() -> [String: String] { values.value }
  func answer(_ feedback: [SettingFeedback]) { answers.value = feedback }
}

/// A clock that stands still unless it is moved; sleepers wake when it passes their time.
final class TestClock: WallClock {
  private struct State {
    var now = Date(timeIntervalSince1970: 1_795_478_700)
    var sleepers: [UUID: (until: Date, wake: CheckedContinuation<Void, any Error>)] = [:]
  }

  private let state = Box(State())

  func now() -> Date { state.value.now }
  func tomorrow() -> Date { now().addingTimeInterval(12 * 3600) }
  var sleeperCount: Int { state.value.sleepers.count }

  func sleep(until date: Date) async throws {
    let id = UUID()
    try await withTaskCancellationHandler {
      try await withCheckedThrowingContinuation { (wake: CheckedContinuation<Void, any Error>) in
        let isOver = state.change { state in
          if Task.isCancelled || date <= state.now { return true }
          state.sleepers[id] = (date, wake)
          return false
        }
        guard isOver else { return }
        if Task.isCancelled { wake.resume(throwing: CancellationError()) } else { wake.resume() }
      }
    } onCancel: {
      state.change { $0.sleepers.removeValue(forKey: id) }?
        .wake.resume(throwing: CancellationError())
    }
  }

  func advance(by seconds: TimeInterval) {
    let woken = state.change { state in
      state.now += seconds
      let due = state.sleepers.filter { $0.value.until <= state.now }
      for id in due.keys { state.sleepers.removeValue(forKey: id) }
      return due.values.map(\.wake)
    }
    for wake in woken { wake.resume() }
  }
}

/// Counts how much time was asked for and not given back.
final class TestExtraTime: ExtraTime {
  let asked = Box(0)
  let held = Box(0)

  func begin() -> @MainActor @Sendable () -> Void {
    asked.change { $0 += 1 }
    held.change { $0 += 1 }
    return { [held] in held.change { $0 -= 1 } }
  }
}

/// Opens the fake, or fails as it is told to.
final class TestOpener: CoreOpener {
  let failures = Box<[KokoniFailure.Reason]>([])
  let opened = Box(0)
  let erased = Box(0)
  /// What is opened next, if not the first one again.
  let next: Box<any KokoniClient>

  init(_ client: any KokoniClient) { next = Box(client) }

  func open(
    language: Language, managed: [String: String]
  ) async throws(KokoniFailure) -> any KokoniClient {
    let failure = failures.change { $0.isEmpty ? nil : $0.removeFirst() }
    if let failure { throw KokoniFailure(failure, text: "\(failure)") }
    opened.change { $0 += 1 }
    return next.value
  }

  func eraseAll(language: Language) async throws(KokoniFailure) {
    erased.change { $0 += 1 }
  }
}

/// Waits for something that other tasks bring about.
@MainActor
func eventually(_ isTrue: @MainActor () -> Bool) async -> Bool {
  for _ in 0..<2_000 {
    if isTrue() { return true }
    try? await Task.sleep(for: .milliseconds(5))
  }
  return isTrue()
}

/// The labels of ``FakeOffice/small``.
enum Labels {
  static let seat = "0000000000000001"
  static let otherSeat = "0000000000000002"
  static let item = "0000000000000004"
  static let unknown = "ZZZZZZZZZZZZZZZZ"
}
