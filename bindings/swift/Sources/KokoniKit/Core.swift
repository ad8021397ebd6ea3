// The generated bindings, under the names the package uses for them. The hand-written code knows
// them only through this file, FromCore.swift and the conversions, so that its own `ScanCard` is
// never taken for theirs.

import Foundation
import KokoniFFI
import KokoniInterface

package typealias Core = KokoniFFI.Kokoni
typealias CoreCancel = KokoniFFI.CancelHandle
typealias CoreKeeper = KokoniFFI.SyncKeeper
typealias CoreLimits = KokoniFFI.CallLimits
package typealias CoreReader = KokoniFFI.FrameReader

extension KokoniFFI.CallLimits {
  init(within deadline: Swift.Duration, _ cancel: CoreCancel) {
    self.init(deadline: deadline.seconds, cancel: cancel)
  }
}

extension KokoniFFI.Kokoni {
  static func open(
    _ own: OpenConfiguration, _ secrets: any KokoniInterface.SecretStore
  ) throws -> Core {
    let config = OpenConfig(
      folder: own.folder.path, appVersion: own.appVersion, language: .init(own.language),
      platform: .init(own.platform), deviceName: own.deviceName, managed: own.managed)
    return try Core.open(config: config, secrets: SecretBridge(secrets))
  }
}

/// The core's functions that belong to no object, or whose names would be taken for others.
enum CoreFunctions {
  static var version: String { coreVersion() }

  static func eraseAll(_ folder: URL, _ secrets: any KokoniInterface.SecretStore) throws {
    try KokoniFFI.eraseAll(folder: folder.path, secrets: SecretBridge(secrets))
  }

  static func log(
    _ level: KokoniInterface.LogLevel, to sink: (@Sendable (LogLine) -> Void)?
  ) {
    setLogSink(sink: sink.map(LogBridge.init), level: .init(level))
  }

  static func language(of core: Core) -> KokoniInterface.Language {
    .init(core.language())
  }

  static func setLanguage(_ language: KokoniInterface.Language, of core: Core) {
    core.setLanguage(language: .init(language))
  }

  static func text(of hint: KokoniInterface.Hint, _ language: KokoniInterface.Language) -> String {
    hintText(hint: .init(hint), language: .init(language))
  }

  static func changes(of core: Core) -> (TopicMailbox, Changes) {
    let mailbox = TopicMailbox()
    let handle = core.observe(observer: ObserverBridge(mailbox))
    return (mailbox, Changes(mailbox: mailbox, subscription: handle))
  }
}

/// Puts what the core tells into a listener's mailbox.
private final class ObserverBridge: KokoniFFI.Observer {
  private let mailbox: TopicMailbox

  init(_ mailbox: TopicMailbox) {
    self.mailbox = mailbox
  }

  // The core holds its observers until they are stopped or it is shut down.
  deinit { mailbox.end() }

  func changed(topic: KokoniFFI.Topic) throws {
    mailbox.post(.init(topic))
  }
}

/// An app's secret store, as the core calls it.
private final class SecretBridge: KokoniFFI.SecretStore {
  private let secrets: any KokoniInterface.SecretStore

  init(_ secrets: any KokoniInterface.SecretStore) {
    self.secrets = secrets
  }

  func load(name: String) throws -> Data? {
    try coreErrors { () throws(SecretFailure) in try secrets.load(name) }
  }

  func store(name: String, value: Data) throws {
    try coreErrors { () throws(SecretFailure) in try secrets.store(name, value) }
  }

  func erase(name: String) throws {
    try coreErrors { () throws(SecretFailure) in try secrets.erase(name) }
  }

  private func coreErrors<Value>(_ call: () throws(SecretFailure) -> Value) throws -> Value {
    do {
      return try call()
    } catch {
      switch error {
      case .locked: throw SecretError.Locked(message: "locked")
      case .failed: throw SecretError.Failed(message: "failed")
      }
    }
  }
}

/// Hands the core's log on, line by line.
private final class LogBridge: KokoniFFI.LogSink {
  private let sink: @Sendable (LogLine) -> Void

  init(_ sink: @escaping @Sendable (LogLine) -> Void) {
    self.sink = sink
  }

  func log(level: KokoniFFI.LogLevel, target: String, text: String) throws {
    sink(LogLine(level: .init(level), target: target, text: text))
  }
}
