// What the core shows to tests only, under names that are not taken for the package's own.

import Foundation
import KokoniFFI

@testable import KokoniKit

/// The exports of the core's feature `testing`.
enum CoreTesting {
  /// Labels that this phone knows: of a "seat", "item", "home", "exit" or "locker".
  static func labels(_ kind: String, of kokoni: KokoniKit.Kokoni) throws -> [String] {
    try testingLabels(kokoni: kokoni.core, kind: kind)
  }

  /// Moves this core's clock forward.
  static func forward(_ kokoni: KokoniKit.Kokoni, by seconds: TimeInterval) {
    testingClock(kokoni: kokoni.core, forward: seconds)
  }

  /// Calls with a deadline that ended cancelled, in this process.
  static var cancelledCalls: UInt64 { testingCancelledCalls() }

  /// Calls with a deadline that are under way, in this process.
  static var callsRunning: Int { Int(testingCallsRunning()) }

  /// Objects of the core that are held, in this process.
  static var objectsAlive: Int { Int(testingObjectsAlive()) }

  /// Where bytes lie when Rust sees them.
  static func address(of bytes: Data) -> UInt { UInt(testingSliceAddress(bytes: bytes)) }

  /// A frame with a label in its middle.
  static func frame(
    host: String, label: String, width: Int, height: Int, rowStride: Int, pixelStride: Int = 1
  ) throws -> LumaFrame {
    let luma = try testingLabelFrame(
      host: host, label: label, width: Int32(width), height: Int32(height),
      rowStride: Int32(rowStride), pixelStride: Int32(pixelStride))
    return LumaFrame(
      luma, width: width, height: height, rowStride: rowStride, pixelStride: pixelStride)
  }

  /// Panics in Rust.
  static func panic() throws(KokoniFailure) {
    do {
      try testingPanic()
    } catch {
      throw KokoniFailure(error, .english)
    }
  }

  /// Observes with a callback in the generated form, which may throw and call anything.
  static func observe(
    _ kokoni: KokoniKit.Kokoni, _ changed: @escaping @Sendable () throws -> Void
  ) -> AnyObject {
    kokoni.core.observe(observer: CallingObserver(changed))
  }
}

/// A server that takes every connection and never answers.
struct SilentServer: Sendable {
  private let server: TestingServer

  init() throws {
    server = try TestingServer.silent()
  }

  var address: String { server.address() }
  var connections: Int { Int(server.connections()) }
}

/// What no trait of the core foresees.
struct Unforeseen: Error {}

private final class CallingObserver: KokoniFFI.Observer {
  private let call: @Sendable () throws -> Void

  init(_ call: @escaping @Sendable () throws -> Void) {
    self.call = call
  }

  func changed(topic: KokoniFFI.Topic) throws {
    try call()
  }
}

/// The observers of a script, by what they do when they hear of a change.
final class Observers: Sendable {
  private let handles = Locked<[any Sendable]>([])
  private let counts = Locked<[String: Int]>([:])

  func add(_ name: String, to kokoni: KokoniKit.Kokoni) throws {
    let (core, counts) = (kokoni.core, counts)
    let handle = core.observe(
      observer: CallingObserver {
        counts.withLock { $0[name, default: 0] += 1 }
        switch name {
        case "throws": throw Unforeseen()
        case "slow": Thread.sleep(forTimeInterval: 0.3)
        case "reenters":
          _ = try core.status()
          _ = try core.chip()
        default: break
        }
      })
    handles.withLock { $0.append(handle) }
  }

  func heard(_ name: String) -> Int {
    counts.withLock { $0[name] ?? 0 }
  }

  func forget() {
    handles.withLock { $0 = [] }
  }
}
