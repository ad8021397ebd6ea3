// The generated types behind Today.swift, as the package's own.

import Foundation
import KokoniFFI
import KokoniInterface

extension KokoniInterface.Whereabouts {
  init(_ core: KokoniFFI.Whereabouts) {
    switch core {
    case .noRecord: self = .noRecord
    case .present: self = .present
    case .telework: self = .telework
    case .away: self = .away
    case .displaced: self = .displaced
    case .unknown: self = .unknown
    }
  }
}

extension KokoniInterface.Chip {
  init(_ core: KokoniFFI.Chip) {
    self.init(
      text: core.text,
      place: core.place,
      waitingText: core.waitingText,
      waiting: Int(core.waiting),
      rejected: Int(core.rejected),
      tone: .init(core.tone),
      spoken: core.spoken)
  }
}

extension KokoniInterface.TodayView {
  init(_ core: KokoniFFI.TodayView) {
    self.init(
      date: core.date,
      dateText: core.dateText,
      whereabouts: .init(core.whereabouts),
      headline: core.headline,
      since: core.since,
      sinceText: core.sinceText,
      notice: core.notice,
      stays: core.stays.map { .init($0) },
      loans: core.loans.map { .init($0) },
      waiting: core.waiting.map { .init($0) },
      rejected: core.rejected.map { .init($0) },
      syncText: core.syncText)
  }
}

extension KokoniInterface.StayLine {
  init(_ core: KokoniFFI.StayLine) {
    self.init(
      place: core.place,
      since: core.since,
      until: core.until,
      text: core.text,
      telework: core.telework)
  }
}

extension KokoniInterface.LoanLine {
  init(_ core: KokoniFFI.LoanLine) {
    self.init(
      item: core.item,
      name: core.name,
      since: core.since,
      due: core.due,
      text: core.text,
      overdue: core.overdue)
  }
}

extension KokoniInterface.WaitingLine {
  init(_ core: KokoniFFI.WaitingLine) {
    self.init(record: core.record, title: core.title, recordedAt: core.recordedAt, text: core.text)
  }
}

extension KokoniInterface.RejectedLine {
  init(_ core: KokoniFFI.RejectedLine) {
    self.init(
      record: core.record,
      title: core.title,
      recordedAt: core.recordedAt,
      why: core.why,
      advice: core.advice,
      canResend: core.canResend)
  }
}
