// The calls of the real client, one line each: which of the core's, and where it may block.

import Foundation
import KokoniInterface

// What the protocol says of each call is its documentation.
// swift-format-ignore: AllPublicDeclarationsHaveDocumentation
extension Kokoni {
  // MARK: Whose phone this is

  public func enrolment() async throws(KokoniFailure) -> Enrolment? {
    try await local { try $0.enrolment().map { Enrolment($0) } }
  }

  public func enrolQuestion(link: String) async throws(KokoniFailure) -> String {
    try await local { try $0.enrolQuestion(link: link) }
  }

  public func enrol(link: String, deadline: Duration) async throws(KokoniFailure) -> Enrolment {
    Enrolment(try await asking(within: deadline) { try $0.enrol(link: link, limits: $1) })
  }

  public func enrol(
    server: String, code: String, deadline: Duration
  ) async throws(KokoniFailure) -> Enrolment {
    Enrolment(
      try await asking(within: deadline) {
        try $0.enrolTyped(server: server, code: code, limits: $1)
      })
  }

  public func configure(managed: [String: String]) async throws(KokoniFailure) -> Configured {
    Configured(try await local { try $0.configure(managed: managed) })
  }

  public func enrolManaged(deadline: Duration) async throws(KokoniFailure) -> Enrolment {
    Enrolment(try await asking(within: deadline) { try $0.enrolManaged(limits: $1) })
  }

  public func signOutAndWipe(deadline: Duration) async throws(KokoniFailure) {
    try await asking(within: deadline) { try $0.signOutAndWipe(limits: $1) }
  }

  // MARK: Scanning

  public func labelReader(budget: Duration) async throws(KokoniFailure) -> any LabelReader {
    let core = core
    let reader = try await local { try $0.frameReader(budget: budget.seconds) }
    return FrameReader(core: reader) { CoreFunctions.language(of: core) }
  }

  public func scan(label: String, via: Via) async throws(KokoniFailure) -> ScanCard {
    ScanCard(try await local { try $0.scan(label: label, via: .init(via)) })
  }

  public func preview(label: String) async throws(KokoniFailure) -> ScanCard {
    ScanCard(try await local { try $0.preview(label: label) })
  }

  public func confirm(
    label: String, meaning: ScanMeaning, via: Via
  ) async throws(KokoniFailure) -> ScanCard {
    ScanCard(
      try await local {
        try $0.confirm(label: label, meaning: .init(meaning), via: .init(via))
      })
  }

  public func undo(record: String) async throws(KokoniFailure) -> ScanCard {
    ScanCard(try await local { try $0.undo(record: record) })
  }

  public func foreignCard(text: String) -> ScanCard {
    ScanCard(core.foreignCard(text: text))
  }

  public func typedCode(_ text: String) -> TypedCode {
    TypedCode(core.typedCode(text: text))
  }

  public func route(link: String) async throws(KokoniFailure) -> Route {
    Route(try await local { try $0.routeLink(link: link) })
  }

  public func text(of hint: Hint) -> String {
    CoreFunctions.text(of: hint, language)
  }

  // MARK: Looking

  public func chip() async throws(KokoniFailure) -> Chip {
    Chip(try await local { try $0.chip() })
  }

  public func today() async throws(KokoniFailure) -> TodayView {
    TodayView(try await local { try $0.today() })
  }

  public func myLoans() async throws(KokoniFailure) -> [LoanLine] {
    try await local { try $0.myLoans() }.map { LoanLine($0) }
  }

  public func waiting() async throws(KokoniFailure) -> [WaitingLine] {
    try await local { try $0.waiting() }.map { WaitingLine($0) }
  }

  public func rejected() async throws(KokoniFailure) -> [RejectedLine] {
    try await local { try $0.rejected() }.map { RejectedLine($0) }
  }

  public func resend(record: String) async throws(KokoniFailure) -> ScanCard {
    ScanCard(try await local { try $0.resend(record: record) })
  }

  public func dismiss(record: String) async throws(KokoniFailure) {
    try await local { try $0.dismiss(record: record) }
  }

  public func losses() async throws(KokoniFailure) -> [String] {
    try await local { try $0.losses() }
  }

  public func lossesTold() async throws(KokoniFailure) {
    try await local { try $0.lossesTold() }
  }

  public func people(matching query: String) async throws(KokoniFailure) -> [PersonLine] {
    try await local { try $0.people(query: query) }.map { PersonLine($0) }
  }

  public func floors() async throws(KokoniFailure) -> [FloorLine] {
    try await local { try $0.floors() }.map { FloorLine($0) }
  }

  public func status() async throws(KokoniFailure) -> SyncStatus {
    SyncStatus(try await local { try $0.status() })
  }

  public func reminders() async throws(KokoniFailure) -> [ReminderPlan] {
    try await local { try $0.reminders() }.map { ReminderPlan($0) }
  }

  public func snoozeReminders(until: Date) async throws(KokoniFailure) {
    try await local { try $0.snoozeReminders(until: until.withinReason) }
  }

  public func diagnostics() async throws(KokoniFailure) -> String {
    try await local { try $0.diagnostics() }
  }

  // MARK: Asking the server

  public func peopleNow(
    matching query: String, deadline: Duration
  ) async throws(KokoniFailure) -> [PersonLine] {
    try await asking(within: deadline) { try $0.peopleNow(query: query, limits: $1) }
      .map { PersonLine($0) }
  }

  public func floorNow(_ floor: String, deadline: Duration) async throws(KokoniFailure)
    -> FloorView
  {
    FloorView(try await asking(within: deadline) { try $0.floorNow(floor: floor, limits: $1) })
  }

  public func sync(deadline: Duration) async throws(KokoniFailure) -> SyncOutcome {
    SyncOutcome(try await asking(within: deadline) { try $0.sync(limits: $1) })
  }
}

extension Duration {
  /// As the core counts: never negative, at most thirty years.
  var seconds: TimeInterval {
    let (whole, attoseconds) = components
    return min(max(Double(whole) + Double(attoseconds) * 1e-18, 0), 1e9)
  }
}

extension Date {
  /// The nearest time that the core's whole seconds can tell; it refuses what lies outside of its
  /// calendar itself.
  var withinReason: Date {
    let seconds = timeIntervalSince1970
    guard seconds.isFinite else { return seconds < 0 ? .distantPast : .distantFuture }
    return Date(timeIntervalSince1970: min(max(seconds, -9e11), 9e11))
  }
}
