// The app: opens the core, decides between enrolling and the screens, follows links and management.

import Foundation
import KokoniInterface
import Observation

/// The app.
///
/// The view runs ``run()`` for as long as the app lives and ``keepSynced()`` while it is in front;
/// the system's calls end in ``activated()``, ``open(link:)``, ``refreshInBackground()`` and
/// ``silenceReminders()``.
@MainActor
@Observable
public final class AppModel {
  /// What the app shows.
  public enum Stage {
    /// The core is being opened.
    case opening
    /// The phone was not unlocked since it was started: the keychain cannot be read yet.
    case locked
    /// The core cannot be opened; the person must know, and can try again.
    case stopped(KokoniFailure)
    /// The phone is nobody's yet.
    case enrolling(EnrolScreen)
    /// The phone is somebody's.
    case enrolled(EnrolledScreens)
  }

  /// What a person is told of a link that was opened.
  public enum LinkNotice: Hashable, Sendable {
    /// It belongs to another organisation.
    case otherOrganisation(host: String)
    /// It is a label, but the phone is nobody's yet.
    case enrolFirst
    /// It enrols, but the phone is somebody's; ``AppModel/enrolAgain()`` does it all the same. The
    /// question says where it leads and what would be lost.
    case alreadyEnrolled(link: String, question: String)
    /// It is nothing that Kokoni knows.
    case unknown
  }

  /// What the app shows.
  public private(set) var stage = Stage.opening
  /// What there is to say of a link that was opened.
  public private(set) var linkNotice: LinkNotice?
  /// Whether the screen that enrols can be left, for the phone is somebody's already.
  public private(set) var canLeaveEnrolling = false
  /// Whether the phone had lost its key, so that what was kept here was erased.
  public private(set) var hasLostKey = false
  /// The language of every text.
  public private(set) var language: Language

  @ObservationIgnored private let phone: Phone
  @ObservationIgnored private var client: (any KokoniClient)?
  /// What changes in the core, from before the first look on, so that no change falls between.
  @ObservationIgnored private var changes: Changes?
  /// A link that came before the core was open.
  @ObservationIgnored private var earlyLink: String?
  /// What was in sight when the process ended, until it is shown again.
  @ObservationIgnored private var restoring: SavedState?
  @ObservationIgnored private var managed: [String: String] = [:]
  @ObservationIgnored private var opening: Task<Void, Never>?
  /// Who waits for the core to be open.
  @ObservationIgnored private var toldWhenOpen: [AsyncStream<Void>.Continuation] = []

  /// The app on this phone; nothing happens before ``run()``.
  public init(phone: Phone, language: Language) {
    self.phone = phone
    self.language = language
  }

  /// The screens, if the phone is somebody's.
  public var screens: EnrolledScreens? {
    if case .enrolled(let screens) = stage { screens } else { nil }
  }

  /// The screen that enrols, if the phone is nobody's.
  public var enrolScreen: EnrolScreen? {
    if case .enrolling(let screen) = stage { screen } else { nil }
  }

  // MARK: What the view runs

  /// Opens the core and follows its changes until the task is cancelled.
  public func run() async {
    while !Task.isCancelled {
      await openCore()
      // Where it cannot be opened now, another try of the person's or the system's may do it.
      await untilOpen()
      guard let client, let changes else { continue }
      for await topics in changes {
        if topics.contains(.identity) { await lookWhose() }
        await screens?.look(at: topics)
      }
      // Unless the core was shut down to be opened anew, this is the end.
      if self.client === client { return }
    }
  }

  /// Syncs by itself until the task is cancelled: while the app is in front.
  public func keepSynced() async {
    await openCore()
    await untilOpen()
    try? await client?.keepSynced()
  }

  /// Shows again what the system kept when the process ended. Call it before ``run()``.
  public func restore(_ saved: SavedState) {
    restoring = saved
  }

  // MARK: What the system calls

  /// The app is in front again: whatever happened meanwhile is looked at.
  public func activated() async {
    await openCore()
    if await configure() { await openAnew() }
    client?.syncSoon()
    await screens?.look()
  }

  /// A shortcut leads to these screens above the camera; at once, or when the core is open.
  public func go(to path: [Place]) {
    if let screens { screens.path = path } else { restoring = SavedState(path: path) }
  }

  /// A link was opened with the app.
  public func open(link: String) async {
    linkNotice = nil
    guard let client, screens != nil || enrolScreen != nil else { return earlyLink = link }
    guard let route = try? await client.route(link: link) else { return linkNotice = .unknown }
    switch (route, stage) {
    case (.label(let label), .enrolled(let screens)): await screens.open(label: label)
    case (.label, _): linkNotice = .enrolFirst
    case (.enrol(let link), .enrolling(let screen)): await screen.enrol(link: link)
    case (.enrol(let link), _): await askToEnrol(link: link)
    case (.otherOrganisation(let host), _): linkNotice = .otherOrganisation(host: host)
    case (.signIn, _), (.unknown, _): linkNotice = .unknown
    }
  }

  private func askToEnrol(link: String) async {
    let question = try? await client?.enrolQuestion(link: link)
    linkNotice = question.map { .alreadyEnrolled(link: link, question: $0) } ?? .unknown
  }

  /// The person has read what there is to say of the link.
  public func acknowledgeLink() {
    linkNotice = nil
  }

  /// Enrols anew with the link that was opened.
  public func enrolAgain() async {
    guard case .alreadyEnrolled(let link, _)? = linkNotice else { return }
    linkNotice = nil
    enrolAnew()
    await enrolScreen?.enrol(link: link)
  }

  /// Shows the screen that enrols though the phone is somebody's: the server asks for it. The core
  /// refuses another person while records of this one wait.
  public func enrolAnew() {
    guard let client, screens != nil else { return }
    canLeaveEnrolling = true
    stage = .enrolling(enrolScreen(of: client))
  }

  /// Goes back to the screens of the person whose phone this is.
  public func leaveEnrolling() async {
    guard canLeaveEnrolling else { return }
    await lookWhose()
  }

  /// The system gave the app a moment in the background: sends what waits, brings what is new, and
  /// plans the reminders. Ends soon when the task is cancelled.
  public func refreshInBackground() async {
    await openCore()
    guard let client, let screens else { return }
    _ = try? await client.sync(deadline: .seconds(20))
    await screens.reminders.replan()
  }

  /// The person asked a reminder for silence until tomorrow.
  public func silenceReminders() async {
    await openCore()
    await screens?.reminders.silenceToday()
  }

  /// Tries again after ``Stage/locked`` or ``Stage/stopped(_:)``.
  public func tryAgain() async {
    guard client == nil else { return }
    stage = .opening
    await openCore()
  }

  // MARK: Inside

  /// Opens the core if it is not open. Calls that come together open it once.
  private func openCore() async {
    if client != nil { return }
    if let opening { return await opening.value }
    let task = Task {
      await self.openOnce()
      // In one breath with what was shown, so that whoever tries again then is not waiting for this.
      self.opening = nil
    }
    opening = task
    await task.value
  }

  private func openOnce() async {
    managed = phone.managed.read()
    do {
      let client = try await openOrStartAnew()
      (self.client, changes) = (client, client.changes())
      for tell in toldWhenOpen { tell.yield() }
      toldWhenOpen = []
    } catch {
      let isLocked = error.reason == .secretsLocked
      stage = isLocked ? .locked : .stopped(error)
      return
    }
    await lookWhose()
    // It was opened with these values, so that nothing of them can ask to open it anew.
    _ = await configure(evenIfSame: true)
    if let link = earlyLink {
      earlyLink = nil
      await open(link: link)
    }
  }

  /// Waits until the core is open, whoever opens it; ends when the task is cancelled.
  private func untilOpen() async {
    guard client == nil else { return }
    let (opened, tell) = AsyncStream.makeStream(of: Void.self)
    toldWhenOpen.append(tell)
    for await _ in opened { return }
  }

  /// A database whose key is gone came here from another phone: nobody can read it, so it goes.
  private func openOrStartAnew() async throws(KokoniFailure) -> any KokoniClient {
    do {
      return try await phone.core.open(language: language, managed: managed)
    } catch {
      guard error.reason == .keyMissing else { throw error }
      try await phone.core.eraseAll(language: language)
      hasLostKey = true
      return try await phone.core.open(language: language, managed: managed)
    }
  }

  /// Decides between enrolling and the screens.
  private func lookWhose() async {
    guard let client else { return }
    let enrolment: Enrolment?
    do {
      enrolment = try await client.enrolment()
    } catch {
      if error.reason == .shutDown { return }
      return stage = .stopped(error)
    }
    switch (enrolment, stage) {
    case (let enrolment?, .enrolled(let screens)) where screens.settings.enrolment == enrolment:
      return
    case (let enrolment?, _):
      (canLeaveEnrolling, hasLostKey) = (false, false)
      let screens = EnrolledScreens(
        client: client, enrolment: enrolment, phone: phone,
        invited: { [weak self] link in await self?.open(link: link) },
        signedOut: { [weak self] in await self?.signedOut() })
      stage = .enrolled(screens)
      await screens.look()
      if let saved = restoring {
        restoring = nil
        await screens.restore(saved)
      }
    case (nil, .enrolling):
      canLeaveEnrolling = false
    case (nil, _):
      stage = .enrolling(enrolScreen(of: client))
    }
  }

  private func enrolScreen(of client: any KokoniClient) -> EnrolScreen {
    EnrolScreen(client: client, phone: phone) { [weak self] _ in await self?.lookWhose() }
  }

  private func signedOut() async {
    await phone.notifications.replaceAll([])
    await lookWhose()
  }

  /// Shuts the core down and opens it again.
  private func openAnew() async {
    guard let old = client else { return }
    client = nil
    await old.shutDown()
    await openCore()
  }

  /// Hands the values of the device management to the core when they have changed; says whether the
  /// core must be opened anew.
  private func configure(evenIfSame: Bool = false) async -> Bool {
    let values = phone.managed.read()
    guard let client, evenIfSame ? !values.isEmpty : values != managed else { return false }
    managed = values
    guard let configured = try? await client.configure(managed: values) else { return false }
    phone.managed.answer(configured.feedback)
    language = client.language
    if !configured.restartNeeded { await enrolScreen?.configured(configured) }
    return configured.restartNeeded
  }
}
