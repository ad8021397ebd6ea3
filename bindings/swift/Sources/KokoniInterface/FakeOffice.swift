// The office in which a fake client plays: its labels, people and floors.

import Foundation

/// An office for ``FakeKokoni``.
public struct FakeOffice: Sendable {
  /// Whose phone it is once it is enrolled.
  public var enrolment: Enrolment
  /// The labels that exist.
  public var labels: [FakeLabel]
  /// The people.
  public var people: [PersonLine]
  /// The floors, with their places.
  public var floors: [FloorView]

  /// An office of these.
  public init(
    enrolment: Enrolment, labels: [FakeLabel], people: [PersonLine] = [], floors: [FloorView] = []
  ) {
    self.enrolment = enrolment
    self.labels = labels
    self.people = people
    self.floors = floors
  }

  /// A floor of two seats, a home, an item, an exit and a colleague.
  public static let small = FakeOffice(
    enrolment: Enrolment(
      organisation: "organisation-1", organisationName: "例市役所", person: "person-1",
      personName: "例 太郎", device: "device-1", server: "https://kokoni.example.jp",
      labelHost: "kokoni.example.jp"),
    labels: [
      FakeLabel("0000000000000001", .seat, "3階 A-1"),
      FakeLabel("0000000000000002", .seat, "3階 A-2"),
      FakeLabel("0000000000000003", .home, "自宅"),
      FakeLabel("0000000000000004", .item, "スピーカー 1"),
      FakeLabel("0000000000000005", .exit, "出口"),
    ],
    people: [
      PersonLine(
        person: "person-2", name: "例 花子", kana: "れい はなこ", section: "企画課",
        extensionNumber: "1234", dial: "tel:1234", whereabouts: .present, whereText: "3階 A-2",
        floor: "floor-3", place: "place-2")
    ],
    floors: [
      FloorView(
        floor: "floor-3", name: "3階", summary: "空席 1 / 2", free: 1, taken: 1, left: 0, top: 0,
        width: 4, height: 2,
        seats: [
          SeatView(
            place: "place-1", name: "A-1", x: 1, y: 1, room: false, taken: false, mine: false,
            text: "空席", spoken: "A-1、空席"),
          SeatView(
            place: "place-2", name: "A-2", x: 3, y: 1, room: false, taken: true, mine: false,
            text: "例 花子", spoken: "A-2、例 花子"),
        ])
    ])
}

/// A label of a ``FakeOffice``.
public struct FakeLabel: Hashable, Sendable {
  /// What a label is bound to.
  public enum Kind: Hashable, Sendable {
    /// A seat.
    case seat
    /// The person's home.
    case home
    /// An item to borrow.
    case item
    /// The exit.
    case exit
  }

  /// The label, as 16 characters.
  public var label: String
  /// What it is bound to.
  public var kind: Kind
  /// The name of that.
  public var name: String

  /// A label bound to something of this name.
  public init(_ label: String, _ kind: Kind, _ name: String) {
    self.label = label
    self.kind = kind
    self.name = name
  }
}
