import AccessControl
import IssueDecoding
import IssueModel
import JiraClient
import Store

extension SyncRun {
    /// Fetches what the listing did not bring, then prepares it on all processors.
    func prepare(_ unit: FetchedUnit, lane index: Int) async throws -> PreparedUnit {
        let (lane, decoder, rules) = withState { ($0.lanes[index], $0.decoder, $0.rules) }
        let batch = if let batch = unit.batch { batch } else { try await fetch(unit.ids, decoder) }
        var result = PreparedUnit()
        result.quarantined = batch.quarantined
        result.missing = batch.missing
        var issues = batch.issues
        if lane.kind == .delta {
            let known = try await stamps(of: issues.map(\.issue.id))
            // Two changes may carry the same moment, so it takes the same copy as well to be unchanged.
            let unchanged = Set(
                issues.filter { fetched in
                    known[fetched.issue.id].map {
                        $0.updated == fetched.issue.updated && $0.fingerprint == RawParts(fetched.raw).fingerprint
                    } ?? false
                }.map(\.issue.id))
            result.unchanged = issues.map(\.issue.id).filter(unchanged.contains)
            issues.removeAll { unchanged.contains($0.issue.id) }
        }
        result.force = lane.kind == .retry
        result.newest = batch.issues.map(\.issue.updated).max()
        let packer = try await packer()
        if !packer.hasDictionary { result.samples = issues.prefix(400).map { RawParts($0.raw) } }
        try await prepare(issues, IssuePreparation(rules: rules, packer: packer), into: &result)
        return result
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

    private func stamps(of ids: [IssueID]) async throws -> [IssueID: IssueRecords.Stamp] {
        let sourceID = source.id
        return try await store.read { try IssueRecords.stamps(of: ids, source: sourceID, in: $0) }
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
