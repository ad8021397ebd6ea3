// The generated types behind Enrolling.swift, as the package's own.

import Foundation
import KokoniFFI
import KokoniInterface

extension KokoniFFI.Language {
  init(_ own: KokoniInterface.Language) {
    switch own {
    case .japanese: self = .japanese
    case .english: self = .english
    }
  }
}

extension KokoniInterface.Language {
  init(_ core: KokoniFFI.Language) {
    switch core {
    case .japanese: self = .japanese
    case .english: self = .english
    }
  }
}

extension KokoniFFI.Platform {
  init(_ own: KokoniInterface.Platform) {
    switch own {
    case .android: self = .android
    case .ios: self = .ios
    case .other: self = .other
    }
  }
}

extension KokoniInterface.Enrolment {
  init(_ core: KokoniFFI.Enrolment) {
    self.init(
      organisation: core.organisation,
      organisationName: core.organisationName,
      person: core.person,
      personName: core.personName,
      device: core.device,
      server: core.server,
      labelHost: core.labelHost)
  }
}

extension KokoniInterface.Configured {
  init(_ core: KokoniFFI.Configured) {
    self.init(
      canEnrol: core.canEnrol,
      restartNeeded: core.restartNeeded,
      feedback: core.feedback.map { .init($0) })
  }
}

extension KokoniInterface.SettingFeedback {
  init(_ core: KokoniFFI.SettingFeedback) {
    self.init(key: core.key, problem: core.problem, text: core.text)
  }
}
