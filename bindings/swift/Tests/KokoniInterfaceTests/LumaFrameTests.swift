// Frames: a camera's memory is lent, never copied, and never read beyond its end.

import Foundation
import KokoniInterface
import Testing

@Suite struct LumaFrameTests {
  @Test func aLentFrameIsTheCamerasOwnMemory() {
    let memory = UnsafeMutableRawPointer.allocate(byteCount: 64 * 48, alignment: 16)
    defer { memory.deallocate() }
    LumaFrame.lending(memory, width: 60, height: 48, rowStride: 64) { frame in
      frame.luma.withUnsafeBytes { bytes in
        #expect(bytes.baseAddress == UnsafeRawPointer(memory))
        #expect(bytes.count == 64 * 47 + 60)
      }
    }
  }

  @Test(arguments: [(0, 0, 0), (4, 0, 4), (-1, 4, 4), (4, 4, -4), (4, .max, .max), (.max, 2, .max)])
  func senselessSizesLendNothing(width: Int, height: Int, rowStride: Int) {
    var byte: UInt8 = 0
    withUnsafePointer(to: &byte) { pointer in
      LumaFrame.lending(pointer, width: width, height: height, rowStride: rowStride) { frame in
        #expect(frame.luma.count <= max(width, 0))
      }
    }
  }
}
