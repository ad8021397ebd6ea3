// Finding a colleague.

import KokoniInterface
import KokoniScreens
import SwiftUI

struct PeoplePage: View {
  let screens: EnrolledScreens
  @State private var query = ""
  @Environment(\.openURL) private var openURL

  private var screen: PeopleScreen { screens.people }

  var body: some View {
    List {
      if screen.failure != nil { Text(.peopleOffline).foregroundStyle(Color(.inkSoft)) }
      if screen.people.isEmpty, !query.isEmpty, !screen.isAsking { Text(.peopleNobody) }
      ForEach(screen.people) { person($0) }
    }
    .searchable(text: $query, prompt: Text(.peopleSearch))
    .navigationTitle(Text(.peopleTitle))
    .task(id: query) { await screen.search(query) }
  }

  private func person(_ person: PersonLine) -> some View {
    VStack(alignment: .leading, spacing: Space.small) {
      VStack(alignment: .leading) {
        Text(verbatim: person.name).font(.headline)
        Text(verbatim: person.kana).font(.caption)
        Text(verbatim: person.section).foregroundStyle(Color(.inkSoft))
        if let whereText = person.whereText {
          Label(whereText, systemImage: "mappin.and.ellipse")
        }
      }
      .accessibilityElement(children: .combine)
      HStack(spacing: Space.medium) {
        if let dial = person.dial, let link = URL(string: dial) {
          Button {
            openURL(link)
          } label: {
            Label(.peopleCall, symbol: "phone.fill").frame(minHeight: Space.target)
          }
        }
        if let floor = person.floor {
          Button {
            screens.show(floor: floor)
          } label: {
            Label(.peopleShowFloor, symbol: "map").frame(minHeight: Space.target)
          }
        }
      }
      .buttonStyle(.bordered)
    }
  }
}
