// What an app hands in may throw, be slow or call back: the core goes on.

import Foundation
import KokoniTestServer
import Testing

@testable import KokoniKit

extension CoreTests {
  @Suite struct Callbacks {
    @Test func aSecretStoreThatThrowsIsAFailureAndNothingElse() async throws {
      let secrets = FailingSecrets()
      let kokoni = try await Kokoni.open(.test(), secrets: secrets)
      let office = try TestOffice.shared.get()
      for failure in [SecretFailure.locked, .failed] {
        secrets.failure.withLock { $0 = failure }
        let expected: KokoniFailure.Reason = failure == .locked ? .secretsLocked : .secretsFailed
        #expect(await reason { try await kokoni.enrol(link: office.invitation().link) } == expected)
      }
      secrets.failure.withLock { $0 = nil }
      #expect(try await kokoni.enrol(link: office.invitation().link).labelHost == TestOffice.host)
    }

    @Test func anObserverThatThrowsAndOneThatCallsBackBreakNothing() async throws {
      let kokoni = try await TestOffice.shared.get().device()
      let seen = Locked(0)
      let observers = [
        CoreTesting.observe(kokoni) { throw Unforeseen() },
        CoreTesting.observe(kokoni) {
          let count = try kokoni.core.waiting().count
          seen.withLock { $0 = count }
        },
      ]
      let seat = try #require(try CoreTesting.labels("seat", of: kokoni).first)
      #expect(try await kokoni.scan(label: seat).record != nil)
      try await until("the observer called back") { seen.withLock { $0 } == 1 }
      withExtendedLifetime(observers) {}
    }

    @Test func aListenerHearsWhatChangedUntilItStops() async throws {
      let kokoni = try await TestOffice.shared.get().device()
      let seats = try CoreTesting.labels("seat", of: kokoni)
      var counts = kokoni.updates(of: [.queue]) {
        (client) async throws(KokoniFailure) in try await client.waiting().count
      }.makeAsyncIterator()
      #expect(try await counts.next() == 0)
      _ = try await kokoni.scan(label: seats[0])
      #expect(try await counts.next() == 1)
    }

    @Test func theLogIsHeardAndNamesNobody() async throws {
      let lines = Locked<[LogLine]>([])
      Kokoni.log(.debug) { line in lines.withLock { $0.append(line) } }
      let kokoni = try await TestOffice.shared.get().device()
      let person = try #require(try await kokoni.enrolment()).personName
      let observer = CoreTesting.observe(kokoni) { throw Unforeseen() }
      _ = try await kokoni.scan(label: try CoreTesting.labels("seat", of: kokoni)[1])
      try await until("something is logged") { lines.withLock { !$0.isEmpty } }
      Kokoni.log(.debug, to: nil)
      #expect(!lines.withLock { $0.contains { $0.text.contains(person) } })
      withExtendedLifetime(observer) {}
    }
  }
}

/// Secrets in memory that can be made to fail.
private final class FailingSecrets: SecretStore {
  let failure = Locked<SecretFailure?>(nil)
  private let memory = MemorySecretStore()

  private func check() throws(SecretFailure) {
    if let failure = failure.withLock({ $0 }) { throw failure }
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
