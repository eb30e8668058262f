import AccessControl
import IssueDecoding
import IssueModel
import JiraClient
import Journal
import Reconciliation
import Store

extension SyncRun {
    /// Fetches what the listing did not bring, then prepares it on all processors.
    func prepare(_ unit: FetchedUnit, lane index: Int) async throws -> PreparedUnit {
        let (lane, decoder, rules, setAside) = withState { ($0.lanes[index], $0.decoder, $0.rules, $0.setAside) }
        var result = PreparedUnit()
        result.isNamed = lane.kind == .named
        result.readAt = unit.readAt ?? time.now()
        let batch = if let batch = unit.batch { batch } else { try await fetch(unit.ids, decoder) }
        result.quarantined = batch.quarantined
        try await judge(batch.missing, into: &result)
        var issues = batch.issues
        result.newest = issues.map(\.issue.updated).max()
        if result.isNamed { try await leaveOutForeign(&issues, into: &result) }
        if case .issues = extent {
            result.forced = Set(issues.map(\.issue.id))
        } else {
            result.forced = setAside.intersection(issues.map(\.issue.id))
        }
        if case .backfill = lane.kind {
        } else {
            let unchanged = try await unchanged(issues).subtracting(result.forced)
            result.unchanged = issues.map(\.issue.id).filter(unchanged.contains)
            issues.removeAll { unchanged.contains($0.issue.id) }
        }
        let packer = try await packer()
        if !packer.hasDictionary { result.samples = issues.prefix(400).map { RawParts($0.raw) } }
        try await prepare(issues, IssuePreparation(rules: rules, packer: packer), into: &result)
        return result
    }

    /// Tells what Jira does not show the account from what its index only does not show yet.
    private func judge(_ missing: [IssueID], into unit: inout PreparedUnit) async throws {
        guard !missing.isEmpty else { return }
        let confirmation = AbsenceConfirmation(client: client, account: client.identity.account?.id)
        unit.missing = try await confirmation.missing(among: missing)
        unit.late = Set(missing).subtracting(unit.missing).sorted()
    }

    /// Issues that are stored as they were read.
    ///
    /// Two changes may carry the same moment, so it takes the same copy as well.
    private func unchanged(_ issues: [FetchedIssue]) async throws -> Set<IssueID> {
        let (sourceID, ids) = (source.id, issues.map(\.issue.id))
        let known = try await store.read { try IssueRecords.stamps(of: ids, source: sourceID, in: $0) }
        let same = issues.filter { fetched in
            known[fetched.issue.id].map {
                $0.state == IssueRecords.State.live.rawValue && $0.updated == fetched.issue.updated
                    && $0.fingerprint == RawParts(fetched.raw).fingerprint
            } ?? false
        }
        return Set(same.map(\.issue.id))
    }

    /// Takes issues out that were read by their ids and are not the source's: outside its scope, or put away with their
    /// project.
    private func leaveOutForeign(_ issues: inout [FetchedIssue], into unit: inout PreparedUnit) async throws {
        let (sourceID, scope) = (source.id, source.scope)
        let (records, named) = try await store.read { connection in
            (
                try ProjectRecords.all(source: sourceID, in: connection),
                try scope.projects.compactMap { try ProjectRecords.find(key: $0, source: sourceID, in: connection)?.id }
            )
        }
        let archived = Set(records.filter(\.project.isArchived).map(\.project.id))
        let live = Set(withState { $0.projects }.map(\.id))
        // Jira says both that such a project is gone and what is in it: it stays hidden, and nothing of it is destroyed.
        let doubted = records.filter {
            $0.accessState == .gone && (scope.projects.isEmpty || named.contains($0.id))
        }
        let rule = ScopeRule(source, projects: live.union(archived).union(doubted.map(\.project.id)))
        let outside = try await rule.outside(issues.map(\.issue), client: client)
        unit.outside = outside.sorted()
        unit.archived = issues.map(\.issue).filter { archived.contains($0.project.id) && !outside.contains($0.id) }.map(
            \.id)
        let foreign = outside.union(unit.archived)
        issues.removeAll { foreign.contains($0.issue.id) }
    }

    /// The issues and their histories, at once where the site has them apart.
    private func fetch(_ ids: [IssueID], _ decoder: IssueDecoder) async throws -> IssueBatch {
        guard client.flavour == .cloud else { return try await client.issues(ids: ids, decoder: decoder) }
        async let histories = client.changelogs(of: ids)
        var batch = try await client.issues(ids: ids, decoder: decoder)
        let changelogs = try await histories
        for position in batch.issues.indices {
            if let changelog = changelogs[batch.issues[position].issue.id] { batch.issues[position].adopt(changelog) }
        }
        return batch
    }

    /// One issue that cannot be prepared is set aside like one that cannot be decoded.
    private func prepare(
        _ issues: [FetchedIssue], _ preparation: IssuePreparation, into result: inout PreparedUnit
    ) async throws {
        let size = 100
        let slices = stride(from: 0, to: issues.count, by: size).map { issues[$0..<min($0 + size, issues.count)] }
        await withTaskGroup(of: ([PreparedIssue], [QuarantinedIssue]).self) { group in
            for slice in slices {
                group.addTask {
                    var prepared: [PreparedIssue] = []
                    var failed: [QuarantinedIssue] = []
                    for fetched in slice {
                        do {
                            prepared.append(try preparation.prepare(fetched))
                        } catch {
                            failed.append(
                                QuarantinedIssue(
                                    id: fetched.issue.id, key: fetched.issue.key, reason: "unpreparable",
                                    detail: "\(error)", raw: fetched.raw.issue))
                        }
                    }
                    return (prepared, failed)
                }
            }
            for await (prepared, failed) in group {
                result.issues += prepared
                result.quarantined += failed
            }
        }
    }
}
