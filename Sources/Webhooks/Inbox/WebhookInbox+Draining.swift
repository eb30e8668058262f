internal import Database
public import IssueModel
internal import Journal
public import Store
internal import Synchronization

extension WebhookInbox {
    /// What was handed over to a source.
    public struct Drained: Hashable, Sendable {
        /// Issues that now wait in `PendingIssues`.
        public var issues = 0
        /// Hints of issues outside the source's scope, which are in no copy.
        public var outside = 0
        /// Names and lists are to be read: see `DueReadings`.
        public var isCatalogueDue = false
        /// What changed lately is to be read, because a hint did not say where or was lost.
        public var areChangesDue = false

        public init(issues: Int = 0, outside: Int = 0, isCatalogueDue: Bool = false, areChangesDue: Bool = false) {
            self.issues = issues
            self.outside = outside
            self.isCatalogueDue = isCatalogueDue
            self.areChangesDue = areChangesDue
        }

        /// Whether there is anything to be read.
        public var isEmpty: Bool { issues == 0 && !isCatalogueDue && !areChangesDue }
    }

    /// Hands over everything that came: issues to `PendingIssues`, other readings to `DueReadings`, by source.
    ///
    /// First the one is stored, then the other forgotten: a kill in between makes an issue be read once more, never not.
    /// Hints that come meanwhile wait for the next time.
    public func drain(into store: Store, at now: Timestamp) async throws -> [Int64: Drained] {
        var all: [Int64: Drained] = [:]
        while true {
            let slice = try await nextSlice()
            if slice.isEmpty { break }
            let drained = try await store.write { try slice.handOver(to: $0) }
            for (source, part) in drained { all[source, default: .init()].add(part) }
            try await forget(slice)
            if slice.hints.count < Self.sliceLimit { break }
        }
        try await forgetOld(at: now)
        return all
    }

    /// Forgets what came of a source that is no more.
    public func purge(source: Int64) async throws {
        let removed = try await database.write { connection in
            try connection.execute("DELETE FROM hint WHERE source_id = ?", source)
            let removed = connection.changedRows
            try connection.execute("DELETE FROM mark WHERE source_id = ?", source)
            try connection.execute("DELETE FROM tally WHERE source_id = ?", source)
            return removed
        }
        state.withLock { $0.hints = max(0, $0.hints - removed) }
    }

    /// Small enough that a transaction of the main database stays short.
    private static let sliceLimit = 2_000

    private func nextSlice() async throws -> InboxSlice {
        try await database.read { connection in
            InboxSlice(
                hints: try connection.rows(
                    "SELECT source_id, jira_id, causes, outside, since, sequence FROM hint LIMIT ?", Self.sliceLimit
                ) { row in
                    InboxSlice.Hint(
                        source: row.int64(0), issue: IssueID(row.int64(1)), causes: row.int(2),
                        isOutside: row.bool(3), since: Timestamp(milliseconds: row.int64(4)), sequence: row.int64(5))
                },
                marks: try connection.rows("SELECT source_id, kind, since, sequence FROM mark") { row in
                    InboxSlice.Mark(
                        source: row.int64(0), kind: InboxMark(rawValue: row.text(1)) ?? .changes,
                        since: Timestamp(milliseconds: row.int64(2)), sequence: row.int64(3))
                })
        }
    }

    private func forget(_ slice: InboxSlice) async throws {
        let removed = try await database.write { connection in
            var removed = 0
            for hint in slice.hints {
                try connection.execute(
                    "DELETE FROM hint WHERE source_id = ? AND jira_id = ? AND sequence = ?", hint.source,
                    hint.issue.rawValue, hint.sequence)
                removed += connection.changedRows
            }
            for mark in slice.marks {
                try connection.execute(
                    "DELETE FROM mark WHERE source_id = ? AND kind = ? AND sequence = ?", mark.source,
                    mark.kind.rawValue, mark.sequence)
            }
            return removed
        }
        state.withLock { $0.hints = max(0, $0.hints - removed) }
    }

    /// Forgets deliveries that Jira no longer repeats, and the oldest of too many; some thousands at a time.
    private func forgetOld(at now: Timestamp) async throws {
        let isDue = state.withLock { state in
            if let last = state.forgotten, (0..<60_000).contains(now.rawValue - last.rawValue) { return false }
            state.forgotten = now
            return true
        }
        guard isDue else { return }
        let (oldest, limit) = (now.rawValue - options.seenFor, Int64(options.seenLimit))
        try await database.write { connection in
            let range = try connection.first("SELECT min(id), max(id) FROM seen") { row in
                row.isNull(0) ? nil : (first: row.int64(0), last: row.int64(1))
            }
            guard let range = range ?? nil else { return }
            let young = try connection.first(
                "SELECT id FROM seen WHERE id BETWEEN ?1 AND ?1 + 10000 AND at >= ?2 ORDER BY id LIMIT 1", range.first,
                oldest
            ) { $0.int64(0) }
            // Not so many at once that a delivery would wait for it.
            let end = min(max(young ?? .max, range.last - limit + 1), range.first + 10_000)
            try connection.execute("DELETE FROM seen WHERE id < ?", end)
        }
    }
}

extension WebhookInbox.Drained {
    mutating func add(_ other: Self) {
        issues += other.issues
        outside += other.outside
        isCatalogueDue = isCatalogueDue || other.isCatalogueDue
        areChangesDue = areChangesDue || other.areChangesDue
    }
}

/// Rows of the inbox that are handed over together.
struct InboxSlice: Sendable {
    var hints: [Hint]
    var marks: [Mark]

    struct Hint: Sendable {
        var source: Int64
        var issue: IssueID
        var causes: Int
        var isOutside: Bool
        var since: Timestamp
        var sequence: Int64
    }

    struct Mark: Sendable {
        var source: Int64
        var kind: InboxMark
        var since: Timestamp
        var sequence: Int64
    }

    var isEmpty: Bool { hints.isEmpty && marks.isEmpty }

    func handOver(to context: WriteContext) throws -> [Int64: WebhookInbox.Drained] {
        var drained: [Int64: WebhookInbox.Drained] = [:]
        let sources = Set(
            try SourceRecords.all(in: context.connection, includingRemoved: false).map(\.id))
        for (source, hints) in Dictionary(grouping: hints, by: \.source) where sources.contains(source) {
            let wanted = try hints.filter { hint in
                guard hint.isOutside else { return true }
                return try Self.isStored(hint.issue, source, context.connection)
            }
            // A later moment than a hint's own costs at most one more reading; an earlier one would lose it.
            guard let latest = wanted.map(\.since).max() else { continue }
            for (cause, reason) in [(InboxCause.changed, PendingIssues.Cause.webhook), (.deleted, .webhookDeleted)] {
                let ids = wanted.filter { $0.causes & cause.rawValue != 0 }.map(\.issue)
                try PendingIssues.add(ids, cause: reason, at: latest, source: source, in: context)
            }
            drained[source, default: .init()].issues += wanted.count
            drained[source, default: .init()].outside += hints.count - wanted.count
        }
        for mark in marks where sources.contains(mark.source) {
            switch mark.kind {
            case .catalogue:
                drained[mark.source, default: .init()].isCatalogueDue = true
                try DueReadings.ask(.catalogue, at: mark.since, source: mark.source, in: context)
            case .changes:
                drained[mark.source, default: .init()].areChangesDue = true
                try DueReadings.ask(.changes, at: mark.since, source: mark.source, in: context)
            }
        }
        return drained
    }

    private static func isStored(_ issue: IssueID, _ source: Int64, _ connection: Connection) throws -> Bool {
        try connection.first(
            "SELECT 1 FROM issue WHERE source_id = ? AND jira_id = ?", source, issue.rawValue
        ) { _ in true } ?? false
    }
}
