public import IssueModel
public import Journal
import SearchIndex
public import Store

/// What followed from issues that Jira did not return.
public struct AbsenceOutcome: Hashable, Sendable {
    /// Removed from everything; a copy is kept for the grace period.
    public var deleted = 0
    /// Newly hidden from everybody.
    public var hidden = 0
    public var archived = 0
    /// To be removed, and kept because there are too many at once.
    public var held = 0

    public init() {}

    static func += (left: inout AbsenceOutcome, right: AbsenceOutcome) {
        left.deleted += right.deleted
        left.hidden += right.hidden
        left.archived += right.archived
        left.held += right.held
    }
}

extension Absences {
    /// Takes issues that Jira did not return when it was asked for them by their ids, and does what follows: hides them at
    /// once, asks again, removes what is known to be deleted.
    ///
    /// Call it after the issues were settled in `PendingIssues`, as those to be asked for again are put back there. Issues
    /// that are not stored are passed over.
    ///
    /// - Parameters:
    ///   - missing: Only what an answer left out that is known to be the source's account's: see ``AbsenceConfirmation``.
    ///   - causes: Why each was asked for.
    @discardableResult
    public static func note(
        _ missing: [IssueID], causes: [IssueID: Set<PendingIssues.Cause>] = [:], at now: Timestamp, source: Int64,
        in context: WriteContext
    ) throws -> AbsenceOutcome {
        if missing.isEmpty { return AbsenceOutcome() }
        var keeper = try AbsenceKeeper(source: source, at: now, in: context)
        for issue in missing {
            guard let row = try IssueRecords.row(issue, source: source, in: context.connection) else {
                try forget([issue], source: source, in: context)
                continue
            }
            var signs: Signs = .byID
            let causes = causes[issue] ?? []
            if causes.contains(.webhookDeleted) { signs.insert(.webhook) }
            if causes.contains(.audit) { signs.insert(.audit) }
            try keeper.miss(row, signs)
        }
        return try keeper.finish()
    }

    /// Takes issues that Jira returned and that are stored: nothing speaks against them any more.
    ///
    /// One that complete listings left out twice, and that was returned only because it was asked for by its id, is archived:
    /// readable, and out of search.
    ///
    /// - Parameter areListed: Whether a search of Jira's found them.
    public static func seen(
        _ issues: some Collection<IssueID>, areListed: Bool, at now: Timestamp, source: Int64, in context: WriteContext
    ) throws {
        try Graves.forget(issues, source: source, in: context)
        guard try areThere(source: source, in: context.connection) else { return }
        for issue in issues {
            guard var entry = try entry(of: issue, source: source, in: context.connection) else { continue }
            guard entry.signs.contains(.unlisted), !areListed else {
                try forget([issue], source: source, in: context)
                continue
            }
            if entry.signs.contains(.unlistedAgain) { try archive(issue, source: source, in: context) }
            entry.signs.formIntersection([.unlisted, .unlistedAgain])
            entry.times = 0
            try put(entry, source: source, in: context)
        }
    }

    /// Takes issues that Jira returned and that are not in the source's scope any more: moved to another project, or no longer
    /// what the scope's query finds. Nothing of them is kept.
    ///
    /// - Returns: How many were stored.
    @discardableResult
    public static func outOfScope(
        _ issues: [IssueID], at now: Timestamp, source: Int64, in context: WriteContext
    ) throws -> Int {
        let stamps = try IssueRecords.stamps(of: issues, source: source, in: context.connection)
        let stored = issues.filter { stamps[$0] != nil }
        let policy = try DeletionPolicy.of(source: source, in: context.connection)
        try Burial(source: source, at: now, policy: policy).bury(stored, because: .outOfScope, in: context)
        try Graves.forget(issues, source: source, in: context)
        try forget(issues, source: source, in: context)
        return stored.count
    }

    /// Notes what a complete listing left out although Jira returns it by its id: archived, moved out of scope, or late in
    /// the search index.
    ///
    /// - Parameter settled: Those that no index can be late with.
    static func unlisted(
        _ issues: [IssueID], settled: Set<IssueID>, at now: Timestamp, policy: DeletionPolicy, source: Int64,
        in context: WriteContext
    ) throws {
        for issue in issues {
            let known = try entry(of: issue, source: source, in: context.connection)
            var entry = known ?? Entry(issue: issue, first: now, last: now)
            let isAgain = entry.signs.contains(.unlisted) && now.rawValue - entry.last.rawValue >= policy.spacing
            if isAgain || settled.contains(issue) { entry.signs.insert(.unlistedAgain) }
            entry.signs.insert(.unlisted)
            if entry.times == 0 { entry.last = now }
            try put(entry, source: source, in: context)
        }
    }

    /// Puts an issue away: search forgets it, its key finds it for whoever may see it.
    static func archive(_ issue: IssueID, source: Int64, in context: WriteContext) throws {
        let id = try IssueRecords.setState(.archived, of: issue, source: source, in: context)
        if let id { try SearchIndexWriter.remove(issue: id, in: context.connection) }
    }
}

/// Applies what is judged of missing issues, in one transaction.
struct AbsenceKeeper {
    let source: Int64
    let now: Timestamp
    let policy: DeletionPolicy
    let context: WriteContext
    private let facts: AbsenceFacts
    private var outcome = AbsenceOutcome()
    private var doomed: [(entry: Absences.Entry, verdict: AbsenceVerdict)] = []

    init(source: Int64, at now: Timestamp, in context: WriteContext) throws {
        self.source = source
        self.now = now
        self.context = context
        policy = try DeletionPolicy.of(source: source, in: context.connection)
        facts = try AbsenceFacts(source: source, in: context.connection)
    }

    /// Adds one miss to what is known of a stored issue, and does what follows but for removing it.
    mutating func miss(_ row: IssueRow, _ signs: Absences.Signs) throws {
        let known = try Absences.entry(of: row.jiraID, source: source, in: context.connection)
        var entry = known ?? Absences.Entry(issue: row.jiraID, first: now, last: now)
        if entry.times == 0 { entry.first = now }
        if entry.times == 0 || now.rawValue - entry.last.rawValue >= policy.spacing {
            entry.times += 1
            entry.last = now
        }
        entry.signs.formUnion(signs)
        let evidence = AbsenceEvidence(
            signs: entry.signs, timesConfirmed: entry.times, first: entry.first, last: entry.last,
            project: facts.sight(of: row), canBeHidden: facts.canBeHidden(row),
            areRulesKnown: facts.areRulesKnown(of: row, since: entry.first))
        let verdict = AbsenceJudgement.verdict(evidence, at: now, policy: policy)
        if AbsenceJudgement.isCondemned(evidence, verdict) {
            entry.signs.insert(.condemned)
        } else {
            entry.signs.remove(.condemned)
        }
        try Absences.put(entry, source: source, in: context)
        switch verdict {
        case .archived: try putAway(row)
        case .wait: try askAgain(row.jiraID, at: now)
        case .hide(let again):
            try hide(row)
            try askAgain(row.jiraID, at: again)
        case .lostSight: try hide(row)
        case .deleted, .expired:
            // Out of sight whatever the circuit breaker says.
            try hide(row)
            doomed.append((entry, verdict))
        }
    }

    /// Removes what is to go, unless there is too much of it.
    mutating func finish() throws -> AbsenceOutcome {
        let issues = Set(doomed.map(\.entry.issue))
        let mayGo = try CircuitBreaker.admits(
            issues, at: now, policy: policy, source: source, in: context.connection)
        guard mayGo else {
            for (entry, _) in doomed {
                var entry = entry
                entry.signs.insert(.held)
                try Absences.put(entry, source: source, in: context)
            }
            outcome.held = doomed.count
            return outcome
        }
        let expired = doomed.filter { $0.verdict == .expired }.map(\.entry.issue)
        let deleted = doomed.filter { $0.verdict != .expired }.map(\.entry.issue)
        try Burial(source: source, at: now, policy: policy).bury(deleted, because: .deleted, in: context)
        try Burial(source: source, at: now, policy: policy).bury(expired, because: .lostSight, in: context)
        outcome.deleted = doomed.count
        return outcome
    }

    private mutating func hide(_ row: IssueRow) throws {
        guard row.state != .unseen else { return }
        try Absences.close(row.jiraID, source: source, in: context)
        outcome.hidden += 1
    }

    private mutating func putAway(_ row: IssueRow) throws {
        guard row.state != .archived else { return }
        try Absences.archive(row.jiraID, source: source, in: context)
        outcome.archived += 1
    }

    private func askAgain(_ issue: IssueID, at moment: Timestamp) throws {
        try PendingIssues.add([issue], cause: .census, at: now, notBefore: moment, source: source, in: context)
    }
}

extension Absences {
    /// Hides an issue from everybody but the operator, in search too, until it is read again.
    static func close(_ issue: IssueID, source: Int64, in context: WriteContext) throws {
        guard let id = try IssueRecords.setState(.unseen, of: issue, source: source, in: context) else { return }
        let acl = try Withheld.acl(source: source, in: context)
        try SearchIndexWriter.close(issue: id, acl: acl, in: context.connection)
    }
}
