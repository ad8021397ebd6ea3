// The floors, and one floor as it is now: a plan, and the same as a list.

import KokoniInterface
import KokoniScreens
import SwiftUI

struct FloorsPage: View {
  let screens: EnrolledScreens

  private var screen: FloorsScreen { screens.floors }

  var body: some View {
    List {
      if let failure = screen.failure { FailureRow(failure: failure) }
      ForEach(screen.floors) { floor in
        NavigationLink(value: Place.floor(floor.floor)) {
          VStack(alignment: .leading) {
            Text(verbatim: floor.name).font(.headline)
            if floor.mine { Label(.floorsMine, symbol: "person.fill") }
          }
          .frame(minHeight: Space.target)
        }
      }
    }
    .navigationTitle(Text(.floorsTitle))
    .task { await screen.look() }
  }
}

struct FloorPage: View {
  @State var screen: FloorScreen

  var body: some View {
    List {
      if let failure = screen.failure {
        FailureRow(failure: failure)
        if screen.view != nil { Text(.floorOlder) }
      }
      if let view = screen.view {
        Section {
          Text(verbatim: view.summary).font(.headline)
          FloorPlan(view: view)
            .accessibilityElement()
            .accessibilityLabel(Text(.floorMap))
        }
        Section(Phrase.floorSeats.key) {
          ForEach(screen.places) { seat in
            LabeledContent {
              Text(verbatim: seat.text)
            } label: {
              Label(seat.name, systemImage: seat.symbol)
            }
            .accessibilityElement()
            .accessibilityLabel(Text(verbatim: seat.spoken))
          }
        }
      } else if screen.failure == nil {
        ProgressView()
      }
    }
    .navigationTitle(Text(verbatim: screen.view?.name ?? ""))
    .refreshable { await screen.look() }
    .task { await screen.run() }
  }
}

/// The places where they are; free and taken differ in shape as well as in colour.
struct FloorPlan: View {
  let view: FloorView

  var body: some View {
    GeometryReader { box in
      ForEach(view.seats) { seat in
        let place = view.position(
          of: seat, width: Double(box.size.width), height: Double(box.size.height))
        Image(systemName: seat.symbol)
          .font(.caption)
          .foregroundStyle(Color(seat.mine ? .accent : seat.taken ? .neutral : .success))
          .position(x: CGFloat(place.x), y: CGFloat(place.y))
      }
    }
    .frame(height: 240)
  }
}

extension SeatView {
  /// A shape for each of one's own, taken and free.
  fileprivate var symbol: String {
    if mine { return "star.circle.fill" }
    return taken ? "person.fill" : "circle"
  }
}
