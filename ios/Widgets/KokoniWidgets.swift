// From the home screen, the lock screen, the control centre and the Action button to the camera with
// one tap. Nothing of the person's is shown there: others see these places.

import AppIntents
import KokoniScreens
import SwiftUI
import WidgetKit

@main
struct KokoniWidgets: WidgetBundle {
  var body: some Widget {
    ScanWidget()
    if #available(iOS 18.0, *) {
      ScanControl()
    }
  }
}

/// The widget for the home screen and the lock screen.
struct ScanWidget: Widget {
  var body: some WidgetConfiguration {
    StaticConfiguration(kind: "dev.kokoni.app.scan", provider: NothingChanges()) { _ in
      ScanWidgetView()
    }
    .configurationDisplayName(Text(.intentScan))
    .description(Text(.intentScanAbout))
    .supportedFamilies([.systemSmall, .accessoryCircular, .accessoryRectangular])
  }
}

/// A symbol and its words; on the lock screen's circle the symbol alone, with words for VoiceOver.
struct ScanWidgetView: View {
  @Environment(\.widgetFamily) private var family
  private let place = QuickPlace.scan

  var body: some View {
    VStack {
      Image(systemName: place.symbol).font(.largeTitle).accessibilityHidden(true)
      if family != .accessoryCircular {
        Text(place.phrase).font(.headline)
      }
    }
    .foregroundStyle(Color(.accent))
    .containerBackground(for: .widget) { Color(.background) }
    .accessibilityElement(children: .ignore)
    .accessibilityLabel(Text(place.phrase))
    .widgetURL(place.link)
  }
}

/// The control for the control centre, the lock screen and the Action button.
@available(iOS 18.0, *)
struct ScanControl: ControlWidget {
  var body: some ControlWidgetConfiguration {
    StaticControlConfiguration(kind: "dev.kokoni.app.control.scan") {
      ControlWidgetButton(action: OpenPlaceIntent(.scan)) {
        Label(QuickPlace.scan.phrase, symbol: QuickPlace.scan.symbol)
      }
    }
    .displayName("intent.scan")
    .description("intent.scan.about")
  }
}

/// One entry, for ever.
struct NothingChanges: TimelineProvider {
  struct Entry: TimelineEntry {
    let date: Date
  }

  func placeholder(in context: Context) -> Entry { Entry(date: .now) }

  func getSnapshot(in context: Context, completion: @escaping @Sendable (Entry) -> Void) {
    completion(Entry(date: .now))
  }

  func getTimeline(in context: Context, completion: @escaping @Sendable (Timeline<Entry>) -> Void) {
    completion(Timeline(entries: [Entry(date: .now)], policy: .never))
  }
}
