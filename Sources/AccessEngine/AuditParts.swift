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
            if questions.parts.isEmpty { continue }
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
        let factor = Int64(bitPattern: AuditWalk.mix(UInt64(bitPattern: began.rawValue)) >> 34) | 1
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
            // Those stored as restricted, and any others: an acl that lost its restriction must be found too.
            let restricted = "AND t.acl_id IN (SELECT id FROM acl WHERE source_id = ?1 AND visibility IS NOT NULL)"
            for (kind, condition) in PartReference.Kind.allCases.flatMap({ [($0, restricted), ($0, "")] }) {
                let rows = try connection.rows(
                    """
                    SELECT t.jira_id, i.jira_id, t.acl_id, i.acl_id FROM \(kind.rawValue) t
                    JOIN issue i ON i.id = t.issue_id WHERE i.source_id = ?1 AND i.state <> 'unseen' \(condition)
                    ORDER BY (i.id * ?2) & 2147483647 LIMIT ?3
                    """, source.id, factor, limit / 4
                ) { row in
                    (
                        PartReference(kind, EntityID(row.text(0)), of: IssueID(row.int64(1))),
                        view.allowed.contains(row.int64(2)) && view.allowed.contains(row.int64(3))
                    )
                }
                for (part, isShown) in rows where !questions.marked.contains(part.issue) {
                    questions.parts[part] = isShown
                }
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
            for (issue, parts) in Dictionary(grouping: questions.parts, by: \.key.issue) {
                guard let row = try IssueRecords.row(issue, source: source.id, in: context.connection) else { continue }
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
