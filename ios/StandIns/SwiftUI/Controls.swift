// Stand-in: the views that show something.

public struct LocalizedStringKey: ExpressibleByStringInterpolation, Equatable, Sendable {
  public init(_ value: String) {}
  public init(stringLiteral value: String) {}
}
public struct Text: View, Sendable {
  public init(_ key: LocalizedStringKey) {}
  @_disfavoredOverload public init<Words: StringProtocol>(_ words: Words) {}
  public init(verbatim: String) {}
  public var body: Never { fatalError() }
}
public struct Image: View, Sendable {
  public init(systemName: String) {}
  public var body: Never { fatalError() }
}
public struct Label<Title: View, Icon: View>: View { public var body: Never { fatalError() } }
extension Label where Title == Text, Icon == Image {
  public init(_ key: LocalizedStringKey, systemImage: String) { fatalError() }
  @_disfavoredOverload public init<Words: StringProtocol>(_ words: Words, systemImage: String) {
    fatalError()
  }
}
public struct ButtonRole: Sendable {
  public static let destructive = ButtonRole(), cancel = ButtonRole()
}
public struct Button<Content: View>: View {
  public init(action: @escaping @MainActor () -> Void, @ViewBuilder label: () -> Content) {}
  public var body: Never { fatalError() }
}
extension Button where Content == Text {
  public init(_ key: LocalizedStringKey, action: @escaping @MainActor () -> Void) {}
  public init(
    _ key: LocalizedStringKey, role: ButtonRole?, action: @escaping @MainActor () -> Void
  ) {}
}
public struct Toggle<Content: View>: View { public var body: Never { fatalError() } }
extension Toggle where Content == Text {
  public init(_ key: LocalizedStringKey, isOn: Binding<Bool>) {}
}
public struct TextField<Content: View>: View { public var body: Never { fatalError() } }
extension TextField where Content == Text {
  public init(_ key: LocalizedStringKey, text: Binding<String>) {}
}
public struct ProgressView<Content: View>: View {
  public init(@ViewBuilder label: () -> Content) {}
  public var body: Never { fatalError() }
}
extension ProgressView where Content == EmptyView { public init() {} }
public struct LabeledContent<Title: View, Content: View>: View {
  public init(@ViewBuilder content: () -> Content, @ViewBuilder label: () -> Title) {}
  public var body: Never { fatalError() }
}
public struct ShareLink<Content: View>: View {
  public init(item: String, @ViewBuilder label: () -> Content) {}
  public var body: Never { fatalError() }
}
public struct NavigationLink<Content: View>: View {
  public init<Value: Hashable>(value: Value?, @ViewBuilder label: () -> Content) {}
  public var body: Never { fatalError() }
}
public struct Spacer: View {
  public init() {}
  public var body: Never { fatalError() }
}

// MARK: Containers

public enum HorizontalAlignment: Sendable { case leading, center, trailing }
public enum VerticalAlignment: Sendable { case top, center, bottom }
public enum Alignment: Sendable { case leading, center, trailing }
public struct VStack<Content: View>: View {
  public init(
    alignment: HorizontalAlignment = .center, spacing: CGFloat? = nil,
    @ViewBuilder content: () -> Content
  ) {}
  public var body: Never { fatalError() }
}
public struct HStack<Content: View>: View {
  public init(
    alignment: VerticalAlignment = .center, spacing: CGFloat? = nil,
    @ViewBuilder content: () -> Content
  ) {}
  public var body: Never { fatalError() }
}
public struct ZStack<Content: View>: View {
  public init(@ViewBuilder content: () -> Content) {}
  public var body: Never { fatalError() }
}
public struct Group<Content: View>: View {
  public init(@ViewBuilder content: () -> Content) {}
  public var body: Never { fatalError() }
}
public struct ScrollView<Content: View>: View {
  public init(@ViewBuilder content: () -> Content) {}
  public var body: Never { fatalError() }
}
public struct List<Content: View>: View {
  public init(@ViewBuilder content: () -> Content) {}
  public var body: Never { fatalError() }
}
public struct Form<Content: View>: View {
  public init(@ViewBuilder content: () -> Content) {}
  public var body: Never { fatalError() }
}
public struct Section<Header: View, Content: View, Footer: View>: View {
  public var body: Never { fatalError() }
}
extension Section where Header == Text, Footer == EmptyView {
  public init(_ key: LocalizedStringKey, @ViewBuilder content: () -> Content) {}
}
extension Section where Header == EmptyView, Footer == EmptyView {
  public init(@ViewBuilder content: () -> Content) {}
}
extension Section where Header == EmptyView {
  public init(@ViewBuilder content: () -> Content, @ViewBuilder footer: () -> Footer) {}
}
public struct ForEach<Data: RandomAccessCollection, ID: Hashable, Content: View>: View {
  public init(
    _ data: Data, id: KeyPath<Data.Element, ID>,
    @ViewBuilder content: @escaping (Data.Element) -> Content
  ) {}
  public var body: Never { fatalError() }
}
extension ForEach where Data.Element: Identifiable, ID == Data.Element.ID {
  public init(_ data: Data, @ViewBuilder content: @escaping (Data.Element) -> Content) {}
}
public struct NavigationStack<Data, Root: View>: View {
  public init(path: Binding<Data>, @ViewBuilder root: () -> Root)
  where Data: MutableCollection & RangeReplaceableCollection, Data.Element: Hashable {}
  public var body: Never { fatalError() }
}
extension NavigationStack where Data == Never {
  public init(@ViewBuilder root: () -> Root) {}
}
public struct GeometryProxy { public var size: CGSize { fatalError() } }
public struct GeometryReader<Content: View>: View {
  public init(@ViewBuilder content: @escaping (GeometryProxy) -> Content) {}
  public var body: Never { fatalError() }
}

// MARK: Looks

public protocol ShapeStyle: Sendable {}
public struct Color: View, ShapeStyle {
  public init(uiColor: UIColor) {}
  public var body: Never { fatalError() }
}
public protocol Shape: View {}
public protocol InsettableShape: Shape {}
public struct Capsule: InsettableShape {
  public init() {}
  public var body: Never { fatalError() }
}
public struct Circle: InsettableShape {
  public init() {}
  public var body: Never { fatalError() }
}
public struct RoundedRectangle: InsettableShape {
  public init(cornerRadius: CGFloat) {}
  public var body: Never { fatalError() }
}
public struct Font: Sendable {
  public static let caption = Font(), subheadline = Font(), headline = Font(), title2 = Font(),
    title3 = Font(), largeTitle = Font()
  public func bold() -> Font { self }
  public func monospaced() -> Font { self }
}
public struct Edge: Sendable {
  public struct Set: OptionSet, Sendable {
    public let rawValue: Int
    public init(rawValue: Int) { self.rawValue = rawValue }
    public static let horizontal = Set(rawValue: 1), all = Set(rawValue: 15)
  }
}
public enum TextAlignment: Sendable { case leading, center, trailing }
public enum Visibility: Sendable { case automatic, visible, hidden }
