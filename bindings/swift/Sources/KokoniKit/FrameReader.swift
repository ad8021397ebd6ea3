// The real reader: a camera's frames handed to Rust in place.

import Foundation
import KokoniInterface

/// Reads labels in a camera's frames, in Rust and without a copy.
///
/// ``Kokoni/labelReader(budget:)`` makes one that knows the labels that exist; ``init(host:labels:budget:language:)``
/// one that is free of any core.
public final class FrameReader: LabelReader {
  package let core: CoreReader
  private let language: @Sendable () -> Language

  init(core: CoreReader, language: @escaping @Sendable () -> Language) {
    self.core = core
    self.language = language
  }

  /// A reader that needs no core.
  ///
  /// - Parameters:
  ///   - host: the host in the labels' texts; without it every code is a foreign one.
  ///   - labels: the labels that exist, each as 16 characters.
  ///   - budget: how long it may take for a frame.
  ///   - language: of the sentence in a failure.
  public convenience init(
    host: String?, labels: [String] = [], budget: Duration = .milliseconds(20),
    language: Language
  ) throws(KokoniFailure) {
    let core: CoreReader
    do {
      core = try CoreReader(
        config: .init(host: host, labels: labels, budget: budget.seconds))
    } catch {
      throw KokoniFailure(error, language)
    }
    self.init(core: core) { language }
  }

  /// Says what is in a frame.
  public func read(_ frame: LumaFrame) throws(KokoniFailure) -> FrameReading {
    do {
      return FrameReading(
        try core.read(
          luma: frame.luma, width: Int32(clamping: frame.width),
          height: Int32(clamping: frame.height), rowStride: Int32(clamping: frame.rowStride),
          pixelStride: Int32(clamping: frame.pixelStride)))
    } catch {
      throw KokoniFailure(error, language())
    }
  }

  /// Forgets the session: the camera was opened anew.
  public func reset() {
    core.reset()
  }
}
