// The first screen: the camera's picture, the line that says where I am, the last card, and at the
// thumb everything else.

import KokoniInterface
import KokoniScreens
import SwiftUI

struct ScanPage: View {
  let screens: EnrolledScreens
  @Environment(\.verticalSizeClass) private var height
  @Environment(\.scenePhase) private var scenePhase
  @AppStorage(Settings.leftHandKey) private var isLeftHanded = false

  var body: some View {
    ZStack {
      picture.ignoresSafeArea()
      if height == .compact {
        HStack(spacing: Space.medium) {
          if isLeftHanded { bar(vertical: true) }
          sayings
          if !isLeftHanded { bar(vertical: true) }
        }
        .padding(Space.small)
      } else {
        VStack(spacing: Space.medium) {
          sayings
          bar(vertical: false)
        }
        .padding(Space.small)
      }
    }
    .toolbar(.hidden, for: .navigationBar)
    .task(id: isInFront) {
      if isInFront { await screens.scan.run() }
    }
  }

  /// The camera is open only while its picture is in sight.
  private var isInFront: Bool { scenePhase == .active && screens.path.isEmpty }

  @ViewBuilder private var picture: some View {
    if screens.scan.camera.isUnusable {
      NoCameraView(state: screens.scan.camera.state)
    } else {
      CameraPreview(session: CaptureCamera.shared.session)
        .accessibilityElement()
        .accessibilityLabel(Text(.scanPreview))
    }
  }

  private var sayings: some View {
    VStack(spacing: Space.medium) {
      HStack(alignment: .top) {
        if let chip = screens.scan.chip {
          ChipView(chip: chip) { Task { await screens.tap(.today) } }
        }
        Spacer()
        ControlButton(control: .settings, screens: screens, showsTitle: false)
          .background(Color(.scrim), in: Circle())
      }
      Spacer()
      if let hint = screens.scan.camera.hint, screens.cards.card == nil {
        Text(verbatim: hint)
          .font(.headline)
          .foregroundStyle(Color(.onScrim))
          .padding(Space.medium)
          .background(Color(.scrim), in: Capsule())
          .accessibilityAddTraits(.updatesFrequently)
      }
      CardView(screens: screens)
    }
  }

  @ViewBuilder private func bar(vertical: Bool) -> some View {
    let controls = Control.atTheThumb(leftHanded: isLeftHanded, inAColumn: vertical)
    let buttons = ForEach(controls, id: \.self) { control in
      ControlButton(control: control, screens: screens, showsTitle: true)
        .frame(maxWidth: vertical ? nil : .infinity)
    }
    Group {
      if vertical {
        VStack(spacing: Space.small) { buttons }
      } else {
        HStack(alignment: .top, spacing: 0) { buttons }
      }
    }
    .padding(Space.small)
    .background(Color(.scrim), in: RoundedRectangle(cornerRadius: Space.corner))
  }
}

/// One control: a symbol and its words, large enough for a thumb.
struct ControlButton: View {
  let control: Control
  let screens: EnrolledScreens
  let showsTitle: Bool

  var body: some View {
    Button {
      Task { await screens.tap(control) }
    } label: {
      VStack(spacing: 2) {
        Image(systemName: symbol).font(.title3)
        if showsTitle {
          Text(control.phrase).font(.caption).lineLimit(2).multilineTextAlignment(.center)
        }
      }
      .frame(minWidth: Space.target, minHeight: Space.target)
      .foregroundStyle(Color(.onScrim))
    }
    .disabled(control == .torch && !screens.scan.camera.hasTorch)
    .accessibilityLabel(Text(spoken))
  }

  private var isTorchOn: Bool { screens.scan.camera.isTorchOn }

  private var symbol: String {
    control == .torch && isTorchOn ? "flashlight.off.fill" : control.symbol
  }

  private var spoken: Phrase {
    guard control == .torch else { return control.phrase }
    return isTorchOn ? .scanTorchOff : .scanTorchOn
  }
}

/// Where I am and what waits to be sent.
struct ChipView: View {
  let chip: Chip
  let open: @MainActor () -> Void

  var body: some View {
    Button(action: open) {
      Label(chip.text, systemImage: chip.tone.symbol)
        .font(.headline)
        .foregroundStyle(Color(.onScrim))
        .padding(.horizontal, Space.medium)
        .frame(minHeight: Space.target)
        .background(Color(.scrim), in: Capsule())
    }
    .accessibilityLabel(Text(verbatim: chip.spoken))
  }
}

/// There is no picture: why, what one can do about it, and that codes can be typed.
struct NoCameraView: View {
  let state: CameraModel.State
  @Environment(\.openURL) private var openURL

  var body: some View {
    VStack(spacing: Space.medium) {
      Image(systemName: "camera.fill").font(.largeTitle).accessibilityHidden(true)
      Text(words).multilineTextAlignment(.center)
      if state == .refused, let settings = URL(string: UIApplication.openSettingsURLString) {
        Button(Phrase.cameraOpenSettings.key) { openURL(settings) }
          .buttonStyle(.borderedProminent)
      }
    }
    .padding(Space.medium)
    .frame(maxWidth: .infinity, maxHeight: .infinity)
    .foregroundStyle(Color(.ink))
    .background(Color(.background))
  }

  private var words: Phrase {
    switch state {
    case .restricted: .cameraRestricted
    case .missing: .cameraMissing
    default: .cameraRefused
    }
  }
}
