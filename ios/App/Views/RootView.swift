// What the app shows: opening, enrolling, or the screens of an enrolled phone.

import KokoniInterface
import KokoniScreens
import SwiftUI

struct RootView: View {
  let app: AppModel
  @Environment(\.scenePhase) private var scenePhase
  /// What was in sight, kept by the system when it ends the process.
  @SceneStorage("screens") private var kept = ""

  var body: some View {
    stage
      .environment(\.locale, Locale(identifier: app.language == .japanese ? "ja" : "en"))
      .tint(Color(.accent))
      .task {
        if let saved = SavedState(kept: kept) { app.restore(saved) }
        await app.run()
      }
      .task(id: scenePhase) {
        guard scenePhase == .active else { return }
        await app.activated()
        await app.keepSynced()
      }
      .onChange(of: app.screens?.saved) { _, saved in
        if let saved { kept = saved.kept }
      }
      .onOpenURL { link in
        if let place = QuickPlace(link: link) {
          app.go(to: place.path)
        } else {
          Task { await app.open(link: link.absoluteString) }
        }
      }
      .modifier(LinkNotices(app: app))
  }

  @ViewBuilder private var stage: some View {
    switch app.stage {
    case .opening:
      ProgressView { Text(.appOpening) }
    case .locked:
      StoppedView(title: .appLocked, detail: nil) { await app.tryAgain() }
    case .stopped(let failure):
      StoppedView(title: .appStopped, detail: failure.text) { await app.tryAgain() }
    case .enrolling(let screen):
      EnrolPage(app: app, screen: screen)
    case .enrolled(let screens):
      ScreensView(app: app, screens: screens)
    }
  }
}

/// The core cannot be opened.
struct StoppedView: View {
  let title: Phrase
  let detail: String?
  let tryAgain: @MainActor () async -> Void

  var body: some View {
    VStack(spacing: Space.medium) {
      Text(title).font(.title2)
      if let detail { Text(verbatim: detail) }
      Button {
        Task { await tryAgain() }
      } label: {
        Text(.tryAgain).frame(minWidth: Space.target, minHeight: Space.target)
      }
      .buttonStyle(.borderedProminent)
    }
    .padding(Space.medium)
  }
}

/// What there is to say of a link that was opened.
struct LinkNotices: ViewModifier {
  let app: AppModel

  func body(content: Content) -> some View {
    content.alert(
      Text(title), isPresented: isShown,
      actions: {
        if case .alreadyEnrolled? = app.linkNotice {
          Button(Phrase.enrolAgain.key) { Task { await app.enrolAgain() } }
        }
        Button(Phrase.close.key, role: .cancel) { app.acknowledgeLink() }
      },
      message: {
        switch app.linkNotice {
        case .otherOrganisation(let host): Text(verbatim: host)
        case .alreadyEnrolled(_, let question): Text(verbatim: question)
        case .enrolFirst, .unknown, nil: EmptyView()
        }
      })
  }

  private var isShown: Binding<Bool> {
    Binding(
      get: { app.linkNotice != nil },
      // A button that acts on the notice takes it away itself.
      set: { _ in })
  }

  private var title: Phrase {
    switch app.linkNotice {
    case .otherOrganisation: .linkOther
    case .enrolFirst: .linkEnrolFirst
    case .alreadyEnrolled: .linkAlready
    case .unknown, nil: .linkUnknown
    }
  }
}

/// The screens of an enrolled phone: the camera below, the others above it.
struct ScreensView: View {
  let app: AppModel
  @Bindable var screens: EnrolledScreens

  var body: some View {
    NavigationStack(path: $screens.path) {
      ScanPage(screens: screens)
        .navigationDestination(for: Place.self) { place in
          page(place)
        }
    }
  }

  @ViewBuilder private func page(_ place: Place) -> some View {
    switch place {
    case .scan: EmptyView()
    case .typedCode: TypedCodePage(screens: screens)
    case .today: DayPage(app: app, screens: screens)
    case .people: PeoplePage(screens: screens)
    case .floors: FloorsPage(screens: screens)
    case .floor(let floor): FloorPage(screen: screens.floors.screen(of: floor))
    case .settings: SettingsPage(screens: screens)
    }
  }
}
