// JSON as the conformance scripts have it: any value, compared by what it says.

import Foundation

/// A value of JSON. Scripts have no fractions.
enum JSON: Hashable, Sendable, Decodable {
  case null
  case bool(Bool)
  case number(Int)
  case text(String)
  case list([JSON])
  case object([String: JSON])

  init(from decoder: any Decoder) throws {
    let value = try decoder.singleValueContainer()
    if value.decodeNil() {
      self = .null
    } else if let bool = try? value.decode(Bool.self) {
      self = .bool(bool)
    } else if let number = try? value.decode(Int.self) {
      self = .number(number)
    } else if let text = try? value.decode(String.self) {
      self = .text(text)
    } else if let list = try? value.decode([JSON].self) {
      self = .list(list)
    } else {
      self = .object(try value.decode([String: JSON].self))
    }
  }

  var text: String? { if case .text(let text) = self { text } else { nil } }
  var number: Int? { if case .number(let number) = self { number } else { nil } }
  var bool: Bool? { if case .bool(let bool) = self { bool } else { nil } }
  var list: [JSON]? { if case .list(let list) = self { list } else { nil } }
  var object: [String: JSON]? { if case .object(let object) = self { object } else { nil } }

  /// A text, or nothing.
  static func of(_ text: String?) -> JSON { text.map(JSON.text) ?? .null }

  /// A choice, spelt as the scripts spell it: with a capital.
  static func choice<Choice>(_ choice: Choice?) -> JSON {
    guard let choice else { return .null }
    let name = "\(choice)"
    return .text(name.prefix(1).uppercased() + name.dropFirst())
  }
}
