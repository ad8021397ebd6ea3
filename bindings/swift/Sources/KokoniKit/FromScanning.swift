// The generated types behind Scanning.swift, as the package's own.

import Foundation
import KokoniFFI
import KokoniInterface

extension KokoniInterface.Via {
  init(_ core: KokoniFFI.Via) {
    switch core {
    case .camera: self = .camera
    case .typed: self = .typed
    case .link: self = .link
    }
  }
}

extension KokoniFFI.Via {
  init(_ own: KokoniInterface.Via) {
    switch own {
    case .camera: self = .camera
    case .typed: self = .typed
    case .link: self = .link
    }
  }
}

extension KokoniInterface.ScanMeaning {
  init(_ core: KokoniFFI.ScanMeaning) {
    switch core {
    case .sit: self = .sit
    case .leave: self = .leave
    case .telework: self = .telework
    case .endTelework: self = .endTelework
    case .borrow: self = .borrow
    case .giveBack: self = .giveBack
    case .undecided: self = .undecided
    }
  }
}

extension KokoniFFI.ScanMeaning {
  init(_ own: KokoniInterface.ScanMeaning) {
    switch own {
    case .sit: self = .sit
    case .leave: self = .leave
    case .telework: self = .telework
    case .endTelework: self = .endTelework
    case .borrow: self = .borrow
    case .giveBack: self = .giveBack
    case .undecided: self = .undecided
    }
  }
}

extension KokoniInterface.Tone {
  init(_ core: KokoniFFI.Tone) {
    switch core {
    case .success: self = .success
    case .attention: self = .attention
    case .refusal: self = .refusal
    case .neutral: self = .neutral
    }
  }
}

extension KokoniInterface.ScanCard {
  init(_ core: KokoniFFI.ScanCard) {
    self.init(
      tone: .init(core.tone),
      title: core.title,
      detail: core.detail,
      label: core.label,
      meaning: core.meaning.map { .init($0) },
      confirm: core.confirm,
      record: core.record,
      undoUntil: core.undoUntil,
      items: core.items.map { .init($0) })
  }
}

extension KokoniInterface.ItemLine {
  init(_ core: KokoniFFI.ItemLine) {
    self.init(item: core.item, name: core.name, text: core.text, lent: core.lent)
  }
}

extension KokoniInterface.TypedCode {
  init(_ core: KokoniFFI.TypedCode) {
    self.init(label: core.label, shown: core.shown, problem: core.problem, complete: core.complete)
  }
}
