import Database
import IssueModel
import SearchIndex
import SimulatedSite
import Store

extension EvidenceSource {
    /// A comparison of the store as it is with the site as it is.
    ///
    /// - Parameter earlier: Earlier states of the site, where it changed while it was read: what any of them showed may
    ///   still be shown, and nothing need be there yet.
    func comparison(
        mode: Oracle.Mode = .mirror, isThorough: Bool = true, focus: Set<Int> = [], since earlier: [SiteState] = []
    ) async throws
        -> AccessComparison
    {
        let state = site.current()
        let stored = try await storedVersions()
        let (caller, unseen) = (caller, unseenAtTimes)
        let oracle = Oracle(
            state, since: earlier, mode: mode,
            judged: { everything in
                // Without rules of its own a source can only show what its account sees now.
                let basis = mode == .mirror ? everything : Sight(caller, state)
                return basis.filter { record in
                    guard unseen.contains(record) else { return true }
                    guard mode == .mirror else { return false }
                    guard case .issue(let id) = record else { return stored.parts.contains(record) }
                    return state.ordinal(id: id).map { state.row($0).updated } == stored.issues[id]
                }
            }, knowsLevels: state.configuration.flavour.isCloud)
        // A searcher of its own: what was tampered with behind the index's back is read as well.
        return AccessComparison(
            store: store, searcher: Searcher(store.database), oracle: oracle, tokens: PlantedTokens(state),
            now: .init(milliseconds: clock.now), keys: stored.keys, isThorough: isThorough, focus: focus)
    }

    /// The version of each stored issue, and the parts that are stored at all.
    private func storedVersions() async throws -> (issues: [Int: Int64], keys: [Int: String], parts: Set<RecordID>) {
        try await store.read { connection in
            var issues: [Int: Int64] = [:]
            var keys: [Int: String] = [:]
            try connection.forEach("SELECT jira_id, updated, key FROM issue") { row in
                issues[Int(row.int64(0))] = row.int64(1)
                keys[Int(row.int64(0))] = row.text(2)
            }
            func ids(_ table: String) throws -> [Int] {
                try connection.rows("SELECT jira_id FROM \(table)") { Int($0.text(0)) }.compactMap { $0 }
            }
            let parts =
                try ids("comment").map { RecordID.comment($0) } + ids("worklog").map { .worklog($0) }
                + ids("attachment").map { .attachment($0) }
            return (issues, keys, Set(parts))
        }
    }
}
