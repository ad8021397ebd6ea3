// Stand-in: scheduling notifications and hearing what a person does with them.

import Foundation

public enum UNAuthorizationStatus: Int, Sendable {
  case notDetermined, denied, authorized, provisional, ephemeral
}
public struct UNAuthorizationOptions: OptionSet, Sendable {
  public let rawValue: UInt
  public init(rawValue: UInt) { self.rawValue = rawValue }
  public static let sound = UNAuthorizationOptions(rawValue: 2)
  public static let alert = UNAuthorizationOptions(rawValue: 4)
}
public struct UNNotificationPresentationOptions: OptionSet, Sendable {
  public let rawValue: UInt
  public init(rawValue: UInt) { self.rawValue = rawValue }
  public static let sound = UNNotificationPresentationOptions(rawValue: 2)
  public static let list = UNNotificationPresentationOptions(rawValue: 8)
  public static let banner = UNNotificationPresentationOptions(rawValue: 16)
}
open class UNNotificationSettings: NSObject, @unchecked Sendable {
  open var authorizationStatus: UNAuthorizationStatus { fatalError() }
}
open class UNNotificationSound: NSObject, @unchecked Sendable {
  open class var `default`: UNNotificationSound { fatalError() }
}
open class UNNotificationContent: NSObject {}
open class UNMutableNotificationContent: UNNotificationContent {
  public override init() { super.init() }
  open var title: String {
    get { fatalError() }
    set { fatalError() }
  }
  open var body: String {
    get { fatalError() }
    set { fatalError() }
  }
  open var sound: UNNotificationSound? {
    get { fatalError() }
    set { fatalError() }
  }
  open var categoryIdentifier: String {
    get { fatalError() }
    set { fatalError() }
  }
}
open class UNNotificationTrigger: NSObject {}
open class UNCalendarNotificationTrigger: UNNotificationTrigger {
  public init(dateMatching components: DateComponents, repeats: Bool) { fatalError() }
}
open class UNNotificationRequest: NSObject {
  public init(
    identifier: String, content: UNNotificationContent, trigger: UNNotificationTrigger?
  ) { fatalError() }
}
open class UNNotification: NSObject {}
open class UNNotificationResponse: NSObject {
  open var actionIdentifier: String { fatalError() }
}
open class UNNotificationAction: NSObject {
  public init(identifier: String, title: String) { fatalError() }
}
open class UNNotificationCategory: NSObject, @unchecked Sendable {
  public init(identifier: String, actions: [UNNotificationAction], intentIdentifiers: [String]) {
    fatalError()
  }
}
public protocol UNUserNotificationCenterDelegate: AnyObject {
  func userNotificationCenter(
    _ center: UNUserNotificationCenter, didReceive response: UNNotificationResponse) async
  func userNotificationCenter(
    _ center: UNUserNotificationCenter, willPresent notification: UNNotification
  ) async -> UNNotificationPresentationOptions
}
open class UNUserNotificationCenter: NSObject, @unchecked Sendable {
  open class func current() -> UNUserNotificationCenter { fatalError() }
  open weak var delegate: (any UNUserNotificationCenterDelegate)? {
    get { fatalError() }
    set { fatalError() }
  }
  open func notificationSettings() async -> UNNotificationSettings { fatalError() }
  open func requestAuthorization(options: UNAuthorizationOptions) async throws -> Bool {
    fatalError()
  }
  open func removeAllPendingNotificationRequests() { fatalError() }
  open func add(_ request: UNNotificationRequest) async throws { fatalError() }
  open func setNotificationCategories(_ categories: Set<UNNotificationCategory>) { fatalError() }
}
