// A real server in a process of its own, with an example city hall, and devices enrolled with it.

import Foundation
import KokoniKit
import Testing

/// Every test that uses Rust: one after another, since some count what happens in the whole process.
@Suite(.serialized) struct CoreTests {}

/// An organisation on a real server: `kokoni serve` on a free port of this machine.
final class TestOffice: Sendable {
  /// The one that tests share. It ends when this process does.
  static let shared = Result { try TestOffice() }

  let folder: URL
  let address: String
  let administrator: String
  private let server: Locked<Running?>

  static let host = "kokoni.example.jp"

  /// A server under way, and the shell that ends it.
  private struct Running {
    let process: Process
    let address: String
  }

  /// Ends the server when the shell is told to, and when this process has ended in whatever way.
  private static let keeper = """
    "$0" serve --data "$1" --listen "$2" --json &
    server=$!
    trap 'kill $server; wait $server; exit' TERM
    while kill -0 "$3"; do sleep 1 & wait $!; done
    kill $server
    """

  init() throws {
    folder = try temporaryFolder()
    let made = try Self.kokoni(
      ["init", "--data", folder.path, "--host", Self.host, "--example", "city-hall", "--json"])
    administrator = try #require(made["administrator"] as? String)
    let running = try Self.serve(folder, at: "127.0.0.1:0")
    server = Locked(running)
    address = running.address
  }

  /// Stops the server, in good order.
  func stop() throws {
    let running = try #require(server.withLock { $0.take() }, "the server is stopped")
    running.process.terminate()
    running.process.waitUntilExit()
  }

  /// Starts it again, where it was.
  func start() throws {
    let place = try #require(URL(string: address))
    let running = try Self.serve(
      folder, at: "\(try #require(place.host)):\(try #require(place.port))")
    server.withLock { $0 = running }
  }

  private static func serve(_ folder: URL, at address: String) throws -> Running {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/bin/sh")
    process.arguments = [
      "-c", keeper, try program(), folder.path, address,
      String(ProcessInfo.processInfo.processIdentifier),
    ]
    let output = Pipe()
    process.standardOutput = output
    process.standardError = FileHandle.nullDevice
    try start(process)
    let line = try firstLine(of: output.fileHandleForReading)
    let said = try JSONSerialization.jsonObject(with: line) as? [String: Any]
    let address = try #require(said?["address"] as? String)
    return Running(process: process, address: address)
  }

  /// A one-time code for the administrator: a link, and characters to type.
  func invitation() throws -> (link: String, typed: String) {
    let made = try Self.kokoni([
      "enrol", "--data", folder.path, "--public-url", address, "--json", administrator,
    ])
    return (
      try #require(made["link"] as? String), try #require(made["typed"] as? String)
    )
  }

  /// A new device, enrolled and up to date.
  func device(_ secrets: any SecretStore = MemorySecretStore()) async throws -> Kokoni {
    let kokoni = try await Kokoni.open(.test(), secrets: secrets)
    _ = try await kokoni.enrol(link: try invitation().link)
    #expect(try await kokoni.sync().end == .done)
    return kokoni
  }

  private static func program() throws -> String {
    try #require(ProcessInfo.processInfo.environment["KOKONI_PROGRAM"], "KOKONI_PROGRAM is not set")
  }

  /// Runs the program to its end; what it said, as JSON.
  static func kokoni(_ arguments: [String]) throws -> [String: Any] {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: try program())
    process.arguments = arguments
    let output = Pipe()
    process.standardOutput = output
    try start(process)
    let said = try #require(try output.fileHandleForReading.readToEnd())
    process.waitUntilExit()
    try #require(process.terminationStatus == 0)
    return try #require(try JSONSerialization.jsonObject(with: said) as? [String: Any])
  }

  /// Starts a program that can be told to stop: tasks run on threads which block every signal, and
  /// what is started there would block them too.
  private static func start(_ process: Process) throws {
    var (none, before) = (sigset_t(), sigset_t())
    sigemptyset(&none)
    pthread_sigmask(SIG_SETMASK, &none, &before)
    defer { pthread_sigmask(SIG_SETMASK, &before, nil) }
    try process.run()
  }

  private static func firstLine(of handle: FileHandle) throws -> Data {
    var line = Data()
    while let byte = try handle.read(upToCount: 1), byte != Data([10]) { line.append(byte) }
    return line
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

/// A new folder, which the system clears away.
func temporaryFolder() throws -> URL {
  let folder = FileManager.default.temporaryDirectory
    .appendingPathComponent("kokoni-\(UUID().uuidString)")
  try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
  return folder
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
