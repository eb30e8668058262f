import AccessControl
import Database
import IssueModel
import SearchIndex
import SimulatedRules
import SimulatedSite
import Store

extension EvidenceSource {
    /// A comparison of the store as it is with the site as it is.
    ///
    /// - Parameters:
    ///   - hidden: What Drawbridge has to keep from everybody.
    ///   - levelsAreDeclared: Whether an administrator declared who is in each level.
    ///   - focus: Issues to ask for in any case.
    ///   - earlier: Earlier states of the site, where it changed while it was read: what any of them showed may still be
    ///     shown, and nothing need be there yet.
    func comparison(
        hidden: Oracle.Hidden = .nothing, levelsAreDeclared: Bool = false, isThorough: Bool = true,
        focus: Set<Int> = [], since earlier: [SiteState] = []
    ) async throws -> AccessComparison {
        let state = site.current()
        let stored = try await storedVersions()
        let (caller, unseen, linked) = (caller, unseenAtTimes, linkedUsers)
        let isMirrored = mode == .mirror || mode == .linked
        let oracleMode: Oracle.Mode =
            switch mode {
            case .mirror: .mirror
            case .linked: .linked(linked)
            case .public: .public
            case .shared: .shared
            }
        let oracle = Oracle(
            state, seenBySource: seenInListedProjects(state), since: earlier, mode: oracleMode,
            levels: state.configuration.flavour.isCloud || levelsAreDeclared ? .known : .listed(linked),
            hidden: hidden
        ) { everything in
            // Without rules of its own a source can only show what its account sees now.
            let basis = isMirrored ? everything : Sight(caller, state)
            return basis.filter { record in
                guard unseen.contains(record) else { return true }
                guard isMirrored else { return false }
                guard case .issue(let id) = record else { return stored.parts.contains(record) }
                return state.ordinal(id: id).map { state.row($0).updated } == stored.issues[id]
            }
        }
        // A searcher of its own: what was tampered with behind the index's back is read as well.
        return AccessComparison(
            store: store, searcher: Searcher(store.database), oracle: oracle, tokens: PlantedTokens(state),
            now: .init(milliseconds: clock.now), keys: stored.keys, isThorough: isThorough, focus: focus)
    }

    /// What the source's account sees in projects that Jira lists to it: another project is gone, for all Drawbridge knows.
    private func seenInListedProjects(_ state: SiteState) -> Sight {
        let evaluator = PermissionEvaluator(state)
        let listed = Set(
            state.projects.filter { evaluator.seesProject(caller, project: $0.index) }.map { Int16($0.index) })
        return Sight(caller, state).filter { record in
            guard case .issue(let id) = record, let ordinal = state.ordinal(id: id) else { return true }
            return listed.contains(state.row(ordinal).project)
        }
    }

    private struct Versions: Sendable {
        /// When each stored issue was changed last.
        var issues: [Int: Int64] = [:]
        var keys: [Int: String] = [:]
        /// The parts that are stored at all.
        var parts: Set<RecordID> = []
    }

    private func storedVersions() async throws -> Versions {
        try await store.read { connection in
            var versions = Versions()
            try connection.forEach("SELECT jira_id, updated, key FROM issue") { row in
                versions.issues[Int(row.int64(0))] = row.int64(1)
                versions.keys[Int(row.int64(0))] = row.text(2)
            }
            func add(_ table: String, _ record: (Int) -> RecordID) throws {
                for id in try connection.rows("SELECT jira_id FROM \(table)", as: { Int($0.text(0)) }) {
                    if let id { versions.parts.insert(record(id)) }
                }
            }
            try add("comment") { .comment($0) }
            try add("worklog") { .worklog($0) }
            try add("attachment") { .attachment($0) }
            return versions
        }
    }
}
