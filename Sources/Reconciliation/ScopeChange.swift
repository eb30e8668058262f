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
        let archived = try await client.projects(.archived)
        try requireAll(scope, among: listed + archived)
        let sourceID = source.id
        let records = try await store.read { try ProjectRecords.all(source: sourceID, in: $0) }
        let known = Dictionary(records.map { ($0.project.id, $0) }) { first, _ in first }
        for project in wanted {
            var projects = JQL.projects([project.project.key])
            if let restriction = scope.restriction { projects += " AND \(restriction)" }
            let rows = Set([known[project.project.id]?.id].compactMap(\.self))
            let (ids, comparison) = try await compare(
                IssueQuery(jql: projects), rows, began, source, in: store, client: client)
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
        let kept = Set((wanted + archived.filter { scope.includes($0) }).map(\.project.id))
        let named = try await store.read { connection in
            Set(
                try scope.projects.compactMap { try ProjectRecords.find(key: $0, source: sourceID, in: connection)?.id }
            )
        }
        for record in records where !kept.contains(record.project.id) {
            guard !scope.projects.isEmpty, !named.contains(record.id) else { continue }
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

    /// Lays what Jira lists beside what is stored. A listing that gives fewer issues than Jira counts is taken once more.
    private static func compare(
        _ query: IssueQuery, _ rows: Set<Int64>, _ began: Timestamp, _ source: Source, in store: Store,
        client: JiraClient
    ) async throws -> ([Int64], CensusComparison) {
        let (sourceID, account) = (source.id, source.isAnonymous ? nil : source.principal)
        let confirmation = AbsenceConfirmation(client: client, account: account)
        for _ in 0..<2 {
            let ids = try await client.allIssueIDs(query).map(\.rawValue)
            let comparison = try await store.read { connection in
                try CensusComparison.compare(ids, projects: rows, began: began, source: sourceID, in: connection)
            }
            if comparison.absent.isEmpty { return (ids, comparison) }
            if try await confirmation.isPlausible(ids.count, of: query, spare: 0) { return (ids, comparison) }
        }
        throw JiraError(
            .incompleteListing, endpoint: "issue ids", messages: ["Fewer issues are listed than Jira counts."])
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
    /// Where it is stopped half-way, ``ScopeRemains/destroy(of:in:)`` does the rest.
    ///
    /// - Parameter adopt: Changes the checkpoint of the issues, in the transaction that changes the scope.
    /// - Returns: How many issues were destroyed.
    @discardableResult
    public func apply(
        to source: Source, in store: Store, time: TimeSource = .system,
        adopt: @escaping @Sendable (WriteContext) throws -> Void = { _ in }
    ) async throws -> Int {
        let (sourceID, now, scope) = (source.id, time.now(), after)
        let remains = ScopeRemains(issues: outside, projects: droppedProjects, readBefore: began)
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
            try remains.store(at: now, source: sourceID, in: context)
            try adopt(context)
        }
        return try await ScopeRemains.destroy(of: sourceID, in: store)
    }
}
