// The real client: Kokoni's core in Rust, opened on a folder of this device.

import Foundation
@_exported import KokoniInterface

/// Kokoni's core, opened on a folder of this device.
///
/// It can be used from any task and dropped on any thread; it
/// closes its database in ``shutDown()``, or when it is no longer held.
public final class Kokoni: KokoniClient {
  package let core: Core
  private let keepers = Locked<[ObjectIdentifier: CoreKeeper]>([:])
  private let isShutDown = Locked(false)

  private init(core: Core) {
    self.core = core
  }

  /// Opens the core and its database.
  ///
  /// - Parameters:
  ///   - configuration: the folder, and what the core must know of the app and the device.
  ///   - secrets: where it keeps tokens and keys.
  public static func open(
    _ configuration: OpenConfiguration, secrets: any SecretStore
  ) async throws(KokoniFailure) -> Kokoni {
    let core = try await blocking(language: { configuration.language }) {
      try Core.open(configuration, secrets)
    }
    return Kokoni(core: core)
  }

  /// Erases everything in a folder, and the secrets that belong to it. No core may be open on it.
  ///
  /// This is what an app does after the failure `keyMissing`: open again, enrol again.
  public static func eraseAll(
    folder: URL, secrets: any SecretStore, language: Language
  ) async throws(KokoniFailure) {
    try await blocking(language: { language }) { try CoreFunctions.eraseAll(folder, secrets) }
  }

  /// Sends the log of every core of this process to `sink`, or nowhere. The sink is called on a
  /// thread of its own.
  public static func log(_ level: LogLevel, to sink: (@Sendable (LogLine) -> Void)?) {
    CoreFunctions.log(level, to: sink)
  }

  /// The version of the core.
  public static var coreVersion: String { CoreFunctions.version }

  /// The language of every text.
  public var language: Language {
    get { CoreFunctions.language(of: core) }
    set { CoreFunctions.setLanguage(newValue, of: core) }
  }

  /// Hears of changes from now until the sequence is no longer held.
  public func changes() -> Changes {
    let (mailbox, changes) = CoreFunctions.changes(of: core)
    // Shutting down ends those the core knows of; this one may have come too late.
    if isShutDown.withLock({ $0 }) { mailbox.end() }
    return changes
  }

  /// Syncs by itself for as long as the calling task is not cancelled and the core is open.
  public func keepSynced() async throws(KokoniFailure) {
    let keeper = try await local { try $0.keepSynced() }
    keepers.withLock { $0[ObjectIdentifier(keeper)] = keeper }
    for await _ in changes() {}
    keepers.withLock { _ = $0.removeValue(forKey: ObjectIdentifier(keeper)) }
    await BlockingPool.network.runAlways { keeper.stop() }
  }

  /// Lets ``keepSynced()`` try at once.
  public func syncSoon() {
    for keeper in keepers.withLock({ Array($0.values) }) { keeper.tryNow() }
  }

  /// Closes the database and ends every sequence.
  public func shutDown() async {
    let core = core
    isShutDown.withLock { $0 = true }
    await BlockingPool.network.runAlways { core.shutDown() }
  }

  /// Runs a call that uses what the phone knows.
  func local<Value: Sendable>(
    _ call: @escaping @Sendable (Core) throws -> Value
  ) async throws(KokoniFailure) -> Value {
    let core = core
    return try await blocking(language: { CoreFunctions.language(of: core) }) { try call(core) }
  }

  /// Runs a call that asks the server; cancelling the task reaches it.
  func asking<Value: Sendable>(
    within deadline: Duration, _ call: @escaping @Sendable (Core, CoreLimits) throws -> Value
  ) async throws(KokoniFailure) -> Value {
    let core = core
    let cancel = CoreCancel()
    let limits = CoreLimits(within: deadline, cancel)
    return try await blocking(
      in: .network, language: { CoreFunctions.language(of: core) },
      onCancel: { cancel.cancel() },
      { try call(core, limits) })
  }
}

/// Runs a call that blocks on a thread of the pool. Whatever it throws becomes a failure.
func blocking<Value: Sendable>(
  in pool: BlockingPool = .local, language: @escaping @Sendable () -> Language,
  onCancel: @escaping @Sendable () -> Void = {}, _ call: @escaping @Sendable () throws -> Value
) async throws(KokoniFailure) -> Value {
  let result: Result<Value, KokoniFailure>? = await pool.run(onCancel: onCancel) {
    do {
      return .success(try call())
    } catch {
      return .failure(KokoniFailure(error, language()))
    }
  }
  guard let result else { throw KokoniFailure.cancelled(language()) }
  return try result.get()
}
