// A value behind a lock, for the systems that have no `Mutex` yet.

import Foundation

/// A value that one thread at a time can reach.
package final class Locked<Value>: @unchecked Sendable {
  private let lock = NSLock()
  private var value: Value

  package init(_ value: Value) {
    self.value = value
  }

  /// Hands the value to `body`, which must not wait for anything.
  package func withLock<Result>(_ body: (inout Value) -> Result) -> Result {
    lock.lock()
    defer { lock.unlock() }
    return body(&value)
  }
}
