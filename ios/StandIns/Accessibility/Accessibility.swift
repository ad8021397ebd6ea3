// Stand-in: what a screen reader says.

public enum AccessibilityNotification {
  public struct Announcement: Sendable {
    public init(_ text: String) {}
    public func post() { fatalError() }
  }
}
