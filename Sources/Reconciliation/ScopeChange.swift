import AccessEngine
import Database
import IssueDecoding
import IssueModel
public import JiraClient
import Journal
public import Store

/// What another scope means for what is stored: counted before anything changes.
public struct ScopeChange: Sendable {
    public var before: Source.Scope
    public var after: Source.Scope
    /// By project, by key.
    public var projects: [Share] = []
    /// Issues that Jira lists within the new scope and that are not stored.
    public var added: Int { projects.reduce(0) { $0 + $1.added } }
    /// Stored issues that are not within the new scope: they are destroyed.
    public var removed: Int { projects.reduce(0) { $0 + $1.removed } }

    public struct Share: Hashable, Sendable {
        public var key: String
        public var name: String
        public var added: Int
        public var removed: Int
        /// How many stay.
        public var kept: Int
    }

    /// The identities in it, for doing it.
    var unknown: [IssueID] = []
    var outside: [IssueID] = []
    var droppedProjects: [EntityID] = []
    /// When the comparison began.
    var began: Timestamp

    /// Lists what the new scope holds and compares it with what is stored; changes nothing.
    ///
    /// - Throws: What listing throws: `badQuery` for a JQL that Jira does not understand; `notFound` for a project that is not there.
    public static func plan(
        _ scope: Source.Scope, for source: Source, in store: Store, client: JiraClient, time: TimeSource = .system
    ) async throws -> ScopeChange {
        let began = time.now()
        var change = ScopeChange(before: source.scope, after: scope, began: began)
        let listed = try await client.projects()
        let wanted = listed.filter { scope.includes($0) }
        try requireAll(scope, among: listed)
        let sourceID = source.id
        let records = try await store.read { try ProjectRecords.all(source: sourceID, in: $0) }
        let known = Dictionary(records.map { ($0.project.id, $0) }) { first, _ in first }
        let inScope = Set(wanted.map(\.project.id))
        for project in wanted {
            var projects = JQL.projects([project.project.key])
            if let restriction = scope.restriction { projects += " AND \(restriction)" }
            let ids = try await client.allIssueIDs(IssueQuery(jql: projects)).map(\.rawValue)
            let rows = Set([known[project.project.id]?.id].compactMap(\.self))
            let comparison = try await store.read { connection in
                try CensusComparison.compare(ids, projects: rows, began: began, source: sourceID, in: connection)
            }
            // What is archived is in no listing; it goes only with its project.
            let outside = comparison.absent.filter { $0.state != .archived }.map(\.issue)
            change.unknown += comparison.unknown
            change.outside += outside
            change.projects.append(
                Share(
                    key: project.project.key, name: project.project.name, added: comparison.unknown.count,
                    removed: outside.count, kept: ids.count - comparison.unknown.count))
        }
        // Archived projects stay as long as the scope names them.
        let archived = try await client.projects(.archived).filter { scope.includes($0) }.map(\.project.id)
        for record in records where !inScope.contains(record.project.id) && !archived.contains(record.project.id) {
            guard !scope.includes(record) else { continue }
            let count = try await store.read { connection in
                try connection.first("SELECT count(*) FROM issue WHERE project_id = ?", record.id) { $0.int(0) } ?? 0
            }
            change.droppedProjects.append(record.project.id)
            change.projects.append(
                Share(key: record.project.key, name: record.project.name, added: 0, removed: count, kept: 0))
        }
        change.projects.sort { $0.key < $1.key }
        // An expired credential may be answered with what everybody sees, which would leave nothing.
        if change.removed > 0 {
            let account = source.isAnonymous ? nil : source.principal
            try await AbsenceConfirmation(client: client, account: account).confirmAccount()
        }
        return change
    }

    private static func requireAll(_ scope: Source.Scope, among listed: [FetchedProject]) throws {
        let keys = Set(listed.flatMap { $0.keys + [$0.project.key] }.map { $0.uppercased() })
        for key in scope.projects where !keys.contains(key.uppercased()) {
            throw StoreError(
                .notFound, "Project \(key) does not exist, or the source's account may not see it. Check the key")
        }
    }

    /// Makes the new scope hold: what is not in it is destroyed, what is new waits to be read.
    ///
    /// - Parameter adopt: Changes the checkpoint of the issues, in the transaction that changes the scope.
    /// - Returns: How many issues were destroyed.
    @discardableResult
    public func apply(
        to source: Source, in store: Store, time: TimeSource = .system,
        adopt: @escaping @Sendable (WriteContext) throws -> Void = { _ in }
    ) async throws -> Int {
        let (sourceID, now, scope) = (source.id, time.now(), after)
        // First, so that whoever is stopped in between leaves nothing unread: outside of the scope it is only looked at.
        for batch in unknown.batches(of: 10_000) {
            try await store.write { try PendingIssues.add(batch, cause: .manual, at: now, source: sourceID, in: $0) }
        }
        try await store.write { context in
            guard var stored = try SourceRecords.source(sourceID, in: context.connection) else {
                throw StoreError(.notFound, "There is no source \(source.name)")
            }
            stored.scope = scope
            try SourceRecords.update(stored, in: context)
            // A census under way lists by the old scope.
            try Checkpoints.reset(CensusProgress.phase, source: sourceID, in: context)
            try adopt(context)
        }
        let purge = ScopePurge(store: store, source: sourceID)
        var removed = try await purge.remove(outside, readBefore: began)
        for project in droppedProjects { removed += try await purge.remove(project: project) }
        if removed > 0 || !droppedProjects.isEmpty { try await purge.destroy() }
        return removed
    }
}

extension Source.Scope {
    /// Whether a stored project is one of those that are synchronised.
    func includes(_ record: ProjectRecords.Record) -> Bool {
        projects.isEmpty || projects.contains { $0.caseInsensitiveEquals(record.project.key) }
    }
}

extension String {
    fileprivate func caseInsensitiveEquals(_ other: String) -> Bool { uppercased() == other.uppercased() }
}
