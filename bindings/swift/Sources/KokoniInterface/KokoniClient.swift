// The protocol an app is written against. `Kokoni` of KokoniKit is the real one; `FakeKokoni` serves
// previews and tests.

import Foundation

/// How long a call that asks the server waits if nothing else is said.
public let defaultDeadline: Duration = .seconds(30)

/// Kokoni, as an app sees it.
///
/// Every call may be made from any task; none blocks the thread it is called on. Calls with a
/// `deadline` ask the server; cancelling their task ends them soon, with ``KokoniFailure/Reason/cancelled``.
/// The others only use what the phone knows and take milliseconds: cancelling keeps them from
/// beginning, but what has begun is finished, and what was saved is told.
public protocol KokoniClient: AnyObject, Sendable {
  /// The language of every text.
  var language: Language { get set }

  // MARK: Whose phone this is

  /// Whose phone this is; nil before enrolment.
  func enrolment() async throws(KokoniFailure) -> Enrolment?
  /// What a person reads before an enrolment by link: where it leads, and what of this phone's would
  /// be lost. Asks no server.
  func enrolQuestion(link: String) async throws(KokoniFailure) -> String
  /// Enrols with a link as enrolment codes have it: `https://HOST/enrol#CODE`.
  func enrol(link: String, deadline: Duration) async throws(KokoniFailure) -> Enrolment
  /// Enrols with a code typed by hand.
  func enrol(server: String, code: String, deadline: Duration) async throws(KokoniFailure)
    -> Enrolment
  /// Takes over the values of a device management; they may be given again and again.
  func configure(managed: [String: String]) async throws(KokoniFailure) -> Configured
  /// Enrols with the values of a device management, once ``Configured/canEnrol`` says so.
  func enrolManaged(deadline: Duration) async throws(KokoniFailure) -> Enrolment
  /// Signs the device out and erases everything on it.
  func signOutAndWipe(deadline: Duration) async throws(KokoniFailure)

  // MARK: Scanning

  /// A reader for one camera, which knows the labels that exist.
  ///
  /// - Parameter budget: how long it may take for a frame; 20 ms suit most phones.
  func labelReader(budget: Duration) async throws(KokoniFailure) -> any LabelReader
  /// Decides what a scan means, and saves it if that needs no tap.
  func scan(label: String, via: Via) async throws(KokoniFailure) -> ScanCard
  /// Decides the same, and saves nothing.
  func preview(label: String) async throws(KokoniFailure) -> ScanCard
  /// Saves what a card proposed. If the scan means something else by now, saves nothing and returns
  /// the card that says so.
  func confirm(label: String, meaning: ScanMeaning, via: Via) async throws(KokoniFailure)
    -> ScanCard
  /// Takes back what was saved, until ``ScanCard/undoUntil``.
  func undo(record: String) async throws(KokoniFailure) -> ScanCard
  /// What there is to say of a code that is no label.
  func foreignCard(text: String) -> ScanCard
  /// What there is to say of a code while it is being typed.
  func typedCode(_ text: String) -> TypedCode
  /// Where a link leads that was opened with this app.
  func route(link: String) async throws(KokoniFailure) -> Route
  /// What a hint tells the person to do.
  func text(of hint: Hint) -> String

  // MARK: Looking

  /// The one line that is always in sight.
  func chip() async throws(KokoniFailure) -> Chip
  /// The person's day.
  func today() async throws(KokoniFailure) -> TodayView
  /// What the person has borrowed.
  func myLoans() async throws(KokoniFailure) -> [LoanLine]
  /// What waits to be sent.
  func waiting() async throws(KokoniFailure) -> [WaitingLine]
  /// What the server refused.
  func rejected() async throws(KokoniFailure) -> [RejectedLine]
  /// Sends a refused record once more.
  func resend(record: String) async throws(KokoniFailure) -> ScanCard
  /// Takes a refused record off the list.
  func dismiss(record: String) async throws(KokoniFailure)
  /// What was lost to a damaged database, in sentences, until ``lossesTold()``.
  func losses() async throws(KokoniFailure) -> [String]
  /// The person has been told of the losses.
  func lossesTold() async throws(KokoniFailure)
  /// People whose name, reading, section or extension matches; without whereabouts.
  func people(matching query: String) async throws(KokoniFailure) -> [PersonLine]
  /// The floors of the organisation.
  func floors() async throws(KokoniFailure) -> [FloorLine]
  /// How things stand between phone and server.
  func status() async throws(KokoniFailure) -> SyncStatus
  /// At most 50 reminders, soonest first; they replace all that were scheduled before.
  func reminders() async throws(KokoniFailure) -> [ReminderPlan]
  /// No reminders before then.
  func snoozeReminders(until: Date) async throws(KokoniFailure)
  /// JSON for support, without personal data.
  func diagnostics() async throws(KokoniFailure) -> String

  // MARK: Asking the server

  /// People who match, with whereabouts.
  func peopleNow(matching query: String, deadline: Duration) async throws(KokoniFailure)
    -> [PersonLine]
  /// A floor as it is now.
  func floorNow(_ floor: String, deadline: Duration) async throws(KokoniFailure) -> FloorView
  /// Sends what waits and brings what is new. Offline, sign-in needed and the like are outcomes.
  func sync(deadline: Duration) async throws(KokoniFailure) -> SyncOutcome
  /// Syncs by itself for as long as the calling task is not cancelled; then returns.
  func keepSynced() async throws(KokoniFailure)
  /// Lets ``keepSynced()`` try at once: the network is back, the app is in front, the person asks.
  func syncSoon()

  // MARK: Hearing of changes, and the end

  /// Hears of changes from now until the sequence is no longer held.
  func changes() -> Changes
  /// Closes the database and ends every sequence; later calls fail with
  /// ``KokoniFailure/Reason/shutDown``.
  func shutDown() async
}

extension KokoniClient {
  /// Enrols with a link, within ``defaultDeadline``.
  public func enrol(link: String) async throws(KokoniFailure) -> Enrolment {
    try await enrol(link: link, deadline: defaultDeadline)
  }

  /// Enrols with a typed code, within ``defaultDeadline``.
  public func enrol(server: String, code: String) async throws(KokoniFailure) -> Enrolment {
    try await enrol(server: server, code: code, deadline: defaultDeadline)
  }

  /// Enrols with the values of a device management, within ``defaultDeadline``.
  public func enrolManaged() async throws(KokoniFailure) -> Enrolment {
    try await enrolManaged(deadline: defaultDeadline)
  }

  /// Signs the device out and erases everything on it, within ``defaultDeadline``.
  public func signOutAndWipe() async throws(KokoniFailure) {
    try await signOutAndWipe(deadline: defaultDeadline)
  }

  /// A reader for one camera, with 20 ms for a frame.
  public func labelReader() async throws(KokoniFailure) -> any LabelReader {
    try await labelReader(budget: .milliseconds(20))
  }

  /// Saves a scan by the camera.
  public func scan(label: String) async throws(KokoniFailure) -> ScanCard {
    try await scan(label: label, via: .camera)
  }

  /// People who match, with whereabouts, within ``defaultDeadline``.
  public func peopleNow(matching query: String) async throws(KokoniFailure) -> [PersonLine] {
    try await peopleNow(matching: query, deadline: defaultDeadline)
  }

  /// A floor as it is now, within ``defaultDeadline``.
  public func floorNow(_ floor: String) async throws(KokoniFailure) -> FloorView {
    try await floorNow(floor, deadline: defaultDeadline)
  }

  /// Sends what waits and brings what is new, within ``defaultDeadline``.
  public func sync() async throws(KokoniFailure) -> SyncOutcome {
    try await sync(deadline: defaultDeadline)
  }
}
