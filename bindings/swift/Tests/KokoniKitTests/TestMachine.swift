// What tests ask of the machine they run on.

import Foundation
import Testing

/// Holds something until a thread lets go of it.
final class Held<Value>: @unchecked Sendable {
  private var value: Value?

  init(_ value: Value) {
    self.value = value
  }

  func drop() {
    value = nil
  }
}

/// How much memory this process has.
func residentBytes() throws -> Int {
  #if os(Linux)
    let statm = try String(contentsOfFile: "/proc/self/statm", encoding: .utf8)
    let fields = statm.split(separator: " ")
    return try #require(Int(fields[1])) * 4096
  #else
    var info = mach_task_basic_info()
    var count = mach_msg_type_number_t(MemoryLayout.size(ofValue: info) / 4)
    let result = withUnsafeMutablePointer(to: &info) { pointer in
      pointer.withMemoryRebound(to: integer_t.self, capacity: Int(count)) {
        task_info(mach_task_self_, task_flavor_t(MACH_TASK_BASIC_INFO), $0, &count)
      }
    }
    try #require(result == KERN_SUCCESS)
    return Int(info.resident_size)
  #endif
}
