// The calls of the fake client.

import Foundation

// What the protocol says of each call is its documentation.
// swift-format-ignore: AllPublicDeclarationsHaveDocumentation
extension FakeKokoni {
  // MARK: Whose phone this is

  public func enrolment() async throws(KokoniFailure) -> Enrolment? {
    try call(enrolled: false) { $0.enrolment }
  }

  public func enrolQuestion(link: String) async throws(KokoniFailure) -> String {
    try call(enrolled: false) { _ in "この端末を \(URL(string: link)?.host ?? "") に登録します。" }
  }

  public func enrol(link: String, deadline: Duration) async throws(KokoniFailure) -> Enrolment {
    try enrol()
  }

  public func enrol(
    server: String, code: String, deadline: Duration
  ) async throws(KokoniFailure) -> Enrolment {
    try enrol()
  }

  public func enrolManaged(deadline: Duration) async throws(KokoniFailure) -> Enrolment {
    try enrol()
  }

  private func enrol() throws(KokoniFailure) -> Enrolment {
    try online(enrolled: false)
    let enrolment = office.enrolment
    return try change([.identity, .directory], enrolled: false) { state in
      state.enrolment = enrolment
      return enrolment
    }
  }

  public func configure(managed: [String: String]) async throws(KokoniFailure) -> Configured {
    try call(enrolled: false) { _ in
      Configured(
        canEnrol: managed["enrolment_link"] != nil, restartNeeded: false,
        feedback: managed.keys.sorted().map {
          SettingFeedback(key: $0, problem: false, text: $0)
        })
    }
  }

  public func signOutAndWipe(deadline: Duration) async throws(KokoniFailure) {
    try change([.identity, .queue], enrolled: false) { state in
      var empty = FakeState(now: state.now, enrolment: nil)
      (empty.listeners, empty.language) = (state.listeners, state.language)
      state = empty
    }
  }

  // MARK: Scanning

  public func labelReader(budget: Duration) async throws(KokoniFailure) -> any LabelReader {
    try call(enrolled: false) { _ in FakeReader() }
  }

  public func scan(label: String, via: Via) async throws(KokoniFailure) -> ScanCard {
    guard let known = office.labels.first(where: { $0.label == label }) else {
      return try call { _ in ScanCard(tone: .refusal, title: "知らないラベルです", label: label) }
    }
    let meaning = try call { $0.meaning(of: known) }
    // Leaving and giving back take a tap, as they do in the core.
    if meaning == .leave || meaning == .giveBack { return Self.proposal(meaning, known) }
    return try save(meaning, known)
  }

  public func preview(label: String) async throws(KokoniFailure) -> ScanCard {
    guard let known = office.labels.first(where: { $0.label == label }) else {
      return try call { _ in ScanCard(tone: .refusal, title: "知らないラベルです", label: label) }
    }
    return Self.proposal(try call { $0.meaning(of: known) }, known)
  }

  public func confirm(
    label: String, meaning: ScanMeaning, via: Via
  ) async throws(KokoniFailure) -> ScanCard {
    guard let known = office.labels.first(where: { $0.label == label }) else {
      return try call { _ in ScanCard(tone: .refusal, title: "知らないラベルです", label: label) }
    }
    let now = try call { $0.meaning(of: known) }
    return now == meaning ? try save(meaning, known) : Self.proposal(now, known)
  }

  private func save(_ meaning: ScanMeaning, _ label: FakeLabel) throws(KokoniFailure) -> ScanCard {
    try change([.queue, .me]) { state in
      let record = state.save(meaning, of: label)
      return ScanCard(
        tone: .success, title: label.name, label: label.label, meaning: meaning, record: record,
        undoUntil: state.now().addingTimeInterval(60))
    }
  }

  private static func proposal(_ meaning: ScanMeaning, _ label: FakeLabel) -> ScanCard {
    ScanCard(
      tone: .neutral, title: label.name, label: label.label, meaning: meaning, confirm: "確定")
  }

  public func undo(record: String) async throws(KokoniFailure) -> ScanCard {
    try change([.queue, .me]) { state in
      guard let index = state.waiting.firstIndex(where: { $0.record == record }) else {
        return ScanCard(tone: .refusal, title: "取り消せません", record: record)
      }
      let line = state.waiting.remove(at: index)
      state.stays.removeAll { $0.since == line.recordedAt && $0.place == line.title }
      state.loans.removeAll { $0.since == line.recordedAt && $0.name == line.title }
      return ScanCard(tone: .success, title: "取り消しました", record: record)
    }
  }

  public func foreignCard(text: String) -> ScanCard {
    ScanCard(tone: .refusal, title: "ココニのラベルではありません", detail: text)
  }

  public func typedCode(_ text: String) -> TypedCode {
    let letters = text.uppercased().filter { $0.isLetter || $0.isNumber }
    let known = office.labels.first { $0.label == letters }
    return TypedCode(
      label: known?.label, shown: letters,
      problem: letters.count >= 16 && known == nil ? "このコードはありません" : nil,
      complete: letters.count >= 16)
  }

  public func route(link: String) async throws(KokoniFailure) -> Route {
    let host = office.enrolment.labelHost
    return try call(enrolled: false) { _ in
      guard let url = URL(string: link), let there = url.host?.lowercased() else { return .unknown }
      if url.path == "/enrol" { return .enrol(link: link) }
      guard url.path.hasPrefix("/q/") else { return .unknown }
      guard there == host else { return .otherOrganisation(host: there) }
      return .label(String(url.path.dropFirst(3)).uppercased())
    }
  }

  public func text(of hint: Hint) -> String {
    switch hint {
    case .closer: "近づけてください"
    case .moveBack: "離してください"
    case .tooDark: "暗すぎます"
    case .glare: "光が反射しています"
    case .holdStill: "動かさないでください"
    }
  }

  // MARK: Looking

  public func chip() async throws(KokoniFailure) -> Chip {
    try call { state in
      let place = state.stay?.place ?? "記録なし"
      let waiting = state.waiting.isEmpty ? nil : "未送信 \(state.waiting.count)件"
      let text = [place, waiting].compactMap { $0 }.joined(separator: "・")
      return Chip(
        text: text, place: place, waitingText: waiting, waiting: state.waiting.count,
        rejected: state.rejected.count, tone: state.rejected.isEmpty ? .neutral : .attention,
        spoken: text)
    }
  }

  public func today() async throws(KokoniFailure) -> TodayView {
    try call { state in
      TodayView(
        date: "2026-11-24", dateText: "11月24日（火）", whereabouts: state.whereabouts,
        headline: state.stay?.place ?? "記録なし", since: state.stay?.since, stays: state.stays,
        loans: state.loans, waiting: state.waiting, rejected: state.rejected)
    }
  }

  public func myLoans() async throws(KokoniFailure) -> [LoanLine] { try call { $0.loans } }

  public func waiting() async throws(KokoniFailure) -> [WaitingLine] { try call { $0.waiting } }

  public func rejected() async throws(KokoniFailure) -> [RejectedLine] { try call { $0.rejected } }

  public func resend(record: String) async throws(KokoniFailure) -> ScanCard {
    try change([.queue]) { state in
      guard let index = state.rejected.firstIndex(where: { $0.record == record }) else {
        return ScanCard(tone: .refusal, title: "再送できません", record: record)
      }
      let line = state.rejected.remove(at: index)
      state.refusals[record] = nil
      state.waiting.append(
        WaitingLine(
          record: record, title: line.title, recordedAt: line.recordedAt, text: line.title))
      return ScanCard(tone: .success, title: line.title, record: record)
    }
  }

  public func dismiss(record: String) async throws(KokoniFailure) {
    try change([.queue]) { state in state.rejected.removeAll { $0.record == record } }
  }

  public func losses() async throws(KokoniFailure) -> [String] {
    try call(enrolled: false) { $0.losses }
  }

  public func lossesTold() async throws(KokoniFailure) {
    try call(enrolled: false) { $0.losses = [] }
  }

  public func people(matching query: String) async throws(KokoniFailure) -> [PersonLine] {
    try await peopleNow(matching: query, deadline: .zero, online: false).map { line in
      var line = line
      (line.whereabouts, line.whereText, line.floor, line.place) = (.unknown, nil, nil, nil)
      return line
    }
  }

  public func floors() async throws(KokoniFailure) -> [FloorLine] {
    let floors = office.floors
    return try call { state in
      floors.map { floor in
        FloorLine(
          floor: floor.floor, name: floor.name, seats: floor.seats.count,
          mine: state.stay?.place.hasPrefix(floor.name) ?? false)
      }
    }
  }

  public func status() async throws(KokoniFailure) -> SyncStatus {
    try call(enrolled: false) { state in
      SyncStatus(
        waiting: state.waiting.count, rejected: state.rejected.count,
        lastSuccess: state.lastSuccess, text: state.isOnline ? "送信済み" : "オフライン",
        tone: state.isOnline ? .success : .attention, needsEnrolment: state.enrolment == nil,
        needsUpdate: false)
    }
  }

  public func reminders() async throws(KokoniFailure) -> [ReminderPlan] {
    try call { state in
      let due = state.now().addingTimeInterval(600)
      if state.whereabouts != .noRecord || due < state.snoozedUntil ?? .distantPast { return [] }
      return [
        ReminderPlan(
          id: "no-record", at: due, local: "2026-11-24T08:45:00", zone: "Asia/Tokyo",
          title: "まだ記録がありません", body: "席のラベルを読み取ってください", kind: .noRecord)
      ]
    }
  }

  public func snoozeReminders(until: Date) async throws(KokoniFailure) {
    try call { $0.snoozedUntil = until }
  }

  public func diagnostics() async throws(KokoniFailure) -> String {
    try call(enrolled: false) { _ in "{}" }
  }

  // MARK: Asking the server

  public func peopleNow(
    matching query: String, deadline: Duration
  ) async throws(KokoniFailure) -> [PersonLine] {
    try await peopleNow(matching: query, deadline: deadline, online: true)
  }

  private func peopleNow(
    matching query: String, deadline: Duration, online: Bool
  ) async throws(KokoniFailure) -> [PersonLine] {
    if online { try self.online() }
    let people = office.people
    return try call { _ in
      people.filter { line in
        [line.name, line.kana, line.section, line.extensionNumber ?? ""]
          .contains { $0.contains(query) }
      }
    }
  }

  public func floorNow(
    _ floor: String, deadline: Duration
  ) async throws(KokoniFailure) -> FloorView {
    try online()
    guard let view = office.floors.first(where: { $0.floor == floor }) else {
      throw KokoniFailure(.input(.floor), text: "この階はありません")
    }
    return view
  }

  public func sync(deadline: Duration) async throws(KokoniFailure) -> SyncOutcome {
    try change([.sync, .queue]) { $0.sync() }
  }

  public func keepSynced() async throws(KokoniFailure) {
    for await topics in changes() where topics.contains(.queue) {
      if try call(enrolled: false, { $0.isOnline && !$0.waiting.isEmpty }) {
        _ = try await sync(deadline: defaultDeadline)
      }
    }
  }

  public func syncSoon() {
    let listeners = state.withLock { state in
      state.syncsAskedFor += 1
      return state.listeners
    }
    for listener in listeners { listener.post(.queue) }
  }

  /// Refuses what needs the server when there is none.
  private func online(enrolled: Bool = true) throws(KokoniFailure) {
    guard try call(enrolled: enrolled, { $0.isOnline }) else {
      throw KokoniFailure(.offline(obstacle: "unreachable"), text: "サーバーに接続できません")
    }
  }
}

/// A reader that reads nothing by itself, but what it is told to.
public final class FakeReader: LabelReader {
  private let next = Locked(FrameReading())

  /// A reader that sees nothing yet.
  public init() {}

  /// What the frames show from now on.
  public func show(_ reading: FrameReading) {
    next.withLock { $0 = reading }
  }

  /// Says what it was told to.
  public func read(_ frame: LumaFrame) throws(KokoniFailure) -> FrameReading {
    guard frame.width > 0, frame.height > 0 else {
      throw KokoniFailure(.input(.frame), text: "画像の大きさが正しくありません")
    }
    return next.withLock { reading in
      defer { reading.repeated = true }
      return reading
    }
  }

  /// Forgets what it was told.
  public func reset() {
    show(FrameReading())
  }
}
