// The generated types behind Syncing.swift, as the package's own.

import Foundation
import KokoniFFI
import KokoniInterface

extension KokoniInterface.Topic {
  init(_ core: KokoniFFI.Topic) {
    switch core {
    case .queue: self = .queue
    case .me: self = .me
    case .directory: self = .directory
    case .sync: self = .sync
    case .identity: self = .identity
    }
  }
}

extension KokoniInterface.SyncEnd {
  init(_ core: KokoniFFI.SyncEnd) {
    switch core {
    case .done: self = .done
    case .offline: self = .offline
    case .signInNeeded: self = .signInNeeded
    case .alreadyRunning: self = .alreadyRunning
    case .appTooOld: self = .appTooOld
    case .cancelled: self = .cancelled
    case .deadlineReached: self = .deadlineReached
    }
  }
}

extension KokoniInterface.SyncOutcome {
  init(_ core: KokoniFFI.SyncOutcome) {
    self.init(
      end: .init(core.end),
      sent: Int(core.sent),
      applied: Int(core.applied),
      rejected: Int(core.rejected),
      waiting: Int(core.waiting),
      retryAfter: core.retryAfter.map { .seconds($0) },
      text: core.text)
  }
}

extension KokoniInterface.SyncStatus {
  init(_ core: KokoniFFI.SyncStatus) {
    self.init(
      waiting: Int(core.waiting),
      rejected: Int(core.rejected),
      lastSuccess: core.lastSuccess,
      text: core.text,
      tone: .init(core.tone),
      needsEnrolment: core.needsEnrolment,
      needsUpdate: core.needsUpdate)
  }
}

extension KokoniInterface.ReminderKind {
  init(_ core: KokoniFFI.ReminderKind) {
    switch core {
    case .noRecord: self = .noRecord
    case .teleworkEnd: self = .teleworkEnd
    }
  }
}

extension KokoniInterface.ReminderPlan {
  init(_ core: KokoniFFI.ReminderPlan) {
    self.init(
      id: core.id,
      at: core.at,
      local: core.local,
      zone: core.zone,
      title: core.title,
      body: core.body,
      kind: .init(core.kind))
  }
}
