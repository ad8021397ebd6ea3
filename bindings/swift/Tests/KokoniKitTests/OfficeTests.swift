// A day with a real server: saved at once, sent when there is one, and told truly.

import Foundation
import KokoniKit
import KokoniTestServer
import Testing

extension CoreTests {
  @Suite struct OfficeDay {
    let office: TestOffice

    init() throws {
      office = try TestOffice.shared.get()
    }

    @Test func whatWasSavedIsThereAfterARestartAndIsSentThen() async throws {
      let configuration = try OpenConfiguration.test()
      let secrets = MemorySecretStore()
      let first = try await Kokoni.open(configuration, secrets: secrets)
      _ = try await first.enrol(link: try office.invitation().link)
      _ = try await first.sync()
      let seat = try CoreTesting.labels("seat", of: first)[3]
      let card = try await first.scan(label: seat, via: .typed)
      #expect(card.tone == .success && card.meaning == .sit)
      await first.shutDown()

      let second = try await Kokoni.open(configuration, secrets: secrets)
      #expect(try await second.waiting().map(\.record) == [card.record])
      let outcome = try await second.sync()
      #expect(outcome.end == .done && outcome.applied == 1 && outcome.waiting == 0)
      #expect(try await second.today().whereabouts == .present)
      #expect(try await second.status().lastSuccess != nil)
    }

    @Test func twoHundredCallsAtOnceAllSucceed() async throws {
      let kokoni = try await office.device()
      let seats = try CoreTesting.labels("seat", of: kokoni).dropFirst(100).prefix(200)
      #expect(seats.count == 200)
      let records = try await withThrowingTaskGroup(of: String?.self) { group in
        for seat in seats {
          group.addTask {
            let card = try await kokoni.preview(label: seat)
            return try await kokoni.confirm(
              label: seat, meaning: card.meaning ?? .sit, via: .camera
            ).record
          }
        }
        return try await group.reduce(into: Set<String>()) { records, record in
          if let record { records.insert(record) }
        }
      }
      #expect(records.count == 200)
      #expect(try await kokoni.waiting().count == 200)
      #expect(try await kokoni.sync().waiting == 0)
    }

    @Test func whatIsTakenBackInTimeIsNeverApplied() async throws {
      let kokoni = try await office.device()
      let seat = try CoreTesting.labels("seat", of: kokoni)[5]
      let before = try await kokoni.today()
      let record = try #require(try await kokoni.scan(label: seat).record)
      #expect(try await kokoni.today().headline != before.headline)
      #expect(try await kokoni.undo(record: record).tone != .refusal)
      _ = try await kokoni.sync()
      #expect(try await kokoni.today().headline == before.headline)
      #expect(await reason { try await kokoni.undo(record: "nonsense") } == .input(.record))
    }

    @Test func peopleAndFloorsAreFound() async throws {
      let kokoni = try await office.device()
      let floor = try #require(try await kokoni.floors().first)
      #expect(floor.seats > 0)
      let view = try await kokoni.floorNow(floor.floor)
      #expect(view.seats.count >= floor.seats && view.width > 0)
      let person = try #require(try await kokoni.enrolment())
      let found = try await kokoni.people(matching: person.personName)
      #expect(found.contains { $0.person == person.person && $0.whereabouts == .unknown })
      #expect(try await kokoni.peopleNow(matching: person.personName).isEmpty == false)
      #expect(await reason { try await kokoni.floorNow("nonsense") } == .input(.floor))
    }

    @Test func keepingSyncedSendsByItselfUntilItsTaskEnds() async throws {
      let kokoni = try await office.device()
      let keeping = Task { try await kokoni.keepSynced() }
      let seat = try CoreTesting.labels("seat", of: kokoni)[7]
      _ = try await kokoni.scan(label: seat)
      kokoni.syncSoon()
      try await until("it was sent") { try await kokoni.waiting().isEmpty }
      keeping.cancel()
      try await keeping.value
    }

    @Test func signingOutErasesEverything() async throws {
      let secrets = MemorySecretStore()
      let kokoni = try await office.device(secrets)
      #expect(secrets.count > 0)
      try await kokoni.signOutAndWipe()
      #expect(try await kokoni.enrolment() == nil)
      #expect(secrets.count == 0)
    }

    @Test func remindersAndSnoozingTakeAnyTime() async throws {
      let kokoni = try await office.device()
      #expect(try await kokoni.reminders().count <= 50)
      for date in [Date.distantPast, .distantFuture, Date(timeIntervalSince1970: .infinity)] {
        _ = await Result { () async throws(KokoniFailure) in
          try await kokoni.snoozeReminders(until: date)
        }
      }
      #expect(try await kokoni.diagnostics().contains("{"))
    }

    @MainActor
    @Test func theModelFollowsTheRealCore() async throws {
      let model = KokoniModel(client: try await office.device())
      let following = Task { await model.follow() }
      let kokoni = try #require(model.client as? Kokoni)
      let seat = try CoreTesting.labels("seat", of: kokoni)[9]
      await model.scan(label: seat)
      try await until("the day is shown") { model.today?.whereabouts == .present }
      #expect(await model.sync()?.applied == 1)
      try await until("nothing waits") { model.chip?.waiting == 0 }
      #expect(model.failure == nil)
      following.cancel()
      await following.value
    }
  }
}

extension Result where Failure == KokoniFailure {
  /// What a call that may fail came to.
  fileprivate init(_ call: () async throws(KokoniFailure) -> Success) async {
    do {
      self = .success(try await call())
    } catch {
      self = .failure(error)
    }
  }
}
