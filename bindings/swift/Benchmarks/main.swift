// What the way through Swift costs, against the same calls timed inside Rust, in one process and in
// turns, so that a busy machine slows both. Started by `cargo xtask bench swift`.

import Foundation
import KokoniFFI
import KokoniKit
import KokoniTestServer

typealias Client = KokoniKit.Kokoni

/// The right of the figures: what is wanted of each.
struct Bound {
  let what: String
  let ratio: Double
  let rounds: Int
  let warmUp: Int
}

func milliseconds(_ nanoseconds: UInt64) -> String {
  String(format: "%.3f ms", Double(nanoseconds) / 1e6)
}

func timed<Value>(_ call: () async throws -> Value) async rethrows -> (UInt64, Value) {
  let start = DispatchTime.now().uptimeNanoseconds
  let value = try await call()
  return (DispatchTime.now().uptimeNanoseconds - start, value)
}

/// Takes turns and prints the medians and their ratio.
func compare(_ bound: Bound, _ turn: () async throws -> (UInt64, UInt64)) async throws {
  for _ in 0..<bound.warmUp { _ = try await turn() }
  var (swift, rust): ([UInt64], [UInt64]) = ([], [])
  for _ in 0..<bound.rounds {
    let (ours, theirs) = try await turn()
    swift.append(ours)
    rust.append(theirs)
  }
  let (ours, theirs) = (swift.sorted()[bound.rounds / 2], rust.sorted()[bound.rounds / 2])
  let ratio = String(format: "%.3f", Double(ours) / Double(theirs))
  print(
    "\(bound.what), median of \(bound.rounds): Swift \(milliseconds(ours)),",
    "Rust \(milliseconds(theirs)), ratio \(ratio) (wanted: at most \(bound.ratio))")
}

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
  let bound = Bound(what: "frame of 1920 x 1080", ratio: 1.03, rounds: 400, warmUp: 100)
  try await compare(bound) {
    let start = DispatchTime.now().uptimeNanoseconds
    _ = try LumaFrame.lending(base, width: width, height: height, rowStride: width) {
      (frame) throws(KokoniFailure) in try ours.read(frame)
    }
    let swift = DispatchTime.now().uptimeNanoseconds - start
    let rust = try testingReadNanos(
      reader: theirs.core, luma: luma, width: Int32(width), height: Int32(height), count: 1)
    return (swift, rust[0])
  }
}

/// Scans that each save: from seat to seat, in turns.
func scans(_ kokoni: Client) async throws {
  var seats = try testingLabels(kokoni: kokoni.core, kind: "seat").makeIterator()
  func next() throws -> String {
    guard let seat = seats.next() else { throw Unexpected("no more seats") }
    return seat
  }
  try await compare(Bound(what: "scan, saved", ratio: 1.2, rounds: 150, warmUp: 20)) {
    let seat = try next()
    let (swift, card) = try await timed { try await kokoni.scan(label: seat) }
    guard card.record != nil else { throw Unexpected("a scan saved nothing") }
    let rust = try testingScanNanos(kokoni: kokoni.core, labels: [try next()])
    return (swift, rust[0])
  }
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
try await frames()
let office = try TestOffice()
_ = try await kokoni.enrol(link: try office.invitation().link)
_ = try await kokoni.sync()
try await scans(kokoni)
await kokoni.shutDown()
try office.stop()
