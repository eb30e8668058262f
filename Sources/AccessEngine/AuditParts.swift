import AccessControl
import Database
import IssueModel
import JiraClient
import Journal
import Store

/// Restricted comments and worklogs to compare for one account.
private struct PartQuestions: Sendable {
    /// With whether we show the part, or would if its issue were not withheld.
    var parts: [PartReference: Bool] = [:]
    /// Issues on whose parts we and Jira differed before.
    var marked: Set<IssueID> = []
}

extension AuditRun {
    /// Compares restricted comments and worklogs, which Jira tells of only to whom it shows them.
    func compareParts(_ asker: AuditAsker) async throws {
        for (account, client) in personalClients.sorted(by: { $0.key.rawValue < $1.key.rawValue }) {
            guard ground?.accounts.contains(account) == true else { continue }
            let questions = try await questions(for: account)
            if questions.parts.isEmpty, questions.marked.isEmpty { continue }
            let seen: Set<PartReference>
            let present: Set<PartReference>
            do throws(JiraError) {
                seen = Set(try await client.visibleParts(questions.parts.keys).keys)
                let hidden = questions.parts.keys.filter { questions.parts[$0] == true && !seen.contains($0) }
                // What the source's own account is not shown either is gone, not kept from the member.
                present = hidden.isEmpty ? [] : Set(try await audit.client.visibleParts(hidden).keys)
            } catch {
                try note(error, account)
                continue
            }
            summary.parts += questions.parts.count
            try await judge(questions, seen: seen, present: present, account)
        }
    }

    private func questions(for account: AccountID) async throws -> PartQuestions {
        let (store, source, reader, now, limit) = (store, source, reader(account), now, audit.limits.parts)
        // Half of those stored as restricted, half of any; others in each run.
        let order = { (part: AuditGround.Part) in
            AuditWalk.mix(AuditWalk.hash(part.reference.id.rawValue) ^ UInt64(bitPattern: now.rawValue))
        }
        let all = (ground?.parts ?? []).sorted { order($0) < order($1) }
        let restricted = all.filter { $0.acl != $0.issueAcl }
        let sample =
            restricted.prefix(limit / 2) + all.filter { $0.acl == $0.issueAcl } + restricted.dropFirst(limit / 2)
        return try await store.read { connection in
            let view = try AuditView(reader, of: source, in: store, at: now, connection)
            var questions = PartQuestions()
            let marks = try AccessFactRecords.all(source: source.id, in: connection).filter {
                $0.kind == Self.partKind
            }
            if !marks.isEmpty {
                let kept = try AuditKeptCopy(account, of: source, in: store, view, connection)
                for mark in marks where mark.ref.hasSuffix(" \(account)") {
                    guard let number = mark.ref.split(separator: " ").first.flatMap({ Int64($0) }) else { continue }
                    questions.marked.insert(IssueID(number))
                    guard let row = try IssueRecords.row(IssueID(number), source: source.id, in: connection) else {
                        continue
                    }
                    questions.parts.merge(try kept.restrictedParts(row, connection)) { first, _ in first }
                }
            }
            for part in sample where !questions.marked.contains(part.reference.issue) {
                guard questions.parts.count < limit else { break }
                questions.parts[part.reference] =
                    view.allowed.contains(part.acl) && view.allowed.contains(part.issueAcl)
            }
            return questions
        }
    }

    private func judge(
        _ questions: PartQuestions, seen: Set<PartReference>, present: Set<PartReference>, _ account: AccountID
    ) async throws {
        let (store, source, reader, now) = (store, source, reader(account), now)
        let verdict = try await store.write { context in
            let view = try AuditView(reader, of: source, in: store, at: now, context.connection)
            let writer = AuditWriter(source: source, account: account, now: now, context: context)
            var verdict = AuditVerdict()
            let byIssue = Dictionary(grouping: questions.parts, by: \.key.issue)
            for issue in questions.marked.union(byIssue.keys) {
                let parts = byIssue[issue] ?? []
                // What was withheld meanwhile is found already, and nobody sees a part of it.
                if view.withheld.contains(issue), !questions.marked.contains(issue) { continue }
                guard let row = try IssueRecords.row(issue, source: source.id, in: context.connection) else {
                    try writer.forgetPart(issue)
                    verdict.resolved += try writer.resolve(issue)
                    continue
                }
                let tooMuch = parts.filter { $0.value && !seen.contains($0.key) && present.contains($0.key) }
                let tooLittle = parts.filter { !$0.value && seen.contains($0.key) }
                if let part = tooMuch.map(\.key).min(by: { $0.id.rawValue < $1.id.rawValue }) {
                    let words = "The \(part.kind.rawValue) \(part.id) is restricted: it is shown here and not in Jira."
                    try writer.note(.tooMuch, issue, words)
                    try writer.markPart(issue)
                    verdict.tooMuch.append(issue)
                    if view.withheld.contains(issue) { continue }
                    try writer.withhold(row, "\(words) It was shown to account \(account).")
                    verdict.withheld.append(issue)
                } else if let part = tooLittle.map(\.key).min(by: { $0.id.rawValue < $1.id.rawValue }),
                    view.isExpected(row), !view.withheld.contains(issue)
                {
                    try writer.note(
                        .tooLittle, issue,
                        "The \(part.kind.rawValue) \(part.id) is restricted: it is shown in Jira and not here.")
                    try writer.markPart(issue)
                    verdict.tooLittle.append(issue)
                } else if questions.marked.contains(issue) {
                    try writer.forgetPart(issue)
                    verdict.resolved += try writer.resolve(issue)
                }
            }
            return verdict
        }
        take(verdict, of: account)
    }
}
