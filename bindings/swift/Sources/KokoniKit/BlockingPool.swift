// Threads for calls that block, so that no task's own thread ever does.

import Foundation
import KokoniInterface

/// A few threads for calls that block. They come when they are needed and go when they are not.
///
/// Swift's tasks share one thread a core; a call that waits there for a disk or a server would hold
/// up everybody else's tasks.
final class BlockingPool: @unchecked Sendable {
  /// For calls that use the phone's own database: milliseconds.
  static let local = BlockingPool(name: "dev.kokoni.local", most: 4)
  /// For calls that wait for the server; local ones never stand in line behind them.
  static let network = BlockingPool(name: "dev.kokoni.network", most: 16)

  /// How long a thread without work waits for some.
  private static let patience: TimeInterval = 10
  /// As much as Rust gives its own threads.
  private static let stackBytes = 2 << 20

  private let name: String
  private let most: Int
  /// Guards all below.
  private let condition = NSCondition()
  private var jobs: [@Sendable () -> Void] = []
  private var threads = 0
  private var idle = 0

  init(name: String, most: Int) {
    self.name = name
    self.most = most
  }

  /// Runs a call that blocks, and waits for it without blocking.
  ///
  /// If the task is cancelled before the call has begun, it never begins, and nil is returned at
  /// once. If the task is cancelled later, `onCancel` is called, and the call's own end awaited.
  func run<Value: Sendable>(
    onCancel: @escaping @Sendable () -> Void, _ call: @escaping @Sendable () -> Value
  ) async -> Value? {
    let job = Job<Value>()
    return await withTaskCancellationHandler {
      await withCheckedContinuation { continuation in
        guard job.wait(continuation) else { return continuation.resume(returning: nil) }
        submit { if job.begin() { job.end(call()) } }
      }
    } onCancel: {
      if !job.withdraw() { onCancel() }
    }
  }

  /// Runs a call that blocks to its end, even in a cancelled task.
  func runAlways<Value: Sendable>(_ call: @escaping @Sendable () -> Value) async -> Value {
    await withCheckedContinuation { continuation in
      submit { continuation.resume(returning: call()) }
    }
  }

  private func submit(_ job: @escaping @Sendable () -> Void) {
    condition.lock()
    defer { condition.unlock() }
    jobs.append(job)
    if idle >= jobs.count {
      condition.signal()
    } else if threads < most {
      threads += 1
      let thread = Thread { self.work() }
      thread.name = name
      thread.stackSize = Self.stackBytes
      thread.qualityOfService = .userInitiated
      thread.start()
    }
  }

  private func work() {
    condition.lock()
    while true {
      if jobs.isEmpty {
        idle += 1
        let woken = condition.wait(until: Date(timeIntervalSinceNow: Self.patience))
        idle -= 1
        if jobs.isEmpty && !woken { break }
      } else {
        let job = jobs.removeFirst()
        condition.unlock()
        job()
        condition.lock()
      }
    }
    threads -= 1
    condition.unlock()
  }
}

/// A call on its way through the pool: whoever comes first, its beginning or its being cancelled,
/// decides.
private final class Job<Value: Sendable>: Sendable {
  private enum State {
    case new
    case waiting(CheckedContinuation<Value?, Never>)
    case running(CheckedContinuation<Value?, Never>)
    case over
  }

  private let state = Locked(State.new)

  /// Takes the task that waits; false if it was cancelled already.
  func wait(_ continuation: CheckedContinuation<Value?, Never>) -> Bool {
    state.withLock { state in
      guard case .new = state else { return false }
      state = .waiting(continuation)
      return true
    }
  }

  /// The call begins; false if it must not.
  func begin() -> Bool {
    state.withLock { state in
      guard case .waiting(let continuation) = state else { return false }
      state = .running(continuation)
      return true
    }
  }

  /// The call has ended.
  func end(_ value: Value) {
    let waiting: CheckedContinuation<Value?, Never>? = state.withLock { state in
      guard case .running(let continuation) = state else { return nil }
      state = .over
      return continuation
    }
    waiting?.resume(returning: value)
  }

  /// The task was cancelled; false if the call runs already.
  func withdraw() -> Bool {
    let (withdrawn, waiting): (Bool, CheckedContinuation<Value?, Never>?) = state.withLock {
      state in
      switch state {
      case .new, .over:
        state = .over
        return (true, nil)
      case .waiting(let continuation):
        state = .over
        return (true, continuation)
      case .running:
        return (false, nil)
      }
    }
    waiting?.resume(returning: nil)
    return withdrawn
  }
}
