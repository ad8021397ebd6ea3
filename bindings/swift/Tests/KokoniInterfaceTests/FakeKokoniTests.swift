// The fake keeps what it promises, so that an app's tests on it mean something.

import Foundation
import KokoniInterface
import Testing

@Suite struct FakeKokoniTests {
  let kokoni = FakeKokoni(enrolled: true)
  var seat: String { kokoni.office.labels[0].label }
  var item: String { kokoni.office.labels[3].label }

  @Test func aScanWaitsUntilItIsSent() async throws {
    kokoni.isOnline = false
    let card = try await kokoni.scan(label: seat)
    #expect(card.tone == .success)
    #expect(try await kokoni.sync().end == .offline)
    #expect(try await kokoni.waiting().map(\.record) == [card.record])
    kokoni.isOnline = true
    #expect(try await kokoni.sync().applied == 1)
    #expect(try await kokoni.waiting().isEmpty)
    #expect(try await kokoni.today().whereabouts == .present)
  }

  @Test func aRefusedRecordIsShownAndCanBeSentOnceMore() async throws {
    let record = try #require(try await kokoni.scan(label: item).record)
    kokoni.refuse(record: record, why: "先に借りた人がいます")
    #expect(try await kokoni.sync().rejected == 1)
    #expect(try await kokoni.rejected().first?.why == "先に借りた人がいます")
    #expect(try await kokoni.resend(record: record).tone == .success)
    #expect(try await kokoni.sync().applied == 1)
    #expect(try await kokoni.rejected().isEmpty)
  }

  @Test func leavingOnesSeatTakesATap() async throws {
    _ = try await kokoni.scan(label: seat)
    let card = try await kokoni.scan(label: seat)
    #expect(card.meaning == .leave && card.confirm != nil && card.record == nil)
    let saved = try await kokoni.confirm(label: seat, meaning: .leave, via: .camera)
    #expect(saved.record != nil)
    #expect(try await kokoni.today().whereabouts == .away)
  }

  @Test func whatWasTakenBackIsGone() async throws {
    let record = try #require(try await kokoni.scan(label: seat).record)
    #expect(try await kokoni.undo(record: record).tone == .success)
    #expect(try await kokoni.today().whereabouts == .noRecord)
    #expect(try await kokoni.undo(record: record).tone == .refusal)
  }

  @Test func withoutEnrolmentThereIsNothingToScan() async throws {
    let fresh = FakeKokoni()
    await #expect { _ = try await fresh.scan(label: seat) } throws: { error in
      (error as? KokoniFailure)?.reason == .notEnrolled
    }
    _ = try await fresh.enrol(link: "https://kokoni.example.jp/enrol#A")
    #expect(try await fresh.scan(label: seat).record != nil)
    try await fresh.signOutAndWipe()
    #expect(try await fresh.enrolment() == nil)
  }

  @Test func afterShutDownEveryCallIsRefused() async throws {
    await kokoni.shutDown()
    await #expect { _ = try await kokoni.today() } throws: { error in
      (error as? KokoniFailure)?.reason == .shutDown
    }
    for await _ in kokoni.changes() { Issue.record("nothing changes after the end") }
  }

  @Test func peopleAreOnTheMapOnlyWhileThereIsANetwork() async throws {
    #expect(try await kokoni.people(matching: "花子").first?.whereabouts == .unknown)
    #expect(try await kokoni.peopleNow(matching: "花子").first?.whereabouts == .present)
    kokoni.isOnline = false
    await #expect(throws: KokoniFailure.self) { try await kokoni.peopleNow(matching: "花子") }
  }
}
