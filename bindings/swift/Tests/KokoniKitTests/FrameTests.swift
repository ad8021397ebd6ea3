// Frames cross the border in place, and bad ones are refused.

import Foundation
import Testing

@testable import KokoniKit

extension CoreTests {
  @Suite struct Frames {
    static let host = "kokoni.example.jp"
    static let label = "0123456789ABCDEF"
    let reader: FrameReader

    init() throws {
      reader = try FrameReader(
        host: Self.host, labels: [Self.label], budget: .seconds(5), language: .english)
    }

    @Test func aLentFrameReachesRustAtItsOwnAddress() {
      let memory = UnsafeMutableRawPointer.allocate(byteCount: 1920 * 1080, alignment: 64)
      memory.initializeMemory(as: UInt8.self, repeating: 128, count: 1920 * 1080)
      defer { memory.deallocate() }
      let inRust = LumaFrame.lending(memory, width: 1920, height: 1080, rowStride: 1920) { frame in
        CoreTesting.address(of: frame.luma)
      }
      #expect(inRust == UInt(bitPattern: memory))
    }

    @Test func aLabelInAFrameIsNewsOnce() throws {
      let frame = try CoreTesting.frame(
        host: Self.host, label: Self.label, width: 640, height: 480, rowStride: 704)
      let first = try reader.read(frame)
      #expect(first.news == Self.label)
      #expect(first.readings.map(\.content) == [.label(Self.label, known: true)])
      #expect(first.readings.first?.corners.count == 4)
      #expect(try reader.read(frame).news == nil)
      reader.reset()
      #expect(try reader.read(frame).news == Self.label)
    }

    @Test(arguments: [
      (0, 480, 640, 1), (640, -1, 640, 1), (640, 480, 639, 1), (640, 481, 640, 1),
      (640, 480, 640, 0), (640, 480, 640, 2), (1 << 40, 480, 1 << 40, 1), (.max, .max, .max, .max),
    ])
    func aFrameWhoseSizesDoNotFitIsRefused(
      width: Int, height: Int, rowStride: Int, pixelStride: Int
    ) async {
      let frame = LumaFrame(
        Data(count: 640 * 480), width: width, height: height, rowStride: rowStride,
        pixelStride: pixelStride)
      #expect(await reason { try reader.read(frame) } == .input(.frame))
    }

    @Test func aPanicInRustIsAFailureLikeAnother() async {
      #expect(await reason { try CoreTesting.panic() } == .fault(place: "panic"))
    }

    @Test func everyHintAndFailureHasASentence() {
      for hint in Hint.allCases {
        #expect(CoreFunctions.text(of: hint, .japanese) != CoreFunctions.text(of: hint, .english))
      }
    }
  }
}
