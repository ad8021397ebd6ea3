// The scripts of tests/fixtures/conformance, which every language follows: written once as data,
// run here through the package against a real server.

import Foundation
import KokoniKit
import KokoniTestServer
import Testing

extension CoreTests {
  @Suite(.serialized) struct Conformance {
    /// One city hall for all scripts, with a server that they stop and start.
    static let world = Result { try TestOffice() }

    @Test(arguments: try Script.all())
    func everyScriptHolds(script: Script) async throws {
      let run = ScriptRun(office: try Self.world.get())
      for (index, step) in script.steps.enumerated() {
        try await run.take(step, as: "\(script.name), step \(index + 1)")
      }
    }
  }
}

/// A script: steps in order, each with what is to come of it.
struct Script: Sendable, CustomTestStringConvertible {
  let name: String
  let what: String
  let steps: [Step]

  var testDescription: String { "\(name): \(what)" }

  private struct File: Decodable {
    let what: String
    let steps: [[String: JSON]]
  }

  /// Every script, in the order of their names.
  static func all() throws -> [Script] {
    let fixtures = try #require(
      ProcessInfo.processInfo.environment["KOKONI_FIXTURES"], "KOKONI_FIXTURES is not set")
    let folder = URL(fileURLWithPath: fixtures).appendingPathComponent("conformance")
    let files = try FileManager.default.contentsOfDirectory(atPath: folder.path)
    return try files.filter { $0.hasSuffix(".json") }.sorted().map { name in
      let text = try Data(contentsOf: folder.appendingPathComponent(name))
      let file = try JSONDecoder().decode(File.self, from: text)
      return Script(name: name, what: file.what, steps: file.steps.map { Step(fields: $0) })
    }
  }
}

/// A step: a verb, what it is given, and what is to come of it.
struct Step: Sendable {
  let fields: [String: JSON]

  func text(_ name: String) throws -> String {
    try #require(fields[name]?.text, "the step has no \(name)")
  }

  func number(_ name: String) throws -> Int {
    try #require(fields[name]?.number, "the step has no \(name)")
  }

  /// A choice by its name with a capital.
  func choice<Choice: CaseIterable>(_ name: String) throws -> Choice {
    let wanted = JSON.text(try text(name))
    return try #require(Choice.allCases.first { JSON.choice($0) == wanted })
  }
}

/// What a step came to: values to compare, and the one to keep.
struct Outcome {
  var values: [String: JSON] = [:]
  var kept: JSON = .null
}

/// One run of a script.
actor ScriptRun {
  let office: TestOffice
  private var kept: [String: JSON] = [:]
  private var phones: [String: Phone] = [:]
  let observers = Observers()

  init(office: TestOffice) {
    self.office = office
  }

  /// Takes a step and compares what came of it.
  func take(_ step: Step, as name: String) async throws {
    let step = Step(
      fields: step.fields.mapValues { value in
        guard let text = value.text, text.hasPrefix("$") else { return value }
        return kept[String(text.dropFirst())] ?? value
      })
    let error = step.fields["error"]?.text
    let outcome: Outcome
    do {
      outcome = try await act(step)
      #expect(error == nil, "\(name) succeeded")
    } catch let failure as KokoniFailure {
      #expect(failure.name == error, "\(name): \(failure.text)")
      #expect(!failure.text.isEmpty)
      return
    }
    for (key, expected) in step.fields["expect"]?.object ?? [:] {
      #expect(outcome.values[key, default: .null] == expected, "\(name): \(key)")
    }
    if let name = step.fields["keep"]?.text { kept[name] = outcome.kept }
  }

  /// The phone of a step; it lives as long as the script.
  func phone(_ step: Step) throws -> Phone {
    let name = try step.text("phone")
    if let phone = phones[name] { return phone }
    let phone = try Phone()
    phones[name] = phone
    return phone
  }
}

/// A phone of a script: its folder and secrets outlive closing.
final class Phone: Sendable {
  let configuration: OpenConfiguration
  let secrets = ScriptSecrets()
  private let open = Locked<Kokoni?>(nil)

  init() throws {
    configuration = OpenConfiguration(
      folder: try temporaryFolder(), appVersion: "1.0", language: .japanese, platform: .other,
      deviceName: "conformance")
  }

  func kokoni() throws -> Kokoni {
    try #require(open.withLock { $0 }, "the phone is not open")
  }

  func keep(_ kokoni: Kokoni?) {
    open.withLock { $0 = kokoni }
  }
}

/// Secrets in memory, which can be told to fail.
final class ScriptSecrets: SecretStore {
  let memory = MemorySecretStore()
  let fails = Locked(false)

  private func check() throws(SecretFailure) {
    if fails.withLock({ $0 }) { throw .failed }
  }

  func load(_ name: String) throws(SecretFailure) -> Data? {
    try check()
    return try memory.load(name)
  }

  func store(_ name: String, _ value: Data) throws(SecretFailure) {
    try check()
    try memory.store(name, value)
  }

  func erase(_ name: String) throws(SecretFailure) {
    try check()
    try memory.erase(name)
  }
}

extension KokoniFailure {
  /// The error as the scripts spell it.
  fileprivate var name: String? {
    switch reason {
    case .input(let problem): return JSON.choice(problem).text.map { "Input.\($0)" }
    case .fault: return "Internal"
    default: return JSON.choice("\(reason)".prefix { $0 != "(" }).text
    }
  }
}
