// The floors, and one floor as it is now.

import Foundation
import KokoniInterface
import Observation

/// The list of floors, the person's own first.
@MainActor
@Observable
public final class FloorsScreen {
  /// The floors.
  public private(set) var floors: [FloorLine] = []
  /// Why there are none.
  public private(set) var failure: KokoniFailure?

  @ObservationIgnored private let client: any KokoniClient
  @ObservationIgnored private let clock: any WallClock

  /// The screen of this client.
  public init(client: any KokoniClient, phone: Phone) {
    self.client = client
    clock = phone.clock
  }

  /// Reads the floors anew.
  public func look() async {
    do {
      let all = try await client.floors()
      (floors, failure) = (all.filter(\.mine) + all.filter { !$0.mine }, nil)
    } catch {
      if error.reason != .cancelled { failure = error }
    }
  }

  /// The screen of one floor.
  public func screen(of floor: String) -> FloorScreen {
    FloorScreen(floor: floor, client: client, clock: clock)
  }
}

/// One floor, as it is now.
@MainActor
@Observable
public final class FloorScreen: Identifiable {
  /// The floor's id.
  public nonisolated let floor: String
  /// The floor; nil before the server has answered once.
  public private(set) var view: FloorView?
  /// Why it could not be asked the last time; what is shown is older then.
  public private(set) var failure: KokoniFailure?

  /// How often the server is asked while the floor is on screen.
  static let pause: TimeInterval = 10

  @ObservationIgnored private let client: any KokoniClient
  @ObservationIgnored private let clock: any WallClock

  /// The same as ``floor``.
  public nonisolated var id: String { floor }

  init(floor: String, client: any KokoniClient, clock: any WallClock) {
    self.floor = floor
    self.client = client
    self.clock = clock
  }

  /// Asks again and again until the task is cancelled.
  public func run() async {
    repeat {
      await look()
    } while (try? await clock.sleep(until: clock.now().addingTimeInterval(Self.pause))) != nil
      && !Task.isCancelled
  }

  /// Asks once.
  public func look() async {
    do {
      (view, failure) = (try await client.floorNow(floor), nil)
    } catch {
      if error.reason != .cancelled { failure = error }
    }
  }

  /// The places in the order in which a list, or a screen reader, tells them: one's own first, free
  /// ones before taken ones, then by name.
  public var places: [SeatView] {
    (view?.seats ?? []).sorted { a, b in
      if a.mine != b.mine { return a.mine }
      if a.taken != b.taken { return b.taken }
      return a.name.localizedStandardCompare(b.name) == .orderedAscending
    }
  }
}

extension FloorView {
  /// Where a place lies in a drawing of this size, in points from the top left. The plan keeps its
  /// proportions and is centred.
  public func position(of seat: SeatView, width: Double, height: Double) -> (x: Double, y: Double) {
    guard self.width > 0, self.height > 0 else { return (width / 2, height / 2) }
    let scale = min(width / self.width, height / self.height)
    let (spareX, spareY) = (width - self.width * scale, height - self.height * scale)
    return (spareX / 2 + (seat.x - left) * scale, spareY / 2 + (seat.y - top) * scale)
  }
}
