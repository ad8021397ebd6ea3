// The generated types behind Frames.swift and Secrets.swift, as the package's own.

import Foundation
import KokoniFFI
import KokoniInterface

extension KokoniInterface.FrameReading {
  init(_ core: KokoniFFI.FrameReading) {
    self.init(
      readings: core.readings.map { .init($0) },
      news: core.news,
      foreign: core.foreign,
      hint: core.hint.map { .init($0) },
      repeated: core.repeated)
  }
}

extension KokoniInterface.CodeReading {
  init(_ core: KokoniFFI.CodeReading) {
    self.init(
      content: .init(core.content),
      corners: core.corners.map { .init(x: Double($0.x), y: Double($0.y)) },
      method: .init(core.method))
  }
}

extension KokoniInterface.CodeContent {
  init(_ core: KokoniFFI.CodeContent) {
    switch core {
    case .label(let label, let known): self = .label(label, known: known)
    case .foreign(let text): self = .foreign(text: text)
    case .unreadable: self = .unreadable
    }
  }
}

extension KokoniInterface.ReadingMethod {
  init(_ core: KokoniFFI.ReadingMethod) {
    switch core {
    case .general: self = .general
    case .knownCodewords: self = .knownCodewords
    case .catalogue: self = .catalogue
    }
  }
}

extension KokoniInterface.Hint {
  init(_ core: KokoniFFI.Hint) {
    switch core {
    case .closer: self = .closer
    case .moveBack: self = .moveBack
    case .tooDark: self = .tooDark
    case .glare: self = .glare
    case .holdStill: self = .holdStill
    }
  }
}

extension KokoniFFI.Hint {
  init(_ own: KokoniInterface.Hint) {
    switch own {
    case .closer: self = .closer
    case .moveBack: self = .moveBack
    case .tooDark: self = .tooDark
    case .glare: self = .glare
    case .holdStill: self = .holdStill
    }
  }
}

extension KokoniInterface.Route {
  init(_ core: KokoniFFI.Route) {
    switch core {
    case .label(let label): self = .label(label)
    case .enrol(let link): self = .enrol(link: link)
    case .signIn(let link): self = .signIn(link: link)
    case .otherOrganisation(let host): self = .otherOrganisation(host: host)
    case .unknown: self = .unknown
    }
  }
}

extension KokoniInterface.LogLevel {
  init(_ core: KokoniFFI.LogLevel) {
    switch core {
    case .error: self = .error
    case .warn: self = .warn
    case .info: self = .info
    case .debug: self = .debug
    }
  }
}

extension KokoniFFI.LogLevel {
  init(_ own: KokoniInterface.LogLevel) {
    switch own {
    case .error: self = .error
    case .warn: self = .warn
    case .info: self = .info
    case .debug: self = .debug
    }
  }
}
