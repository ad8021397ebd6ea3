// A client without Rust, for previews and an app's own tests. It holds real state and follows the
// simple half of the rules; its sentences are plain, not the core's.

import Foundation

/// A client for previews and tests, which needs neither Rust nor a server.
///
/// Make a ``FakeOffice``, scan its labels, take the network away, let the next call fail:
///
/// ```swift
/// let kokoni = FakeKokoni(office: .small, enrolled: true)
/// kokoni.isOnline = false
/// _ = try await kokoni.scan(label: FakeOffice.small.labels[0].label)
/// #expect(try await kokoni.waiting().count == 1)
/// ```
public final class FakeKokoni: KokoniClient {
  let state: Locked<FakeState>
  /// The office it plays in.
  public let office: FakeOffice

  /// A client in this office.
  ///
  /// - Parameters:
  ///   - office: its person, labels, people and floors.
  ///   - enrolled: whether the device is enrolled already.
  ///   - now: the clock; it stands still unless this moves.
  public init(
    office: FakeOffice = .small, enrolled: Bool = false,
    now: @escaping @Sendable () -> Date = { Date(timeIntervalSince1970: 1_795_478_700) }
  ) {
    self.office = office
    state = Locked(FakeState(now: now, enrolment: enrolled ? office.enrolment : nil))
  }

  /// Whether the server can be reached.
  public var isOnline: Bool {
    get { state.withLock { $0.isOnline } }
    set { state.withLock { $0.isOnline = newValue } }
  }

  /// Lets the next call that can fail do so.
  public func failNext(_ reason: KokoniFailure.Reason) {
    state.withLock { $0.nextFailure = reason }
  }

  /// Lets the server refuse the record when it is sent.
  public func refuse(record: String, why: String) {
    state.withLock { $0.refusals[record] = why }
  }

  /// How often ``syncSoon()`` was called.
  public var syncsAskedFor: Int { state.withLock { $0.syncsAskedFor } }

  /// The language of every text.
  public var language: Language {
    get { state.withLock { $0.language } }
    set { state.withLock { $0.language = newValue } }
  }

  /// Hears of changes from now until the sequence is no longer held.
  public func changes() -> Changes {
    let mailbox = TopicMailbox()
    let ended = state.withLock { state in
      state.listeners.append(mailbox)
      return state.isShutDown
    }
    if ended { mailbox.end() }
    return Changes(mailbox: mailbox, subscription: mailbox)
  }

  /// Ends every sequence; later calls fail.
  public func shutDown() async {
    let listeners = state.withLock { state in
      state.isShutDown = true
      defer { state.listeners = [] }
      return state.listeners
    }
    for listener in listeners { listener.end() }
  }

  /// Runs a call on the state; refuses it when it must fail.
  func call<Value>(
    enrolled: Bool = true, _ body: (inout FakeState) -> Value
  ) throws(KokoniFailure) -> Value {
    try change([], enrolled: enrolled, body)
  }

  /// Runs a call on the state, and tells the listeners of what it changed.
  func change<Value>(
    _ topics: [Topic], enrolled: Bool = true, _ body: (inout FakeState) -> Value
  ) throws(KokoniFailure) -> Value {
    let (result, listeners): (Result<Value, KokoniFailure>, [TopicMailbox]) = state.withLock {
      state in
      if let reason = state.refusal(enrolled: enrolled) {
        return (.failure(KokoniFailure(reason, text: "\(reason)")), [])
      }
      return (.success(body(&state)), state.listeners)
    }
    let value = try result.get()
    for topic in topics {
      for listener in listeners { listener.post(topic) }
    }
    return value
  }
}

/// Everything a fake client knows and remembers.
struct FakeState {
  let now: @Sendable () -> Date
  var enrolment: Enrolment?
  var language = Language.japanese
  var isOnline = true
  var isShutDown = false
  var nextFailure: KokoniFailure.Reason?
  var refusals: [String: String] = [:]
  var listeners: [TopicMailbox] = []
  var syncsAskedFor = 0
  var snoozedUntil: Date?
  var lastSuccess: Date?
  var losses: [String] = []
  var nextRecord = 1
  var waiting: [WaitingLine] = []
  var rejected: [RejectedLine] = []
  var stays: [StayLine] = []
  var loans: [LoanLine] = []

  init(now: @escaping @Sendable () -> Date, enrolment: Enrolment?) {
    self.now = now
    self.enrolment = enrolment
  }

  /// Why a call must fail now.
  mutating func refusal(enrolled: Bool) -> KokoniFailure.Reason? {
    if isShutDown { return .shutDown }
    if let failure = nextFailure {
      nextFailure = nil
      return failure
    }
    return enrolled && enrolment == nil ? .notEnrolled : nil
  }

  /// Where the person is, if anywhere.
  var stay: StayLine? { stays.last.flatMap { $0.until == nil ? $0 : nil } }

  var whereabouts: Whereabouts {
    guard let stay else { return stays.isEmpty ? .noRecord : .away }
    return stay.telework ? .telework : .present
  }

  /// What a scan of this label means now.
  func meaning(of label: FakeLabel) -> ScanMeaning {
    switch label.kind {
    case .seat: return stay?.place == label.name ? .leave : .sit
    case .home: return stay?.telework == true ? .endTelework : .telework
    case .item: return loans.contains { $0.item == label.label } ? .giveBack : .borrow
    case .exit: return .leave
    }
  }

  /// Does what a scan means; returns the id of the record.
  mutating func save(_ meaning: ScanMeaning, of label: FakeLabel) -> String {
    let (now, record) = (self.now(), "record-\(nextRecord)")
    nextRecord += 1
    switch meaning {
    case .sit, .telework:
      endStay(at: now)
      stays.append(
        StayLine(
          place: label.name, since: now, text: label.name, telework: meaning == .telework))
    case .leave, .endTelework:
      endStay(at: now)
    case .borrow:
      loans.append(
        LoanLine(item: label.label, name: label.name, since: now, text: label.name, overdue: false))
    case .giveBack:
      loans.removeAll { $0.item == label.label }
    case .undecided:
      break
    }
    waiting.append(
      WaitingLine(record: record, title: label.name, recordedAt: now, text: label.name))
    return record
  }

  private mutating func endStay(at now: Date) {
    if stay != nil { stays[stays.count - 1].until = now }
  }

  /// Sends what waits.
  mutating func sync() -> SyncOutcome {
    guard isOnline else {
      return SyncOutcome(end: .offline, waiting: waiting.count, text: "オフラインです")
    }
    let sent = waiting.count
    let refused = waiting.compactMap { line in
      refusals[line.record].map { why in
        RejectedLine(
          record: line.record, title: line.title, recordedAt: line.recordedAt, why: why,
          advice: why, canResend: true)
      }
    }
    rejected += refused
    waiting = []
    lastSuccess = now()
    return SyncOutcome(
      end: .done, sent: sent, applied: sent - refused.count, rejected: refused.count, text: "送信済み")
  }
}
