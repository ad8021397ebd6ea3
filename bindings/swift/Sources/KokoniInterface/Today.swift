// The day of a person: where they are, what they have, what waits to be sent.

import Foundation

/// Where a person is.
public enum Whereabouts: Hashable, Sendable, CaseIterable {
  /// Nothing is recorded today.
  case noRecord
  /// At a place of the organisation.
  case present
  /// At home, working.
  case telework
  /// Gone for the day.
  case away
  /// Somebody else took the seat.
  case displaced
  /// Not known here.
  case unknown
}

/// The one line that is always in sight.
public struct Chip: Hashable, Sendable {
  /// Where I am and what waits: 3階 A-12・未送信 2件.
  public var text: String
  /// Where I am.
  public var place: String
  /// What waits to be sent, if anything does.
  public var waitingText: String?
  /// How many records wait to be sent.
  public var waiting: Int
  /// How many records the server refused.
  public var rejected: Int
  /// Which colour it takes.
  public var tone: Tone
  /// The same for a screen reader.
  public var spoken: String

  /// All of it.
  public init(
    text: String,
    place: String,
    waitingText: String? = nil,
    waiting: Int,
    rejected: Int,
    tone: Tone,
    spoken: String
  ) {
    self.text = text
    self.place = place
    self.waitingText = waitingText
    self.waiting = waiting
    self.rejected = rejected
    self.tone = tone
    self.spoken = spoken
  }
}

/// A day of the person, folded from everything this phone knows.
public struct TodayView: Hashable, Sendable {
  /// The day: 2026-11-24.
  public var date: String
  /// The same, to be shown.
  public var dateText: String
  /// Where the person is.
  public var whereabouts: Whereabouts
  /// The same in words: 3階 A-12 に在席.
  public var headline: String
  /// Since when.
  public var since: Date?
  /// The same, to be shown.
  public var sinceText: String?
  /// What the person must know: the seat was taken, the app is too old.
  public var notice: String?
  /// Where they were today, in order.
  public var stays: [StayLine]
  /// What they have borrowed.
  public var loans: [LoanLine]
  /// What waits to be sent.
  public var waiting: [WaitingLine]
  /// What the server refused.
  public var rejected: [RejectedLine]
  /// When records were last sent, or that they will be.
  public var syncText: String

  /// All of it.
  public init(
    date: String,
    dateText: String,
    whereabouts: Whereabouts,
    headline: String,
    since: Date? = nil,
    sinceText: String? = nil,
    notice: String? = nil,
    stays: [StayLine] = [],
    loans: [LoanLine] = [],
    waiting: [WaitingLine] = [],
    rejected: [RejectedLine] = [],
    syncText: String = ""
  ) {
    self.date = date
    self.dateText = dateText
    self.whereabouts = whereabouts
    self.headline = headline
    self.since = since
    self.sinceText = sinceText
    self.notice = notice
    self.stays = stays
    self.loans = loans
    self.waiting = waiting
    self.rejected = rejected
    self.syncText = syncText
  }
}

/// One stay at a place.
public struct StayLine: Hashable, Sendable {
  /// The place's name.
  public var place: String
  /// From when.
  public var since: Date
  /// Until when; it lasts without it.
  public var until: Date?
  /// The line: 9:05–11:30 3階 A-12.
  public var text: String
  /// Whether the place is home.
  public var telework: Bool

  /// All of it.
  public init(place: String, since: Date, until: Date? = nil, text: String, telework: Bool) {
    self.place = place
    self.since = since
    self.until = until
    self.text = text
    self.telework = telework
  }
}

/// One borrowed item.
public struct LoanLine: Hashable, Sendable, Identifiable {
  /// The item's id.
  public var item: String
  /// Its name.
  public var name: String
  /// Since when.
  public var since: Date
  /// When it is due.
  public var due: Date?
  /// The same in words.
  public var text: String
  /// Whether that time has passed.
  public var overdue: Bool

  /// The same as ``item``.
  public var id: String { item }

  /// All of it.
  public init(
    item: String,
    name: String,
    since: Date,
    due: Date? = nil,
    text: String,
    overdue: Bool
  ) {
    self.item = item
    self.name = name
    self.since = since
    self.due = due
    self.text = text
    self.overdue = overdue
  }
}

/// One record that waits to be sent.
public struct WaitingLine: Hashable, Sendable, Identifiable {
  /// The record's id.
  public var record: String
  /// What it says: 3階 A-12 に着席.
  public var title: String
  /// When it was saved.
  public var recordedAt: Date
  /// The same, to be shown.
  public var text: String

  /// The same as ``record``.
  public var id: String { record }

  /// All of it.
  public init(record: String, title: String, recordedAt: Date, text: String) {
    self.record = record
    self.title = title
    self.recordedAt = recordedAt
    self.text = text
  }
}

/// One record that the server refused.
public struct RejectedLine: Hashable, Sendable, Identifiable {
  /// The record's id.
  public var record: String
  /// What it says.
  public var title: String
  /// When it was saved.
  public var recordedAt: Date
  /// Why it was refused.
  public var why: String
  /// What one can do.
  public var advice: String
  /// Whether sending it once more can help: ``KokoniClient/resend(record:)``.
  public var canResend: Bool

  /// The same as ``record``.
  public var id: String { record }

  /// All of it.
  public init(
    record: String,
    title: String,
    recordedAt: Date,
    why: String,
    advice: String,
    canResend: Bool
  ) {
    self.record = record
    self.title = title
    self.recordedAt = recordedAt
    self.why = why
    self.advice = advice
    self.canResend = canResend
  }
}
