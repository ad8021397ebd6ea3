// A real server in a process of its own, with an example city hall, for tests and benchmarks.

import Foundation
import KokoniInterface

/// An organisation on a real server: `kokoni serve` on a free port of this machine.
package final class TestOffice: Sendable {
  /// The one that tests share. It ends when this process does.
  package static let shared = Result { try TestOffice() }

  package let folder: URL
  package let address: String
  package let administrator: String
  private let server: Locked<Running?>

  package static let host = "kokoni.example.jp"

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

  package init() throws {
    folder = try temporaryFolder()
    let made = try Self.kokoni(
      ["init", "--data", folder.path, "--host", Self.host, "--example", "city-hall", "--json"])
    administrator = try (made["administrator"] as? String).orThrow("no administrator")
    let running = try Self.serve(folder, at: "127.0.0.1:0")
    server = Locked(running)
    address = running.address
  }

  /// Stops the server, in good order.
  package func stop() throws {
    let running = try server.withLock { $0.take() }.orThrow("the server is stopped")
    running.process.terminate()
    running.process.waitUntilExit()
  }

  /// Starts it again, where it was.
  package func start() throws {
    let place = address.replacingOccurrences(of: "http://", with: "")
    let running = try Self.serve(folder, at: place)
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
    let address = try (said?["address"] as? String).orThrow("no address")
    return Running(process: process, address: address)
  }

  /// A one-time code for the administrator: a link, and characters to type.
  package func invitation() throws -> (link: String, typed: String) {
    let made = try Self.kokoni([
      "enrol", "--data", folder.path, "--public-url", address, "--json", administrator,
    ])
    return (
      try (made["link"] as? String).orThrow("no link"),
      try (made["typed"] as? String).orThrow("no typed")
    )
  }

  private static func program() throws -> String {
    try ProcessInfo.processInfo.environment["KOKONI_PROGRAM"]
      .orThrow("KOKONI_PROGRAM is not set")
  }

  /// Runs the program to its end; what it said, as JSON.
  private static func kokoni(_ arguments: [String]) throws -> [String: Any] {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: try program())
    process.arguments = arguments
    let output = Pipe()
    process.standardOutput = output
    try start(process)
    let said = try output.fileHandleForReading.readToEnd() ?? Data()
    process.waitUntilExit()
    guard process.terminationStatus == 0 else { throw Unexpected("kokoni \(arguments[0]) failed") }
    return try (JSONSerialization.jsonObject(with: said) as? [String: Any]).orThrow("no JSON")
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

/// Something that a test needs did not come about.
package struct Unexpected: Error, CustomStringConvertible {
  package let description: String

  package init(_ description: String) {
    self.description = description
  }
}

extension Optional {
  /// What there is, or an error that says what is missing.
  fileprivate func orThrow(_ what: String) throws -> Wrapped {
    guard let self else { throw Unexpected(what) }
    return self
  }
}

/// A new folder, which the system clears away.
package func temporaryFolder() throws -> URL {
  let folder = FileManager.default.temporaryDirectory
    .appendingPathComponent("kokoni-\(UUID().uuidString)")
  try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
  return folder
}
