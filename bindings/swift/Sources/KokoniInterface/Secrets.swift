// What an app gives to the core: a place for secrets, and one for its log.

import Foundation

/// Why a secret store could not do what it was asked.
public enum SecretFailure: Error, Hashable, Sendable {
  /// It is locked; it opens when the phone is unlocked.
  case locked
  /// It failed.
  case failed
}

/// Where the core keeps tokens and keys: the keychain of a phone.
///
/// Called from any thread, never from the main one; it may take its time. What it throws becomes
/// ``KokoniFailure/Reason/secretsLocked`` or ``KokoniFailure/Reason/secretsFailed``.
public protocol SecretStore: Sendable {
  /// The secret of this name; nil if there is none.
  func load(_ name: String) throws(SecretFailure) -> Data?
  /// Keeps a secret, in place of an earlier one of this name.
  func store(_ name: String, _ value: Data) throws(SecretFailure)
  /// Forgets the secret of this name, if there is one.
  func erase(_ name: String) throws(SecretFailure)
}

/// Secrets in memory, for previews and tests.
public final class MemorySecretStore: SecretStore {
  private let secrets = Locked<[String: Data]>([:])

  /// An empty store.
  public init() {}

  /// The secret of this name; nil if there is none.
  public func load(_ name: String) throws(SecretFailure) -> Data? {
    secrets.withLock { $0[name] }
  }

  /// Keeps a secret.
  public func store(_ name: String, _ value: Data) throws(SecretFailure) {
    secrets.withLock { $0[name] = value }
  }

  /// Forgets a secret.
  public func erase(_ name: String) throws(SecretFailure) {
    secrets.withLock { _ = $0.removeValue(forKey: name) }
  }

  /// How many secrets there are.
  public var count: Int { secrets.withLock { $0.count } }
}

/// How much a log tells.
public enum LogLevel: Hashable, Sendable, CaseIterable {
  /// What went wrong.
  case error
  /// What may go wrong.
  case warn
  /// What happens.
  case info
  /// How.
  case debug
}

/// One line of the core's log; without personal data.
public struct LogLine: Hashable, Sendable {
  /// How much it matters.
  public var level: LogLevel
  /// Which part of the core says it.
  public var target: String
  /// What it says.
  public var text: String

  /// All of it.
  public init(level: LogLevel, target: String, text: String) {
    self.level = level
    self.target = target
    self.text = text
  }
}
