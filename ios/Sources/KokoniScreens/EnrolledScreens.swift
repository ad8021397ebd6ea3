// The screens of an enrolled phone, and what keeps them up to date.

import Foundation
import KokoniInterface
import Observation

/// The screens of a phone that is somebody's.
@MainActor
@Observable
public final class EnrolledScreens {
  /// The screens above the camera, the one in front last.
  public var path: [Place] = []
  /// The card that every scan ends in.
  public let cards: CardModel
  /// The camera.
  public let scan: ScanScreen
  /// Typing a code.
  public let typedCode: TypedCodeScreen
  /// The day.
  public let today: TodayScreen
  /// Finding a colleague.
  public let people: PeopleScreen
  /// The floors.
  public let floors: FloorsScreen
  /// This phone.
  public let settings: SettingsScreen
  /// The reminders.
  public let reminders: ReminderKeeper

  @ObservationIgnored private let client: any KokoniClient

  init(
    client: any KokoniClient, enrolment: Enrolment, phone: Phone,
    invited: @escaping @MainActor (String) async -> Void = { _ in },
    signedOut: @escaping @MainActor () async -> Void
  ) {
    self.client = client
    let cards = CardModel(client: client, phone: phone)
    self.cards = cards
    scan = ScanScreen(client: client, phone: phone, cards: cards, invited: invited)
    typedCode = TypedCodeScreen(client: client, cards: cards)
    today = TodayScreen(client: client, cards: cards)
    people = PeopleScreen(client: client, phone: phone)
    floors = FloorsScreen(client: client, phone: phone)
    settings = SettingsScreen(client: client, enrolment: enrolment, signedOut: signedOut)
    reminders = ReminderKeeper(client: client, phone: phone)
  }

  /// The screen in front.
  public var place: Place { path.last ?? .scan }

  /// Does what a control is for.
  public func tap(_ control: Control) async {
    switch control {
    case .confirm: await cards.confirm()
    case .undo: await cards.undo()
    case .closeCard: cards.putAway()
    case .torch: await scan.camera.switchTorch()
    case .typing: path = [.typedCode]
    case .today: path = [.today]
    case .people: path = [.people]
    case .floors: path = [.floors]
    case .settings: path = [.settings]
    case .back: _ = path.popLast()
    }
  }

  /// Shows a floor, above what is in front.
  public func show(floor: String) {
    path.append(.floor(floor))
  }

  /// Takes a label whose link was opened.
  func open(label: String) async {
    path = []
    await cards.take(label: label, via: .link)
  }

  /// Scans what was typed, and shows the card on the first screen.
  public func submitTypedCode() async {
    if await typedCode.submit() { path = [] }
  }

  /// What the system keeps for the case that the app's process ends.
  public var saved: SavedState {
    SavedState(path: path, proposal: cards.proposal)
  }

  /// Shows what was in sight when the process ended. Nothing is saved by that.
  func restore(_ saved: SavedState) async {
    path = saved.path
    if let proposal = saved.proposal { await cards.restore(proposal) }
  }

  /// Everything that may have changed is read anew.
  func look(at topics: Set<Topic> = Set(Topic.allCases)) async {
    await scan.look()
    await today.look()
    await settings.look()
    if !topics.isDisjoint(with: [.directory, .identity, .me]) { await floors.look() }
    if !topics.isDisjoint(with: [.queue, .me, .directory, .identity]) { await reminders.replan() }
  }
}
