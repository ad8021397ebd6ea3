// What the app as a whole promises: opening, enrolling, links, management, reminders, signing out.

import Foundation
import KokoniInterface
import Testing

@testable import KokoniScreens

@MainActor
@Suite struct AppTests {
  /// An app that runs on this phone.
  func running(_ test: TestPhone) async -> (AppModel, Task<Void, Never>) {
    let app = AppModel(phone: test.phone, language: .japanese)
    let task = Task { await app.run() }
    #expect(
      await eventually {
        if case .opening = app.stage { false } else { true }
      })
    return (app, task)
  }

  @Test func aPhoneThatIsSomebodysShowsTheCameraFirst() async throws {
    let (app, task) = await running(TestPhone())
    #expect(app.screens?.place == .scan)
    task.cancel()
  }

  @Test func aPhoneThatIsNobodysEnrolsAndThenScans() async throws {
    let test = TestPhone(enrolled: false)
    let (app, task) = await running(test)
    let enrol = try #require(app.enrolScreen)
    #expect(!enrol.canSubmit)
    (enrol.server, enrol.code) = (" kokoni.example.jp ", " ABCDE12345 ")
    #expect(enrol.canSubmit)
    await enrol.submit()
    #expect(await eventually { app.screens != nil })
    task.cancel()
  }

  @Test func anEnrolmentCodeBeforeTheCameraEnrols() async throws {
    let test = TestPhone(enrolled: false)
    let (app, task) = await running(test)
    let (enrol, reader) = (try #require(app.enrolScreen), FakeReader())
    let camera = Task { await enrol.run(reader: reader) }
    #expect(await eventually { enrol.camera.state == .running })
    reader.show(FrameReading(foreign: "https://example.com/"))
    test.camera.frame()
    #expect(await eventually { enrol.stranger != nil })
    reader.show(FrameReading(foreign: "https://kokoni.example.jp/enrol#ABC"))
    test.camera.frame()
    #expect(await eventually { app.screens != nil })
    camera.cancel()
    task.cancel()
  }

  @Test func aCodeThatDoesNotHoldSaysSoAndCanBeTriedAgain() async throws {
    let test = TestPhone(enrolled: false)
    let (app, task) = await running(test)
    let enrol = try #require(app.enrolScreen)
    test.kokoni.isOnline = false
    await enrol.enrol(link: "https://kokoni.example.jp/enrol#ABC")
    #expect(enrol.failure?.reason == .offline(obstacle: "unreachable"))
    test.kokoni.isOnline = true
    await enrol.enrol(link: "https://kokoni.example.jp/enrol#ABC")
    #expect(enrol.failure == nil)
    #expect(app.screens != nil)
    task.cancel()
  }

  @Test func managedSettingsEnrolWithoutTyping() async throws {
    let test = TestPhone(enrolled: false)
    let (app, task) = await running(test)
    #expect(app.enrolScreen != nil)
    test.managed.values.value = ["enrolment_link": "https://kokoni.example.jp/enrol#ABC"]
    await app.activated()
    #expect(app.screens != nil)
    #expect(test.managed.answers.value.map(\.key) == ["enrolment_link"])
    task.cancel()
  }

  @Test func managedSettingsThatWereThereBeforeTheFirstStartEnrolAtOnce() async throws {
    let test = TestPhone(enrolled: false)
    test.managed.values.value = ["enrolment_link": "https://kokoni.example.jp/enrol#ABC"]
    let (app, task) = await running(test)
    #expect(await eventually { app.screens != nil })
    task.cancel()
  }

  @Test func aDatabaseWhoseKeyIsGoneIsErasedAndThePhoneEnrolsAgain() async throws {
    let test = TestPhone(enrolled: false)
    test.core.failures.value = [.keyMissing]
    let (app, task) = await running(test)
    #expect(test.core.erased.value == 1)
    #expect(app.hasLostKey)
    #expect(app.enrolScreen != nil)
    task.cancel()
  }

  @Test func aLockedKeychainIsWaitedForAndNothingIsErased() async throws {
    let test = TestPhone()
    test.core.failures.value = [.secretsLocked]
    let (app, task) = await running(test)
    guard case .locked = app.stage else {
      Issue.record("the app shows \(app.stage)")
      return
    }
    await app.activated()
    #expect(app.screens != nil)
    #expect(test.core.erased.value == 0)
    task.cancel()
  }

  @Test func aCoreThatCannotBeOpenedSaysWhyAndCanBeTriedAgain() async throws {
    let test = TestPhone()
    test.core.failures.value = [.storageFromTheFuture]
    let (app, task) = await running(test)
    guard case .stopped(let failure) = app.stage else {
      Issue.record("the app shows \(app.stage)")
      return
    }
    #expect(failure.reason == .storageFromTheFuture)
    await app.tryAgain()
    #expect(app.screens != nil)
    task.cancel()
  }

  @Test(arguments: [KokoniFailure.Reason.storageFromTheFuture, .secretsLocked])
  func afterATryAgainTheScreensFollowWhatChangesAndAreKeptSynced(
    reason: KokoniFailure.Reason
  ) async throws {
    let test = TestPhone()
    test.core.failures.value = [reason]
    let (app, task) = await running(test)
    let synced = Task { await app.keepSynced() }
    await app.tryAgain()
    #expect(app.screens != nil)
    _ = try await test.kokoni.scan(label: Labels.seat)
    #expect(
      await eventually {
        app.screens?.scan.chip?.place == "3階 A-1" && app.screens?.scan.chip?.waiting == 0
      })
    synced.cancel()
    task.cancel()
    _ = await (synced.value, task.value)
  }

  @Test func callsThatComeTogetherOpenTheCoreOnce() async throws {
    let test = TestPhone()
    let app = AppModel(phone: test.phone, language: .japanese)
    async let first: Void = app.refreshInBackground()
    async let second: Void = app.activated()
    async let third: Void = app.silenceReminders()
    _ = await (first, second, third)
    #expect(test.core.opened.value == 1)
  }

  @Test func aLinkToALabelLandsWhereAScanLands() async throws {
    let (app, task) = await running(TestPhone())
    app.screens?.path = [.people]
    await app.open(link: "https://kokoni.example.jp/q/\(Labels.seat)")
    #expect(app.screens?.place == .scan)
    #expect(app.screens?.cards.card?.record != nil)
    task.cancel()
  }

  @Test func aLinkThatStartedTheAppIsFollowedOnceTheCoreIsOpen() async throws {
    let test = TestPhone()
    let app = AppModel(phone: test.phone, language: .japanese)
    await app.open(link: "https://kokoni.example.jp/q/\(Labels.seat)")
    let task = Task { await app.run() }
    #expect(await eventually { app.screens?.cards.card?.record != nil })
    task.cancel()
  }

  @Test func aLabelOfAnotherOrganisationIsNamedAndNothingIsSaved() async throws {
    let (app, task) = await running(TestPhone())
    await app.open(link: "https://other.example.jp/q/\(Labels.seat)")
    #expect(app.linkNotice == .otherOrganisation(host: "other.example.jp"))
    #expect(app.screens?.cards.card == nil)
    await app.screens?.today.look()
    #expect(app.screens?.today.day?.waiting == [])
    task.cancel()
  }

  @Test func strangeLinksAreNamed() async throws {
    let (app, task) = await running(TestPhone())
    await app.open(link: "https://example.com/")
    #expect(app.linkNotice == .unknown)
    app.acknowledgeLink()
    #expect(app.linkNotice == nil)
    task.cancel()
  }

  @Test func anEnrolmentLinkOnSomebodysPhoneAsksFirst() async throws {
    let (app, task) = await running(TestPhone())
    let link = "https://kokoni.example.jp/enrol#ABC"
    await app.open(link: link)
    let question = "この端末を kokoni.example.jp に登録します。"
    #expect(app.linkNotice == .alreadyEnrolled(link: link, question: question))
    #expect(app.screens != nil)
    await app.enrolAgain()
    #expect(await eventually { app.screens != nil && app.linkNotice == nil })
    task.cancel()
  }

  @Test func anInvitationBeforeSomebodysCameraIsAskedAboutAndAStrangersCodeIsNamed() async throws {
    let (test, reader) = (TestPhone(), FakeReader())
    let (app, running) = await running(test)
    let screens = try #require(app.screens)
    let task = Task { await screens.scan.run(reader: reader) }
    #expect(await eventually { screens.scan.camera.state == .running })
    reader.show(FrameReading(foreign: "https://example.com/"))
    test.camera.frame()
    #expect(await eventually { screens.cards.card?.title == "ココニのラベルではありません" })
    #expect(app.linkNotice == nil)
    screens.cards.putAway()
    let link = "https://other.example.jp/enrol#0123456789ABCDEFGHJKMNPQRS"
    reader.show(FrameReading(foreign: link))
    test.camera.frame()
    let question = "この端末を other.example.jp に登録します。"
    let asked = AppModel.LinkNotice.alreadyEnrolled(link: link, question: question)
    #expect(await eventually { app.linkNotice == asked })
    #expect(screens.cards.card == nil)
    #expect(screens === app.screens)
    task.cancel()
    running.cancel()
  }

  @Test func enrollingAnewCanBeLeft() async throws {
    let (app, task) = await running(TestPhone())
    app.enrolAnew()
    #expect(app.enrolScreen != nil)
    #expect(app.canLeaveEnrolling)
    await app.leaveEnrolling()
    #expect(app.screens != nil)
    task.cancel()
  }

  @Test func aLabelsLinkOnNobodysPhoneSaysToEnrolFirst() async throws {
    let (app, task) = await running(TestPhone(enrolled: false))
    await app.open(link: "https://kokoni.example.jp/q/\(Labels.seat)")
    #expect(app.linkNotice == .enrolFirst)
    task.cancel()
  }

  @Test func remindersAreThoseOfTheCoreAndGoneAfterAScan() async throws {
    let test = TestPhone()
    let (app, task) = await running(test)
    let notifications = test.notifications
    #expect(await eventually { notifications.scheduled.value.map(\.id) == ["no-record"] })
    await app.screens?.cards.take(label: Labels.seat, via: .camera)
    #expect(await eventually { notifications.scheduled.value.isEmpty })
    task.cancel()
  }

  @Test func thePersonIsAskedOnceThereIsSomethingToRemindOf() async throws {
    let test = TestPhone()
    let (app, task) = await running(test)
    let reminders = try #require(app.screens?.reminders)
    #expect(await eventually { reminders.shouldAsk })
    await reminders.ask()
    #expect(!reminders.shouldAsk)
    #expect(reminders.permission == .granted)
    task.cancel()
  }

  @Test func aReminderCanBeSilencedUntilTomorrow() async throws {
    let test = TestPhone()
    let (app, task) = await running(test)
    let notifications = test.notifications
    #expect(await eventually { notifications.scheduled.value.count == 1 })
    await app.silenceReminders()
    #expect(notifications.scheduled.value.isEmpty)
    task.cancel()
  }

  @Test func theBackgroundSendsWhatWaitsAndPlansAnew() async throws {
    let test = TestPhone()
    _ = try await test.kokoni.scan(label: Labels.seat)
    let app = AppModel(phone: test.phone, language: .japanese)
    await app.refreshInBackground()
    #expect(try await test.kokoni.waiting().isEmpty)
    #expect(test.notifications.replaced.value > 0)
  }

  @Test func comingToTheFrontSyncsSoon() async throws {
    let test = TestPhone()
    let (app, task) = await running(test)
    await app.activated()
    #expect(test.kokoni.syncsAskedFor == 1)
    task.cancel()
  }

  @Test func signingOutAsksFirstAndThenErasesAndForgetsTheReminders() async throws {
    let test = TestPhone()
    let (app, task) = await running(test)
    test.kokoni.isOnline = false
    _ = try await test.kokoni.scan(label: Labels.item)
    let settings = try #require(app.screens?.settings)
    await settings.askToSignOut()
    #expect(settings.isAskingToSignOut)
    #expect(settings.wouldLose == 1)
    #expect(app.screens != nil)
    await settings.signOut()
    #expect(app.enrolScreen != nil)
    #expect(test.notifications.scheduled.value.isEmpty)
    task.cancel()
  }

  @Test func signingOutThatFailsErasesNothing() async throws {
    let test = TestPhone()
    let (app, task) = await running(test)
    let settings = try #require(app.screens?.settings)
    // Nobody else is to meet the failure.
    task.cancel()
    await task.value
    test.kokoni.failNext(.secretsFailed)
    await settings.signOut()
    #expect(settings.failure?.reason == .secretsFailed)
    #expect(app.screens != nil)
  }

  @Test func theScreensFollowWhatChanges() async throws {
    let test = TestPhone()
    let (app, task) = await running(test)
    _ = try await test.kokoni.scan(label: Labels.seat)
    #expect(await eventually { app.screens?.scan.chip?.place == "3階 A-1" })
    #expect(await eventually { app.screens?.today.day?.whereabouts == .present })
    #expect(await eventually { app.screens?.floors.floors.first?.mine == true })
    task.cancel()
  }

  @Test func whatWasInSightIsThereAgainAfterTheProcessEnded() async throws {
    let test = TestPhone()
    let (app, task) = await running(test)
    await app.screens?.cards.take(label: Labels.item, via: .camera)
    await app.screens?.cards.take(label: Labels.item, via: .camera)
    let saved = try #require(app.screens?.saved)
    task.cancel()
    let again = AppModel(phone: test.phone, language: .japanese)
    again.restore(saved)
    let second = Task { await again.run() }
    #expect(await eventually { again.screens?.cards.proposes == true })
    #expect(again.screens?.cards.card?.meaning == .giveBack)
    second.cancel()
  }

  @Test func theRowAtTheThumbIsMirroredForTheLeftHandAndAColumnIsNot() {
    let right = Control.atTheThumb(leftHanded: false, inAColumn: false)
    #expect(right.first == .torch)
    #expect(Set(right).count == right.count)
    #expect(Control.atTheThumb(leftHanded: true, inAColumn: false) == right.reversed())
    #expect(Control.atTheThumb(leftHanded: true, inAColumn: true) == right)
  }

  @Test func everyControlLeadsSomewhereAndBackLeadsToTheCamera() async throws {
    let (app, task) = await running(TestPhone())
    let screens = try #require(app.screens)
    for (control, place) in [
      (Control.typing, Place.typedCode), (.today, .today), (.people, .people), (.floors, .floors),
      (.settings, .settings),
    ] {
      await screens.tap(control)
      #expect(screens.place == place)
      await screens.tap(.back)
      #expect(screens.place == .scan)
    }
    screens.show(floor: "floor-3")
    #expect(screens.place == .floor("floor-3"))
    task.cancel()
  }
}
