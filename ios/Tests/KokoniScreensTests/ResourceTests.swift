// What lies beside the code: words in both languages, manifests, colours.

import Foundation
import KokoniInterface
import Testing

@testable import KokoniScreens

/// A file of this package, or of the checkout.
func file(_ path: String) -> URL {
  URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent().appendingPathComponent(path)
}

@Suite struct WordTests {
  /// The words of a catalogue, by key and language.
  func catalogue(_ name: String) throws -> [String: [String: String]] {
    let json = try JSONSerialization.jsonObject(
      with: Data(contentsOf: file("Resources/\(name).xcstrings")))
    let root = try #require(json as? [String: Any])
    #expect(root["sourceLanguage"] as? String == "ja")
    let strings = try #require(root["strings"] as? [String: [String: Any]])
    return try strings.mapValues { entry in
      let languages = try #require(entry["localizations"] as? [String: [String: [String: String]]])
      return languages.compactMapValues { $0["stringUnit"]?["value"] }
    }
  }

  @Test func everyPhraseIsSaidInJapaneseAndInEnglishAndNoneIsLeftOver() throws {
    let words = try catalogue("Localizable")
    #expect(Set(words.keys) == Set(Phrase.allCases.map(\.rawValue)))
  }

  @Test(arguments: ["Localizable", "InfoPlist", "AppShortcuts"])
  func everyCatalogueHasBothLanguages(name: String) throws {
    let words = try catalogue(name)
    #expect(!words.isEmpty)
    for (key, said) in words {
      #expect(Set(said.keys) == ["ja", "en"], "\(key)")
      #expect(said.values.allSatisfy { !$0.trimmed.isEmpty }, "\(key)")
      #expect(said["en"]?.contains(where: isJapanese) == false, "\(key)")
    }
  }

  @Test func everyControlHasWordsForAScreenReader() throws {
    let words = try catalogue("Localizable")
    for control in Control.allCases {
      #expect(words[control.phrase.rawValue]?.count == 2, "\(control)")
      #expect(!control.symbol.isEmpty)
    }
  }

  @Test func theAppsSourcesHoldNoWordsOfTheirOwn() throws {
    let sources = try swiftFiles("App") + swiftFiles("Widgets")
    #expect(sources.count > 10)
    for source in sources {
      let text = try String(contentsOf: source, encoding: .utf8)
      #expect(!text.contains(where: isJapanese), "\(source.lastPathComponent)")
      for shown in ["Text(\"", "Label(\"", "Button(\"", "Toggle(\"", "Section(\"", "TextField(\""] {
        #expect(!text.contains(shown), "\(source.lastPathComponent) has \(shown)")
      }
    }
  }

  private func swiftFiles(_ folder: String) throws -> [URL] {
    let all = try #require(
      FileManager.default.enumerator(at: file(folder), includingPropertiesForKeys: nil))
    return all.compactMap { $0 as? URL }.filter { $0.pathExtension == "swift" }
  }

  @Test func theIntentsTitlesAreInTheCatalogue() throws {
    let text = try String(contentsOf: file("App/System/Intents.swift"), encoding: .utf8)
    let shared = try ["App/Shared/OpenPlaceIntent.swift", "Widgets/KokoniWidgets.swift"].map {
      try String(contentsOf: file($0), encoding: .utf8)
    }
    let words = try catalogue("Localizable")
    for part in ([text] + shared).flatMap({ $0.split(separator: "\"") })
    where part.hasPrefix("intent.") {
      #expect(words[String(part)] != nil, "\(part)")
    }
    let shortcuts = try catalogue("AppShortcuts")
    for phrase in shortcuts.keys {
      let written = phrase.replacingOccurrences(
        of: "${applicationName}", with: "\\(.applicationName)")
      #expect(text.contains("\"\(written)\""), "\(phrase)")
    }
  }

  private func isJapanese(_ character: Character) -> Bool {
    character.unicodeScalars.contains {
      (0x3040...0x30FF).contains($0.value) || (0x4E00...0x9FFF).contains($0.value)
    }
  }
}

@Suite struct ManifestTests {
  func plist(_ name: String) throws -> [String: Any] {
    let read = try PropertyListSerialization.propertyList(
      from: Data(contentsOf: file("Resources/\(name)")), format: nil)
    return try #require(read as? [String: Any])
  }

  @Test func theManifestAsksForWhatTheAppUses() throws {
    let info = try plist("Info.plist")
    let background = try String(contentsOf: file("App/System/Background.swift"), encoding: .utf8)
    let tasks = try #require(info["BGTaskSchedulerPermittedIdentifiers"] as? [String])
    #expect(tasks.count == 1)
    for task in tasks { #expect(background.contains("\"\(task)\"")) }
    #expect(info["UIBackgroundModes"] as? [String] == ["fetch"])
    #expect((info["NSCameraUsageDescription"] as? String)?.isEmpty == false)
    #expect(info["CFBundleDevelopmentRegion"] as? String == "ja")
    #expect(info["CFBundleLocalizations"] as? [String] == ["ja", "en"])
    let turns = try #require(info["UISupportedInterfaceOrientations"] as? [String])
    #expect(
      turns.contains { $0.contains("Landscape") } && turns.contains { $0.contains("Portrait") })
    #expect(info["NSAppTransportSecurity"] == nil, "no exception from TLS")
  }

  @Test func labelsLinksOpenTheAppAndFilesAreProtected() throws {
    let rights = try plist("Kokoni.entitlements")
    let domains = try #require(
      rights["com.apple.developer.associated-domains"] as? [String])
    #expect(domains.contains("applinks:$(KOKONI_HOST)"))
    #expect(
      rights["com.apple.developer.default-data-protection"] as? String
        == "NSFileProtectionCompleteUntilFirstUserAuthentication")
    #expect(rights["com.apple.security.application-groups"] == nil, "no database is shared")
  }

  @Test func thePrivacyManifestNamesEveryReasonAndTracksNobody() throws {
    let privacy = try plist("PrivacyInfo.xcprivacy")
    #expect(privacy["NSPrivacyTracking"] as? Bool == false)
    let used = try #require(privacy["NSPrivacyAccessedAPITypes"] as? [[String: Any]])
    let reasons = used.flatMap { $0["NSPrivacyAccessedAPITypeReasons"] as? [String] ?? [] }
    #expect(Set(reasons) == ["CA92.1", "AC6B.1", "C617.1", "35F9.1"])
    let collected = try #require(privacy["NSPrivacyCollectedDataTypes"] as? [[String: Any]])
    #expect(!collected.isEmpty)
    #expect(collected.allSatisfy { $0["NSPrivacyCollectedDataTypeTracking"] as? Bool == false })
  }
}

@Suite struct ColourTests {
  /// What is read on what.
  static let pairs: [(ColourRole, ColourRole)] =
    [ColourRole.ink, .inkSoft, .accent, .success, .attention, .refusal, .neutral].flatMap {
      [($0, ColourRole.background), ($0, .surface)]
    } + [
      (.onAccent, .accent), (.onTone, .success), (.onTone, .attention), (.onTone, .refusal),
      (.onTone, .neutral), (.onScrim, .scrim),
    ]

  /// Relative luminance of sRGB, as WCAG 2.2 defines it.
  func luminance(_ colour: UInt32) -> Double {
    func part(_ shift: UInt32) -> Double {
      let value = Double((colour >> shift) & 0xFF) / 255
      return value <= 0.04045 ? value / 12.92 : pow((value + 0.055) / 1.055, 2.4)
    }
    return 0.2126 * part(16) + 0.7152 * part(8) + 0.0722 * part(0)
  }

  /// The colour over what lies behind it, as far as it lets that through.
  func over(_ colour: UInt32, _ behind: UInt32) -> UInt32 {
    let alpha = Double(colour >> 24) / 255
    func part(_ shift: UInt32) -> UInt32 {
      let (front, back) = (Double((colour >> shift) & 0xFF), Double((behind >> shift) & 0xFF))
      return UInt32((front * alpha + back * (1 - alpha)).rounded()) << shift
    }
    return 0xFF00_0000 | part(16) | part(8) | part(0)
  }

  func contrast(_ a: UInt32, _ b: UInt32) -> Double {
    let (one, other) = (luminance(a) + 0.05, luminance(b) + 0.05)
    return max(one, other) / min(one, other)
  }

  @Test func blackOnWhiteIsTheStrongestContrast() {
    #expect(abs(contrast(0xFF00_0000, 0xFFFF_FFFF) - 21) < 1e-9)
  }

  @Test func everythingThatIsReadHasAContrastOfFourAndAHalf() {
    for (front, back) in Self.pairs {
      // The camera's picture behind a scrim may be anything; white is the worst.
      let white: UInt32 = 0xFFFF_FFFF
      for (a, b) in [
        (front.values.light, back.values.light), (front.values.dark, back.values.dark),
      ] {
        #expect(contrast(over(a, white), over(b, white)) >= 4.5, "\(front) on \(back)")
      }
    }
  }

  /// The rows of the colour table of docs/design.md: name, light, dark, and their figures.
  func documented() throws -> [(name: String, values: [UInt32], figures: [Double?])] {
    let text = try String(contentsOf: file("../docs/design.md"), encoding: .utf8)
    return text.split(separator: "\n").compactMap { line in
      let cells = line.split(separator: "|").map { String($0).trimmed }
      let values = cells.compactMap { cell in
        cell.hasPrefix("`#") ? UInt32(cell.dropFirst(2).dropLast(), radix: 16) : nil
      }
      guard cells.count == 5, values.count == 2 else { return nil }
      let figures = [cells[2], cells[4]].map {
        $0.split(separator: " ").first.flatMap { Double($0) }
      }
      return (cells[0], values, figures)
    }
  }

  @Test func theColoursAreThoseOfTheDesignLanguageWithItsFigures() throws {
    let names = [
      "soft ink": "ink_soft", "accent, buttons": "accent", "on accent": "on_accent",
      "outline (no text)": "outline",
    ]
    let rows = try documented()
    #expect(rows.count == 11)
    for row in rows {
      let role = try #require(ColourRole(rawValue: names[row.name] ?? row.name), "\(row.name)")
      let own = [role.values.light, role.values.dark]
      #expect(own.map { $0 & 0xFF_FFFF } == row.values, "\(row.name)")
      let grounds: [ColourRole] = role == .onAccent ? [.accent] : [.background, .surface]
      for (night, figure) in row.figures.enumerated() {
        guard let figure else { continue }
        let lowest = grounds.map { ground in
          contrast(own[night], night == 0 ? ground.values.light : ground.values.dark)
        }.min()
        #expect(abs((lowest ?? 0) - figure) < 0.051, "\(row.name): \(lowest ?? 0)")
      }
    }
  }

  @Test func everyToneHasASymbolOfItsOwnBesideItsColour() {
    #expect(Set(Tone.allCases.map(\.symbol)).count == Tone.allCases.count)
    #expect(Set(Tone.allCases.map(\.role)).count == Tone.allCases.count)
  }
}

@Suite struct QuickPlaceTests {
  @Test(arguments: QuickPlace.allCases)
  func aWidgetsLinkLeadsWhereItSays(place: QuickPlace) throws {
    #expect(QuickPlace(link: try #require(place.link)) == place)
    #expect(!place.symbol.isEmpty)
  }

  @Test func theCameraHasNoScreensAboveIt() {
    #expect(QuickPlace.scan.path == [])
    #expect(QuickPlace.today.path == [.today])
  }

  @Test(arguments: ["https://kokoni.example.jp/q/ABC", "kokoni-widget://nowhere", "scan"])
  func otherLinksAreNoWidgets(link: String) throws {
    #expect(QuickPlace(link: try #require(URL(string: link))) == nil)
  }

  @Test func theExtensionIsPartOfTheAppAndSharesNoDatabase() throws {
    let project = try String(contentsOf: file("project.yml"), encoding: .utf8)
    #expect(project.contains("- target: KokoniWidgets"))
    #expect(project.contains("com.apple.widgetkit-extension"))
    #expect(!project.contains("application-groups"))
  }
}

@Suite struct ReminderTimeTests {
  func plan(_ local: String, _ zone: String = "Asia/Tokyo") -> ReminderPlan {
    ReminderPlan(
      id: "a", at: Date(timeIntervalSince1970: 1_795_477_500), local: local, zone: zone, title: "",
      body: "", kind: .noRecord)
  }

  @Test func aReminderIsDueByTheWallClockOfItsOwnZone() throws {
    let plan = plan("2026-11-24T08:45:00")
    let due = try #require(plan.wallClock)
    #expect((due.hour, due.minute) == (8, 45))
    #expect(due.timeZone?.identifier == "Asia/Tokyo")
    #expect(due.date == plan.at)
  }

  @Test func whatIsNoTimeIsScheduledNever() {
    #expect(plan("soon").wallClock == nil)
    #expect(plan("2026-13-24T08:45:00").wallClock == nil)
    #expect(plan("2026-11-24T08:45:00", "Nowhere/City").wallClock == nil)
  }
}
