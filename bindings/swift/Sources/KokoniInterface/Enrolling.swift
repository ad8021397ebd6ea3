// Whose phone this is: how it is opened, enrolled and managed.

import Foundation

/// The language of every text the core gives.
public enum Language: Hashable, Sendable, CaseIterable {
  /// 日本語
  case japanese
  /// English
  case english
}

/// What kind of device this is, as the list of devices shows it.
public enum Platform: Hashable, Sendable, CaseIterable {
  /// A phone with Android.
  case android
  /// A phone with iOS.
  case ios
  /// Anything else.
  case other
}

/// What a core needs to be opened.
public struct OpenConfiguration: Hashable, Sendable {
  /// A private folder in which everything is kept; made where it is missing.
  public var folder: URL
  /// The version of the app, for diagnostics and for the server.
  public var appVersion: String
  /// The language of every text.
  public var language: Language
  /// What kind of device this is.
  public var platform: Platform
  /// How the device calls itself, for the list of devices.
  public var deviceName: String
  /// The values of a device management; empty if there is none.
  public var managed: [String: String]

  /// All of it.
  public init(
    folder: URL,
    appVersion: String,
    language: Language,
    platform: Platform = .ios,
    deviceName: String,
    managed: [String: String] = [:]
  ) {
    self.folder = folder
    self.appVersion = appVersion
    self.language = language
    self.platform = platform
    self.deviceName = deviceName
    self.managed = managed
  }
}

/// Whose phone this is.
public struct Enrolment: Hashable, Sendable {
  /// The organisation's id.
  public var organisation: String
  /// Its name.
  public var organisationName: String
  /// The person's id.
  public var person: String
  /// Their name.
  public var personName: String
  /// This device's id.
  public var device: String
  /// The server's address.
  public var server: String
  /// The host in the texts of the labels.
  public var labelHost: String

  /// All of it.
  public init(
    organisation: String,
    organisationName: String,
    person: String,
    personName: String,
    device: String,
    server: String,
    labelHost: String
  ) {
    self.organisation = organisation
    self.organisationName = organisationName
    self.person = person
    self.personName = personName
    self.device = device
    self.server = server
    self.labelHost = labelHost
  }
}

/// What came of the values of a device management.
public struct Configured: Hashable, Sendable {
  /// Whether they suffice to enrol: ``KokoniClient/enrolManaged(deadline:)``.
  public var canEnrol: Bool
  /// Whether the core must be shut down and opened again, for certificates have changed.
  public var restartNeeded: Bool
  /// What is to be said of each value.
  public var feedback: [SettingFeedback]

  /// All of it.
  public init(canEnrol: Bool, restartNeeded: Bool, feedback: [SettingFeedback]) {
    self.canEnrol = canEnrol
    self.restartNeeded = restartNeeded
    self.feedback = feedback
  }
}

/// What is to be said of one value of a device management.
public struct SettingFeedback: Hashable, Sendable, Identifiable {
  /// Which value.
  public var key: String
  /// Whether it cannot be used.
  public var problem: Bool
  /// A sentence for the administrator.
  public var text: String

  /// The same as ``key``.
  public var id: String { key }

  /// All of it.
  public init(key: String, problem: Bool, text: String) {
    self.key = key
    self.problem = problem
    self.text = text
  }
}
