import IssueModel
import JiraClient
import Journal
import SiteConnection
import Store

extension SyncRun {
    /// A delta's issues where they fit on one page: only those whose change is not stored yet are read.
    ///
    /// - Returns: `nil` where there are more, and the site's time before anything was listed.
    func recent(_ lane: LaneQuery) async throws -> (Listing?, Timestamp?) {
        let began = time.elapsed()
        let page = try await client.issueStamps(query(lane))
        // Other answers may have come since, but none from later than this moment.
        let passed = Int64(((time.elapsed() - began).seconds * 1_000).rounded(.up))
        let asOf = client.siteTime.map { Timestamp(milliseconds: $0.rawValue - passed) }
        try await confirmAccount()
        guard page.isWhole else { return (nil, asOf) }
        let (sourceID, ids) = (source.id, page.stamps.map(\.issue))
        let known = try await store.read { try IssueRecords.stamps(of: ids, source: sourceID, in: $0) }
        let skew = client.clockSkew ?? 0
        let changed = page.stamps.filter { stamp in
            known[stamp.issue].map { !Self.holds($0, stamp, skew: skew) } ?? true
        }
        if let asOf { try await learn(from: page.stamps, known, lane, asOf) }
        let unchanged = page.stamps.count - changed.count
        withState { state in
            state.summary.issues.read += unchanged
            state.summary.issues.unchanged += unchanged
        }
        return (Listing(units: units(of: changed.map(\.issue)), next: nil, asOf: asOf), asOf)
    }

    /// Whether what is stored has the change that the site lists.
    ///
    /// Some sites keep whole seconds, so that two changes may have one time: what was read within two seconds of a change is
    /// read once more.
    private static func holds(_ stored: IssueRecords.Stamp, _ listed: IssueStamp, skew: Int64) -> Bool {
        stored.state == IssueRecords.State.live.rawValue && stored.updated == listed.updated
            && stored.fetched.rawValue + skew >= listed.updated.rawValue + 2_000
    }

    private func learn(
        from listing: [IssueStamp], _ known: [IssueID: IssueRecords.Stamp], _ lane: LaneQuery, _ asOf: Timestamp
    ) async throws {
        guard lane.kind == .delta, let since = lane.since else { return }
        let sourceID = source.id
        let stored = try await store.read { try ChangedIssues.list(since: since, source: sourceID, limit: 500, in: $0) }
        let covered = Set(lane.projects.values)
        withState { state in
            let unknown = listing.filter { stamp in
                known[stamp.issue].map { $0.updated != stamp.updated } ?? true && !state.setAside.contains(stamp.issue)
            }
            let own = stored.filter { covered.contains($0.project) }.map { IssueStamp($0.issue, updated: $0.updated) }
            state.lag.note(listing, unknown: Set(unknown.map(\.issue)), stored: own, asOf: asOf)
        }
    }

    /// Issues to be read by their ids: those that wait, and those that were set aside.
    func namedIssues() async throws -> [IssueID] {
        if case .issues(let ids) = extent { return ids.sorted() }
        let (sourceID, now, isPatient) = (source.id, time.now(), extent.usesStoredCatalogue)
        let waiting = try await store.read { connection in
            try PendingIssues.due(at: now, source: sourceID, limit: 10_000, in: connection).map(\.issue)
        }
        let setAside = try await store.read { connection in
            try Quarantine.issues(due: isPatient ? now : nil, source: sourceID, in: connection)
        }
        return Set(waiting + setAside).sorted()
    }
}
