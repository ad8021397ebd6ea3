// Listening: nothing is missed, nothing piles up, and it ends when it should.

import KokoniInterface
import Testing

@Suite struct ChangesTests {
  @Test func aSlowListenerHearsOfEachTopicOnceAndMissesNone() async {
    let mailbox = TopicMailbox()
    let changes = Changes(mailbox: mailbox, subscription: mailbox)
    for _ in 0..<1000 {
      mailbox.post(.queue)
      mailbox.post(.sync)
    }
    mailbox.end()
    var heard: [Set<Topic>] = []
    for await topics in changes { heard.append(topics) }
    #expect(heard == [[.queue, .sync]])
  }

  @Test func aWaitingListenerIsWoken() async {
    let mailbox = TopicMailbox()
    let changes = Changes(mailbox: mailbox, subscription: mailbox)
    let listening = Task {
      for await topics in changes { return topics }
      return []
    }
    await Task.yield()
    mailbox.post(.me)
    #expect(await listening.value == [.me])
  }

  @Test func aCancelledListenerStopsWaiting() async {
    let mailbox = TopicMailbox()
    let changes = Changes(mailbox: mailbox, subscription: mailbox)
    let listening = Task {
      var count = 0
      for await _ in changes { count += 1 }
      return count
    }
    listening.cancel()
    #expect(await listening.value == 0)
  }

  @Test func whatIsNewIsReadNowAndAfterChangesOfItsTopicsOnly() async throws {
    let kokoni = FakeKokoni(enrolled: true)
    let updates = kokoni.updates(of: [.queue]) {
      (client) async throws(KokoniFailure) in try await client.waiting().count
    }
    var counts = updates.makeAsyncIterator()
    #expect(try await counts.next() == 0)
    _ = try await kokoni.scan(label: kokoni.office.labels[0].label)
    #expect(try await counts.next() == 1)
    await kokoni.shutDown()
    #expect(try await counts.next() == nil)
  }
}
