import AccessControl
import AccessEngine
import IssueModel
import JiraClient
import Journal
import SiteConnection
import Store

extension SyncRun {
    /// Reads what decides access, stores it before any issue, and lets stored acls follow.
    ///
    /// All of it on a first or full run; otherwise what is due.
    func readAccess() async throws {
        if source.accessMode == .shared {
            warn(.accessShared, "Everybody who can use this Drawbridge sees all that the source's account can see.")
        }
        if source.accessMode == .linked { try await warnWhereNobodyIsLinked() }
        let last = try await lastRefresh()
        let isFirst = isFull || last == nil
        withState { $0.isFirst = isFirst }
        if isFirst {
            try await refreshAccess(.everything)
        } else if source.accessMode != .mirror || options.accessInterval == nil || isRefreshDue(since: last) {
            try await refreshAccess(.due)
        } else {
            try await refreshAccess(.needed)
        }
    }

    private func warnWhereNobodyIsLinked() async throws {
        let sourceID = source.id
        guard try await store.read({ try Listings.all(source: sourceID, in: $0) }).isEmpty else { return }
        warn(
            .accessModeHidesAll,
            "The account may not read the site's permissions, so each member sees what their own Jira account lists, "
                + "and none has linked one yet. Link them with 'drawbridge member link'.")
    }

    /// Reads what is due while a long phase goes on, so that no lease ends and no tightening waits for it.
    func refreshAccessIfDue() async throws {
        let last = withState { $0.refreshed }
        guard isRefreshDue(since: last) else { return }
        withState { $0.listedProjects = nil }
        try await refreshAccess(.due)
    }

    /// Reads what issues stored meanwhile have begun to name, such as the role a comment is restricted to.
    func completeAccess() async throws {
        let (reread, sourceID) = (withState { $0.rereading }, source.id)
        if !reread.isEmpty {
            try await store.write { try AccessRefresh.noteReread(reread, source: sourceID, in: $0) }
        }
        if source.accessMode == .mirror { try await refreshAccess(.needed) }
        // Which restricted parts a member's account is shown can only be asked once they are there.
        let isOfOthers = source.accessMode == .linked && !reread.isEmpty
        if isOfOthers || withState({ $0.isFirst }) { try await refreshListings(.everything) }
    }

    private func refreshListings(_ extent: ListingRefresh.Extent) async throws {
        let refresh = ListingRefresh(store: store, source: source, access: personal, time: time, log: log)
        let summary = try await refresh.run(extent)
        withState { $0.otherRequests += summary.requests }
        let refused = summary.problems.count(where: \.isRefused)
        guard refused > 0 else { return }
        warn(
            .listingsRefused,
            "Jira refused \(refused) members' own credentials, so these members see nothing by them until they are linked again."
        )
    }

    private func refreshAccess(_ extent: AccessRefresh.Extent) async throws {
        let began = time.now()
        let refresh = AccessRefresh(store: store, client: client, source: source, time: time, log: log)
        let listed = withState { $0.listedProjects }
        let isOwnPhase = withState { $0.summary.phase == .access }
        let summary = try await refresh.run(extent, projects: listed) { [self] done, expected in
            if isOwnPhase { progress(done, of: expected) }
        }
        for warning in summary.warnings { warn(warning.code, warning.message) }
        try await adoptRules()
        try await rewriteKeys(outdated: summary.outdated)
        guard extent != .needed else { return }
        withState { $0.refreshed = began }
        if !withState({ $0.isFirst }) { try await refreshListings(.due) }
    }

    private func lastRefresh() async throws -> Timestamp? {
        let sourceID = source.id
        let last = try await store.read {
            try Checkpoints.updated(AccessRefresh.checkpoint, source: sourceID, in: $0)
        }
        withState { $0.refreshed = last }
        return last
    }

    private func isRefreshDue(since last: Timestamp?) -> Bool {
        guard let last else { return true }
        let age = time.now().rawValue - last.rawValue
        let interval =
            options.accessInterval.map { Int64($0.seconds * 1_000) } ?? Int64(source.accessOptions.refresh) * 1_000
        return age >= interval || age < 0
    }

    /// Makes the stored facts the rules of this run.
    private func adoptRules() async throws {
        let sourceID = source.id
        let facts = try await store.read { try AccessRecords.facts(source: sourceID, withPeople: false, in: $0) }
        let rules = AudienceRules(facts)
        withState { $0.rules = rules }
    }

    private func rewriteKeys(outdated: Set<Int64>) async throws {
        let written = try await KeyRewriting(store: store, source: source, time: time).run(outdated: outdated)
        if written.damaged > 0 {
            warn(
                .issuesQuarantined,
                "\(written.damaged) issues could not be read from the kept copy and stay hidden; they are read again from Jira."
            )
        }
    }
}
