// A journey as data: what a person does and sees.

import Foundation
import Testing

/// A value of a step.
enum Value: Decodable, Equatable {
  case text(String)
  case number(Double)
  case truth(Bool)
  case members([String: Value])
  case nothing

  init(from decoder: any Decoder) throws {
    let value = try decoder.singleValueContainer()
    if value.decodeNil() {
      self = .nothing
    } else if let truth = try? value.decode(Bool.self) {
      self = .truth(truth)
    } else if let number = try? value.decode(Double.self) {
      self = .number(number)
    } else if let text = try? value.decode(String.self) {
      self = .text(text)
    } else {
      self = .members(try value.decode([String: Value].self))
    }
  }

  var text: String? { if case .text(let text) = self { text } else { nil } }
  var number: Double? { if case .number(let number) = self { number } else { nil } }
  var truth: Bool? { if case .truth(let truth) = self { truth } else { nil } }
  var members: [String: Value]? { if case .members(let members) = self { members } else { nil } }
}

/// One file of the journeys.
struct Journey: Decodable {
  let journey: String
  let language: String
  let steps: [[String: Value]]

  init(named name: String) throws {
    let folder = try Self.folder()
    let data = try Data(contentsOf: folder.appendingPathComponent("\(name).json"))
    self = try JSONDecoder().decode(Journey.self, from: data)
    try #require(journey == name)
  }

  /// The journeys there are.
  static func names() throws -> Set<String> {
    let files = try FileManager.default.contentsOfDirectory(atPath: try folder().path)
    return Set(files.filter { $0.hasSuffix(".json") }.map { String($0.dropLast(5)) })
  }

  private static func folder() throws -> URL {
    let fixtures = try #require(
      ProcessInfo.processInfo.environment["KOKONI_FIXTURES"], "KOKONI_FIXTURES is not set")
    return URL(fileURLWithPath: fixtures).appendingPathComponent("journeys")
  }
}
