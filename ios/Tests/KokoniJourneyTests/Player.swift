// Plays a journey: the part of the person, of the system, and of the views.

import Foundation
import KokoniInterface
import KokoniScreens
import Testing

/// A step that nobody taught this player.
struct UnknownStep: Error {
  let step: String
}

@MainActor
final class Player {
  private let core = JourneyCore()
  private let camera = JourneyCamera()
  private let notifications = JourneyNotifications()
  private let managed = JourneyManaged()
  private let clock = JourneyClock()
  private let server: Server
  /// A second organisation's; made when a step names it.
  private lazy var other = Result { try Server(host: Server.otherHost) }
  private let language: KokoniInterface.Language
  private var app: AppModel
  /// What the views run while the app is in front.
  private var views: [Task<Void, Never>] = []
  /// The reminder that the clock was moved up to.
  private var awaited: ReminderPlan?

  init(_ journey: Journey) throws {
    server = try Server()
    language = journey.language == "ja" ? .japanese : .english
    let phone = Phone(
      core: core, camera: camera, cues: SilentCues(), notifications: notifications,
      managed: managed, clock: clock)
    makeApp = { [language] in AppModel(phone: phone, language: language) }
    app = makeApp()
  }

  private let makeApp: @MainActor () -> AppModel

  /// Ends the app and the server.
  func end() async {
    await close()
    server.stop()
    try? other.get().stop()
  }

  func play(_ step: [String: Value], _ what: String) async throws {
    let (name, value) = try #require(step.first)
    try #require(step.count == 1, "\(what)")
    if try await act(name, value, what) { return }
    guard let sees = try await sight(name, value) else { throw UnknownStep(step: what) }
    let end = ContinuousClock.now + .seconds(20)
    while try await !sees() {
      guard ContinuousClock.now < end else {
        Issue.record("not seen: \(what); the app shows \(summary)")
        throw UnknownStep(step: what)
      }
      try await Task.sleep(for: .milliseconds(20))
    }
  }

  // MARK: Done

  private func act(_ name: String, _ value: Value, _ what: String) async throws -> Bool {
    switch (name, value.text) {
    case ("server", "start"): try server.start()
    case ("server", "stop"): server.stop()
    case ("other_server", "start"): try other.get().start()
    case ("open_invitation", "other"): await app.open(link: try other.get().invitation().link)
    case ("answer", "yes"): await app.enrolAgain()
    case ("answer", "no"): app.acknowledgeLink()
    case ("tap", "back") where app.enrolScreen != nil: await app.leaveEnrolling()
    case ("app", "open"): open()
    case ("app", "turn"): await turn()
    case ("app", "die"): await die()
    case ("lose", "key"):
      core.loseSecrets()
      await die()
    case ("manage", "enrolment"):
      managed.values.value = [
        "server_url": server.address, "enrolment_code": try server.invitation().typed,
      ]
      await app.activated()
    case ("enrol", "link"):
      try await until(what) { self.app.enrolScreen != nil }
      await app.open(link: try server.invitation().link)
    case ("camera", let answer?): camera.answer(answer == "allow" ? .granted : .refused)
    case ("show", let kind?): try await show(try await label(kind), of: Server.host, what)
    case ("show_foreign", let host?): try await show("ZZZZZZZZZZZZZZZZ", of: host, what)
    case ("type", let kind?): try await type(try await label(kind), what)
    case ("open_link", let kind?):
      let label = try await label(kind)
      await app.open(link: "https://\(Server.host)/q/\(label)")
    case ("tap", let control?): await (try screens).tap(try self.control(control))
    case ("sync", "now"): try await sync(what)
    case ("sleep_until_before_reminder", _):
      try await sleepUntil(minutes: try #require(value.number), what)
    default: return false
    }
    return true
  }

  /// Runs what the views run: the app, what is in front, and the camera of the screen in sight.
  private func open() {
    let app = app
    views = [
      Task { await app.run() },
      Task {
        await app.activated()
        await app.keepSynced()
      },
      Task { await self.runCamera(of: app) },
    ]
  }

  private func close() async {
    for task in views { task.cancel() }
    for task in views { await task.value }
    views = []
    await core.opened.change { $0.take() }?.shutDown()
  }

  /// The views are made anew; the models stay.
  private func turn() async {
    views.last?.cancel()
    await views.last?.value
    let app = app
    views[views.count - 1] = Task { await self.runCamera(of: app) }
  }

  /// The process ends; the system keeps what it keeps.
  private func die() async {
    let kept = app.screens?.saved.kept
    await close()
    camera.showDesk()
    app = makeApp()
    if let saved = kept.flatMap(SavedState.init(kept:)) { app.restore(saved) }
    open()
  }

  /// The camera's task lives as long as its screen is in sight.
  private func runCamera(of app: AppModel) async {
    var current: (screen: ObjectIdentifier, task: Task<Void, Never>)?
    while !Task.isCancelled {
      let wanted: (ObjectIdentifier, @MainActor () async -> Void)? =
        if let screens = app.screens {
          screens.path.isEmpty
            ? (ObjectIdentifier(screens.scan), { await screens.scan.run() }) : nil
        } else if let enrol = app.enrolScreen {
          (ObjectIdentifier(enrol), { await enrol.run() })
        } else {
          nil
        }
      if wanted?.0 != current?.screen {
        current?.task.cancel()
        await current?.task.value
        current = wanted.map { wanted in (wanted.0, Task { await wanted.1() }) }
      }
      try? await Task.sleep(for: .milliseconds(10))
    }
    current?.task.cancel()
    await current?.task.value
  }

  private func show(_ label: String, of host: String, _ what: String) async throws {
    let cards = try screens.cards
    try await until(what) { self.camera.isOpen }
    camera.showDesk()
    try await until(what) { self.camera.hasShownDesk }
    // A card that puts itself away meanwhile is no answer to the label.
    cards.putAway()
    try camera.show(label: label, of: host)
    try await until(what) { cards.card != nil || cards.failure != nil }
    camera.showDesk()
  }

  private func type(_ label: String, _ what: String) async throws {
    let screens = try screens
    for end in 1...label.count { screens.typedCode.type(String(label.prefix(end))) }
    screens.typedCode.type(try printed(label))
    try #require(screens.typedCode.canSubmit, "\(what): \(screens.typedCode.problem ?? "")")
    await screens.submitTypedCode()
  }

  /// One sync from the screen; if another one is under way, that one's end is awaited.
  private func sync(_ what: String) async throws {
    try await until(what) { self.app.screens != nil }
    while try await core.opened.value?.sync().end == .alreadyRunning {
      try await Task.sleep(for: .milliseconds(20))
    }
    await (try screens).today.sync()
  }

  private func sleepUntil(minutes: Double, _ what: String) async throws {
    try await until(what) { !self.notifications.scheduled.value.isEmpty }
    let next = try #require(notifications.scheduled.value.first)
    let ahead = next.at.timeIntervalSince(clock.now()) - minutes * 60
    clock.forward(by: ahead)
    core.forward(by: ahead)
    awaited = next
    await app.activated()
  }

  // MARK: Seen

  private func sight(
    _ name: String, _ value: Value
  ) async throws -> (@MainActor () async throws -> Bool)? {
    switch (name, value) {
    case ("screen", .text(let screen)): { self.screenInFront == screen }
    case ("finder", .text("live")): { self.app.screens?.scan.camera.state == .running }
    case ("finder", .text("permission_needed")):
      { self.app.screens?.scan.camera.state == .refused }
    case ("card", .nothing): { self.app.screens.map { $0.cards.card == nil } ?? false }
    case ("card", .members(let members)): { self.shows(card: members) }
    case ("chip", .members(let members)): { self.shows(chip: members) }
    case ("waiting", .number(let count)):
      { self.app.screens?.today.day?.waiting.count == Int(count) }
    case ("rejected", .number(let count)):
      { self.app.screens?.today.day?.rejected.count == Int(count) }
    case ("whereabouts", .text(let text)):
      { (self.app.screens?.today.day?.whereabouts).map { words(of: $0) } == text }
    case ("enrolled", .truth(let truth)):
      {
        let enrolment = try await self.core.opened.value?.enrolment()
        return (enrolment != nil) == truth && (self.app.screens != nil) == truth
      }
    case ("asked", .text("other")): { try await self.asksAboutTheOther() }
    case ("refused", .text("records_wait")):
      { self.app.enrolScreen?.failure?.reason == .othersRecordsWait(1) }
    case ("organisation", .text(let host)):
      { try await self.core.opened.value?.enrolment()?.labelHost == host }
    case ("next_reminder", .text(let text)):
      {
        let isScheduled = self.notifications.scheduled.value.contains { $0.id == self.awaited?.id }
        return isScheduled == (text == "kept")
      }
    case ("described", .text("all")): { try self.everythingIsDescribed() }
    default: nil
    }
  }

  private func asksAboutTheOther() async throws -> Bool {
    guard case .alreadyEnrolled(_, let question)? = app.linkNotice else { return false }
    let here = try #require(await core.opened.value?.enrolment()).organisationName
    let there = try other.get().address.dropFirst("http://".count)
    return question.contains(here) && question.contains(there)
  }

  private var screenInFront: String {
    guard let screens = app.screens else { return app.enrolScreen == nil ? "none" : "enrol" }
    return switch screens.place {
    case .scan: "scan"
    case .typedCode: "typing"
    case .today: "today"
    case .people: "people"
    case .floors: "floors"
    case .floor: "floor"
    case .settings: "settings"
    }
  }

  private func shows(card members: [String: Value]) -> Bool {
    guard let cards = app.screens?.cards, let card = cards.card else { return false }
    return members.allSatisfy { name, value in
      switch name {
      case "tone": value.text == words(of: card.tone)
      case "meaning": value.text == card.meaning.map { words(of: $0) }
      case "saved": value.truth == (card.record != nil)
      case "undo": value.truth == cards.canUndo
      case "confirm": value.truth == cards.proposes
      default: false
      }
    }
  }

  private func shows(chip members: [String: Value]) -> Bool {
    guard let chip = app.screens?.scan.chip else { return false }
    return members.allSatisfy { name, value in
      switch name {
      case "waiting": value.number == Double(chip.waiting)
      case "rejected": value.number == Double(chip.rejected)
      default: false
      }
    }
  }

  /// What is in sight has words: the fixed ones in both languages, the core's not empty.
  private func everythingIsDescribed() throws -> Bool {
    let catalogue = try Words.catalogue()
    let fixed = Control.allCases.map(\.phrase) + Phrase.allCases
    guard fixed.allSatisfy({ catalogue[$0.rawValue] == ["en", "ja"] }) else { return false }
    guard let screens = app.screens else { return app.enrolScreen != nil }
    let said = [
      screens.scan.chip.map(\.spoken), screens.cards.card.map(\.title),
      screens.today.day.map(\.headline), screens.today.day.map(\.dateText),
    ].compactMap { $0 }
    return !said.isEmpty && said.allSatisfy { !$0.isEmpty }
  }

  private var summary: String {
    let cards = app.screens?.cards
    return """
      \(screenInFront), card \(String(describing: cards?.card)), \
      failure \(String(describing: cards?.failure ?? app.enrolScreen?.failure)), \
      chip \(String(describing: app.screens?.scan.chip)), \
      camera \(String(describing: app.screens?.scan.camera.state))
      """
  }

  // MARK: Names

  private var screens: EnrolledScreens {
    get throws { try #require(app.screens, "the phone is not enrolled") }
  }

  /// The label of a kind, once a sync has brought it.
  private func label(_ kind: String) async throws -> String {
    let (kind, index) = kind == "other_seat" ? ("seat", 1) : (kind, 0)
    try await until("the phone knows no \(kind)") {
      ((try? self.core.labels(kind)) ?? []).count > index
    }
    return try core.labels(kind)[index]
  }

  private func control(_ name: String) throws -> Control {
    let controls: [String: Control] = [
      "confirm": .confirm, "undo": .undo, "close_card": .closeCard, "torch": .torch,
      "typing": .typing, "today": .today, "people": .people, "floors": .floors,
      "settings": .settings, "back": .back,
    ]
    return try #require(controls[name], "no control is called \(name)")
  }

  private func until(_ what: String, _ isTrue: () -> Bool) async throws {
    let end = ContinuousClock.now + .seconds(20)
    while !isTrue() {
      try #require(ContinuousClock.now < end, "\(what); the app shows \(summary)")
      try await Task.sleep(for: .milliseconds(10))
    }
  }
}

/// As the journeys write it.
private func words(of value: some Any) -> String {
  "\(value)".reduce(into: "") { $0 += $1.isUppercase ? "_\($1.lowercased())" : String($1) }
}

/// A label as it is printed: in groups of four, with Crockford's check symbol.
private func printed(_ label: String) throws -> String {
  let symbols = Array("0123456789ABCDEFGHJKMNPQRSTVWXYZ*~$=U")
  var rest = 0
  for character in label {
    rest = (rest * 32 + (try #require(symbols.firstIndex(of: character)))) % 37
  }
  let all = Array(label + String(symbols[rest]))
  return stride(from: 0, to: all.count, by: 4)
    .map { String(all[$0..<min($0 + 4, all.count)]) }.joined(separator: "-")
}

/// The languages of each fixed phrase.
private enum Words {
  static func catalogue() throws -> [String: Set<String>] {
    let package = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
      .deletingLastPathComponent().deletingLastPathComponent()
    let data = try Data(
      contentsOf: package.appendingPathComponent("Resources/Localizable.xcstrings"))
    let json = try JSONSerialization.jsonObject(with: data) as? [String: Any]
    let strings = try #require(json?["strings"] as? [String: [String: Any]])
    return strings.compactMapValues { ($0["localizations"] as? [String: Any]).map { Set($0.keys) } }
  }
}
