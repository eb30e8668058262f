import AccessEngine
import FastJSON
import IssueDecoding
import IssueModel
import JiraClient
import Journal
import Reconciliation
import SiteConnection
import Store

extension SyncRun {
    static let checkpointPhase = "issues"
    static let lagPhase = "index_lag"
    static let quarantineKind = "issue"

    /// Compares the projects in scope with the checkpoint: what was never read wholly is read newest first, what was is
    /// asked for changes since the mark, and what waits or could not be stored is read by its id.
    func chooseLanes() async throws -> Outcome {
        let (sourceID, phase) = (source.id, Self.checkpointPhase)
        let (stored, reread, setAside, lag) = try await store.read { connection in
            (
                try Checkpoints.data(phase, source: sourceID, in: connection),
                try AccessRefresh.projectsToReread(source: sourceID, in: connection),
                try Quarantine.issues(due: nil, source: sourceID, in: connection),
                try Checkpoints.data(Self.lagPhase, source: sourceID, in: connection)
            )
        }
        var checkpoint = Self.checkpoint(stored) ?? SyncCheckpoint()
        if isFull || !checkpoint.isOf(source.scope) || (checkpoint.mark == nil && checkpoint.backfill == nil) {
            checkpoint = SyncCheckpoint(jql: source.scope.restriction)
        }
        let chosen = try chosenProject()
        // Their issues got other levels without being updated. Those that this run does not read stay hidden.
        let rereading = extent.readsListings ? reread.filter { chosen == nil || $0.key == chosen } : [:]
        checkpoint.covered.subtract(rereading.keys)
        if checkpoint.backfill?.lanes.contains(where: { $0.projects.contains { rereading[$0] != nil } }) == true {
            checkpoint.backfill = nil
        }
        let known = lag.flatMap { try? JSONValue(parsing: $0) }.map { IndexLag(json: $0) } ?? IndexLag()
        withState { state in
            state.rereading = rereading
            state.setAside = setAside
            state.lag = known
        }
        let projects = withState { $0.projects }
        if extent.readsListings { try await adapt(&checkpoint, to: projects, only: chosen) }
        let lanes = try await lanes(checkpoint, projects, only: chosen)
        let started = checkpoint.backfill?.started
        withState { state in
            state.lanes = lanes.map(\.1)
            state.backfillStarted = started
        }
        await count(lanes.map(\.1))
        return .lanesChosen(lanes.map(\.0), checkpoint)
    }

    static func checkpoint(_ json: String?) -> SyncCheckpoint? {
        json.flatMap { try? JSONValue(parsing: $0) }.flatMap { SyncCheckpoint(json: $0) }
    }

    /// What the run walks, and what each walk asks for.
    private func lanes(
        _ checkpoint: SyncCheckpoint, _ projects: [Project], only chosen: EntityID?
    ) async throws -> [(SyncPlan.Lane, LaneQuery)] {
        let keys = Dictionary(projects.map { ($0.id, $0.key) }) { first, _ in first }
        var lanes: [(SyncPlan.Lane, LaneQuery)] = []
        func add(_ lane: SyncPlan.Lane, since: Timestamp? = nil) {
            let named = lane.projects.compactMap { id in keys[id].map { ($0, id) } }
            let query = LaneQuery(
                kind: lane.kind, projects: Dictionary(named) { first, _ in first }, since: since)
            lanes.append((lane, query))
        }
        if !isFull, chosen == nil { add(SyncPlan.Lane(.named, projects: [])) }
        guard extent.readsListings else { return lanes }
        for (index, lane) in (checkpoint.backfill?.lanes ?? []).enumerated() where !lane.isDone {
            guard chosen.map({ lane.projects.contains($0) }) ?? true else { continue }
            add(SyncPlan.Lane(.backfill(index), projects: lane.projects, after: lane.after))
        }
        guard let mark = checkpoint.mark, !checkpoint.covered.isEmpty else { return lanes }
        let since = try await beginning(of: mark)
        if let chosen {
            if checkpoint.covered.contains(chosen) { add(SyncPlan.Lane(.part, projects: [chosen]), since: since) }
            return lanes
        }
        if extent == .changes { try await readWorklogFeeds(since: since) }
        let covered = checkpoint.covered.sorted { $0.rawValue < $1.rawValue }
        add(SyncPlan.Lane(.delta, projects: covered), since: since)
        return lanes
    }

    /// Where a delta begins: before the mark by what the site's search and clocks are late.
    ///
    /// A site whose clock was put back, by its own last answer, begins that much earlier too: what it changed since the
    /// last delta carries times before the mark.
    private func beginning(of mark: Timestamp) async throws -> Timestamp {
        let standard = Int64(options.overlap.seconds * 1_000)
        let overlap = withState { $0.lag.overlap(skew: client.clockSkew ?? 0, standard: standard) }
        var start = mark
        if let site = client.siteTime, site < mark {
            let (sourceID, phase) = (source.id, Self.lagPhase)
            let written = try await store.read { try Checkpoints.updated(phase, source: sourceID, in: $0) }
            let since = written.map { max(0, time.now().rawValue - $0.rawValue) } ?? 0
            start = Timestamp(milliseconds: site.rawValue - min(since, Self.longestClockStep))
        }
        return Timestamp(milliseconds: start.rawValue - overlap)
    }

    /// A site's clock is not believed to have been further ahead than this, in milliseconds.
    private static let longestClockStep: Int64 = 86_400_000

    /// Drops projects that are gone and begins a backfill for those that are new: of all, or of one.
    private func adapt(
        _ checkpoint: inout SyncCheckpoint, to projects: [Project], only chosen: EntityID?
    ) async throws {
        let present = Set(projects.map(\.id))
        checkpoint.covered.formIntersection(present)
        var known = checkpoint.covered
        if let lanes = checkpoint.backfill?.lanes {
            for index in lanes.indices {
                checkpoint.backfill?.lanes[index].projects.removeAll { !present.contains($0) }
            }
            known.formUnion(lanes.flatMap(\.projects))
        }
        let new = projects.map(\.id).filter { !known.contains($0) && (chosen == nil || $0 == chosen) }
        guard !new.isEmpty else { return }
        if checkpoint.backfill == nil {
            // What changes from now on is the next delta's: by the site's last answer, which is not later than now.
            let newest = if let now = client.siteTime { now } else { try await newestChange(in: projects) }
            checkpoint.backfill = .init(started: time.now(), newest: newest, lanes: [])
        }
        switch client.flavour {
        case .cloud: checkpoint.backfill?.lanes.append(.init(projects: new))
        case .dataCenter: checkpoint.backfill?.lanes += new.map { .init(projects: [$0]) }
        }
    }

    /// Jira's latest time of change, by Jira's clock.
    private func newestChange(in projects: [Project]) async throws -> Timestamp? {
        let order = IssueQuery.Order(.updated, isAscending: false)
        let query = IssueQuery(jql: jql(projects.map(\.id)), order: order)
        guard let newest = try? await client.issueIDs(query, after: nil).ids.first else { return nil }
        let decoder = withState { $0.decoder }
        return try await client.issues(ids: [newest], decoder: decoder).issues.first?.issue.updated
    }

    /// For the progress bar only: a site that does not count is no problem.
    private func count(_ lanes: [LaneQuery]) async {
        let backfill = lanes.filter { if case .backfill = $0.kind { true } else { false } }
        guard !backfill.isEmpty else { return }
        let projects = backfill.flatMap(\.projects.values)
        guard !projects.isEmpty else { return }
        expect(try? await client.issueCount(IssueQuery(jql: jql(projects))))
    }

    /// Names projects by their ids, which stay when keys change.
    func jql(_ projects: [EntityID]) -> String {
        let projects = JQL.projects(projects)
        return source.scope.restriction.map { "\(projects) AND (\($0))" } ?? projects
    }

    func query(_ lane: LaneQuery) -> IssueQuery {
        let jql = jql(Array(lane.projects.values))
        return lane.since.map { .updated(since: $0, jql: jql) } ?? IssueQuery(jql: jql, order: .newestFirst)
    }
}
