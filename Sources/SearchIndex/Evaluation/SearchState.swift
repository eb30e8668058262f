internal import AccessControl
internal import Database
internal import Synchronization

/// What a searcher remembers between queries: columns, views and postings of recent states. All of it can be rebuilt.
final class SearchState: Sendable {
    private struct Memory: Sendable {
        var columns: IssueColumns?
        var views: [(key: ViewKey, view: AllowedView)] = []
        var names: NameTables?
        var postings: [String: (postings: Postings, used: UInt64)] = [:]
        var postingsVersion: Int64 = -1
        var postingsCost = 0
        var clock: UInt64 = 0
    }

    private struct ViewKey: Hashable, Sendable {
        var version: Int64
        var allowed: AllowedSet
    }

    private let memory = Mutex(Memory())
    private let postingsLimit: Int
    private static let viewLimit = 24

    /// - Parameter postingsLimit: Bytes of postings to keep.
    init(postingsLimit: Int) { self.postingsLimit = postingsLimit }

    /// The columns as `connection`'s transaction sees them.
    func columns(in connection: Connection) throws -> IssueColumns {
        let version = try IssueColumns.version(in: connection)
        let known = memory.withLock { $0.columns }
        if let known, known.version == version { return known }
        let columns =
            try known.flatMap { try $0.advanced(to: version, from: connection) }
            ?? IssueColumns.load(version: version, from: connection)
        memory.withLock { memory in
            if memory.columns?.version ?? -1 < version { memory.columns = columns }
        }
        return columns
    }

    func view(of columns: IssueColumns, _ allowed: AllowedSet) -> AllowedView {
        let key = ViewKey(version: columns.version, allowed: allowed)
        let known = memory.withLock { memory -> AllowedView? in
            guard let position = memory.views.firstIndex(where: { $0.key == key }) else { return nil }
            let entry = memory.views.remove(at: position)
            memory.views.append(entry)
            return entry.view
        }
        if let known { return known }
        let view = AllowedView(columns, allowed)
        memory.withLock { memory in
            memory.views.removeAll { $0.key.version < columns.version }
            if memory.views.count >= Self.viewLimit { memory.views.removeFirst() }
            memory.views.append((key, view))
        }
        return view
    }

    func names(in connection: Connection) throws -> NameTables {
        let stamp = try NameTables.stamp(in: connection)
        if let known = memory.withLock({ $0.names }), known.stamp == stamp { return known }
        let names = try NameTables.load(stamp: stamp, from: connection)
        memory.withLock { $0.names = names }
        return names
    }

    /// The postings of an expression in the state `version` of the index.
    func postings(_ expression: String, version: Int64, in connection: Connection) throws -> Postings {
        let known = memory.withLock { memory -> Postings? in
            guard memory.postingsVersion == version, let entry = memory.postings[expression] else { return nil }
            memory.clock += 1
            memory.postings[expression]?.used = memory.clock
            return entry.postings
        }
        if let known { return known }
        let postings = try Postings.find(expression, in: connection)
        memory.withLock { keep(postings, expression, version, &$0) }
        return postings
    }

    private func keep(_ postings: Postings, _ expression: String, _ version: Int64, _ memory: inout Memory) {
        guard memory.postingsVersion <= version else { return }
        if memory.postingsVersion < version {
            memory.postings.removeAll()
            memory.postingsCost = 0
            memory.postingsVersion = version
        }
        memory.clock += 1
        if memory.postings.updateValue((postings, memory.clock), forKey: expression) == nil {
            memory.postingsCost += postings.cost
        }
        guard memory.postingsCost > postingsLimit else { return }
        // The half least recently used goes, so that this is rare.
        for (key, entry) in memory.postings.sorted(by: { $0.value.used < $1.value.used }) {
            guard memory.postingsCost > postingsLimit / 2 else { break }
            memory.postings[key] = nil
            memory.postingsCost -= entry.postings.cost
        }
    }
}
