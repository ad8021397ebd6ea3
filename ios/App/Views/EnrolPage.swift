// Making this phone somebody's.

import KokoniScreens
import SwiftUI

struct EnrolPage: View {
  let app: AppModel
  @Bindable var screen: EnrolScreen
  @Environment(\.scenePhase) private var scenePhase

  var body: some View {
    NavigationStack {
      Form {
        if app.hasLostKey { Text(.enrolLost) }
        if let failure = screen.failure { FailureRow(failure: failure) }
        Section {
          camera
        } footer: {
          Text(.enrolScan)
        }
        Section(Phrase.enrolTyped.key) { typed }
        if screen.canEnrolManaged {
          Button(Phrase.enrolManaged.key) { Task { await screen.enrolManaged() } }
        }
        if !screen.feedback.isEmpty {
          Section(Phrase.settingsManaged.key) {
            ForEach(screen.feedback) { line in
              Label(
                line.text,
                systemImage: line.problem ? "exclamationmark.triangle.fill" : "checkmark")
            }
          }
        }
      }
      .navigationTitle(Text(.enrolTitle))
      .toolbar {
        if app.canLeaveEnrolling {
          Button(Phrase.back.key) { Task { await app.leaveEnrolling() } }
        }
      }
      .disabled(screen.isBusy)
    }
    .task(id: scenePhase) {
      if scenePhase == .active { await screen.run() }
    }
  }

  @ViewBuilder private var camera: some View {
    if screen.camera.isUnusable {
      NoCameraView(state: screen.camera.state)
    } else {
      CameraPreview(session: CaptureCamera.shared.session)
        .frame(height: 240)
        .accessibilityElement()
        .accessibilityLabel(Text(.enrolScan))
    }
    if let hint = screen.camera.hint { Text(verbatim: hint) }
    if let stranger = screen.stranger { Text(verbatim: stranger) }
  }

  @ViewBuilder private var typed: some View {
    TextField(Phrase.enrolServer.key, text: $screen.server)
      .keyboardType(.URL)
      .textInputAutocapitalization(.never)
      .autocorrectionDisabled()
    TextField(Phrase.enrolCode.key, text: $screen.code)
      .keyboardType(.asciiCapable)
      .textInputAutocapitalization(.characters)
      .autocorrectionDisabled()
    Button(action: submit) {
      if screen.isBusy { ProgressView() } else { Text(.enrolSubmit) }
    }
    .disabled(!screen.canSubmit)
  }

  private func submit() {
    Task { await screen.submit() }
  }
}
