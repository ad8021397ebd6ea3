// What the screens besides the camera promise.

import Foundation
import KokoniInterface
import Testing

@testable import KokoniScreens

@MainActor
@Suite struct TypedCodeTests {
  let test = TestPhone()

  func screen() -> (TypedCodeScreen, CardModel) {
    let cards = CardModel(client: test.kokoni, phone: test.phone)
    return (TypedCodeScreen(client: test.kokoni, cards: cards), cards)
  }

  @Test func aWholeCodeIsScannedAsTyped() async throws {
    let (screen, cards) = screen()
    screen.type("000000000000000")
    #expect(!screen.canSubmit)
    screen.type(Labels.seat)
    #expect(screen.canSubmit)
    #expect(await screen.submit())
    #expect(cards.card?.record != nil)
    #expect(screen.text.isEmpty)
  }

  @Test func aWrongCodeSaysSoOnceItIsWholeAndCannotBeScanned() async throws {
    let (screen, cards) = screen()
    screen.type("ZZZZ")
    #expect(screen.problem == nil)
    screen.type(Labels.unknown)
    #expect(screen.problem != nil)
    #expect(await !screen.submit())
    #expect(cards.card == nil)
  }

  @Test func whatIsDeletedStaysDeleted() async throws {
    let (screen, _) = screen()
    screen.type("ab c")
    #expect(screen.text == "ABC")
    screen.type("AB")
    #expect(screen.text == "AB")
  }
}

@MainActor
@Suite struct TodayTests {
  let test = TestPhone()

  func screen() -> TodayScreen {
    TodayScreen(
      client: test.kokoni, cards: CardModel(client: test.kokoni, phone: test.phone))
  }

  @Test func theDayShowsWhereIAmWhatIHaveAndWhatWaits() async throws {
    test.kokoni.isOnline = false
    _ = try await test.kokoni.scan(label: Labels.seat)
    _ = try await test.kokoni.scan(label: Labels.item)
    let screen = screen()
    await screen.look()
    #expect(screen.day?.whereabouts == .present)
    #expect(screen.day?.loans.map(\.name) == ["スピーカー 1"])
    #expect(screen.day?.waiting.count == 2)
  }

  @Test func pullingSyncsAndSaysWhatCameOfIt() async throws {
    _ = try await test.kokoni.scan(label: Labels.seat)
    let screen = screen()
    await screen.sync()
    #expect(screen.syncText == "送信済み")
    #expect(screen.day?.waiting.isEmpty == true)
    #expect(!screen.isSyncing)
  }

  @Test func beingOfflineIsSaidQuietlyAndIsNoFailure() async throws {
    test.kokoni.isOnline = false
    let screen = screen()
    await screen.sync()
    #expect(screen.syncText == "オフラインです")
    #expect(screen.failure == nil)
  }

  /// A seat whose record the server has refused.
  func refused() async throws -> (TodayScreen, RejectedLine) {
    let record = try #require(try await test.kokoni.scan(label: Labels.seat).record)
    test.kokoni.refuse(record: record, why: "別の方が使用中です")
    let screen = screen()
    await screen.sync()
    return (screen, try #require(screen.day?.rejected.first))
  }

  @Test func whatWasRefusedSaysWhyAndCanBeSentOnceMore() async throws {
    let (screen, line) = try await refused()
    #expect(line.why == "別の方が使用中です")
    await screen.resend(line)
    #expect(screen.day?.rejected.isEmpty == true)
    #expect(screen.day?.waiting.count == 1)
  }

  @Test func whatWasRefusedAndUnderstoodLeavesTheList() async throws {
    let (screen, line) = try await refused()
    await screen.dismiss(line)
    #expect(screen.day?.rejected.isEmpty == true)
    #expect(screen.day?.waiting.isEmpty == true)
  }

  @Test func whatCannotHelpIsNotOffered() async throws {
    var (screen, line) = try await refused()
    line.canResend = false
    await screen.resend(line)
    #expect(screen.day?.rejected.count == 1)
  }
}

@MainActor
@Suite struct PeopleTests {
  let test = TestPhone()

  func screen() -> PeopleScreen { PeopleScreen(client: test.kokoni, phone: test.phone) }

  @Test func whatThePhoneKnowsIsThereAtOnceAndWhereaboutsFollow() async throws {
    let (screen, clock) = (screen(), test.clock)
    let task = Task { await screen.search("花子") }
    #expect(await eventually { screen.people.count == 1 })
    #expect(screen.people[0].whereText == nil)
    #expect(!screen.isCurrent)
    #expect(await eventually { clock.sleeperCount == 1 })
    clock.advance(by: PeopleScreen.pause)
    await task.value
    #expect(screen.isCurrent)
    #expect(screen.people[0].whereText == "3階 A-2")
    #expect(screen.people[0].dial == "tel:1234")
  }

  @Test func withoutTheServerPeopleAreStillFound() async throws {
    test.kokoni.isOnline = false
    let (screen, clock) = (screen(), test.clock)
    let task = Task { await screen.search("1234") }
    #expect(await eventually { clock.sleeperCount == 1 })
    clock.advance(by: PeopleScreen.pause)
    await task.value
    #expect(screen.people.count == 1)
    #expect(screen.failure?.reason == .offline(obstacle: "unreachable"))
    #expect(!screen.isAsking)
  }

  @Test func aQueryThatChangedNeitherAsksTheServerNorShowsItsAnswer() async throws {
    let (screen, clock) = (screen(), test.clock)
    let task = Task { await screen.search("花子") }
    #expect(await eventually { clock.sleeperCount == 1 })
    task.cancel()
    await task.value
    await screen.search("  ")
    clock.advance(by: 1)
    #expect(screen.people.isEmpty)
    #expect(!screen.isCurrent)
    #expect(screen.failure == nil)
  }
}

@MainActor
@Suite struct FloorTests {
  let test = TestPhone()

  @Test func onesOwnFloorComesFirst() async throws {
    _ = try await test.kokoni.scan(label: Labels.seat)
    let screen = FloorsScreen(client: test.kokoni, phone: test.phone)
    await screen.look()
    #expect(screen.floors.first?.mine == true)
  }

  @Test func aFloorIsAskedForAgainWhileItIsOnScreen() async throws {
    let clock = test.clock
    let screen = FloorsScreen(client: test.kokoni, phone: test.phone).screen(of: "floor-3")
    test.kokoni.isOnline = false
    let task = Task { await screen.run() }
    #expect(await eventually { screen.failure != nil && clock.sleeperCount == 1 })
    test.kokoni.isOnline = true
    clock.advance(by: FloorScreen.pause)
    #expect(await eventually { screen.view != nil && screen.failure == nil })
    #expect(await eventually { clock.sleeperCount == 1 })
    test.kokoni.isOnline = false
    clock.advance(by: FloorScreen.pause)
    #expect(await eventually { screen.failure != nil })
    #expect(screen.view != nil, "what was known stays in sight")
    task.cancel()
    await task.value
  }

  @Test func freeSeatsAreToldBeforeTakenOnes() async throws {
    let screen = FloorsScreen(client: test.kokoni, phone: test.phone).screen(of: "floor-3")
    await screen.look()
    #expect(screen.places.map(\.name) == ["A-1", "A-2"])
    #expect(screen.places.map(\.taken) == [false, true])
  }

  @Test func aPlanKeepsItsProportionsAndIsCentred() throws {
    var view = FakeOffice.small.floors[0]
    (view.left, view.top, view.width, view.height) = (10, 20, 4, 2)
    var seat = view.seats[0]
    (seat.x, seat.y) = (10, 20)
    #expect(view.position(of: seat, width: 400, height: 400) == (0, 100))
    (seat.x, seat.y) = (14, 22)
    #expect(view.position(of: seat, width: 400, height: 400) == (400, 300))
    (view.width, view.height) = (0, 0)
    #expect(view.position(of: seat, width: 400, height: 300) == (200, 150))
  }
}
