// The fixed words of the screens. What changes is said by the core, in sentences ready to be shown.

/// A label or title of a screen, by its key in `Localizable.xcstrings`.
public enum Phrase: String, CaseIterable, Sendable {
  case back = "back"
  case close = "close"
  case tryAgain = "try_again"

  case appOpening = "app.opening"
  case appLocked = "app.locked"
  case appStopped = "app.stopped"

  case scanTitle = "scan.title"
  case scanPreview = "scan.preview"
  case scanTorch = "scan.torch"
  case scanTorchOn = "scan.torch.on"
  case scanTorchOff = "scan.torch.off"

  case cameraRefused = "camera.refused"
  case cameraRestricted = "camera.restricted"
  case cameraMissing = "camera.missing"
  case cameraOpenSettings = "camera.open_settings"

  case cardConfirm = "card.confirm"
  case cardUndo = "card.undo"
  case cardClose = "card.close"

  case typedCodeTitle = "typed_code.title"
  case typedCodeField = "typed_code.field"
  case typedCodeHelp = "typed_code.help"
  case typedCodeSubmit = "typed_code.submit"

  case todayTitle = "today.title"
  case todayStays = "today.stays"
  case todayLoans = "today.loans"
  case todayNoLoans = "today.no_loans"
  case todayOverdue = "today.overdue"
  case todayWaiting = "today.waiting"
  case todayRejected = "today.rejected"
  case todayResend = "today.resend"
  case todayDismiss = "today.dismiss"
  case todayLosses = "today.losses"
  case todayLossesRead = "today.losses.read"
  case todaySync = "today.sync"

  case remindersAsk = "reminders.ask"
  case remindersAllow = "reminders.allow"
  case remindersSilence = "reminders.silence"

  case peopleTitle = "people.title"
  case peopleSearch = "people.search"
  case peopleCall = "people.call"
  case peopleShowFloor = "people.show_floor"
  case peopleNobody = "people.nobody"
  case peopleOffline = "people.offline"

  case floorsTitle = "floors.title"
  case floorsMine = "floors.mine"

  case floorSeats = "floor.seats"
  case floorMap = "floor.map"
  case floorOlder = "floor.older"

  case enrolTitle = "enrol.title"
  case enrolScan = "enrol.scan"
  case enrolTyped = "enrol.typed"
  case enrolServer = "enrol.server"
  case enrolCode = "enrol.code"
  case enrolSubmit = "enrol.submit"
  case enrolManaged = "enrol.managed"
  case enrolAgain = "enrol.again"
  case enrolLost = "enrol.lost"

  case linkOther = "link.other"
  case linkEnrolFirst = "link.enrol_first"
  case linkAlready = "link.already"
  case linkUnknown = "link.unknown"

  case settingsTitle = "settings.title"
  case settingsPerson = "settings.person"
  case settingsOrganisation = "settings.organisation"
  case settingsServer = "settings.server"
  case settingsLeftHand = "settings.left_hand"
  case settingsSound = "settings.sound"
  case settingsManaged = "settings.managed"
  case settingsReminders = "settings.reminders"
  case settingsRemindersOn = "settings.reminders.on"
  case settingsRemindersOff = "settings.reminders.off"
  case settingsDiagnostics = "settings.diagnostics"
  case settingsShare = "settings.share"
  case settingsSignOut = "settings.sign_out"
  case settingsSignOutAsk = "settings.sign_out.ask"
  case settingsSignOutLoses = "settings.sign_out.loses"

  case intentScan = "intent.scan"
  case intentScanAbout = "intent.scan.about"
  case intentToday = "intent.today"
  case intentTodayAbout = "intent.today.about"
}
