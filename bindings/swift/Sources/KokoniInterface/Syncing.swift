// Sending and hearing: what a sync came to, what is to be reminded of.

import Foundation

/// What changed; what is new is to be asked for.
public enum Topic: Hashable, Sendable, CaseIterable {
  /// What waits, what was refused, and with it the day.
  case queue
  /// What the server says of the person.
  case me
  /// Places, items, people, labels.
  case directory
  /// A sync began or ended.
  case sync
  /// Whose phone this is.
  case identity
}

/// How a sync ended.
public enum SyncEnd: Hashable, Sendable, CaseIterable {
  /// Everything was sent and everything new is here.
  case done
  /// The server could not be asked; it will be.
  case offline
  /// The device must be enrolled again. Nothing is lost by that.
  case signInNeeded
  /// Another sync is under way.
  case alreadyRunning
  /// The server no longer answers this version of the app.
  case appTooOld
  /// It was cancelled.
  case cancelled
  /// Its deadline came.
  case deadlineReached
}

/// What a sync came to.
public struct SyncOutcome: Hashable, Sendable {
  /// How it ended.
  public var end: SyncEnd
  /// Records sent.
  public var sent: Int
  /// Records the server applied.
  public var applied: Int
  /// Records it refused.
  public var rejected: Int
  /// Records that still wait.
  public var waiting: Int
  /// How long to wait before the next.
  public var retryAfter: Duration?
  /// The same in words.
  public var text: String

  /// All of it.
  public init(
    end: SyncEnd,
    sent: Int = 0,
    applied: Int = 0,
    rejected: Int = 0,
    waiting: Int = 0,
    retryAfter: Duration? = nil,
    text: String
  ) {
    self.end = end
    self.sent = sent
    self.applied = applied
    self.rejected = rejected
    self.waiting = waiting
    self.retryAfter = retryAfter
    self.text = text
  }
}

/// How things stand between phone and server.
public struct SyncStatus: Hashable, Sendable {
  /// Records that wait to be sent.
  public var waiting: Int
  /// Records that were refused.
  public var rejected: Int
  /// When a sync last succeeded.
  public var lastSuccess: Date?
  /// The same in words.
  public var text: String
  /// Which colour it takes.
  public var tone: Tone
  /// Whether the device must be enrolled.
  public var needsEnrolment: Bool
  /// Whether the app must be updated.
  public var needsUpdate: Bool

  /// All of it.
  public init(
    waiting: Int,
    rejected: Int,
    lastSuccess: Date? = nil,
    text: String,
    tone: Tone,
    needsEnrolment: Bool,
    needsUpdate: Bool
  ) {
    self.waiting = waiting
    self.rejected = rejected
    self.lastSuccess = lastSuccess
    self.text = text
    self.tone = tone
    self.needsEnrolment = needsEnrolment
    self.needsUpdate = needsUpdate
  }
}

/// What a reminder reminds of.
public enum ReminderKind: Hashable, Sendable, CaseIterable {
  /// Nothing is recorded this morning.
  case noRecord
  /// Telework has not been ended.
  case teleworkEnd
}

/// One notification for the system to show. Those of one answer replace all earlier ones.
public struct ReminderPlan: Hashable, Sendable, Identifiable {
  /// The same for the same reminder.
  public var id: String
  /// When it is due.
  public var at: Date
  /// The same as a time on the wall: 2026-11-24T08:45:00.
  public var local: String
  /// The zone of that wall: Asia/Tokyo.
  public var zone: String
  /// Its title.
  public var title: String
  /// Its text.
  public var body: String
  /// What it reminds of.
  public var kind: ReminderKind

  /// All of it.
  public init(
    id: String,
    at: Date,
    local: String,
    zone: String,
    title: String,
    body: String,
    kind: ReminderKind
  ) {
    self.id = id
    self.at = at
    self.local = local
    self.zone = zone
    self.title = title
    self.body = body
    self.kind = kind
  }
}
