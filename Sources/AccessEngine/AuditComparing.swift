import AccessControl
import Database
import IssueModel
import JiraClient
import Journal
import Store

extension AuditRun {
    /// Compares pairs until a limit is reached: first those on which we and Jira differed, then by the walk, each account
    /// together with the issues at risk.
    func comparePairs(_ asker: AuditAsker) async throws {
        guard var ground else { return }
        defer { self.ground = ground }
        var done: Set<AccountID> = []
        var left = audit.limits.requests
        for (account, issues) in ground.open.sorted(by: { $0.key.rawValue < $1.key.rawValue }) where left > 0 {
            guard ground.accounts.contains(account), asker.canAsk(account) else { continue }
            left -= 1
            let chosen = Array(Set(issues.sorted().prefix(500)).union(ground.risky))
            done.insert(account)
            guard try await compare(account, chosen, asker) != nil || !isStopped else { return }
        }
        let accounts = ground.accounts.filter(asker.canAsk)
        let stops = accounts.count * Int(ground.largestID / AuditWalk.blockSize + 1)
        var walked = 0
        while left > 0, walked < stops, summary.totals.pairs < audit.limits.pairs, !isStopped,
            personalRequests < audit.limits.requests * 10
        {
            guard let stop = ground.walk.next(accounts, largest: ground.largestID, at: now) else { return }
            walked += 1
            let sourceID = source.id
            let block = try await store.read { try AuditGround.issues(stop.ids, source: sourceID, in: $0) }
            let risky = done.insert(stop.account).inserted ? ground.risky : []
            let chosen = Array(Set(block).union(risky))
            if chosen.isEmpty { continue }
            left -= 1
            if let compared = try await compare(stop.account, chosen, asker) {
                ground.walk.pairs += Set(block).intersection(compared).count
            }
        }
    }

    /// A problem that concerns everybody ends the asking.
    private var isStopped: Bool { summary.unchecked.contains { $0.account == nil } }

    /// Compares what one account sees of some issues.
    ///
    /// - Returns: The issues compared; `nil` where Jira did not answer.
    private func compare(
        _ account: AccountID, _ issues: [IssueID], _ asker: AuditAsker
    ) async throws -> Set<IssueID>? {
        let shown: Set<IssueID>
        do throws(JiraError) {
            shown = try await asker.visible(issues, to: account)
        } catch {
            try note(error, account)
            return nil
        }
        noteCompared(account, issues)
        let answer = AuditAnswer(account: account, asked: issues, shown: shown)
        let suspicion = try await suspicion(answer)
        guard !suspicion.isEmpty else { return Set(issues) }
        let gone = await goneIssues(suspicion.tooMuch.union(suspicion.withheld.subtracting(shown)))
        try await judge(answer, suspicion, gone: gone)
        return Set(issues)
    }

    /// Those that Jira does not show to the source's own account either: deleted, or out of its sight. Where that cannot
    /// be told, none.
    func goneIssues(_ issues: Set<IssueID>) async -> Set<IssueID> {
        let unknown = issues.subtracting(ownIssues.keys)
        if !unknown.isEmpty, let own = try? await audit.client.visibleIssues(unknown) {
            for issue in unknown { ownIssues[issue] = own.contains(issue) }
        }
        return issues.filter { ownIssues[$0] == false }
    }

    // MARK: Our side

    /// Where the two seem to differ, before anything is written.
    private func suspicion(_ answer: AuditAnswer) async throws -> AuditSuspicion {
        let (store, source, reader, now) = (store, source, reader(answer.account), now)
        let open = ground?.open[answer.account] ?? []
        return try await store.read { connection in
            let view = try AuditView(reader, of: source, in: store, at: now, connection)
            var suspicion = AuditSuspicion(withheld: view.withheld.intersection(answer.asked))
            suspicion.open = open.intersection(answer.asked)
            for issue in answer.asked where !view.withheld.contains(issue) {
                guard let row = try IssueRecords.row(issue, source: source.id, in: connection) else { continue }
                switch (view.shows(row), answer.shown.contains(issue)) {
                case (true, false): suspicion.tooMuch.insert(issue)
                case (false, true) where view.isExpected(row): suspicion.tooLittle.insert(issue)
                default: continue
                }
            }
            let differing = suspicion.tooMuch.sorted() + suspicion.tooLittle.sorted()
            var explanations = AuditExplanations(source: source)
            suspicion.explanations = try explanations.of(differing, for: answer.account, connection)
            return suspicion
        }
    }
}

/// What Jira says of one account.
struct AuditAnswer: Sendable {
    var account: AccountID
    var asked: [IssueID]
    var shown: Set<IssueID>
}

/// Pairs that have to be looked at inside a transaction.
struct AuditSuspicion: Sendable {
    var withheld: Set<IssueID>
    var open: Set<IssueID> = []
    var tooMuch: Set<IssueID> = []
    var tooLittle: Set<IssueID> = []
    var explanations: [IssueID: String] = [:]

    init(withheld: Set<IssueID>) { self.withheld = withheld }

    var isEmpty: Bool { withheld.isEmpty && open.isEmpty && tooMuch.isEmpty && tooLittle.isEmpty }
}

/// What we would show one reader of a source, on one snapshot.
struct AuditView {
    let allowed: AllowedSet
    let withheld: Set<IssueID>
    /// Projects shown at all, by our ids.
    private let projects: Set<Int64>

    init(_ reader: Reader, of source: Source, in store: Store, at now: Timestamp, _ connection: Connection) throws {
        allowed = try store.access.allowed(to: reader, in: connection)
        withheld = try Withheld.ids(source: source.id, in: connection)
        let site = try SourceRecords.source(source.id, in: connection) ?? source
        projects = Set(
            try ProjectRecords.all(source: source.id, in: connection).filter {
                ProjectRecords.access(of: $0, source: site, now: now).isShown
            }.map(\.id))
    }

    func shows(_ row: IssueRow) -> Bool { row.state != .unseen && allowed.contains(row.acl) }

    /// Whether we mean to show the issue to whom its rules admit: not while its project is hidden as a whole.
    func isExpected(_ row: IssueRow) -> Bool { row.state != .unseen && projects.contains(row.project) }
}
