// What the card of a scan promises.

import Foundation
import KokoniInterface
import Testing

@testable import KokoniScreens

@MainActor
@Suite struct CardTests {
  let test = TestPhone()

  func cards() -> CardModel { CardModel(client: test.kokoni, phone: test.phone) }

  @Test func aScanIsSavedAndSaidByHapticToneAndVoice() async throws {
    let cards = cards()
    await cards.take(label: Labels.seat, via: .camera)
    #expect(cards.card?.record != nil)
    #expect(test.cues.played.value == [.success])
    #expect(test.cues.said.value == ["3階 A-1"])
    #expect(try await test.kokoni.waiting().count == 1)
  }

  @Test func undoIsOfferedUntilItsTimeIsOverAndTheCardThenPutsItselfAway() async throws {
    let cards = cards()
    await cards.take(label: Labels.seat, via: .camera)
    let end = try #require(cards.card?.undoUntil)
    let clock = test.clock
    #expect(await eventually { clock.sleeperCount == 1 })
    clock.advance(by: end.timeIntervalSince(clock.now()) - 1)
    #expect(cards.canUndo)
    clock.advance(by: 1)
    #expect(await eventually { !cards.canUndo })
    #expect(await eventually { cards.card == nil })
  }

  @Test func undoTakesTheRecordBack() async throws {
    let cards = cards()
    await cards.take(label: Labels.seat, via: .camera)
    await cards.undo()
    #expect(!cards.canUndo)
    #expect(cards.card?.title == "取り消しました")
    #expect(try await test.kokoni.waiting().isEmpty)
  }

  @Test func anEndedUndoNeverTakesALaterCardAway() async throws {
    let cards = cards()
    await cards.take(label: Labels.seat, via: .camera)
    await cards.take(label: Labels.otherSeat, via: .camera)
    let second = cards.card
    let clock = test.clock
    #expect(await eventually { clock.sleeperCount == 1 }, "the first card's undo sleeps no more")
    clock.advance(by: 5)
    #expect(cards.card == second)
  }

  @Test func whatNeedsATapSavesNothingBeforeIt() async throws {
    let cards = cards()
    await cards.take(label: Labels.item, via: .camera)
    await cards.take(label: Labels.item, via: .camera)
    #expect(cards.proposes)
    #expect(cards.card?.meaning == .giveBack)
    #expect(try await test.kokoni.myLoans().count == 1)
    await cards.confirm()
    #expect(!cards.proposes)
    #expect(try await test.kokoni.myLoans().isEmpty)
  }

  @Test func confirmingSavesWithTheWayTheLabelWasRead() async throws {
    let cards = cards()
    await cards.take(label: Labels.item, via: .typed)
    await cards.take(label: Labels.item, via: .typed)
    #expect(cards.proposal == Proposal(label: Labels.item, via: .typed))
  }

  @Test func aForeignCodeIsNamedAndNeverHidesAProposal() async throws {
    let cards = cards()
    cards.takeForeign("https://example.com/")
    #expect(cards.card?.record == nil)
    #expect(cards.card?.detail == "https://example.com/")
    await cards.take(label: Labels.item, via: .camera)
    await cards.take(label: Labels.item, via: .camera)
    cards.takeForeign("https://example.com/")
    #expect(cards.proposes)
  }

  @Test func aFailureIsSaidAndNothingIsCalledSaved() async throws {
    let cards = cards()
    await cards.take(label: Labels.seat, via: .camera)
    test.kokoni.failNext(.storageFull)
    await cards.take(label: Labels.otherSeat, via: .camera)
    #expect(cards.card == nil)
    #expect(cards.failure?.reason == .storageFull)
    #expect(!cards.canUndo)
    #expect(test.cues.played.value.last == .refusal)
    await cards.take(label: Labels.otherSeat, via: .camera)
    #expect(cards.failure == nil)
  }

  @Test func savingAsksTheSystemForTimeAndGivesItBackAlsoWhenItFails() async throws {
    let cards = cards()
    await cards.take(label: Labels.seat, via: .camera)
    test.kokoni.failNext(.storageFailed)
    await cards.take(label: Labels.seat, via: .camera)
    #expect(test.extraTime.asked.value == 2)
    #expect(test.extraTime.held.value == 0)
  }

  @Test func aProposalIsThereAgainAfterTheProcessEndedAndStillSavesNothing() async throws {
    let first = cards()
    await first.take(label: Labels.item, via: .camera)
    await first.take(label: Labels.item, via: .camera)
    let kept = SavedState(path: [.today], proposal: first.proposal).kept
    let saved = try #require(SavedState(kept: kept))
    #expect(saved.path == [.today])
    let second = cards()
    await second.restore(try #require(saved.proposal))
    #expect(second.card?.meaning == .giveBack)
    #expect(second.proposes)
    #expect(try await test.kokoni.myLoans().count == 1)
  }

  @Test func whatTheSystemKeptButCannotBeReadIsPassedOver() {
    #expect(SavedState(kept: "") == nil)
    #expect(SavedState(kept: "{\"path\":3}") == nil)
  }
}
