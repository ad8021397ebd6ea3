// Stand-in: widgets and controls.

import AppIntents
import SwiftUI

public protocol TimelineEntry { var date: Date { get } }
public struct TimelineReloadPolicy: Sendable {
  public static let never = TimelineReloadPolicy()
}
public struct Timeline<Entry: TimelineEntry> {
  public init(entries: [Entry], policy: TimelineReloadPolicy) {}
}
public struct TimelineProviderContext {}
public protocol TimelineProvider {
  associatedtype Entry: TimelineEntry
  typealias Context = TimelineProviderContext
  func placeholder(in context: Context) -> Entry
  func getSnapshot(in context: Context, completion: @escaping @Sendable (Entry) -> Void)
  func getTimeline(in context: Context, completion: @escaping @Sendable (Timeline<Entry>) -> Void)
}

public enum WidgetFamily: Sendable {
  case systemSmall, systemMedium, accessoryCircular, accessoryRectangular
}
extension EnvironmentValues { public var widgetFamily: WidgetFamily { fatalError() } }
public struct ContainerBackgroundPlacement: Sendable {
  public static let widget = ContainerBackgroundPlacement()
}
extension View {
  public func widgetURL(_ link: URL?) -> some View { self }
  public func containerBackground<Content: View>(
    for place: ContainerBackgroundPlacement, @ViewBuilder content: () -> Content
  ) -> some View { self }
}

@MainActor @preconcurrency public protocol WidgetConfiguration {}
public struct StaticConfiguration<Content: View>: WidgetConfiguration {
  public init<Provider: TimelineProvider>(
    kind: String, provider: Provider,
    @ViewBuilder content: @escaping (Provider.Entry) -> Content
  ) {}
}
extension WidgetConfiguration {
  public func configurationDisplayName(_ name: Text) -> some WidgetConfiguration { self }
  public func description(_ words: Text) -> some WidgetConfiguration { self }
  public func supportedFamilies(_ families: [WidgetFamily]) -> some WidgetConfiguration { self }
}
@MainActor @preconcurrency public protocol Widget {
  associatedtype Configuration: WidgetConfiguration
  init()
  var body: Configuration { get }
}

@MainActor @preconcurrency public protocol ControlWidgetTemplate {}
public struct ControlWidgetButton<Content: View, Action: AppIntent>: ControlWidgetTemplate {
  public init(action: Action, @ViewBuilder label: @escaping () -> Content) {}
}
@MainActor @preconcurrency public protocol ControlWidgetConfiguration {}
public struct StaticControlConfiguration<Content: ControlWidgetTemplate>:
  ControlWidgetConfiguration
{
  public init(kind: String, content: @escaping () -> Content) {}
}
extension ControlWidgetConfiguration {
  public func displayName(_ name: LocalizedStringResource) -> some ControlWidgetConfiguration {
    self
  }
  public func description(_ words: LocalizedStringResource) -> some ControlWidgetConfiguration {
    self
  }
}
@MainActor @preconcurrency public protocol ControlWidget {
  associatedtype Configuration: ControlWidgetConfiguration
  init()
  var body: Configuration { get }
}

@resultBuilder public enum WidgetBundleBuilder {
  public static func buildExpression<Content: Widget>(_ widget: Content) -> [String] { [] }
  public static func buildExpression<Content: ControlWidget>(_ widget: Content) -> [String] { [] }
  public static func buildOptional(_ widgets: [String]?) -> [String] { [] }
  public static func buildLimitedAvailability(_ widgets: [String]) -> [String] { [] }
  public static func buildBlock(_ widgets: [String]...) -> [String] { [] }
}
/// There a bundle's body is made of widgets; here of nothing that can be shown.
extension Array: Widget, WidgetConfiguration where Element == String {
  public var body: Self { fatalError() }
}
@MainActor @preconcurrency public protocol WidgetBundle {
  associatedtype Body: Widget
  init()
  @WidgetBundleBuilder var body: Body { get }
}
extension WidgetBundle { public static func main() { fatalError() } }
