import Database
import IssueModel
import JiraClient
import Journal

import Store
import Workspace

/// What a run chooses from, read once at its beginning.
struct AuditGround: Sendable {
    var walk: AuditWalk
    /// People who may sign in, by Jira's identity.
    var accounts: [AccountID] = []
    var issueCount = 0
    var largestID: Int64 = 0
    /// Issues to compare first for whoever is asked about, at most ``riskLimit``.
    var risky: [IssueID] = []
    /// Comments and worklogs to compare with members' tokens.
    var parts: [Part] = []
    /// What differed and still may, by account.
    var open: [AccountID: Set<IssueID>] = [:]
    /// Of those, what was shown too much.
    var tooMuch: [AccountID: Set<IssueID>] = [:]

    /// A comment or worklog with the acls that it and its issue have.
    struct Part: Hashable, Sendable {
        var reference: PartReference
        var acl: Int64
        var issueAcl: Int64
    }

    static let riskLimit = 500
    private static let smallSite = 100_000
    /// Restricted parts of each kind to choose from.
    static let partLimit = 200
    static let kind = AccessFactRecords.Kind(rawValue: "audit")

    init(source: Source, seed: UInt64?, at now: Timestamp, in connection: Connection) throws {
        let (count, largest) =
            try connection.first("SELECT count(*), coalesce(max(id), 0) FROM issue WHERE source_id = ?", source.id) {
                ($0.int(0), $0.int64(1))
            } ?? (0, 0)
        let kept = try AccessFactRecords.record(Self.kind, source: source.id, in: connection)?.data
        let seed = seed ?? AuditWalk.mix(UInt64(bitPattern: now.rawValue))
        walk = kept.flatMap { AuditWalk(json: $0) } ?? AuditWalk(seed: seed, largest: largest, at: now)
        (issueCount, largestID) = (count, largest)
        accounts = try connection.rows(
            "SELECT jira_id FROM account WHERE source_id = ? AND active = 1 AND kind = ? ORDER BY jira_id", source.id,
            Account.Kind.person.rawValue
        ) { AccountID($0.text(0)) }
        let findings = try AccessAudits.findings(source: source.id, limit: 100_000, in: connection)
        for finding in findings {
            open[finding.account, default: []].insert(finding.issue)
            if finding.kind == .tooMuch { tooMuch[finding.account, default: []].insert(finding.issue) }
        }
        let factor = Int64(bitPattern: AuditWalk.mix(seed ^ UInt64(bitPattern: now.rawValue)) >> 34) | 1
        // Finding restricted parts takes a look at every comment: seconds where there are millions. Only members' tokens
        // tell of parts, so without them a large site is spared.
        let tellsParts = try !PersonalCredentials.all(source: source.id, in: connection).isEmpty
        if tellsParts || issueCount <= Self.smallSite {
            parts = try Self.restrictedParts(source: source.id, factor: factor, connection)
        }
        risky = try Self.risky(
            findings.map(\.issue), parts.map(\.reference.issue), source: source.id, factor: factor, connection)
        // An acl that lost its restriction must be found too.
        parts += try Self.parts(of: risky.prefix(100), source: source.id, connection)
    }

    /// Parts that are stored as restricted, others for each `factor`.
    private static func restrictedParts(
        source: Int64, factor: Int64, _ connection: Connection
    ) throws -> [Part] {
        try PartReference.Kind.allCases.flatMap { kind in
            try connection.rows(
                """
                SELECT t.jira_id, i.jira_id, t.acl_id, i.acl_id FROM \(kind.rawValue) t CROSS JOIN issue i
                    ON i.id = t.issue_id
                WHERE t.acl_id IN (SELECT id FROM acl WHERE source_id = ?1 AND visibility IS NOT NULL)
                    AND i.state <> 'unseen' ORDER BY (i.id * ?2) & 2147483647 LIMIT ?3
                """, source, factor, partLimit
            ) { part(kind, $0) }
        }
    }

    private static func parts(
        of issues: some Sequence<IssueID>, source: Int64, _ connection: Connection
    ) throws -> [Part] {
        try issues.flatMap { issue in
            try PartReference.Kind.allCases.flatMap { kind in
                try connection.rows(
                    """
                    SELECT t.jira_id, i.jira_id, t.acl_id, i.acl_id FROM issue i JOIN \(kind.rawValue) t
                        ON t.issue_id = i.id
                    WHERE i.source_id = ? AND i.jira_id = ? ORDER BY t.jira_id DESC LIMIT 20
                    """, source, issue.rawValue
                ) { part(kind, $0) }
            }
        }
    }

    private static func part(_ kind: PartReference.Kind, _ row: Row) -> Part {
        Part(
            reference: PartReference(kind, EntityID(row.text(0)), of: IssueID(row.int64(1))), acl: row.int64(2),
            issueAcl: row.int64(3))
    }

    /// Withheld issues, what differed, the newest and the last to change, those with a level, those with restricted
    /// parts, and one of every acl; in each kind another choice for each `factor`.
    private static func risky(
        _ found: [IssueID], _ restricted: [IssueID], source: Int64, factor: Int64, _ connection: Connection
    ) throws -> [IssueID] {
        var chosen: [IssueID] = []
        var known: Set<IssueID> = []
        func take(_ issues: [IssueID], _ most: Int) {
            let end = min(chosen.count + most, riskLimit)
            for issue in issues where chosen.count < end && known.insert(issue).inserted { chosen.append(issue) }
        }
        func query(_ condition: String, order: String, _ limit: Int) throws -> [IssueID] {
            try connection.rows(
                """
                SELECT i.jira_id FROM issue i WHERE +i.source_id = ?1 AND i.state <> 'unseen' AND (\(condition))
                ORDER BY \(order) LIMIT ?3
                """.replacingFactor(), source, factor, limit
            ) { IssueID($0.int64(0)) }
        }
        take(try Withheld.all(source: source, in: connection).map(\.issue), 150)
        take(found, 100)
        take(try query("?2 = ?2", order: "i.updated DESC", 60), 60)
        take(try query("?2 = ?2", order: "i.id DESC", 20), 20)
        take(try query("i.level_id IS NOT NULL", order: "FACTOR", 80), 80)
        take(restricted, 60)
        // Each distinct acl stands for a rule, a reporter, a field's person or a role.
        let classes = try connection.rows(
            """
            SELECT jira_id, max((id * ?2) & 2147483647) FROM issue WHERE source_id = ?1 AND state <> 'unseen'
            GROUP BY acl_id ORDER BY 2 LIMIT ?3
            """, source, factor, riskLimit
        ) { IssueID($0.int64(0)) }
        take(classes, riskLimit)
        return chosen
    }

    /// The issues of a block.
    static func issues(_ ids: ClosedRange<Int64>, source: Int64, in connection: Connection) throws -> [IssueID] {
        try connection.rows(
            "SELECT jira_id FROM issue WHERE id BETWEEN ? AND ? AND source_id = ? AND state <> 'unseen'",
            ids.lowerBound, ids.upperBound, source
        ) { IssueID($0.int64(0)) }
    }
}

extension String {
    /// An order without meaning that another factor makes another one; the arguments' second is the factor.
    fileprivate func replacingFactor() -> String {
        split(separator: "FACTOR", omittingEmptySubsequences: false).joined(separator: "((i.id * ?2) & 2147483647)")
    }
}
