// From the camera's queue to the screen: frames are read where they arrive, and only news goes on.

import Foundation
import KokoniInterface

/// What a frame showed that the screen must hear of.
public enum Sighting: Hashable, Sendable {
  /// A label, newly in sight.
  case label(String)
  /// The text of a code that is no label, newly in sight.
  case foreign(String)
  /// What would help now; nil when nothing is to be said any more.
  case hint(Hint?)
}

/// Reads the frames of one camera session, on the camera's own queue.
///
/// Most frames say nothing new and cost the main thread nothing. Sightings wait in order for the
/// screen, which takes them one at a time.
final class FrameLane: @unchecked Sendable {
  let sightings: AsyncStream<Sighting>
  private let reader: any LabelReader
  private let found: AsyncStream<Sighting>.Continuation
  /// Touched on the camera's queue only, which gives one frame at a time.
  private var hint: Hint?

  init(reader: any LabelReader) {
    self.reader = reader
    // A hand that sweeps over a desk shows a few labels; nobody waits for the ninth.
    (sightings, found) = AsyncStream.makeStream(bufferingPolicy: .bufferingOldest(8))
    reader.reset()
  }

  /// Reads one frame. A frame of impossible size is passed over: the next one is on its way.
  func take(_ frame: LumaFrame) {
    guard let reading = try? reader.read(frame) else { return }
    if let label = reading.news {
      found.yield(.label(label))
    } else if let text = reading.foreign {
      found.yield(.foreign(text))
    }
    if reading.hint != hint {
      hint = reading.hint
      found.yield(.hint(hint))
    }
  }

  /// No more frames come.
  func end() {
    found.finish()
  }
}
