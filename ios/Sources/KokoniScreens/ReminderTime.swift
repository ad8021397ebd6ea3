// When a reminder is due, as a calendar trigger wants it.

import Foundation
import KokoniInterface

extension ReminderPlan {
  /// The wall clock's fields in the plan's own zone, so that the reminder keeps its hour when the
  /// phone travels; nil if the core's text is not a time.
  public var wallClock: DateComponents? {
    let fields = local.split(whereSeparator: { !$0.isNumber }).compactMap { Int($0) }
    guard fields.count == 6, let zone = TimeZone(identifier: zone) else { return nil }
    var components = DateComponents(
      year: fields[0], month: fields[1], day: fields[2], hour: fields[3], minute: fields[4],
      second: fields[5])
    components.calendar = Calendar(identifier: .gregorian)
    components.timeZone = zone
    guard components.isValidDate else { return nil }
    return components
  }
}
