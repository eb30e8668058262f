import AccessControl
import ChangeFeed
import Database
import FastJSON
import IssueModel
import Store
import Synchronization
import Testing

/// One event as a browser would take it.
struct ReceivedEvent: Hashable, Sendable {
    var name = ""
    var id: String?
    var data = ""

    subscript(_ member: String) -> JSONValue? { (try? JSONValue(parsing: data))?[member] }
}

/// What a listener gets, event by event; comments have the name `:`.
final class EventReader {
    private let chunks: AsyncStream<String>
    private var waiting: [ReceivedEvent] = []

    init(_ chunks: AsyncStream<String>) { self.chunks = chunks }

    /// The next event of one of these names; `nil` at the end of the stream.
    func next(_ names: String...) async -> ReceivedEvent? {
        while true {
            while let event = waiting.first {
                waiting.removeFirst()
                if names.contains(event.name) { return event }
            }
            var iterator = chunks.makeAsyncIterator()
            guard let chunk = await iterator.next(isolation: #isolation) else { return nil }
            waiting += Self.parse(chunk)
        }
    }

    /// The entries of so many events, in short.
    func changes(_ count: Int) async -> [String] {
        var result: [String] = []
        while result.count < count, let event = await next("change", "access") {
            result.append(
                [event["kind"], event["id"] ?? event["reason"]].compactMap { $0?.string }.joined(separator: " "))
        }
        return result
    }

    /// A piece that a stream writes holds whole events.
    private static func parse(_ text: String) -> [ReceivedEvent] {
        text.split(separator: "\n\n").map { block in
            var event = ReceivedEvent()
            for line in block.split(separator: "\n") {
                let (name, value) = (line.prefix { $0 != ":" }, line.drop { $0 != ":" }.dropFirst().drop { $0 == " " })
                switch name {
                case "": event.name = ":"
                case "event": event.name = String(value)
                case "id": event.id = String(value)
                case "data": event.data = String(value)
                default: break
                }
            }
            return event
        }
    }
}

/// Holds writers up until it is opened.
final class Gate: Sendable {
    private let state = Mutex((isOpen: true, waiters: [CheckedContinuation<Void, Never>]()))

    func close() { state.withLock { $0.isOpen = false } }

    func open() {
        let waiters = state.withLock { state in
            defer { state = (true, []) }
            return state.waiters
        }
        for waiter in waiters { waiter.resume() }
    }

    func pass() async {
        await withCheckedContinuation { continuation in
            let isOpen = state.withLock { state in
                if !state.isOpen { state.waiters.append(continuation) }
                return state.isOpen
            }
            if isOpen { continuation.resume() }
        }
    }
}

extension FeedScene {
    /// Listens for as long as `body` runs.
    func listening<Result: Sendable>(
        to hub: EventHub, as reader: Reader, member: Int64 = 1, isAdmin: Bool = false, after: String?,
        gate: Gate = Gate(), authorise: (@Sendable () async throws -> Reader?)? = nil,
        _ body: (EventReader) async throws -> Result
    ) async throws -> Result {
        let stream = try hub.open(
            .init(
                member: member, reader: reader, isAdmin: isAdmin, after: after, authorise: authorise ?? { reader }))
        let (chunks, input) = AsyncStream<String>.makeStream()
        return try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask {
                defer { input.finish() }
                try? await stream.run { bytes in
                    await gate.pass()
                    input.yield(String(decoding: bytes, as: UTF8.self))
                }
            }
            let result = try await body(EventReader(chunks))
            gate.open()
            group.cancelAll()
            return result
        }
    }

    /// A cursor from which nothing is new.
    func now(for reader: Reader) async throws -> String {
        try await feed.changes(after: nil, start: .now, for: reader).cursor
    }
}
