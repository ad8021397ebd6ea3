// What a scan says and does: cards, typed codes, opened links.

import Foundation

/// How a label came to be read.
public enum Via: Hashable, Sendable, CaseIterable {
  /// By the camera.
  case camera
  /// Typed by hand.
  case typed
  /// By a link that was opened.
  case link
}

/// What a scan means.
public enum ScanMeaning: Hashable, Sendable, CaseIterable {
  /// Sitting down at a seat or in a room.
  case sit
  /// Leaving for the day, or giving up the seat.
  case leave
  /// Beginning to telework.
  case telework
  /// Ending it.
  case endTelework
  /// Borrowing an item.
  case borrow
  /// Giving it back.
  case giveBack
  /// The server will decide: the phone does not know the label.
  case undecided
}

/// Which haptic, sound and colour a card or chip takes.
public enum Tone: Hashable, Sendable, CaseIterable {
  /// It worked.
  case success
  /// Something is to be looked at.
  case attention
  /// It was refused.
  case refusal
  /// Nothing in particular.
  case neutral
}

/// What a scan did, or would do after a tap.
public struct ScanCard: Hashable, Sendable {
  /// Which haptic, sound and colour it takes.
  public var tone: Tone
  /// One line: 3階 A-12 に着席しました.
  public var title: String
  /// What else there is to say, or what one can do.
  public var detail: String?
  /// The label that was read, as 16 characters.
  public var label: String?
  /// What was saved, or what a tap would save.
  public var meaning: ScanMeaning?
  /// The text of the one button; no tap is needed without it.
  public var confirm: String?
  /// The id of what was saved; saved means that it survives a loss of power.
  public var record: String?
  /// Until when it can be taken back.
  public var undoUntil: Date?
  /// What a locker holds.
  public var items: [ItemLine]

  /// All of it.
  public init(
    tone: Tone,
    title: String,
    detail: String? = nil,
    label: String? = nil,
    meaning: ScanMeaning? = nil,
    confirm: String? = nil,
    record: String? = nil,
    undoUntil: Date? = nil,
    items: [ItemLine] = []
  ) {
    self.tone = tone
    self.title = title
    self.detail = detail
    self.label = label
    self.meaning = meaning
    self.confirm = confirm
    self.record = record
    self.undoUntil = undoUntil
    self.items = items
  }
}

/// One item in a locker.
public struct ItemLine: Hashable, Sendable, Identifiable {
  /// The item's id.
  public var item: String
  /// Its name.
  public var name: String
  /// Whether it can be borrowed, or who has it.
  public var text: String
  /// Whether somebody has it.
  public var lent: Bool

  /// The same as ``item``.
  public var id: String { item }

  /// All of it.
  public init(item: String, name: String, text: String, lent: Bool) {
    self.item = item
    self.name = name
    self.text = text
    self.lent = lent
  }
}

/// A code while it is being typed.
public struct TypedCode: Hashable, Sendable {
  /// The label, once the code is complete and right.
  public var label: String?
  /// What was typed so far, in groups of four.
  public var shown: String
  /// A sentence, only once something is wrong.
  public var problem: String?
  /// Whether all characters are there.
  public var complete: Bool

  /// All of it.
  public init(label: String? = nil, shown: String, problem: String? = nil, complete: Bool) {
    self.label = label
    self.shown = shown
    self.problem = problem
    self.complete = complete
  }
}

/// Where a link leads.
public enum Route: Hashable, Sendable {
  /// To a label: ``KokoniClient/scan(label:via:)`` with ``Via/link``.
  case label(String)
  /// To enrolment: ``KokoniClient/enrol(link:deadline:)``.
  case enrol(link: String)
  /// To signing in, in a browser.
  case signIn(link: String)
  /// To another organisation.
  case otherOrganisation(host: String)
  /// Nowhere that is known.
  case unknown
}
