// Whose phone this is, how things stand, and how to sign out.

import Foundation
import KokoniInterface
import Observation

/// The screen about this phone.
@MainActor
@Observable
public final class SettingsScreen {
  /// Whose phone this is.
  public let enrolment: Enrolment
  /// How things stand between phone and server; nil before the first look.
  public private(set) var status: SyncStatus?
  /// What the core tells support, without personal data; nil before it was asked for.
  public private(set) var diagnostics: String?
  /// Whether the person was asked if they really want to sign out.
  public var isAskingToSignOut = false
  /// Whether signing out is under way.
  public private(set) var isBusy = false
  /// Why the last tap did nothing.
  public private(set) var failure: KokoniFailure?

  @ObservationIgnored private let client: any KokoniClient
  @ObservationIgnored private let signedOut: @MainActor () async -> Void

  /// The screen of this client; `signedOut` is called once everything is erased.
  public init(
    client: any KokoniClient, enrolment: Enrolment,
    signedOut: @escaping @MainActor () async -> Void
  ) {
    self.client = client
    self.enrolment = enrolment
    self.signedOut = signedOut
  }

  /// How many records would be lost by signing out now.
  public var wouldLose: Int { status?.waiting ?? 0 }

  /// Reads how things stand anew.
  public func look() async {
    if let status = try? await client.status() { self.status = status }
  }

  /// Fetches what support asks for.
  public func fetchDiagnostics() async {
    await attempt { () async throws(KokoniFailure) in
      self.diagnostics = try await self.client.diagnostics()
    }
  }

  /// Asks whether the person really wants to sign out, with what would be lost.
  public func askToSignOut() async {
    await look()
    isAskingToSignOut = true
  }

  /// Signs out and erases everything. What still waits is sent first if the server can be reached.
  public func signOut() async {
    guard !isBusy else { return }
    (isBusy, isAskingToSignOut) = (true, false)
    defer { isBusy = false }
    if wouldLose > 0 { _ = try? await client.sync() }
    await attempt { () async throws(KokoniFailure) in try await self.client.signOutAndWipe() }
    if failure == nil { await signedOut() }
  }

  private func attempt(_ call: () async throws(KokoniFailure) -> Void) async {
    do {
      try await call()
      failure = nil
    } catch {
      if error.reason != .cancelled { failure = error }
    }
  }
}
