// The journeys of tests/fixtures/journeys, played by the screens' models over the real core and a
// real `kokoni serve`.

import Foundation
import Testing

@MainActor
@Suite(.serialized) struct JourneyTests {
  @Test func cameraRefusedLeavesTyping() async throws {
    try await play("camera_refused_leaves_typing")
  }

  @Test func deathInTheMiddleOfAScan() async throws {
    try await play("death_in_the_middle_of_a_scan")
  }

  @Test func foreignCodeIsNamedAndLeftAlone() async throws {
    try await play("foreign_code_is_named_and_left_alone")
  }

  @Test func linkLandsLikeAScan() async throws {
    try await play("link_lands_like_a_scan")
  }

  @Test func lostKeyAsksToEnrolAgain() async throws {
    try await play("lost_key_asks_to_enrol_again")
  }

  @Test func managedSettingsEnrolWithoutTyping() async throws {
    try await play("managed_settings_enrol_without_typing")
  }

  @Test func offlineScanIsSentLater() async throws {
    try await play("offline_scan_is_sent_later")
  }

  @Test func organisationsAreNotMixed() async throws {
    try await play("organisations_are_not_mixed")
  }

  @Test func turningKeepsTheCard() async throws {
    try await play("turning_keeps_the_card")
  }

  @Test func undoTakesAScanBack() async throws {
    try await play("undo_takes_a_scan_back")
  }

  @Test func everyJourneyIsPlayed() throws {
    #expect(try Journey.names() == Set(Self.played))
  }

  static let played = [
    "camera_refused_leaves_typing", "death_in_the_middle_of_a_scan",
    "foreign_code_is_named_and_left_alone", "link_lands_like_a_scan",
    "lost_key_asks_to_enrol_again", "managed_settings_enrol_without_typing",
    "offline_scan_is_sent_later", "organisations_are_not_mixed", "turning_keeps_the_card",
    "undo_takes_a_scan_back",
  ]

  private func play(_ name: String) async throws {
    let journey = try Journey(named: name)
    let player = try Player(journey)
    do {
      for (number, step) in journey.steps.enumerated() {
        try await player.play(step, "\(name), step \(number + 1): \(step)")
      }
    } catch {
      await player.end()
      throw error
    }
    await player.end()
  }
}
