// Today: where I am, my day, what I have borrowed, what waits, what was refused.

import KokoniInterface
import KokoniScreens
import SwiftUI

struct DayPage: View {
  let app: AppModel
  let screens: EnrolledScreens

  private var screen: TodayScreen { screens.today }

  var body: some View {
    List {
      if let failure = screen.failure { FailureRow(failure: failure) }
      losses
      if let day = screen.day {
        Section { whereabouts(day) }
        if screens.reminders.shouldAsk { Section { askForReminders } }
        if !day.rejected.isEmpty {
          Section(Phrase.todayRejected.key) { ForEach(day.rejected) { rejected($0) } }
        }
        if !day.waiting.isEmpty {
          Section(Phrase.todayWaiting.key) {
            ForEach(day.waiting) { line($0.title, $0.text, symbol: "arrow.up.circle") }
          }
        }
        Section(Phrase.todayLoans.key) {
          if day.loans.isEmpty { Text(.todayNoLoans) }
          ForEach(day.loans) { loan($0) }
        }
        if !day.stays.isEmpty {
          Section(Phrase.todayStays.key) {
            ForEach(day.stays, id: \.self) { stay in
              Label(stay.text, systemImage: stay.telework ? "house" : "chair")
            }
          }
        }
        Section { sync(day) }
      } else {
        ProgressView()
      }
    }
    .navigationTitle(Text(.todayTitle))
    .refreshable { await screen.sync() }
    .task { await screen.look() }
  }

  @ViewBuilder private var losses: some View {
    if !screen.losses.isEmpty {
      Section(Phrase.todayLosses.key) {
        ForEach(screen.losses, id: \.self) { Text(verbatim: $0) }
        Button(Phrase.todayLossesRead.key) { Task { await screen.acknowledgeLosses() } }
      }
    }
  }

  private func whereabouts(_ day: TodayView) -> some View {
    VStack(alignment: .leading, spacing: Space.small) {
      Text(verbatim: day.dateText).font(.subheadline).foregroundStyle(Color(.inkSoft))
      Text(verbatim: day.headline).font(.title2.bold())
      if let since = day.sinceText { Text(verbatim: since) }
      if let notice = day.notice {
        Label(notice, systemImage: Tone.attention.symbol).foregroundStyle(Color(.attention))
      }
      if screens.settings.status?.needsEnrolment == true {
        Button(Phrase.enrolAgain.key) { app.enrolAnew() }.buttonStyle(.borderedProminent)
      }
    }
    .accessibilityElement(children: .contain)
  }

  @ViewBuilder private var askForReminders: some View {
    Text(.remindersAsk)
    Button(Phrase.remindersAllow.key) { Task { await screens.reminders.ask() } }
  }

  private func rejected(_ refused: RejectedLine) -> some View {
    VStack(alignment: .leading, spacing: Space.small) {
      Label(refused.title, systemImage: Tone.refusal.symbol).foregroundStyle(Color(.refusal))
      Text(verbatim: refused.why)
      Text(verbatim: refused.advice).foregroundStyle(Color(.inkSoft))
      HStack(spacing: Space.medium) {
        if refused.canResend {
          Button(Phrase.todayResend.key) { Task { await screen.resend(refused) } }
        }
        Button(Phrase.todayDismiss.key) { Task { await screen.dismiss(refused) } }
      }
      .buttonStyle(.bordered)
    }
  }

  private func loan(_ loan: LoanLine) -> some View {
    VStack(alignment: .leading, spacing: Space.small) {
      line(loan.name, loan.text, symbol: "shippingbox")
      if loan.overdue {
        Label(.todayOverdue, symbol: Tone.attention.symbol).foregroundStyle(Color(.attention))
      }
    }
    .accessibilityElement(children: .combine)
  }

  private func line(_ title: String, _ text: String, symbol: String) -> some View {
    VStack(alignment: .leading) {
      Label(title, systemImage: symbol)
      Text(verbatim: text).font(.subheadline).foregroundStyle(Color(.inkSoft))
    }
    .accessibilityElement(children: .combine)
  }

  @ViewBuilder private func sync(_ day: TodayView) -> some View {
    Text(verbatim: screen.syncText ?? day.syncText)
    Button(Phrase.todaySync.key) { Task { await screen.sync() } }
      .disabled(screen.isSyncing)
  }
}
