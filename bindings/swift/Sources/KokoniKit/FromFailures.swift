// The core's errors, as the package's own.

import Foundation
import KokoniFFI
import KokoniInterface

extension KokoniFailure {
  /// What a generated binding threw. Anything but the core's own error is a fault of the binding.
  init(_ error: any Error, _ language: KokoniInterface.Language) {
    let core = (error as? KokoniError) ?? .Internal(place: "binding")
    self.init(Reason(core), text: errorText(error: core, language: .init(language)))
  }

  /// The failure of a call whose task was cancelled before it began.
  static func cancelled(_ language: KokoniInterface.Language) -> KokoniFailure {
    KokoniFailure(KokoniError.Cancelled, language)
  }
}

extension KokoniFailure.Reason {
  init(_ core: KokoniError) {
    switch core {
    case .Input(let problem): self = .input(.init(problem))
    case .NotEnrolled: self = .notEnrolled
    case .CodeNotValid: self = .codeNotValid
    case .OthersRecordsWait(let waiting): self = .othersRecordsWait(Int(waiting))
    case .SignInNeeded: self = .signInNeeded
    case .AppTooOld: self = .appTooOld
    case .Offline(let obstacle): self = .offline(obstacle: obstacle)
    case .Refused(let status): self = .refused(status: Int(status))
    case .NoSuchRecord: self = .noSuchRecord
    case .StorageFull: self = .storageFull
    case .StorageFailed: self = .storageFailed
    case .StorageDamaged: self = .storageDamaged
    case .StorageFromTheFuture: self = .storageFromTheFuture
    case .DatabaseInUse: self = .databaseInUse
    case .KeyMissing: self = .keyMissing
    case .KeyWrong: self = .keyWrong
    case .SecretsLocked: self = .secretsLocked
    case .SecretsFailed: self = .secretsFailed
    case .Cancelled: self = .cancelled
    case .DeadlineReached: self = .deadlineReached
    case .ShutDown: self = .shutDown
    case .Internal(let place): self = .fault(place: place)
    }
  }
}

extension KokoniInterface.InputProblem {
  init(_ core: KokoniFFI.InputProblem) {
    switch core {
    case .frame: self = .frame
    case .host: self = .host
    case .label: self = .label
    case .record: self = .record
    case .floor: self = .floor
    case .server: self = .server
    case .enrolLink: self = .enrolLink
    case .enrolCode: self = .enrolCode
    case .deviceName: self = .deviceName
    case .rootCertificate: self = .rootCertificate
    case .tooLong: self = .tooLong
    case .time: self = .time
    case .notManaged: self = .notManaged
    }
  }
}
