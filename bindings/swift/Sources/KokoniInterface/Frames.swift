// Frames of a camera, and what the reader says of them.

import Foundation

/// The brightness of one camera frame: one byte a pixel, row after row.
public struct LumaFrame: Sendable {
  /// The bytes, from the first pixel on.
  public var luma: Data
  /// Pixels in a row.
  public var width: Int
  /// Rows.
  public var height: Int
  /// Bytes from the start of one row to the start of the next.
  public var rowStride: Int
  /// Bytes from one pixel to the next.
  public var pixelStride: Int

  /// A frame of bytes that are kept. Without a `rowStride`, rows follow each other without a gap.
  public init(_ luma: Data, width: Int, height: Int, rowStride: Int? = nil, pixelStride: Int = 1) {
    self.luma = luma
    self.width = width
    self.height = height
    self.rowStride = rowStride ?? width
    self.pixelStride = pixelStride
  }

  /// Lends a camera's own memory as a frame, without a copy, for as long as `body` runs.
  ///
  /// For a `CVPixelBuffer` locked for reading, `base` is the base address of its plane 0. The frame
  /// must not be kept: after `body` its bytes are somebody else's. The last row needs no more
  /// bytes than it has pixels.
  public static func lending<Result, Failure: Error>(
    _ base: UnsafeRawPointer, width: Int, height: Int, rowStride: Int,
    _ body: (LumaFrame) throws(Failure) -> Result
  ) throws(Failure) -> Result {
    let (rows, tooMany) = rowStride.multipliedReportingOverflow(by: max(height, 1) - 1)
    let (count, tooLong) = rows.addingReportingOverflow(width)
    // What makes no sense lends nothing; the reader refuses it.
    let bytes = tooMany || tooLong || width < 1 || height < 1 ? 0 : max(count, 0)
    let luma = Data(
      bytesNoCopy: UnsafeMutableRawPointer(mutating: base), count: bytes, deallocator: .none)
    return try body(LumaFrame(luma, width: width, height: height, rowStride: rowStride))
  }
}

/// Reads the labels in a camera's frames.
///
/// One reader belongs to one camera. It is called on the camera's own queue and keeps nothing of a
/// frame; evidence adds up over the frames of one session.
public protocol LabelReader: AnyObject, Sendable {
  /// Says what is in a frame.
  ///
  /// - Throws: ``InputProblem/frame`` if sizes, strides and bytes do not fit each other.
  func read(_ frame: LumaFrame) throws(KokoniFailure) -> FrameReading

  /// Forgets the session: the camera was opened anew.
  func reset()
}

/// What the reader says of one frame.
public struct FrameReading: Hashable, Sendable {
  /// Every code in sight, nearest the middle first.
  public var readings: [CodeReading]
  /// The label to act on: newly shown, nearest the middle. Hand it to
  /// ``KokoniClient/scan(label:via:)``.
  public var news: String?
  /// The text of a code that is newly shown and is no label, where no label is in sight. Hand it to
  /// ``KokoniClient/foreignCard(text:)``.
  public var foreign: String?
  /// What would help; steady over frames.
  public var hint: Hint?
  /// Whether this frame says the same as the one before.
  public var repeated: Bool

  /// All of it.
  public init(
    readings: [CodeReading] = [], news: String? = nil, foreign: String? = nil, hint: Hint? = nil,
    repeated: Bool = false
  ) {
    self.readings = readings
    self.news = news
    self.foreign = foreign
    self.hint = hint
    self.repeated = repeated
  }
}

/// One code in a frame.
public struct CodeReading: Hashable, Sendable {
  /// What it says.
  public var content: CodeContent
  /// Its corners as printed: top left, top right, bottom right, bottom left.
  public var corners: [Corner]
  /// How it was read.
  public var method: ReadingMethod

  /// All of it.
  public init(content: CodeContent, corners: [Corner], method: ReadingMethod = .general) {
    self.content = content
    self.corners = corners
    self.method = method
  }
}

/// What a code says.
public enum CodeContent: Hashable, Sendable {
  /// A label; `known` if it is in this phone's catalogue.
  case label(String, known: Bool)
  /// A code of somebody else, with its text.
  case foreign(text: String)
  /// There is a code, but it cannot be read yet.
  case unreadable
}

/// A corner of a code.
public struct Corner: Hashable, Sendable {
  /// Pixels from the left of the frame.
  public var x: Double
  /// Pixels from its top.
  public var y: Double

  /// A corner at this place.
  public init(x: Double, y: Double) {
    self.x = x
    self.y = y
  }
}

/// What would help the reader.
public enum Hint: Hashable, Sendable, CaseIterable {
  /// The code is too small.
  case closer
  /// The code is too large.
  case moveBack
  /// There is too little light.
  case tooDark
  /// Something shines.
  case glare
  /// The picture is blurred.
  case holdStill
}

/// How a code was read.
public enum ReadingMethod: Hashable, Sendable, CaseIterable {
  /// As any code is.
  case general
  /// With the codewords every label shares taken as given.
  case knownCodewords
  /// By the labels that exist.
  case catalogue
}
