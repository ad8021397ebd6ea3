// The ten lines of bindings/README.md, compiled and run.

import Foundation
import KokoniKit
import KokoniTestServer
import Testing

extension CoreTests {
  @Suite struct TenLines {
    @Test func theTenLinesOfTheReadmeScanSaveAndSync() async throws {
      let office = try TestOffice.shared.get()
      let link = try office.invitation().link
      let secrets = MemorySecretStore()
      let configuration = try OpenConfiguration.test()
      var shown: [String] = []
      func show(_ text: String) { shown.append(text) }
      let camera = try await TestCamera(office)

      // README: begin
      let kokoni = try await Kokoni.open(configuration, secrets: secrets)
      _ = try await kokoni.enrol(link: link)
      _ = try await kokoni.sync()
      let reader = try await kokoni.labelReader()
      for frame in camera.frames {
        if let label = try reader.read(frame).news {
          show(try await kokoni.scan(label: label).title)
        }
      }
      show(try await kokoni.sync().text)
      await kokoni.shutDown()
      // README: end

      #expect(shown.count == 2)
    }
  }
}
