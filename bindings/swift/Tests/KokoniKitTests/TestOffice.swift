// Devices enrolled with a real server, and what tests of them ask again and again.

import Foundation
import KokoniKit
import KokoniTestServer
import Testing

/// Every test that uses Rust: one after another, since some count what happens in the whole process.
@Suite(.serialized, .timeLimit(.minutes(10))) struct CoreTests {}

extension TestOffice {
  /// A new device, enrolled and up to date.
  func device(_ secrets: any SecretStore = MemorySecretStore()) async throws -> Kokoni {
    let kokoni = try await Kokoni.open(.test(), secrets: secrets)
    _ = try await kokoni.enrol(link: try invitation().link)
    #expect(try await kokoni.sync().end == .done)
    return kokoni
  }
}

extension OpenConfiguration {
  /// A phone of a test, in a folder of its own if none is given.
  static func test(_ folder: URL? = nil) throws -> OpenConfiguration {
    OpenConfiguration(
      folder: try folder ?? temporaryFolder(), appVersion: "1.0", language: .english,
      deviceName: "test")
  }
}

/// Expects a call to fail, and says how it did.
func failure<Value>(
  of call: () async throws -> Value, sourceLocation: SourceLocation = #_sourceLocation
) async -> KokoniFailure? {
  do {
    _ = try await call()
    Issue.record("the call succeeded", sourceLocation: sourceLocation)
    return nil
  } catch {
    let failure = error as? KokoniFailure
    #expect(failure?.text.isEmpty == false, sourceLocation: sourceLocation)
    return failure
  }
}

/// Expects a call to fail, and says why it did.
func reason<Value>(
  of call: () async throws -> Value, sourceLocation: SourceLocation = #_sourceLocation
) async -> KokoniFailure.Reason? {
  await failure(of: call, sourceLocation: sourceLocation)?.reason
}

/// Waits until something is true, at most a minute.
func until(
  _ what: Comment, isolation: isolated (any Actor)? = #isolation,
  sourceLocation: SourceLocation = #_sourceLocation, _ true: () async throws -> Bool
) async throws {
  let end = ContinuousClock.now + .seconds(60)
  while try await !`true`() {
    guard ContinuousClock.now < end else {
      Issue.record(what, sourceLocation: sourceLocation)
      return
    }
    try await Task.sleep(for: .milliseconds(5))
  }
}

/// Frames as a camera would see them: nothing, then a seat's label, twice.
struct TestCamera {
  let frames: [LumaFrame]

  init(_ office: TestOffice) async throws {
    let seat = try #require(try CoreTesting.labels("seat", of: try await office.device()).first)
    let (width, height) = (640, 480)
    let nothing = LumaFrame(
      Data(repeating: 200, count: width * height), width: width, height: height)
    let label = try CoreTesting.frame(
      host: TestOffice.host, label: seat, width: width, height: height, rowStride: width)
    frames = [nothing, label, label]
  }
}
