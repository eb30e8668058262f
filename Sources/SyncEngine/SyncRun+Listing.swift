import AccessEngine
import IssueDecoding
import IssueModel
import JiraClient
import SiteConnection
import Store

extension SyncRun {
    /// Issues to prepare together; `batch` is there where the listing brought the issues themselves.
    struct FetchedUnit: Sendable {
        var ids: [IssueID]
        var batch: IssueBatch?
        /// When the batch was asked for.
        var readAt: Timestamp?
    }

    struct Listing: Sendable {
        var units: [FetchedUnit]
        var next: String?
        /// The site's time before a delta's walk began.
        var asOf: Timestamp?
    }

    /// Lists the page after a cursor and leaves out what this backfill has stored already.
    func list(lane index: Int, after: String?) async throws -> Outcome {
        let (lane, decoder) = withState { ($0.lanes[index], $0.decoder) }
        if lane.kind == .named { return .listed(lane: index, Listing(units: units(of: try await namedIssues()))) }
        do {
            var asOf: Timestamp?
            if lane.since != nil, after == nil {
                let (recent, time) = try await recent(lane)
                if let recent { return .listed(lane: index, recent) }
                asOf = time
            }
            var listing = try await confirmedPage(of: lane, after: after, decoder)
            listing.asOf = asOf
            return .listed(lane: index, listing)
        } catch let error as JiraError where error.code == .projectMissing {
            return try leaveOut(error, lane: index, lane)
        } catch let error as JiraError where after != nil && (error.code == .badRequest || error.code == .badQuery) {
            // A token of an earlier run has expired: the walk begins again, and what is stored is left out.
            return .listed(lane: index, try await confirmedPage(of: lane, after: nil, decoder))
        }
    }

    /// A page, and the account asked behind it where more than the end of the list depends on who asks: where the query
    /// names a time, and on Data Center, whose pages follow one another by time. What is listed behind a page that passed
    /// issues over would move the mark past them.
    private func confirmedPage(of lane: LaneQuery, after: String?, _ decoder: IssueDecoder) async throws -> Listing {
        let listing = try await page(of: lane, after: after, decoder)
        if listing.next == nil || lane.since != nil || client.flavour == .dataCenter { try await confirmAccount() }
        return listing
    }

    private func page(of lane: LaneQuery, after: String?, _ decoder: IssueDecoder) async throws -> Listing {
        let cursor = after.flatMap { IssueCursor($0) }
        switch client.flavour {
        case .cloud:
            let page = try await client.issueIDs(query(lane), after: cursor)
            let stored = try await alreadyStored(page.ids, lane)
            return Listing(units: units(of: page.ids.filter { !stored.contains($0) }), next: page.next?.description)
        case .dataCenter:
            let asked = time.now()
            var page = try await client.issues(query(lane), after: cursor, decoder: decoder)
            let stored = try await alreadyStored(page.batch.issues.map(\.issue.id), lane)
            page.batch.issues.removeAll { stored.contains($0.issue.id) }
            let ids = page.batch.issues.map(\.issue.id) + page.batch.quarantined.compactMap(\.id)
            let isEmpty = page.batch.issues.isEmpty && page.batch.quarantined.isEmpty
            return Listing(
                units: isEmpty ? [] : [FetchedUnit(ids: ids, batch: page.batch, readAt: asked)],
                next: page.next?.description)
        }
    }

    /// Makes sure that an answer was the source's account's, and that it reads times as the query meant them.
    ///
    /// Jira may answer an expired credential with what everybody sees, so the end of a list counts only if it still knows
    /// us.
    func confirmAccount() async throws {
        guard source.credentialKind != Credential.anonymous.kind else { return }
        let account = try await client.myself()
        if let zone = account.timeZone, zone != client.identity.timeZone {
            throw SyncFailure(
                .zoneChanged, what: "The time zone of the source's account was changed while it was read.",
                why: "Jira reads the times of our questions in it.", fix: "Run again.")
        }
    }

    func units(of ids: [IssueID]) -> [FetchedUnit] {
        stride(from: 0, to: ids.count, by: options.issuesPerUnit).map {
            FetchedUnit(ids: Array(ids[$0..<min($0 + options.issuesPerUnit, ids.count)]), batch: nil)
        }
    }

    /// Which of `ids` the backfill under way has stored, before this process began or through another lane.
    private func alreadyStored(_ ids: [IssueID], _ lane: LaneQuery) async throws -> Set<IssueID> {
        let (begun, rereading) = withState { ($0.backfillStarted, $0.rereading) }
        guard case .backfill = lane.kind, let begun, !ids.isEmpty else { return [] }
        // What is read again for its levels may have joined a backfill that began before they changed.
        let isReread = lane.projects.values.contains { rereading[$0] != nil }
        let (sourceID, started) = (source.id, isReread ? max(begun, began) : begun)
        let stamps = try await store.read { try IssueRecords.stamps(of: ids, source: sourceID, in: $0) }
        return Set(ids.filter { id in stamps[id].map { $0.fetched >= started } ?? false })
    }

    /// Finds which projects Jira no longer knows by its error, and takes them out of the lane.
    private func leaveOut(_ error: JiraError, lane index: Int, _ lane: LaneQuery) throws -> Outcome {
        let gone = lane.projects.filter { key, id in
            error.messages.contains { $0.contains("'\(key)'") || $0.contains("'\(id.rawValue)'") }
        }
        guard !gone.isEmpty else { throw error }
        for key in gone.keys.sorted() {
            warn(
                .projectGone,
                "Project \(key) no longer exists or the account may not see it any more; what was read of it stays hidden or as it was."
            )
        }
        withState { state in
            for key in gone.keys { state.lanes[index].projects[key] = nil }
            // What was not read has the levels it had.
            for project in gone.values { state.rereading[project] = nil }
        }
        return .projectsGone(lane: index, Array(gone.values))
    }
}
