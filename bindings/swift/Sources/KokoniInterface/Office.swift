// People and floors: who is where, which seat is free.

import Foundation

/// One person, as far as policy shows them.
public struct PersonLine: Hashable, Sendable, Identifiable {
  /// The person's id.
  public var person: String
  /// Their name.
  public var name: String
  /// How it is read.
  public var kana: String
  /// Their section.
  public var section: String
  /// Their extension.
  public var extensionNumber: String?
  /// A link that dials it: tel:1234.
  public var dial: String?
  /// Where they are; only the server knows.
  public var whereabouts: Whereabouts
  /// The same in words.
  public var whereText: String?
  /// The floor they are on.
  public var floor: String?
  /// The place they are at.
  public var place: String?

  /// The same as ``person``.
  public var id: String { person }

  /// All of it.
  public init(
    person: String,
    name: String,
    kana: String,
    section: String,
    extensionNumber: String? = nil,
    dial: String? = nil,
    whereabouts: Whereabouts = .unknown,
    whereText: String? = nil,
    floor: String? = nil,
    place: String? = nil
  ) {
    self.person = person
    self.name = name
    self.kana = kana
    self.section = section
    self.extensionNumber = extensionNumber
    self.dial = dial
    self.whereabouts = whereabouts
    self.whereText = whereText
    self.floor = floor
    self.place = place
  }
}

/// One floor of the organisation.
public struct FloorLine: Hashable, Sendable, Identifiable {
  /// The floor's id.
  public var floor: String
  /// Its name: 本庁舎 3階.
  public var name: String
  /// How many seats it has.
  public var seats: Int
  /// Whether the person sits there now.
  public var mine: Bool

  /// The same as ``floor``.
  public var id: String { floor }

  /// All of it.
  public init(floor: String, name: String, seats: Int, mine: Bool) {
    self.floor = floor
    self.name = name
    self.seats = seats
    self.mine = mine
  }
}

/// A floor now: where its places are and who is at them.
public struct FloorView: Hashable, Sendable, Identifiable {
  /// The floor's id.
  public var floor: String
  /// Its name.
  public var name: String
  /// How many seats are free: 空席 12 / 40.
  public var summary: String
  /// Seats that are free.
  public var free: Int
  /// Seats that are taken.
  public var taken: Int
  /// The left of the box around the places, with a margin, in the plan's units.
  public var left: Double
  /// Its top.
  public var top: Double
  /// Its width.
  public var width: Double
  /// Its height.
  public var height: Double
  /// The places.
  public var seats: [SeatView]

  /// The same as ``floor``.
  public var id: String { floor }

  /// All of it.
  public init(
    floor: String,
    name: String,
    summary: String,
    free: Int,
    taken: Int,
    left: Double,
    top: Double,
    width: Double,
    height: Double,
    seats: [SeatView]
  ) {
    self.floor = floor
    self.name = name
    self.summary = summary
    self.free = free
    self.taken = taken
    self.left = left
    self.top = top
    self.width = width
    self.height = height
    self.seats = seats
  }
}

/// One place of a floor.
public struct SeatView: Hashable, Sendable, Identifiable {
  /// The place's id.
  public var place: String
  /// Its name.
  public var name: String
  /// Where it is, in the plan's units, from the left.
  public var x: Double
  /// The same from the top.
  public var y: Double
  /// Whether it is a room.
  public var room: Bool
  /// Whether somebody is there.
  public var taken: Bool
  /// Whether that is the person themself.
  public var mine: Bool
  /// Free, or who is there.
  public var text: String
  /// The same for a screen reader.
  public var spoken: String

  /// The same as ``place``.
  public var id: String { place }

  /// All of it.
  public init(
    place: String,
    name: String,
    x: Double,
    y: Double,
    room: Bool,
    taken: Bool,
    mine: Bool,
    text: String,
    spoken: String
  ) {
    self.place = place
    self.name = name
    self.x = x
    self.y = y
    self.room = room
    self.taken = taken
    self.mine = mine
    self.text = text
    self.spoken = spoken
  }
}
