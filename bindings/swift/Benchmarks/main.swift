// What the way through Swift costs, against the same calls timed inside Rust, in one process and in
// turns, so that a busy machine slows both. Started by `cargo xtask bench swift`.

import Foundation
import KokoniFFI
import KokoniKit
import KokoniTestServer

typealias Client = KokoniKit.Kokoni

func milliseconds(_ nanoseconds: UInt64) -> String {
  String(format: "%.3f ms", Double(nanoseconds) / 1e6)
}

func timed<Value>(_ call: () async throws -> Value) async rethrows -> (UInt64, Value) {
  let start = DispatchTime.now().uptimeNanoseconds
  let value = try await call()
  return (DispatchTime.now().uptimeNanoseconds - start, value)
}

/// Prints the medians and their ratio.
func tell(_ what: String, _ wanted: Double, _ turns: [(UInt64, UInt64)]) {
  let (ours, theirs) = (median(turns.map(\.0)), median(turns.map(\.1)))
  let ratio = String(format: "%.3f", Double(ours) / Double(theirs))
  print(
    "\(what), median of \(turns.count): Swift \(milliseconds(ours)),",
    "Rust \(milliseconds(theirs)), ratio \(ratio) (wanted: at most \(wanted))")
}

func median(_ times: [UInt64]) -> UInt64 { times.sorted()[times.count / 2] }

/// A full HD frame with one label, read again and again by two readers of the same settings.
func frames() async throws {
  let (width, height) = (1920, 1080)
  let luma = try testingLabelFrame(
    host: TestOffice.host, label: "0123456789ABCDEF", width: Int32(width), height: Int32(height),
    rowStride: Int32(width), pixelStride: 1)
  let ours = try KokoniKit.FrameReader(host: TestOffice.host, language: .english)
  let theirs = try KokoniKit.FrameReader(host: TestOffice.host, language: .english)
  let memory = UnsafeMutableRawBufferPointer.allocate(byteCount: luma.count, alignment: 64)
  defer { memory.deallocate() }
  _ = luma.copyBytes(to: memory)
  guard let base = memory.baseAddress else { return }
  let (warmUp, rounds) = (100, 400)
  var turns: [(UInt64, UInt64)] = []
  for turn in 0..<warmUp + rounds {
    let start = DispatchTime.now().uptimeNanoseconds
    _ = try LumaFrame.lending(base, width: width, height: height, rowStride: width) {
      (frame) throws(KokoniFailure) in try ours.read(frame)
    }
    let swift = DispatchTime.now().uptimeNanoseconds - start
    let rust = try testingReadNanos(
      reader: theirs.core, luma: luma, width: Int32(width), height: Int32(height), count: 1)
    if turn >= warmUp { turns.append((swift, rust[0])) }
  }
  tell("frame of 1920 x 1080", 1.03, turns)
}

/// Scans that each save: from seat to seat, in turns, by phones that have saved little so far, as on any
/// morning. The first phone only warms up.
func scans(phones: Int, scansOfAPhone: Int) async throws {
  let office = try TestOffice()
  var turns: [(UInt64, UInt64)] = []
  for phone in 0...phones {
    let kokoni = try await Client.open(
      OpenConfiguration(
        folder: try temporaryFolder(), appVersion: "benchmark", language: .english,
        platform: .other, deviceName: "benchmark"), secrets: MemorySecretStore())
    _ = try await kokoni.enrol(link: try office.invitation().link)
    _ = try await kokoni.sync()
    let seats = try testingLabels(kokoni: kokoni.core, kind: "seat")
    for turn in 0..<scansOfAPhone {
      let (swift, card) = try await timed { try await kokoni.scan(label: seats[2 * turn]) }
      guard card.record != nil else { throw Unexpected("a scan saved nothing") }
      let rust = try testingScanNanos(kokoni: kokoni.core, labels: [seats[2 * turn + 1]])
      if phone > 0 { turns.append((swift, rust[0])) }
    }
    await kokoni.shutDown()
  }
  try office.stop()
  tell("scan, saved", 1.2, turns)
}

let (loading, _) = await timed { Client.coreVersion }
print("cold: first call into the core     \(milliseconds(loading))")
let secrets = MemorySecretStore()
let configuration = OpenConfiguration(
  folder: try temporaryFolder(), appVersion: "benchmark", language: .english, platform: .other,
  deviceName: "benchmark")
let (opening, first) = try await timed { try await Client.open(configuration, secrets: secrets) }
print("cold: open a new database          \(milliseconds(opening))")
await first.shutDown()
let (again, kokoni) = try await timed { try await Client.open(configuration, secrets: secrets) }
print("cold: open it again                \(milliseconds(again))")
await kokoni.shutDown()
try await frames()
try await scans(phones: 20, scansOfAPhone: 10)
