// What each verb of the conformance scripts does, through the package's own surface.

import Foundation
import KokoniKit
import Testing

extension ScriptRun {
  /// Does what a step says.
  func act(_ step: Step) async throws -> Outcome {
    switch try step.text("do") {
    case "stop_server": try office.stop()
    case "start_server": try office.start()
    case "frame": return try frame(step)
    case "heard": try await heard(step)
    case "panic": try CoreTesting.panic()
    case "cycles": try await cycles(step)
    case "open", "close", "shut_down", "spoil", "secrets", "secret_count", "drop_elsewhere":
      return try await handle(step)
    case let verb where verb.hasPrefix("enrol") || verb.hasSuffix("_in_the_middle"):
      return try await enrol(step)
    case "preview", "scan", "confirm", "undo", "resend", "dismiss", "foreign", "parallel":
      return try await scan(step)
    default: return try await look(step)
    }
    return Outcome()
  }

  /// Opening, closing, and what lies beside the database.
  private func handle(_ step: Step) async throws -> Outcome {
    let phone = try phone(step)
    switch try step.text("do") {
    case "open":
      phone.keep(try await Kokoni.open(phone.configuration, secrets: phone.secrets))
    case "close":
      await (try phone.kokoni()).shutDown()
      observers.forget()
      phone.keep(nil)
    case "shut_down":
      await (try phone.kokoni()).shutDown()
    case "secrets":
      phone.secrets.fails.withLock { $0 = step.fields["throw"]?.bool == true }
    case "secret_count":
      return Outcome(values: ["count": .number(phone.secrets.memory.count)])
    case "spoil":
      try spoil(phone.secrets.memory, try #require(step.fields["tokens"]?.list))
    default:
      try await dropElsewhere(phone)
    }
    return Outcome()
  }

  private func spoil(_ secrets: MemorySecretStore, _ names: [JSON]) throws {
    let stored = try #require(try secrets.load("enrolment"))
    var enrolment = try #require(
      try JSONSerialization.jsonObject(with: stored) as? [String: Any])
    var tokens = try #require(enrolment["tokens"] as? [String: Any])
    for name in names { tokens[try #require(name.text)] = "spoilt" }
    enrolment["tokens"] = tokens
    try secrets.store("enrolment", try JSONSerialization.data(withJSONObject: enrolment))
  }

  private func dropElsewhere(_ phone: Phone) async throws {
    let keeping: Task<Void, any Error>
    let calls: [Task<Void, any Error>]
    do {
      let kokoni = try phone.kokoni()
      phone.keep(nil)
      keeping = Task { try await kokoni.keepSynced() }
      calls = (0..<4).map { _ in
        Task { for _ in 0..<50 { _ = try await kokoni.chip() } }
      }
      let held = Held((kokoni, kokoni.changes(), try await kokoni.labelReader()))
      Thread.detachNewThread { held.drop() }
    }
    for call in calls {
      do {
        try await call.value
      } catch let failure as KokoniFailure where failure.reason == .shutDown {}
    }
    keeping.cancel()
    try await keeping.value
  }

  /// Enrolling, and asking a server that never answers.
  private func enrol(_ step: Step) async throws -> Outcome {
    let kokoni = try phone(step).kokoni()
    var kept = JSON.null
    switch try step.text("do") {
    case "enrolment": break
    case "enrol": _ = try await kokoni.enrol(link: try office.invitation().link)
    case "enrol_with": _ = try await kokoni.enrol(link: try step.text("link"))
    case "enrol_typed":
      let code = try step.fields["code"]?.text ?? office.invitation().typed
      kept = .text(code)
      _ = try await kokoni.enrol(server: office.address, code: code)
    case "cancel_in_the_middle": try await cancelInTheMiddle(kokoni, step)
    default:
      let server = try SilentServer()
      let deadline = Duration.milliseconds(try step.number("deadline_ms"))
      _ = try await kokoni.enrol(server: server.address, code: "ABCDE12345", deadline: deadline)
    }
    let enrolment = try await kokoni.enrolment()
    let values: [String: JSON] = [
      "enrolled": .bool(enrolment != nil), "label_host": .of(enrolment?.labelHost),
    ]
    return Outcome(values: values, kept: kept)
  }

  private func cancelInTheMiddle(_ kokoni: Kokoni, _ step: Step) async throws {
    let (server, before) = (try SilentServer(), CoreTesting.cancelledCalls)
    let call = Task { try await kokoni.enrol(server: server.address, code: "ABCDE12345") }
    try await until("the call waits for the server") { server.connections > 0 }
    call.cancel()
    let result = await call.result
    let counted = Int(CoreTesting.cancelledCalls - before)
    #expect(try counted == step.number("counted"))
    _ = try result.get()
  }

  /// Scanning, and what follows from it.
  private func scan(_ step: Step) async throws -> Outcome {
    let kokoni = try phone(step).kokoni()
    let card: ScanCard
    switch try step.text("do") {
    case "preview": card = try await kokoni.preview(label: try step.text("label"))
    case "scan":
      card = try await kokoni.scan(label: try step.text("label"), via: try step.choice("via"))
    case "confirm":
      card = try await kokoni.confirm(
        label: try step.text("label"), meaning: try step.choice("meaning"),
        via: try step.choice("via"))
    case "undo": card = try await kokoni.undo(record: try step.text("record"))
    case "resend": card = try await kokoni.resend(record: try step.text("record"))
    case "foreign": card = kokoni.foreignCard(text: try step.text("text"))
    case "dismiss":
      try await kokoni.dismiss(record: try step.text("record"))
      return Outcome()
    default:
      try await parallel(kokoni, step)
      return Outcome()
    }
    let values: [String: JSON] = [
      "tone": .choice(card.tone), "meaning": .choice(card.meaning), "title": .text(card.title),
      "saved": .bool(card.record != nil),
    ]
    return Outcome(values: values, kept: .of(card.record))
  }

  private func parallel(_ kokoni: Kokoni, _ step: Step) async throws {
    let (label, calls) = (try step.text("label"), try step.number("calls"))
    let lanes = try step.number("threads")
    _ = try await kokoni.scan(label: label)
    let done = try await withThrowingTaskGroup(of: Int.self) { group in
      for lane in 0..<lanes {
        group.addTask {
          var done = 0
          for call in stride(from: lane, to: calls, by: lanes) where call > 0 {
            switch call % 4 {
            case 0: _ = try await kokoni.scan(label: label)
            case 1: _ = try await kokoni.today()
            case 2: _ = try await kokoni.preview(label: label)
            default: _ = try await kokoni.chip()
            }
            done += 1
          }
          return done
        }
      }
      return try await group.reduce(1, +)
    }
    #expect(done == calls)
  }

  /// Looking, and asking the server.
  private func look(_ step: Step) async throws -> Outcome {
    let kokoni = try phone(step).kokoni()
    switch try step.text("do") {
    case "sync":
      let outcome = try await kokoni.sync()
      return Outcome(values: [
        "end": .choice(outcome.end), "sent": .number(outcome.sent),
        "applied": .number(outcome.applied), "rejected": .number(outcome.rejected),
        "waiting": .number(outcome.waiting), "text": .text(outcome.text),
      ])
    case "today":
      let today = try await kokoni.today()
      return Outcome(values: [
        "whereabouts": .choice(today.whereabouts), "headline": .text(today.headline),
        "waiting": .number(today.waiting.count), "rejected": .number(today.rejected.count),
      ])
    case "chip":
      let chip = try await kokoni.chip()
      return Outcome(values: [
        "waiting": .number(chip.waiting), "rejected": .number(chip.rejected),
        "tone": .choice(chip.tone), "text": .text(chip.text),
      ])
    case "status":
      let status = try await kokoni.status()
      return Outcome(values: [
        "waiting": .number(status.waiting), "rejected": .number(status.rejected),
        "text": .text(status.text), "needs_enrolment": .bool(status.needsEnrolment),
        "needs_update": .bool(status.needsUpdate),
      ])
    case "waiting":
      return Outcome(values: ["count": .number(try await kokoni.waiting().count)])
    case "rejected":
      let lines = try await kokoni.rejected()
      let values: [String: JSON] = [
        "count": .number(lines.count), "why": .of(lines.first?.why),
        "advice": .of(lines.first?.advice),
        "can_resend": lines.first.map { .bool($0.canResend) } ?? .null,
      ]
      return Outcome(values: values, kept: .of(lines.first?.record))
    case "route": return route(try await kokoni.route(link: try step.text("link")))
    case "labels":
      let labels = try CoreTesting.labels(try step.text("kind"), of: kokoni)
      let index = try step.number("index")
      try #require(labels.indices.contains(index))
      return Outcome(kept: .text(labels[index]))
    case "forward": CoreTesting.forward(kokoni, by: TimeInterval(try step.number("seconds")))
    case "observe": try observers.add(try step.text("observer"), to: kokoni)
    case "wipe": try await kokoni.signOutAndWipe()
    case let verb: Issue.record("no such verb: \(verb)")
    }
    return Outcome()
  }

  private func route(_ route: Route) -> Outcome {
    switch route {
    case .label(let label): Outcome(values: ["route": .text("Label"), "label": .text(label)])
    case .enrol: Outcome(values: ["route": .text("Enrol")])
    case .signIn: Outcome(values: ["route": .text("SignIn")])
    case .otherOrganisation: Outcome(values: ["route": .text("OtherOrganisation")])
    case .unknown: Outcome(values: ["route": .text("Unknown")])
    }
  }

  private func frame(_ step: Step) throws -> Outcome {
    let host = try step.text("host")
    var frame = try CoreTesting.frame(
      host: step.fields["drawn_host"]?.text ?? host, label: try step.text("label"),
      width: try step.number("width"), height: try step.number("height"),
      rowStride: try step.number("row_stride"), pixelStride: try step.number("pixel_stride"))
    frame.luma.removeLast(step.fields["cut"]?.number ?? 0)
    let say = step.fields["say"]?.object ?? [:]
    frame.width = say["width"]?.number ?? frame.width
    frame.height = say["height"]?.number ?? frame.height
    frame.rowStride = say["row_stride"]?.number ?? frame.rowStride
    frame.pixelStride = say["pixel_stride"]?.number ?? frame.pixelStride
    let reader = try FrameReader(host: host, budget: .milliseconds(33), language: .japanese)
    let reading = try reader.read(frame)
    return Outcome(values: ["news": .of(reading.news), "foreign": .of(reading.foreign)])
  }

  private func heard(_ step: Step) async throws {
    let (name, least) = (try step.text("observer"), try step.number("at_least"))
    try await until("\(name) heard \(least)") { observers.heard(name) >= least }
  }

  private func cycles(_ step: Step) async throws {
    let phone = try Phone()
    func cycle(_ count: Int) async throws {
      for _ in 0..<count {
        let kokoni = try await Kokoni.open(phone.configuration, secrets: phone.secrets)
        _ = try await kokoni.status()
        await kokoni.shutDown()
      }
    }
    let given = ProcessInfo.processInfo.environment["KOKONI_CYCLES"].flatMap { Int($0) }
    try await cycle(try step.number("warm_up"))
    let before = try residentBytes()
    try await cycle(try given ?? step.number("count"))
    let (grown, most) = (try residentBytes() - before, try step.number("growth_kb"))
    #expect(grown <= most << 10, "grown by \(grown >> 10) KiB")
  }
}
