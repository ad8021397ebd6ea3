// Hearing of changes: a sequence of topics, and sequences of what is new.

/// What changed, as an asynchronous sequence.
///
/// Each element is the set of topics that changed since the last one was taken: a slow listener
/// hears of each topic once, and misses none. Listening begins when the sequence is made, and ends
/// when neither it nor an iterator of it is held. It is for one listener.
public struct Changes: AsyncSequence, Sendable {
  /// The topics that changed.
  public typealias Element = Set<Topic>

  let mailbox: TopicMailbox
  /// Ends the listening when it is freed.
  let subscription: any Sendable

  package init(mailbox: TopicMailbox, subscription: any Sendable) {
    self.mailbox = mailbox
    self.subscription = subscription
  }

  /// Takes the topics.
  public func makeAsyncIterator() -> Iterator {
    Iterator(changes: self)
  }

  /// Takes the topics one set after another.
  public struct Iterator: AsyncIteratorProtocol {
    let changes: Changes

    /// Waits for a change; nil when the task was cancelled or the core was shut down.
    public mutating func next() async -> Set<Topic>? {
      await changes.mailbox.next()
    }
  }
}

/// Topics on their way to one listener: each is kept once until it is taken.
package final class TopicMailbox: Sendable {
  private struct State {
    var topics: Set<Topic> = []
    var waiting: CheckedContinuation<Set<Topic>?, Never>?
    var ended = false
  }

  private let state = Locked(State())

  package init() {}

  /// Puts a topic in, and wakes the listener.
  package func post(_ topic: Topic) {
    let waiting = state.withLock { state in
      if state.ended { return nil as CheckedContinuation<Set<Topic>?, Never>? }
      if state.waiting == nil { state.topics.insert(topic) }
      return state.waiting.take()
    }
    waiting?.resume(returning: [topic])
  }

  /// No more topics come; those that are in can still be taken.
  package func end() {
    let waiting = state.withLock { state in
      state.ended = true
      return state.waiting.take()
    }
    waiting?.resume(returning: nil)
  }

  /// Waits for topics; nil when there will be none, or when the task was cancelled.
  package func next() async -> Set<Topic>? {
    await withTaskCancellationHandler {
      await withCheckedContinuation { continuation in
        let now: Set<Topic>?? = state.withLock { state in
          if !state.topics.isEmpty {
            defer { state.topics = [] }
            return .some(state.topics)
          }
          if state.ended || Task.isCancelled { return .some(nil) }
          assert(state.waiting == nil, "Changes is for one listener")
          state.waiting = continuation
          return .none
        }
        if let now { continuation.resume(returning: now) }
      }
    } onCancel: {
      state.withLock { $0.waiting.take() }?.resume(returning: nil)
    }
  }
}

extension KokoniClient {
  /// What `read` returns now, and again after every change of one of the topics.
  ///
  /// ```swift
  /// for try await day in kokoni.updates(of: [.queue, .me], { try await $0.today() }) { show(day) }
  /// ```
  public func updates<Value: Sendable>(
    of topics: Set<Topic>, _ read: @escaping @Sendable (Self) async throws(KokoniFailure) -> Value
  ) -> Updates<Self, Value> {
    Updates(client: self, topics: topics, changes: changes(), read: read)
  }
}

/// What a client returns now and after every change, as an asynchronous sequence. It ends when the
/// task is cancelled or the core is shut down, and throws what reading throws.
public struct Updates<Client: KokoniClient, Value: Sendable>: AsyncSequence, Sendable {
  /// What was read.
  public typealias Element = Value

  let client: Client
  let topics: Set<Topic>
  let changes: Changes
  let read: @Sendable (Client) async throws(KokoniFailure) -> Value

  /// Reads.
  public func makeAsyncIterator() -> Iterator {
    Iterator(updates: self, changes: changes.makeAsyncIterator())
  }

  /// Reads once now, then after every change.
  public struct Iterator: AsyncIteratorProtocol {
    let updates: Updates
    var changes: Changes.Iterator
    var begun = false

    init(updates: Updates, changes: Changes.Iterator) {
      self.updates = updates
      self.changes = changes
    }

    /// Waits for a change and reads; nil at the end.
    public mutating func next() async throws -> Value? {
      if begun {
        repeat {
          guard let changed = await changes.next() else { return nil }
          if !changed.isDisjoint(with: updates.topics) { break }
        } while true
      }
      begun = true
      return try await updates.read(updates.client)
    }
  }
}
