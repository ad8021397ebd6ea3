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

  /// An observer that throws whatever it hears.
  static func observeThrowing(_ kokoni: KokoniKit.Kokoni) -> AnyObject {
    kokoni.core.observe(observer: ThrowingObserver())
  }

  /// An observer that calls back in, and tells what it then saw to wait.
  static func observeCallingBack(
    _ kokoni: KokoniKit.Kokoni, _ seen: @escaping @Sendable (Int) -> Void
  ) -> AnyObject {
    kokoni.core.observe(observer: ReentrantObserver(kokoni.core, seen))
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

private struct Unforeseen: Error {}

private final class ThrowingObserver: KokoniFFI.Observer {
  func changed(topic: KokoniFFI.Topic) throws {
    throw Unforeseen()
  }
}

private final class ReentrantObserver: KokoniFFI.Observer {
  private let core: KokoniFFI.Kokoni
  private let seen: @Sendable (Int) -> Void

  init(_ core: KokoniFFI.Kokoni, _ seen: @escaping @Sendable (Int) -> Void) {
    self.core = core
    self.seen = seen
  }

  func changed(topic: KokoniFFI.Topic) throws {
    seen(try core.waiting().count)
  }
}
