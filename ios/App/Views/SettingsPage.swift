// This phone: whose it is, how it is used, what support asks for, and signing out.

import KokoniInterface
import KokoniScreens
import SwiftUI

struct SettingsPage: View {
  let screens: EnrolledScreens
  @AppStorage(Settings.leftHandKey) private var isLeftHanded = false
  @AppStorage(Settings.soundKey) private var playsSound = true

  private var screen: SettingsScreen { screens.settings }

  var body: some View {
    @Bindable var screen = screen
    Form {
      Section {
        row(.settingsPerson, screen.enrolment.personName)
        row(.settingsOrganisation, screen.enrolment.organisationName)
        row(.settingsServer, screen.enrolment.server)
        if let status = screen.status {
          Label(status.text, systemImage: status.tone.symbol)
            .foregroundStyle(Color(status.tone.role))
        }
      }
      Section {
        Toggle(Phrase.settingsLeftHand.key, isOn: $isLeftHanded)
        Toggle(Phrase.settingsSound.key, isOn: $playsSound)
      }
      Section(Phrase.settingsReminders.key) { reminders }
      Section { diagnostics }
      Section {
        Button(Phrase.settingsSignOut.key, role: .destructive) {
          Task { await screen.askToSignOut() }
        }
        .disabled(screen.isBusy)
        if let failure = screen.failure { FailureRow(failure: failure) }
      }
    }
    .navigationTitle(Text(.settingsTitle))
    .task { await screen.look() }
    .confirmationDialog(
      Text(screen.wouldLose > 0 ? .settingsSignOutLoses : .settingsSignOutAsk),
      isPresented: $screen.isAskingToSignOut, titleVisibility: .visible
    ) {
      Button(Phrase.settingsSignOut.key, role: .destructive) { Task { await screen.signOut() } }
      Button(Phrase.back.key, role: .cancel) {}
    }
  }

  private func row(_ phrase: Phrase, _ value: String) -> some View {
    LabeledContent {
      Text(verbatim: value)
    } label: {
      Text(phrase)
    }
  }

  @ViewBuilder private var reminders: some View {
    switch screens.reminders.permission {
    case .granted: Text(.settingsRemindersOn)
    case .refused: Text(.settingsRemindersOff)
    case .notAsked, nil:
      Button(Phrase.remindersAllow.key) { Task { await screens.reminders.ask() } }
    }
    Button(Phrase.remindersSilence.key) { Task { await screens.reminders.silenceToday() } }
  }

  @ViewBuilder private var diagnostics: some View {
    Button(Phrase.settingsDiagnostics.key) { Task { await screen.fetchDiagnostics() } }
    if let diagnostics = screen.diagnostics {
      Text(verbatim: diagnostics).font(.caption.monospaced())
      ShareLink(item: diagnostics) { Label(.settingsShare, symbol: "square.and.arrow.up") }
    }
  }
}
