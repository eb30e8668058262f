import Synchronization

/// The faults that are still to come, in the order they were added.
public final class FaultPlan: Sendable {
    private let entries = Mutex<[Entry]>([])

    private struct Entry {
        var fault: Fault
        var seen = 0
        var played = 0
    }

    init() {}

    public func add(_ fault: Fault) {
        entries.withLock { $0.append(Entry(fault: fault)) }
    }

    public func removeAll() {
        entries.withLock { $0 = [] }
    }

    /// Whether nothing is left to go wrong.
    public var isEmpty: Bool { entries.withLock { $0.isEmpty } }

    /// What goes wrong with a request for `path`: every fault whose turn it is.
    func take(path: some StringProtocol) -> [Fault.Kind] {
        entries.withLock { entries in
            guard !entries.isEmpty else { return [] }
            var kinds: [Fault.Kind] = []
            for index in entries.indices
            where entries[index].fault.path.isEmpty || path.contains(entries[index].fault.path) {
                entries[index].seen += 1
                let turn = entries[index].seen - entries[index].fault.skip
                guard turn > 0, (turn - 1) % entries[index].fault.every == 0 else { continue }
                entries[index].played += 1
                kinds.append(entries[index].fault.kind)
            }
            entries.removeAll { entry in entry.fault.count.map { entry.played >= $0 } ?? false }
            return kinds
        }
    }
}

/// What was asked of the server.
public final class RequestLog: Sendable {
    /// One request as it was answered.
    public struct Entry: Sendable, Hashable {
        public var method: String
        /// The target without the context path.
        public var target: String
        /// Position of the person who asked; nil for nobody.
        public var person: Int?
        public var status: Int
        /// Bytes of the answer's body.
        public var bytes: Int
    }

    private struct State {
        var entries: [Entry] = []
        var count = 0
        var bytes = 0
        var byRoute: [String: Int] = [:]
    }

    static let limit = 20_000
    private let state = Mutex(State())

    init() {}

    func add(_ entry: Entry, route: String) {
        state.withLock { state in
            state.count += 1
            state.bytes += entry.bytes
            state.byRoute[route, default: 0] += 1
            if state.entries.count < Self.limit { state.entries.append(entry) }
        }
    }

    /// The first 20,000 requests since the last reset.
    public var entries: [Entry] { state.withLock { $0.entries } }
    /// Every request since the last reset.
    public var count: Int { state.withLock { $0.count } }
    /// Body bytes of every answer since the last reset.
    public var bytes: Int { state.withLock { $0.bytes } }
    /// Requests by method and path pattern.
    public var countByRoute: [String: Int] { state.withLock { $0.byRoute } }

    public func reset() { state.withLock { $0 = State() } }
}
