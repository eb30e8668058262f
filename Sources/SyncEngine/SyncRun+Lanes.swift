import AccessEngine
import FastJSON
import IssueDecoding
import IssueModel
import JiraClient
import Journal
import SiteConnection
import Store

extension SyncRun {
    static let checkpointPhase = "issues"
    static let quarantineKind = "issue"

    /// Compares the projects in scope with the checkpoint: what was never read wholly is read newest first, what was is
    /// asked for changes since the mark, and what could not be stored is tried again.
    func chooseLanes() async throws -> Outcome {
        let (sourceID, phase) = (source.id, Self.checkpointPhase)
        let (stored, reread, quarantined) = try await store.read { connection in
            (
                try Checkpoints.data(phase, source: sourceID, in: connection),
                try AccessRefresh.projectsToReread(source: sourceID, in: connection),
                try Quarantine.entries(kind: Self.quarantineKind, source: sourceID, limit: 10_000, in: connection)
                    .compactMap { Int64($0.ref).map { IssueID($0) } }
            )
        }
        var checkpoint =
            stored.flatMap { try? JSONValue(parsing: $0) }.flatMap { SyncCheckpoint(json: $0) }
            ?? SyncCheckpoint()
        if isFull || checkpoint.jql != source.scope.jql || (checkpoint.mark == nil && checkpoint.backfill == nil) {
            checkpoint = SyncCheckpoint(jql: source.scope.jql)
        }
        // Their issues got other levels without being updated.
        checkpoint.covered.subtract(reread)
        if !reread.isDisjoint(with: checkpoint.backfill?.lanes.flatMap(\.projects) ?? []) { checkpoint.backfill = nil }
        withState { $0.rereading = reread }
        let projects = withState { $0.projects }
        try await adapt(&checkpoint, to: projects)
        let keys = Dictionary(projects.map { ($0.id, $0.key) }) { first, _ in first }
        var lanes: [(SyncPlan.Lane, LaneQuery)] = []
        func add(_ lane: SyncPlan.Lane, since: Timestamp? = nil, ids: [IssueID] = []) {
            let named = lane.projects.compactMap { id in keys[id].map { ($0, id) } }
            lanes.append(
                (
                    lane,
                    LaneQuery(
                        kind: lane.kind, projects: Dictionary(named) { first, _ in first }, since: since, ids: ids)
                ))
        }
        if !quarantined.isEmpty, !isFull { add(SyncPlan.Lane(.retry, projects: []), ids: quarantined.sorted()) }
        for (index, lane) in (checkpoint.backfill?.lanes ?? []).enumerated() where !lane.isDone {
            add(SyncPlan.Lane(.backfill(index), projects: lane.projects, after: lane.after))
        }
        if let mark = checkpoint.mark, !checkpoint.covered.isEmpty {
            let overlap = Int64(options.overlap.seconds * 1_000)
            add(
                SyncPlan.Lane(.delta, projects: checkpoint.covered.sorted { $0.rawValue < $1.rawValue }),
                since: Timestamp(milliseconds: mark.rawValue - overlap))
        }
        let (chosen, started) = (lanes, checkpoint.backfill?.started)
        withState { state in
            state.lanes = chosen.map(\.1)
            state.backfillStarted = started
        }
        await count(chosen.map(\.1))
        return .lanesChosen(chosen.map(\.0), checkpoint)
    }

    /// Drops projects that are gone and begins a backfill for those that are new.
    private func adapt(_ checkpoint: inout SyncCheckpoint, to projects: [Project]) async throws {
        let present = Set(projects.map(\.id))
        checkpoint.covered.formIntersection(present)
        var known = checkpoint.covered
        if let lanes = checkpoint.backfill?.lanes {
            for index in lanes.indices {
                checkpoint.backfill?.lanes[index].projects.removeAll { !present.contains($0) }
            }
            known.formUnion(lanes.flatMap(\.projects))
        }
        let new = projects.map(\.id).filter { !known.contains($0) }
        guard !new.isEmpty else { return }
        if checkpoint.backfill == nil {
            checkpoint.backfill = .init(
                started: time.now(), newest: try await newestChange(in: projects), lanes: [])
        }
        switch client.flavour {
        case .cloud: checkpoint.backfill?.lanes.append(.init(projects: new))
        case .dataCenter: checkpoint.backfill?.lanes += new.map { .init(projects: [$0]) }
        }
    }

    /// Jira's latest time of change, by Jira's clock.
    private func newestChange(in projects: [Project]) async throws -> Timestamp? {
        let order = IssueQuery.Order(.updated, isAscending: false)
        let query = IssueQuery(jql: jql(projects.map(\.key)), order: order)
        guard let newest = try? await client.issueIDs(query, after: nil).ids.first else { return nil }
        let decoder = withState { $0.decoder }
        return try await client.issues(ids: [newest], decoder: decoder).issues.first?.issue.updated
    }

    /// For the progress bar only: a site that does not count is no problem.
    private func count(_ lanes: [LaneQuery]) async {
        let backfill = lanes.filter { if case .backfill = $0.kind { true } else { false } }
        guard !backfill.isEmpty else { return }
        let keys = backfill.flatMap(\.projects.keys)
        guard !keys.isEmpty else { return }
        expect(try? await client.issueCount(IssueQuery(jql: jql(keys))))
    }

    func jql(_ keys: [String]) -> String {
        let projects = JQL.projects(keys.sorted())
        return source.scope.jql.map { "\(projects) AND (\(JQL.restriction(of: $0)))" } ?? projects
    }

    func query(_ lane: LaneQuery) -> IssueQuery {
        let jql = jql(Array(lane.projects.keys))
        return lane.since.map { .updated(since: $0, jql: jql) } ?? IssueQuery(jql: jql, order: .newestFirst)
    }
}
