// The camera of a screen: permission, session, torch, and what would help the reader.

import Foundation
import KokoniInterface
import Observation

/// The camera of one screen.
@MainActor
@Observable
public final class CameraModel {
  /// How things stand with the camera.
  public enum State: Hashable, Sendable {
    /// Not opened.
    case off
    /// Permission and session are on their way.
    case starting
    /// It shows and reads.
    case running
    /// The person said no; the system's settings can change that, and codes can be typed.
    case refused
    /// The device's management forbids it; codes can be typed.
    case restricted
    /// There is none; codes can be typed.
    case missing
  }

  /// How things stand with it.
  public private(set) var state = State.off
  /// What would help the reader, in words.
  public private(set) var hint: String?
  /// Whether there is a torch.
  public private(set) var hasTorch = false
  /// Whether it is on.
  public private(set) var isTorchOn = false

  @ObservationIgnored private let camera: any Camera
  @ObservationIgnored private var latest: CameraUse?

  /// The model of this camera.
  public init(camera: any Camera) {
    self.camera = camera
  }

  /// Whether codes can only be typed.
  public var isUnusable: Bool { [.refused, .restricted, .missing].contains(state) }

  /// Opens the camera and reads until the task is cancelled; then closes it.
  ///
  /// - Parameters:
  ///   - client: makes the reader and says the hints.
  ///   - saw: called for each label and each foreign code, one at a time.
  func run(
    client: any KokoniClient, reader: any LabelReader,
    saw: @MainActor (Sighting) async -> Void
  ) async {
    let use = CameraUse()
    (latest, state) = (use, .starting)
    switch await camera.permission() {
    case .granted: break
    case .refused: return end(use, .refused)
    case .restricted: return end(use, .restricted)
    }
    if Task.isCancelled { return end(use, .off) }
    let lane = FrameLane(reader: reader)
    guard case .running(let hasTorch) = await camera.start(use, take: { lane.take($0) }) else {
      return end(use, .missing)
    }
    if latest == use { (self.hasTorch, state) = (hasTorch, .running) }
    for await sighting in lane.sightings {
      if case .hint(let hint) = sighting {
        self.hint = hint.map { client.text(of: $0) }
      } else {
        await saw(sighting)
      }
    }
    lane.end()
    await camera.stop(use)
    end(use, .off)
  }

  /// Says how it stands, unless the screen has come back and opened the camera anew meanwhile.
  private func end(_ use: CameraUse, _ state: State) {
    guard latest == use else { return }
    (self.state, hint, isTorchOn) = (state, nil, false)
  }

  /// Turns the torch on, or off.
  public func switchTorch() async {
    guard state == .running, hasTorch else { return }
    isTorchOn = await camera.setTorch(!isTorchOn)
  }
}
