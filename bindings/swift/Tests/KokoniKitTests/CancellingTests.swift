// Cancelling a task reaches Rust, which counts it; and nobody waits behind those who wait.

import Foundation
import KokoniKit
import Testing

extension CoreTests {
  @Suite struct Cancelling {
    let silent: SilentServer
    let kokoni: Kokoni

    init() async throws {
      silent = try SilentServer()
      kokoni = try await Kokoni.open(.test(), secrets: MemorySecretStore())
    }

    /// A call that waits for an answer which never comes.
    func waiting(_ deadline: Duration = .seconds(600)) -> Task<Enrolment, any Error> {
      Task { [kokoni, silent] in
        try await kokoni.enrol(
          server: silent.address, code: "ABCDE12345", deadline: deadline)
      }
    }

    @Test func cancellingATaskEndsItsCallInRust() async throws {
      let cancelled = CoreTesting.cancelledCalls
      let call = waiting()
      try await until("the call waits for the server") { silent.connections > 0 }
      #expect(CoreTesting.callsRunning == 1)
      call.cancel()
      #expect(await reason { try await call.value } == .cancelled)
      #expect(CoreTesting.cancelledCalls == cancelled + 1)
      #expect(CoreTesting.callsRunning == 0)
    }

    @Test func aCallOfACancelledTaskNeverBegins() async throws {
      let cancelled = CoreTesting.cancelledCalls
      let kokoni = kokoni
      let call = Task {
        while !Task.isCancelled { await Task.yield() }
        return try await kokoni.sync()
      }
      call.cancel()
      #expect(await reason { try await call.value } == .cancelled)
      #expect(CoreTesting.cancelledCalls == cancelled)
    }

    @Test func whatIsMadeForTasksThatAreCancelledIsLetGo() async throws {
      let (kokoni, alive) = (kokoni, CoreTesting.objectsAlive)
      for round in 0..<40 {
        let configuration = try OpenConfiguration.test()
        let tasks = [
          Task { _ = try await kokoni.labelReader(budget: .milliseconds(20)) },
          Task { try await kokoni.keepSynced() },
          Task { _ = try await Kokoni.open(configuration, secrets: MemorySecretStore()) },
        ]
        // Before, in the middle of, and after the calls.
        try await Task.sleep(for: .microseconds(round * 100))
        for task in tasks { task.cancel() }
        for task in tasks { _ = await task.result }
      }
      try await until("all is let go") { CoreTesting.objectsAlive <= alive }
    }

    @Test func aCallEndsAtItsDeadline() async throws {
      let call = waiting(.milliseconds(50))
      #expect(await reason { try await call.value } == .deadlineReached)
    }

    @Test func callsThatWaitForAServerHoldUpNobody() async throws {
      let calls = (0..<64).map { _ in waiting() }
      try await until("all places are taken") { CoreTesting.callsRunning >= 16 }
      #expect(try await kokoni.status().waiting == 0)
      let cancelled = CoreTesting.cancelledCalls
      let begun = UInt64(CoreTesting.callsRunning)
      for call in calls { call.cancel() }
      for call in calls { #expect(await reason { try await call.value } == .cancelled) }
      // Each that had begun ended in Rust; those that had not were never Rust's.
      #expect(CoreTesting.cancelledCalls >= cancelled + begun)
      #expect(CoreTesting.cancelledCalls <= cancelled + 64)
      #expect(CoreTesting.callsRunning == 0)
    }
  }
}
