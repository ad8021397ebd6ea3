// Opening and closing: one at a time, again and again, and nothing is left behind.

import Foundation
import KokoniKit
import KokoniTestServer
import Testing

extension CoreTests {
  @Suite struct Opening {
    @Test func whatIsOpenIsNotErased() async throws {
      let configuration = try OpenConfiguration.test()
      let secrets = MemorySecretStore()
      let kokoni = try await Kokoni.open(configuration, secrets: secrets)
      let refused = await reason {
        try await Kokoni.eraseAll(
          folder: configuration.folder, secrets: secrets, language: .japanese)
      }
      #expect(refused == .databaseInUse)
      await kokoni.shutDown()
      try await Kokoni.eraseAll(
        folder: configuration.folder, secrets: secrets, language: .japanese)
    }

    @Test func aFolderThatCannotBeMadeIsSaidSo() async throws {
      let file = try temporaryFolder().appendingPathComponent("file")
      try Data().write(to: file)
      let configuration = try OpenConfiguration.test(file.appendingPathComponent("folder"))
      let failed = await reason {
        try await Kokoni.open(configuration, secrets: MemorySecretStore())
      }
      #expect(failed == .storageFailed)
    }

    @Test func aFailureIsToldInTheLanguageAskedFor() async throws {
      let kokoni = try await Kokoni.open(.test(), secrets: MemorySecretStore())
      #expect(kokoni.language == .english)
      let english = await failure { try await kokoni.today() }
      kokoni.language = .japanese
      let japanese = await failure { try await kokoni.today() }
      #expect(english?.reason == .notEnrolled && japanese?.reason == .notEnrolled)
      #expect(english?.text.allSatisfy(\.isASCII) == true)
      #expect(japanese?.text.allSatisfy(\.isASCII) == false)
    }

    @Test func afterShutDownCallsAreRefusedAndSequencesEnd() async throws {
      let kokoni = try await Kokoni.open(.test(), secrets: MemorySecretStore())
      let changes = kokoni.changes()
      let keeping = Task { try await kokoni.keepSynced() }
      await kokoni.shutDown()
      await kokoni.shutDown()
      for await _ in changes {}
      _ = await keeping.result
      #expect(await reason { try await kokoni.status() } == .shutDown)
      #expect(await reason { try await kokoni.sync() } == .shutDown)
      #expect(await reason { try await kokoni.labelReader() } == .shutDown)
      for await _ in kokoni.changes() { Issue.record("nothing changes after the end") }
      kokoni.syncSoon()
      #expect(kokoni.foreignCard(text: "hello").record == nil)
    }

    @Test func itCanBeDroppedOnAForeignThread() async throws {
      let configuration = try OpenConfiguration.test()
      for _ in 0..<5 {
        let kokoni = try await Kokoni.open(configuration, secrets: MemorySecretStore())
        let changes = kokoni.changes()
        let held = Held((kokoni, changes, try FrameReader(host: nil, language: .english)))
        await withCheckedContinuation { continuation in
          Thread.detachNewThread {
            held.drop()
            continuation.resume()
          }
        }
      }
      // Were one still held somewhere, the database would be in use.
      try await until("dropping closes the database") {
        (try? await Kokoni.eraseAll(
          folder: configuration.folder, secrets: MemorySecretStore(), language: .english)) != nil
      }
    }

    @Test func threeHundredTimesOpenedAndClosedLeaveNoMemoryBehind() async throws {
      let configuration = try OpenConfiguration.test()
      let secrets = MemorySecretStore()
      func cycles(_ count: Int) async throws {
        for _ in 0..<count {
          let kokoni = try await Kokoni.open(configuration, secrets: secrets)
          _ = kokoni.changes()
          _ = try await kokoni.labelReader()
          _ = try? await kokoni.sync()
          await kokoni.shutDown()
        }
      }
      try await cycles(100)
      let before = try residentBytes()
      try await cycles(200)
      let grown = try residentBytes() - before
      #expect(grown < 4 << 20, "grown by \(grown >> 10) KiB in 200 cycles")
    }
  }
}
