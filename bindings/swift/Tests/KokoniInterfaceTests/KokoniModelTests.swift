// The model behind the screens: it follows what changes, and every failure can be seen.

import KokoniInterface
import Testing

@MainActor
@Suite struct KokoniModelTests {
  let kokoni = FakeKokoni(enrolled: true)
  let model: KokoniModel
  var seat: String { kokoni.office.labels[0].label }

  init() {
    model = KokoniModel(client: kokoni)
  }

  @Test func itShowsWhatAScanDidAndTheDayThatFollows() async {
    let following = Task { await model.follow() }
    await model.scan(label: seat)
    #expect(model.card?.tone == .success)
    await until { model.today?.whereabouts == .present }
    #expect(model.chip?.waiting == 1)
    await model.sync()
    await until { model.chip?.waiting == 0 }
    following.cancel()
    await following.value
  }

  @Test func aProposalIsSavedByATapAndTakenBackByAnother() async {
    await model.scan(label: seat)
    await model.scan(label: seat)
    #expect(model.card?.confirm != nil)
    await model.confirm()
    #expect(model.card?.meaning == .leave && model.card?.record != nil)
    await model.undo()
    #expect(model.card?.confirm == nil && model.failure == nil)
    model.putCardAway()
    #expect(model.card == nil)
  }

  @Test func aFailureIsShownUntilACallSucceeds() async {
    kokoni.failNext(.storageFull)
    await model.scan(label: seat)
    #expect(model.failure?.reason == .storageFull && model.card == nil)
    await model.scan(label: seat)
    #expect(model.failure == nil && model.card?.record != nil)
  }

  @Test func beforeEnrolmentThereIsNoDay() async {
    let fresh = KokoniModel(client: FakeKokoni())
    await fresh.look()
    #expect(fresh.hasLooked && fresh.enrolment == nil && fresh.today == nil)
    #expect(fresh.status?.needsEnrolment == true && fresh.failure == nil)
    await fresh.enrol(server: "https://kokoni.example.jp", code: "ABCDE12345")
    #expect(fresh.enrolment?.personName == "例 太郎" && fresh.today != nil)
  }

  @Test func followingEndsWhenTheCoreIsShutDown() async {
    let following = Task { await model.follow() }
    await until { model.hasLooked }
    await kokoni.shutDown()
    await following.value
  }

  /// Waits for the model to follow.
  private func until(_ true: () -> Bool) async {
    while !`true`() { await Task.yield() }
  }
}
