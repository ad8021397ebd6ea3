// What the screens need of a phone. The app gives the real ones, tests give their own.

import Foundation
import KokoniInterface

/// The phone, as the screens see it.
public struct Phone: Sendable {
  /// Opens the core.
  public var core: any CoreOpener
  /// The camera that reads labels.
  public var camera: any Camera
  /// Haptics, tones and the screen reader's voice.
  public var cues: any Cues
  /// The system's notifications.
  public var notifications: any NotificationCentre
  /// The values of a device management.
  public var managed: any ManagedSettings
  /// The time.
  public var clock: any WallClock
  /// Time to finish what was begun when the app leaves the screen.
  public var extraTime: any ExtraTime

  /// All of it.
  public init(
    core: any CoreOpener,
    camera: any Camera,
    cues: any Cues,
    notifications: any NotificationCentre,
    managed: any ManagedSettings,
    clock: any WallClock = SystemClock(),
    extraTime: any ExtraTime = NoExtraTime()
  ) {
    self.core = core
    self.camera = camera
    self.cues = cues
    self.notifications = notifications
    self.managed = managed
    self.clock = clock
    self.extraTime = extraTime
  }
}

/// Opens the core on the phone's own folder, with its keychain.
public protocol CoreOpener: Sendable {
  /// Opens it; one is open at a time.
  func open(
    language: Language, managed: [String: String]
  ) async throws(KokoniFailure) -> any KokoniClient
  /// Erases the folder and the secrets. No core may be open.
  func eraseAll(language: Language) async throws(KokoniFailure)
}

/// The camera that reads labels.
public protocol Camera: Sendable {
  /// Whether the person lets the app use it; asks the first time.
  func permission() async -> CameraPermission
  /// Opens the camera, or takes it over with the torch off. `take` is called on a queue of the
  /// camera's own, one frame at a time; frames that come meanwhile are dropped. A frame's bytes are
  /// lent until `take` returns.
  ///
  /// - Returns: whether there is a camera, and whether it has a torch.
  func start(_ use: CameraUse, take: @escaping @Sendable (LumaFrame) -> Void) async -> CameraStart
  /// Closes what was opened as this use; its `take` is not called after this returns. Where another
  /// use has taken the camera over, that one goes on.
  func stop(_ use: CameraUse) async
  /// Turns the torch on or off; returns whether it is on now.
  func setTorch(_ on: Bool) async -> Bool
}

/// One opening of the camera. Screens share it, and one that is left may close it only after the
/// next one has opened it.
public struct CameraUse: Hashable, Sendable {
  private let id = UUID()

  /// Another one than any before.
  public init() {}
}

/// What the person and the system let the app do with the camera.
public enum CameraPermission: Hashable, Sendable {
  /// It may be used.
  case granted
  /// The person said no; they can say yes in the system's settings.
  case refused
  /// The device's management forbids it.
  case restricted
}

/// What came of opening the camera.
public enum CameraStart: Hashable, Sendable {
  /// It runs.
  case running(hasTorch: Bool)
  /// There is none, or it is broken.
  case missing
}

/// How a card is said besides by its words.
public protocol Cues: Sendable {
  /// Haptic and tone of a card.
  @MainActor func play(_ tone: Tone)
  /// What the screen reader says.
  @MainActor func announce(_ text: String)
}

/// The system's notifications.
public protocol NotificationCentre: Sendable {
  /// Whether the person lets the app notify them.
  func permission() async -> NotificationPermission
  /// Asks them; returns what they said.
  func ask() async -> NotificationPermission
  /// Schedules exactly these; whatever was scheduled before is gone.
  func replaceAll(_ plans: [ReminderPlan]) async
}

/// Whether the person lets the app notify them.
public enum NotificationPermission: Hashable, Sendable {
  /// They were not asked yet.
  case notAsked
  /// They said yes.
  case granted
  /// They said no.
  case refused
}

/// The values of a device management, and the answers to it.
public protocol ManagedSettings: Sendable {
  /// The values as they are now; empty if there are none.
  func read() -> [String: String]
  /// What the administrator is told of each value.
  func answer(_ feedback: [SettingFeedback])
}

/// The time on the wall.
public protocol WallClock: Sendable {
  /// Now.
  func now() -> Date
  /// Waits until then.
  func sleep(until date: Date) async throws
  /// The start of tomorrow, where the phone is.
  func tomorrow() -> Date
}

/// The time of the system.
public struct SystemClock: WallClock {
  /// The system's clock.
  public init() {}

  /// Now.
  public func now() -> Date { Date() }

  /// Waits until then.
  public func sleep(until date: Date) async throws {
    try await Task.sleep(for: .seconds(max(date.timeIntervalSinceNow, 0)))
  }

  /// The start of tomorrow in the phone's zone.
  public func tomorrow() -> Date {
    let calendar = Calendar.current
    let today = calendar.startOfDay(for: now())
    return calendar.date(byAdding: .day, value: 1, to: today) ?? now().addingTimeInterval(86_400)
  }
}

/// Time to finish what was begun when the app leaves the screen: a process that is suspended while
/// it holds a lock of the database is killed.
public protocol ExtraTime: Sendable {
  /// Asks for time; the answer gives it back, and may be called more than once.
  @MainActor func begin() -> @MainActor @Sendable () -> Void
}

/// For where nothing suspends the app.
public struct NoExtraTime: ExtraTime {
  /// None is asked for.
  public init() {}

  /// Nothing to give back.
  public func begin() -> @MainActor @Sendable () -> Void { {} }
}
