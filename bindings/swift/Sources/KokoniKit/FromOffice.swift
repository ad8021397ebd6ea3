// The generated types behind Office.swift, as the package's own.

import Foundation
import KokoniFFI
import KokoniInterface

extension KokoniInterface.PersonLine {
  init(_ core: KokoniFFI.PersonLine) {
    self.init(
      person: core.person,
      name: core.name,
      kana: core.kana,
      section: core.section,
      extensionNumber: core.`extension`,
      dial: core.dial,
      whereabouts: .init(core.whereabouts),
      whereText: core.whereText,
      floor: core.floor,
      place: core.place)
  }
}

extension KokoniInterface.FloorLine {
  init(_ core: KokoniFFI.FloorLine) {
    self.init(floor: core.floor, name: core.name, seats: Int(core.seats), mine: core.mine)
  }
}

extension KokoniInterface.FloorView {
  init(_ core: KokoniFFI.FloorView) {
    self.init(
      floor: core.floor,
      name: core.name,
      summary: core.summary,
      free: Int(core.free),
      taken: Int(core.taken),
      left: Double(core.left),
      top: Double(core.top),
      width: Double(core.width),
      height: Double(core.height),
      seats: core.seats.map { .init($0) })
  }
}

extension KokoniInterface.SeatView {
  init(_ core: KokoniFFI.SeatView) {
    self.init(
      place: core.place,
      name: core.name,
      x: Double(core.x),
      y: Double(core.y),
      room: core.room,
      taken: core.taken,
      mine: core.mine,
      text: core.text,
      spoken: core.spoken)
  }
}
