import SyncEngine
import Simulation
import Synchronization
import Database
import IssueModel
import Journal
import SearchIndex
import SimulatedData
import SimulatedRules
import SimulatedSite
import Store
import Verification

/// What must hold once nothing changes or fails any more.
extension World {
    /// How long it may take, in virtual minutes.
    static let restMinutes = 90

    /// Ends all changes and failures, and leaves Drawbridge to itself.
    func calm() async {
        await sleep(milliseconds: max(0, end - clock.now))
        guard findings.isEmpty else { return }
        endAccidents()
        event("rest")
        while machine == nil, !isFinished { await sleep(seconds: 10) }
        await setSchedule(SyncSchedule(changes: 900, catalogue: 1_200, census: 1_500), accessEvery: 1_200)
    }

    /// Compares everything with the site, once Drawbridge has had its time.
    func compare() async throws {
        guard let machine else { return found("it does not start again") }
        try await compareRows(machine)
        try await compareDeletions(machine)
        try await compareReaders(machine)
        try await compareInside(machine)
        await machine.stop()
    }

    /// What of the site must be there: nothing deleted, and nothing the source's account could not follow.
    private func judgedIssues(_ state: SiteState) -> [Int] {
        let unseen = past.unseen
        return (0..<state.issueCount).filter { ordinal in
            let row = state.row(ordinal)
            return row.state == .live && !unseen.contains(row.id)
        }
    }

    // MARK: Content

    private func compareRows(_ machine: Machine) async throws {
        let state = site.current()
        let stored = try await machine.store.read { try StoredIssue.all(in: $0) }
        var unseen: Set<RecordID>?
        let hidden = Past.hidden(in: state)
        for ordinal in judgedIssues(state) {
            let expected = StoredIssue(state, ordinal, hidden: hidden)
            guard let row = stored[expected.id] else {
                found("issue \(expected.id) (\(expected.key)) is missing at rest")
                continue
            }
            guard !row.differences(from: expected).isEmpty else { continue }
            let parts = unseen ?? past.unseenParts()
            unseen = parts
            for difference in row.without(parts).differences(from: expected.without(parts)) {
                found("issue \(expected.id): \(difference)")
            }
        }
    }

    /// What was deleted must be gone, or at least hidden from everybody: where Jira could hide a single issue from the
    /// source's account nothing proves a deletion.
    private func compareDeletions(_ machine: Machine) async throws {
        guard scenario.hasCensus else { return }
        let gone = past.deleted
        // Jira lists an archived project to nobody, so that nothing tells what was deleted in it before; nobody is shown it.
        let archived = site.current().projects.filter(\.isArchived).map { "\($0.id)" }
        let left = try await machine.store.read { connection in
            try connection.rows(
                "SELECT i.jira_id, i.state, p.jira_id FROM issue i JOIN project p ON p.id = i.project_id"
            ) { (id: $0.int(0), state: $0.text(1), project: $0.text(2)) }
        }
        .filter { $0.state == "live" || $0.state == "archived" && !archived.contains($0.project) }.map(\.id)
        for id in left where gone[id] != nil && !past.unseen.contains(id) {
            found("issue \(id) was deleted and is still there at rest")
        }
    }

    // MARK: Access

    private func compareReaders(_ machine: Machine) async throws {
        let state = site.current()
        let (unseen, deleted) = (past.unseen, past.deleted)
        // Data Center does not tell who is in a level, so nobody is shown what has one.
        let levelled = Set((0..<state.issueCount).filter { state.row($0).level != 0 }.map { state.row($0).id })
        let knowsLevels = scenario.site.flavour.isCloud
        for caller in [Caller.anonymous] + state.users.map({ Caller.user($0.index) }) {
            let (shown, hits, _) = try await shown(to: caller, by: machine)
            func isJudged(_ record: RecordID) -> Bool { isFollowed(record, unseen, deleted, state) }
            let left = shown.compactMap { if case .issue(let id) = $0, deleted[id] != nil { id } else { nil } }
                .filter { !unseen.contains($0) }
            if scenario.hasCensus, let left = left.min() { found("\(caller) is shown deleted issue \(left) at rest") }
            let actual = shown.filter(isJudged)
            for case .issue(let id) in actual.sorted() where !hits.contains(id) {
                found("\(caller) does not find issue \(id) at rest, which is shown")
            }
            let expected = past.sight(of: caller, in: state).filter { record in
                guard isJudged(record) else { return false }
                return knowsLevels || !levelled.contains(issue(of: record, state))
            }
            guard actual != expected else { continue }
            let parts = past.unseenParts()
            if let extra = actual.subtracting(expected).subtracting(parts).min() {
                found("\(caller) is shown \(extra) at rest")
            }
            if let missing = expected.subtracting(actual).subtracting(parts).min() {
                found("\(caller) is not shown \(missing) at rest")
            }
        }
    }

    private func issue(of record: RecordID, _ state: SiteState) -> Int {
        switch record {
        case .issue(let id): id
        case .comment(let id), .worklog(let id), .attachment(let id):
            state.ordinal(ofPart: id).map { state.row($0).id } ?? 0
        }
    }

    // MARK: Inside

    private func compareInside(_ machine: Machine) async throws {
        let verification = try await StoreVerification(of: machine.store)
        for problem in verification.problems { found("verification: \(problem)") }
        let (mistakes, pending, aside) = try await machine.store.read { connection in
            let source = try SourceRecords.find(Self.name, in: connection)?.id ?? 0
            return (
                try SearchIndex.mistakes(in: connection),
                try PendingIssues.due(
                    at: Timestamp(milliseconds: .max), source: source, limit: 1_000, in: connection),
                try Quarantine.entries(source: source, in: connection)
            )
        }
        for mistake in mistakes { found("search index: \(mistake)") }
        let (gone, unseen) = (past.deleted, past.unseen)
        for entry in pending where !unseen.contains(Int(entry.issue.rawValue)) && gone[Int(entry.issue.rawValue)] == nil
        {
            found("issue \(entry.issue) still waits to be read at rest: \(entry.causes.map(\.rawValue).sorted())")
        }
        for entry in aside { found("set aside at rest: \(entry.kind) \(entry.ref), \(entry.reason)") }
        for problem in try await machine.store.database.integrityProblems() { found("database: \(problem)") }
    }
}
