import FastJSON
import Journal
import SyncEngine
import Simulation
import Synchronization
import AccessControl
import Database
import IssueModel
import SearchIndex
import SimulatedData
import SimulatedSite
import Store

/// What must hold at every moment.
extension World {
    /// How long a removed permission may still be honoured: the lease, and how wrong the machine's clock may be.
    static let staleness: Milliseconds = 3_600_000 + 1_300_000

    func watch() async {
        var random = SeededRandom(seed: scenario.seed, stream: 0x5a, item: 0)
        while true {
            await sleep(seconds: random.within(60...600))
            guard !isOver else { return }
            guard let machine, !machine.process.isKilled else { continue }
            await check(machine, after: "a while", readers: 1)
        }
    }

    /// Looks over the shoulder of some readers.
    func check(_ machine: Machine, after what: String, readers count: Int) async {
        let state = site.current()
        let turn = self.state.withLock { state in
            state.checks += 1
            return state.checks
        }
        var random = SeededRandom(seed: scenario.seed, stream: 0x5b, item: turn)
        do {
            for _ in 0..<count {
                let user = random.below(state.users.count + 1)
                try await check(machine, user == 0 ? .anonymous : .user(user - 1), after: what)
            }
        } catch {
            // A killed machine answers nobody.
            if !machine.process.isKilled { found("reading failed after \(what): \(error)") }
        }
    }

    /// The mark stands for nothing that is not stored, and what exists was not taken for deleted.
    func checkProgress(_ machine: Machine, after what: String) async {
        let state = site.current()
        let unseen = past.unseen
        do {
            let (mark, covered, stored, removed) = try await machine.store.read { try Self.progress(in: $0) }
            for id in removed where !unseen.contains(id) && past.deleted[id] == nil {
                found("issue \(id) was taken for deleted after \(what)")
            }
            // A search may have left out what it should have named; the overlap is there for an index that lags.
            guard let mark, !scenario.menu.kinds.contains(.missingFromSearch) else { return }
            let until = mark - scenario.options.overlap.milliseconds - state.configuration.indexLag
            for ordinal in 0..<state.issueCount {
                let row = state.row(ordinal)
                guard row.state == .live, !unseen.contains(row.id), row.updated <= until else { continue }
                // It says nothing of projects that no list of projects has told of as yet, or that were left out.
                guard covered.contains("\(state.projects[Int(row.project)].id)") else { continue }
                if stored[row.id] != row.updated {
                    let found = stored[row.id].map { "is stored as of \($0)" } ?? "is not stored"
                    self.found(
                        "the mark \(mark) passed issue \(row.id), which \(found), not as of \(row.updated), after \(what)"
                    )
                }
            }
        } catch {
            if !machine.process.isKilled { found("reading failed after \(what): \(error)") }
        }
    }

    private static func progress(
        in connection: Connection
    ) throws -> (mark: Int64?, covered: Set<String>, stored: [Int: Int64], removed: [Int]) {
        guard let source = try SourceRecords.find(name, in: connection)?.id else { return (nil, [], [:], []) }
        let json = try Checkpoints.data("issues", source: source, in: connection)
        let checkpoint = try json.flatMap { SyncCheckpoint(json: try JSONValue(parsing: $0)) }
        var stored: [Int: Int64] = [:]
        try connection.forEach("SELECT jira_id, updated FROM issue") { stored[$0.int(0)] = $0.int64(1) }
        let waiting = try connection.rows("SELECT jira_id FROM pending_issue") { $0.int(0) }
        let aside = try connection.rows("SELECT ref FROM quarantine") { Int($0.text(0)) ?? 0 }
        let isWhole = checkpoint?.backfill == nil && waiting.isEmpty && aside.isEmpty
        let removed = try connection.rows("SELECT jira_id FROM tombstone WHERE reason = 'deleted'") { $0.int(0) }
        let covered = Set((checkpoint?.covered ?? []).map(\.rawValue))
        return (isWhole ? checkpoint?.mark?.rawValue : nil, covered, stored, removed)
    }

    private func check(_ machine: Machine, _ caller: Caller, after what: String) async throws {
        let state = site.current()
        let (shown, hits, states) = try await shown(to: caller, by: machine)
        let unseen = past.unseen
        let deleted = past.deleted
        let exempt = shown.filter { record in
            // What the source's account cannot follow, and what was deleted, have rules of their own.
            guard case .issue(let id) = record else { return false }
            return unseen.contains(id) || deleted[id] != nil
        }
        var judged = shown.subtracting(exempt)
        if !exempt.isEmpty { judged = judged.filter { self.isFollowed($0, unseen, deleted, state) } }
        let earliest = clock.now - Self.staleness
        var leaks = past.neverSeen(judged, by: caller, since: earliest)
        if !leaks.isEmpty { leaks.subtract(past.unseenParts()) }
        if let leak = leaks.min() {
            found("\(caller) is shown \(leak) and \(leaks.count - 1) more after \(what), which Jira hides for long")
        }
        let issues = Set(shown.compactMap { if case .issue(let id) = $0 { id } else { nil } })
        if let hit = hits.subtracting(issues).min() {
            found("\(caller) finds issue \(hit) after \(what), which is not shown")
        }
        // Search leaves archived issues out, as Jira's does. What one complete listing leaves out although it is old is taken
        // for archived until the next one.
        let mayBeLate = scenario.menu.kinds.contains(.missingFromSearch)
        let unfound = issues.subtracting(hits).subtracting(unseen).filter { !mayBeLate || states[$0] != "archived" }
        if let issue = unfound.min() {
            found("\(caller) does not find issue \(issue) after \(what), which is shown, \(states[issue] ?? "gone")")
        }
    }

    /// Whether the source's account could always read the issue a part hangs on.
    func isFollowed(
        _ record: RecordID, _ unseen: Set<Int>, _ deleted: [Int: Milliseconds], _ state: SiteState
    ) -> Bool {
        let issue: Int? =
            switch record {
            case .issue(let id): id
            case .comment(let id), .worklog(let id), .attachment(let id):
                state.ordinal(ofPart: id).map { state.row($0).id }
            }
        return issue.map { !unseen.contains($0) && deleted[$0] == nil } ?? false
    }

    /// What somebody is shown of the copy, what a search for everything finds for them, and the state of each issue.
    func shown(
        to caller: Caller, by machine: Machine
    ) async throws -> (records: Set<RecordID>, hits: Set<Int>, states: [Int: String]) {
        let (reader, now) = (reader(caller), wall.now)
        let (access, searcher) = (machine.store.access, machine.searcher)
        return try await machine.store.read { connection in
            guard let source = try SourceRecords.find(Self.name, in: connection) else { return ([], [], [:]) }
            let allowed = try access.allowed(to: reader(source.id), in: connection)
            let visible = try VisibleRecords(source: source.id, allowed: allowed, in: connection)
            var records = Set(visible.issues.map { RecordID.issue(Int($0.rawValue)) })
            records.formUnion(visible.comments.compactMap { Int($0.rawValue).map { .comment($0) } })
            records.formUnion(visible.worklogs.compactMap { Int($0.rawValue).map { .worklog($0) } })
            records.formUnion(visible.attachments.compactMap { Int($0.rawValue).map { .attachment($0) } })
            let request = SearchRequest("", limit: 200, wantsFacets: false, wantsSnippets: false, now: now)
            let found = try searcher.search(request, allowed: allowed, in: connection)
            let states = try connection.rows("SELECT jira_id, state FROM issue") { ($0.int(0), $0.text(1)) }
            return (records, Set(found.hits.map { Int($0.jiraID) }), Dictionary(states) { first, _ in first })
        }
    }

    private func reader(_ caller: Caller) -> @Sendable (Int64) -> Reader {
        guard case .user(let index) = caller else { return { _ in .anonymous } }
        let user = site.current().users[index]
        let account = AccountID(scenario.site.flavour.isCloud ? user.accountID : user.key)
        return { .accounts([$0: account]) }
    }
}

extension Duration {
    var milliseconds: Int64 { Int64(self / .milliseconds(1)) }
}
