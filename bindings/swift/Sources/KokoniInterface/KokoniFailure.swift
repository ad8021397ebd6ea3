// Why a call failed: few reasons an app can act on, each with the sentence a person reads.

import Foundation

/// Why a call failed.
///
/// An app acts on ``reason`` and shows ``text``. Nothing that was called saved is lost by a failure.
public struct KokoniFailure: Error, Hashable, Sendable {
  /// What an app acts on.
  public enum Reason: Hashable, Sendable {
    /// What was handed in cannot be used.
    case input(InputProblem)
    /// The device is not enrolled yet.
    case notEnrolled
    /// The enrolment code is wrong, was used, or has ended.
    case codeNotValid
    /// So many records of somebody else wait on this device; they must be sent, or wiped, first.
    case othersRecordsWait(Int)
    /// The device must be enrolled again.
    case signInNeeded
    /// The server no longer answers this version of the app.
    case appTooOld
    /// The server could not be asked; the code says why: `unreachable`, `captive_portal` and so on.
    case offline(obstacle: String)
    /// The server refused the request with this HTTP status.
    case refused(status: Int)
    /// No record of this device has that id, or it is settled already.
    case noSuchRecord
    /// The disk is full; nothing was saved.
    case storageFull
    /// The database cannot be read or written; nothing was saved.
    case storageFailed
    /// The database is damaged; it is repaired when the core is opened again.
    case storageDamaged
    /// A later version of the app wrote the database; it was left as it is.
    case storageFromTheFuture
    /// Another core has the database open.
    case databaseInUse
    /// The database is encrypted, and its key is not in the secret store.
    case keyMissing
    /// The key does not open the database.
    case keyWrong
    /// The secret store is locked; it opens when the phone is unlocked.
    case secretsLocked
    /// The secret store failed.
    case secretsFailed
    /// The task was cancelled.
    case cancelled
    /// The call's deadline came.
    case deadlineReached
    /// The core was shut down.
    case shutDown
    /// A fault of the core itself.
    case fault(place: String)
  }

  /// What an app acts on.
  public var reason: Reason
  /// The sentence a person reads, in the core's language.
  public var text: String

  /// A failure with this reason and sentence.
  public init(_ reason: Reason, text: String) {
    self.reason = reason
    self.text = text
  }
}

extension KokoniFailure: LocalizedError {
  /// The same as ``text``.
  public var errorDescription: String? { text }
}

/// What is wrong with something that was handed in.
public enum InputProblem: Hashable, Sendable, CaseIterable {
  /// A frame's size, strides or bytes.
  case frame
  /// The host of the labels.
  case host
  /// A label.
  case label
  /// The id of a record.
  case record
  /// The id of a floor.
  case floor
  /// The server's address.
  case server
  /// An enrolment link.
  case enrolLink
  /// An enrolment code.
  case enrolCode
  /// The device's name.
  case deviceName
  /// A root certificate.
  case rootCertificate
  /// A text that is too long.
  case tooLong
  /// A time.
  case time
  /// The device is not managed, or not with what this needs.
  case notManaged
}
