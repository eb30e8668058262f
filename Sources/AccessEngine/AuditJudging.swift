import Database
import IssueDecoding
import IssueModel
import JiraClient
import Journal
import Observability
import SearchIndex
import Store

/// What became of one account's answer.
struct AuditVerdict: Sendable {
    var tooMuch: [IssueID] = []
    var tooLittle: [IssueID] = []
    var withheld: [IssueID] = []
    var gone: [IssueID] = []
    var resolved = 0
}

extension AuditRun {
    /// Findings of one kind noted for one account at a time; what is shown too much is hidden without limit.
    private static let noteLimit = 200

    /// Marks that a finding is about a restricted part, so that agreement on the issue does not resolve it.
    static let partKind = AccessFactRecords.Kind(rawValue: "audit_part")

    static func partRef(_ account: AccountID, _ issue: IssueID) -> String { "\(issue) \(account)" }

    /// Decides the pairs in question once more, on what is stored now, and writes down what differs.
    func judge(_ answer: AuditAnswer, _ suspicion: AuditSuspicion, gone: Set<IssueID>) async throws {
        let (store, source, reader, now) = (store, source, reader(answer.account), now)
        let verdict = try await store.write { context in
            let connection = context.connection
            let view = try AuditView(reader, of: source, in: store, at: now, connection)
            let kept = try AuditKeptCopy(answer.account, of: source, in: store, view, connection)
            var verdict = AuditVerdict()
            let writer = AuditWriter(source: source, account: answer.account, now: now, context: context)
            let questions = suspicion.withheld.union(suspicion.open).union(suspicion.tooMuch).union(suspicion.tooLittle)
            for issue in questions.sorted() {
                guard let row = try IssueRecords.row(issue, source: source.id, in: connection) else {
                    verdict.resolved += try writer.resolve(issue)
                    continue
                }
                let isWithheld = view.withheld.contains(issue)
                let shows = try isWithheld ? kept.wouldShow(row, connection) : view.shows(row)
                switch (shows, answer.shown.contains(issue)) {
                case (true, false) where gone.contains(issue):
                    if isWithheld { continue }
                    try writer.withhold(
                        row, "Jira no longer shows this issue to the source's own account: it may be deleted.")
                    verdict.gone.append(issue)
                case (true, false):
                    try writer.note(.tooMuch, issue, suspicion.explanations[issue])
                    verdict.tooMuch.append(issue)
                    if isWithheld { continue }
                    try writer.withhold(
                        row, "It was shown to account \(answer.account), to whom Jira does not show it.")
                    verdict.withheld.append(issue)
                case (false, true) where view.isExpected(row) && !isWithheld:
                    verdict.tooLittle.append(issue)
                    guard verdict.tooLittle.count <= Self.noteLimit else { continue }
                    try writer.note(.tooLittle, issue, suspicion.explanations[issue])
                default: verdict.resolved += try writer.resolve(issue)
                }
            }
            return verdict
        }
        take(verdict, of: answer.account)
    }

    func take(_ verdict: AuditVerdict, of account: AccountID) {
        summary.totals.tooMuch += verdict.tooMuch.count
        summary.totals.tooLittle += verdict.tooLittle.count
        summary.withheld += verdict.withheld
        summary.gone += verdict.gone
        summary.resolved += verdict.resolved
        for (kind, count) in [("too_much", verdict.tooMuch.count), ("too_little", verdict.tooLittle.count)]
        where count > 0 {
            audit.metrics?.add(Double(count), to: .auditMismatches, ["source": source.name, "kind": kind])
        }
        for issue in verdict.withheld {
            audit.log.error(
                "access.audit.too_much", "An issue was shown to somebody Jira does not show it to; it is hidden now.",
                [
                    "source": .string(source.name), "issue": .string(issue.description),
                    "account": .string(account.rawValue),
                ])
        }
        if !verdict.tooLittle.isEmpty {
            audit.log.warning(
                "access.audit.too_little", "Jira shows issues that are not shown here.",
                [
                    "source": .string(source.name), "issues": .int(verdict.tooLittle.count),
                    "account": .string(account.rawValue),
                ])
        }
    }

    // MARK: Ending findings

    /// Resolves findings about accounts that nobody can ask about any more, where nothing would be shown to them.
    func settle(_ asker: AuditAsker) async throws {
        guard let ground else { return }
        let people = Set(ground.accounts)
        for account in ground.open.keys where !people.contains(account) || !asker.canAsk(account) {
            // Of somebody who may still sign in, only what is not shown too much any more can be told without asking.
            let issues = (people.contains(account) ? ground.tooMuch : ground.open)[account] ?? []
            let (store, source, reader, now) = (store, source, reader(account), now)
            summary.resolved += try await store.write { context in
                let connection = context.connection
                let view = try AuditView(reader, of: source, in: store, at: now, connection)
                let kept = try AuditKeptCopy(account, of: source, in: store, view, connection)
                let writer = AuditWriter(source: source, account: account, now: now, context: context)
                var resolved = 0
                for issue in issues {
                    let row = try IssueRecords.row(issue, source: source.id, in: connection)
                    if let row, try kept.wouldShow(row, connection) { continue }
                    try writer.forgetPart(issue)
                    resolved += try writer.resolve(issue)
                }
                return resolved
            }
        }
    }

    /// Issues let go in one run.
    private static let releaseLimit = 1_000

    /// Lets go of withheld issues on which nothing differs any more and that Jira shows to the source's own account as they
    /// are stored. One that changed meanwhile is read again first: whoever was not asked about it in this run might be
    /// shown it by a copy from before its level, say.
    func release() async throws {
        let source = source
        let fresh = Set(summary.withheld + summary.gone)
        let candidates = try await store.read { connection in
            let open = Set(
                try AccessAudits.findings(source: source.id, limit: 100_000, in: connection)
                    .filter { $0.kind == .tooMuch }.map(\.issue))
            return try Withheld.ids(source: source.id, in: connection).subtracting(open).subtracting(fresh)
        }
        if candidates.isEmpty { return }
        let changes: [IssueID: Timestamp]
        do throws(JiraError) {
            let own = try await audit.client.visibleIssues(candidates).sorted().prefix(Self.releaseLimit)
            let decoder = IssueDecoder(fields: FieldCatalogue([]), flavour: audit.client.flavour)
            let read = try await audit.client.issues(ids: Array(own), decoder: decoder).issues
            changes = Dictionary(read.map { ($0.issue.id, $0.issue.updated) }) { first, _ in first }
        } catch {
            try note(error, nil)
            return
        }
        let now = now
        let released = try await store.write { context in
            try candidates.sorted().filter { issue in
                guard let row = try IssueRecords.row(issue, source: source.id, in: context.connection) else {
                    try Withheld.release(issue, source: source.id, in: context)
                    return false
                }
                guard let changed = changes[issue] else { return false }
                guard changed == row.updated else {
                    try Quarantine.put(
                        kind: "issue", ref: issue.description, reason: "changed_while_withheld",
                        message: "It changed in Jira and is read again before it is let go.", at: now,
                        source: source.id, in: context)
                    return false
                }
                return try Withheld.release(issue, source: source.id, in: context)
            }
        }
        summary.released += released
    }
}

/// Writes down what an audit finds of one account, in one transaction.
struct AuditWriter {
    let source: Source
    let account: AccountID
    let now: Timestamp
    let context: WriteContext

    func note(_ kind: AccessAudits.Kind, _ issue: IssueID, _ explanation: String?) throws {
        let before = try AccessAudits.explanation(account, issue, kind, source: source.id, in: context.connection)
        let finding = AccessAudits.Finding(
            account: account, issue: issue, kind: kind,
            explanation: explanation ?? before ?? "It would be shown if it were not withheld.", at: now)
        try AccessAudits.note(finding, source: source.id, in: context)
    }

    /// Hides an issue with everything on it from everybody but the operator.
    func withhold(_ row: IssueRow, _ reason: String) throws {
        try Withheld.put(row.jiraID, reason: reason, at: now, source: source.id, in: context)
        try SearchIndexWriter.close(
            issue: row.id, acl: try Withheld.acl(source: source.id, in: context), in: context.connection)
        context.noteAccessChange()
    }

    /// - Returns: 1 where something differed before.
    func resolve(_ issue: IssueID) throws -> Int {
        let part = try AccessFactRecords.record(
            AuditRun.partKind, ref: AuditRun.partRef(account, issue), source: source.id, in: context.connection)
        guard part == nil else { return 0 }
        return try AccessAudits.resolve(account, issue, at: now, source: source.id, in: context) ? 1 : 0
    }

    func markPart(_ issue: IssueID) throws {
        try AccessFactRecords.note(
            AuditRun.partKind, ref: AuditRun.partRef(account, issue), verified: now, source: source.id, in: context)
    }

    func forgetPart(_ issue: IssueID) throws {
        try AccessFactRecords.remove(
            AuditRun.partKind, ref: AuditRun.partRef(account, issue), source: source.id, in: context)
    }
}
