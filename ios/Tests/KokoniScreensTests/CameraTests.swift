// What the camera of a screen promises.

import Foundation
import KokoniInterface
import Testing

@testable import KokoniScreens

@MainActor
@Suite struct CameraTests {
  let test = TestPhone()
  let reader = FakeReader()

  func screen() -> ScanScreen {
    ScanScreen(
      client: test.kokoni, phone: test.phone,
      cards: CardModel(client: test.kokoni, phone: test.phone))
  }

  /// The screen with its camera open, and the task that runs it.
  func running() async -> (ScanScreen, Task<Void, Never>) {
    let screen = screen()
    let reader = reader
    let task = Task { await screen.run(reader: reader) }
    #expect(await eventually { screen.camera.state == .running })
    return (screen, task)
  }

  @Test func aLabelBeforeTheCameraIsScanned() async throws {
    let (screen, task) = await running()
    reader.show(FrameReading(news: Labels.seat))
    test.camera.frame()
    #expect(await eventually { screen.cards.card?.record != nil })
    task.cancel()
  }

  @Test func aFrameThatSaysNothingNewIsNotHeardOf() async throws {
    let (screen, task) = await running()
    reader.show(FrameReading(news: Labels.seat))
    test.camera.frame()
    #expect(await eventually { screen.cards.card != nil })
    reader.show(FrameReading(repeated: true))
    for _ in 0..<30 { test.camera.frame() }
    reader.show(FrameReading(hint: .closer))
    test.camera.frame()
    #expect(await eventually { screen.camera.hint != nil })
    #expect(test.cues.played.value.count == 1)
    task.cancel()
  }

  @Test func whatHelpsIsSaidAndGoesWhenItNoLongerHelps() async throws {
    let (screen, task) = await running()
    reader.show(FrameReading(hint: .tooDark))
    test.camera.frame()
    #expect(await eventually { screen.camera.hint == "暗すぎます" })
    reader.show(FrameReading())
    test.camera.frame()
    #expect(await eventually { screen.camera.hint == nil })
    task.cancel()
  }

  @Test func labelsInQuickSuccessionAreTakenInTheirOrder() async throws {
    let (_, task) = await running()
    for label in [Labels.seat, Labels.otherSeat, Labels.item] {
      reader.show(FrameReading(news: label))
      test.camera.frame()
    }
    let cues = test.cues
    #expect(await eventually { cues.said.value.count == 3 })
    #expect(cues.said.value == ["3階 A-1", "3階 A-2", "スピーカー 1"])
    task.cancel()
  }

  @Test(arguments: [
    (CameraPermission.refused, CameraModel.State.refused), (.restricted, .restricted),
  ])
  func withoutPermissionTheCameraIsNotOpenedAndTypingIsLeft(
    permission: CameraPermission, state: CameraModel.State
  ) async throws {
    test.camera.permissionGiven.value = permission
    let screen = screen()
    await screen.run(reader: reader)
    #expect(screen.camera.state == state)
    #expect(screen.camera.isUnusable)
    #expect(!test.camera.isOpen)
  }

  @Test func aPhoneWithoutACameraSaysSo() async throws {
    test.camera.started.value = .missing
    let screen = screen()
    await screen.run(reader: reader)
    #expect(screen.camera.state == .missing)
  }

  @Test func leavingTheScreenClosesTheCamera() async throws {
    let (screen, task) = await running()
    await screen.camera.switchTorch()
    #expect(screen.camera.isTorchOn)
    task.cancel()
    await task.value
    #expect(!test.camera.isOpen)
    #expect(screen.camera.state == .off)
    #expect(!screen.camera.isTorchOn)
  }

  @Test func aScreenThatIsLeftLateDoesNotCloseTheNextScreensCamera() async throws {
    let (first, task) = await running()
    await first.camera.switchTorch()
    test.camera.staysUntilTheNext.value = true
    task.cancel()
    let (second, next) = await running()
    await task.value
    #expect(test.camera.isOpen)
    #expect(first.camera.state == .off)
    #expect(second.camera.state == .running)
    reader.show(FrameReading(news: Labels.seat))
    test.camera.frame()
    #expect(await eventually { second.cards.card?.record != nil })
    test.camera.staysUntilTheNext.value = false
    next.cancel()
    await next.value
    #expect(!test.camera.isOpen)
  }

  @Test func aScreenThatComesBackAtOnceShowsThatItsCameraRuns() async throws {
    let (screen, task) = await running()
    test.camera.staysUntilTheNext.value = true
    task.cancel()
    let reader = reader
    let again = Task { await screen.run(reader: reader) }
    await task.value
    #expect(await eventually { screen.camera.state == .running })
    #expect(test.camera.isOpen)
    test.camera.staysUntilTheNext.value = false
    again.cancel()
    await again.value
    #expect(screen.camera.state == .off)
  }

  @Test func aPhoneWithoutATorchOffersNone() async throws {
    test.camera.started.value = .running(hasTorch: false)
    let (screen, task) = await running()
    await screen.camera.switchTorch()
    #expect(!screen.camera.hasTorch)
    #expect(!test.camera.isTorchOn.value)
    task.cancel()
  }

  @Test func theLineSaysWhereIAmAndWhatWaits() async throws {
    let screen = screen()
    test.kokoni.isOnline = false
    await screen.cards.take(label: Labels.seat, via: .camera)
    await screen.look()
    #expect(screen.chip?.place == "3階 A-1")
    #expect(screen.chip?.waiting == 1)
  }
}
