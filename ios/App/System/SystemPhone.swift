// The phone the app runs on: every port of the screens, by the system's own means.

import Foundation
import KokoniKit
import KokoniScreens
import UIKit

extension Phone {
  /// This phone.
  @MainActor static let system = Phone(
    core: SystemCore(),
    camera: CaptureCamera.shared,
    cues: SystemCues(),
    notifications: SystemNotifications(),
    managed: ManagedConfiguration(),
    extraTime: BackgroundAllowance())
}

/// Opens the core on the app's private folder with the keychain.
struct SystemCore: CoreOpener {
  private let secrets = Keychain()

  func open(
    language: Language, managed: [String: String]
  ) async throws(KokoniFailure) -> any KokoniClient {
    let version = Bundle.main.object(forInfoDictionaryKey: "CFBundleShortVersionString")
    let folder: URL
    do {
      folder = try PrivateFolder.prepare()
    } catch {
      throw KokoniFailure(.storageFailed, text: error.localizedDescription)
    }
    return try await Kokoni.open(
      OpenConfiguration(
        folder: folder,
        appVersion: version as? String ?? "0",
        language: language,
        platform: .ios,
        deviceName: await UIDevice.current.name,
        managed: managed),
      secrets: secrets)
  }

  func eraseAll(language: Language) async throws(KokoniFailure) {
    try await Kokoni.eraseAll(folder: PrivateFolder.location, secrets: secrets, language: language)
  }
}

/// The folder of the core's database: readable in the background once the phone was unlocked, in no
/// backup, and in no group that other processes share.
enum PrivateFolder {
  static var location: URL {
    let support = FileManager.default.urls(for: .applicationSupportDirectory, in: .userDomainMask)
    return support[0].appendingPathComponent("core", isDirectory: true)
  }

  /// Makes the folder. What is written into it later inherits the protection.
  static func prepare() throws -> URL {
    var folder = location
    try FileManager.default.createDirectory(
      at: folder, withIntermediateDirectories: true,
      attributes: [.protectionKey: FileProtectionType.completeUntilFirstUserAuthentication])
    var values = URLResourceValues()
    values.isExcludedFromBackup = true
    try folder.setResourceValues(values)
    return folder
  }
}
