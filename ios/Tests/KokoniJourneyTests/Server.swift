// A real server in a process of its own, with an example city hall, that can be stopped and started.

import Foundation
import Testing

/// An organisation and its server, on one address for as long as the journey lasts.
@MainActor
final class Server {
  static let host = "kokoni.example.jp"
  /// A second organisation's.
  static let otherHost = "other.example.jp"
  /// Organisations that were just made, by their hosts; each journey has copies of them.
  private static var fresh: [String: (URL, String)] = [:]

  private let folder: URL
  private let person: String
  /// The port, once the system has given one.
  private var port = 0
  private var process: Process?

  init(host: String = Server.host) throws {
    let (template, person) = try Self.fresh[host] ?? Self.made(host: host)
    Self.fresh[host] = (template, person)
    self.person = person
    folder = temporaryFolder()
    try FileManager.default.copyItem(at: template, to: folder)
  }

  var address: String { "http://127.0.0.1:\(port)" }

  func start() throws {
    let server = Process()
    server.executableURL = URL(fileURLWithPath: "/bin/sh")
    // The shell waits for the end of its input, which comes when this process ends in whatever way.
    let script =
      "\"$0\" serve --data \"$1\" --listen 127.0.0.1:$2 --json & read end; kill $!; wait $!"
    server.arguments = ["-c", script, try Self.program(), folder.path, String(port)]
    let (input, output) = (Pipe(), Pipe())
    (server.standardInput, server.standardOutput) = (input, output)
    server.standardError = FileHandle.nullDevice
    try withSignals { try server.run() }
    var line = Data()
    while let byte = try output.fileHandleForReading.read(upToCount: 1), byte != Data([10]) {
      line.append(byte)
    }
    let said = try JSONSerialization.jsonObject(with: line) as? [String: Any]
    let address = try #require((said?["address"] as? String).flatMap(URLComponents.init))
    port = try #require(address.port)
    process = server
  }

  func stop() {
    guard let server = process else { return }
    process = nil
    try? (server.standardInput as? Pipe)?.fileHandleForWriting.close()
    server.waitUntilExit()
  }

  /// A one-time code for the person of the journey.
  func invitation() throws -> (link: String, typed: String) {
    let made = try Self.kokoni([
      "enrol", "--data", folder.path, "--public-url", address, "--json", person,
    ])
    return (try #require(made["link"] as? String), try #require(made["typed"] as? String))
  }

  private static func made(host: String) throws -> (URL, String) {
    let folder = temporaryFolder()
    let said = try kokoni([
      "init", "--data", folder.path, "--host", host, "--example", "city-hall", "--json",
    ])
    return (folder, try #require(said["administrator"] as? String))
  }

  private static func program() throws -> String {
    try #require(ProcessInfo.processInfo.environment["KOKONI_PROGRAM"], "KOKONI_PROGRAM is not set")
  }

  /// Runs the program to its end; what it said, as JSON.
  private static func kokoni(_ arguments: [String]) throws -> [String: Any] {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: try program())
    process.arguments = arguments
    let output = Pipe()
    process.standardOutput = output
    try process.run()
    let said = try #require(try output.fileHandleForReading.readToEnd())
    process.waitUntilExit()
    try #require(process.terminationStatus == 0)
    return try #require(try JSONSerialization.jsonObject(with: said) as? [String: Any])
  }
}

/// Runs `body` with no signal blocked: a task's thread blocks most of them, and a process that is
/// started there would be deaf to them for good.
private func withSignals(_ body: () throws -> Void) rethrows {
  var (none, before) = (sigset_t(), sigset_t())
  sigemptyset(&none)
  pthread_sigmask(SIG_SETMASK, &none, &before)
  defer { pthread_sigmask(SIG_SETMASK, &before, nil) }
  try body()
}

/// A name for a new folder, which the system clears away.
func temporaryFolder() -> URL {
  FileManager.default.temporaryDirectory.appendingPathComponent("kokoni-\(UUID().uuidString)")
}
