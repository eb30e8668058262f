public import AccessControl
public import Database
import FastJSON
public import IssueModel
public import Journal
public import Store
import Workspace

/// How well it is known who may see a source: for those who run the installation.
public struct AccessStatus: Sendable {
    public var mode: AccessMode
    public var options: AccessOptions
    /// How many projects are shown to those whom their rules admit.
    public var shownProjects: Int
    /// Projects that nobody but the operator sees, by key.
    public var hiddenProjects: [HiddenProject]
    /// The oldest and the newest verification among the shown projects' rules; `nil` where there is none.
    public var oldestFact: Timestamp?
    public var newestFact: Timestamp?
    /// Facts that could not be read when that was last tried, with the reason.
    public var problems: [Problem]
    /// Kinds of holders that this version does not know, with how many grants use each. They let nobody in.
    public var unknownHolders: [String: Int]
    public var declaredLevels: Int
    public var unknownLevels: Int
    /// Issues with a level whose members are not known.
    public var issuesBehindUnknownLevels: Int
    public var withheld: Int
    /// The last check against Jira that ended; `nil` where there was none.
    public var lastAudit: AccessAudits.Run?
    /// How far the present round of checks is; `nil` before the first.
    public var coverage: Coverage?
    /// The latest difference that ever was found, resolved or not.
    public var lastMismatch: Finding?
    /// What differs from Jira, latest first, with the issues' keys where they are stored.
    public var findings: [Finding]
    public var members: Members
    public var listings: [ListingAge]

    public struct HiddenProject: Hashable, Sendable {
        public var key: String
        public var code: ProjectAccess.HiddenReason
        public var message: String
        public var since: Timestamp?
        /// Archived in Jira, which lists its issues to nobody either.
        public var isArchived: Bool
    }

    public struct Problem: Hashable, Sendable {
        /// `levels`, `group staff`, …
        public var fact: String
        public var message: String
    }

    public struct Finding: Hashable, Sendable {
        public var finding: AccessAudits.Finding
        public var key: String?
    }

    /// How many of all pairs of a person and an issue were compared with Jira since a time.
    public struct Coverage: Hashable, Sendable {
        public var pairs: Int
        public var of: Int
        public var since: Timestamp
    }

    /// How many members there are, and how many of them are an account of the source.
    public struct Members: Hashable, Sendable {
        public var all = 0
        public var linked = 0
    }

    /// What one account's own credential lists.
    public struct ListingAge: Hashable, Sendable {
        public var account: AccountID
        public var issues: Int
        public var verified: Timestamp?
        public var problem: String?
        /// Whether its lease has not ended, so that it counts.
        public var isCurrent: Bool
    }

    /// Looks at everything stored of a source's access.
    public init(of source: Source, now: Timestamp, in connection: Connection) throws {
        mode = source.accessMode
        options = source.accessOptions
        let projects = try ProjectRecords.all(source: source.id, in: connection)
        (shownProjects, hiddenProjects, oldestFact, newestFact) = (0, [], nil, nil)
        for project in projects {
            switch ProjectRecords.access(of: project, source: source, now: now) {
            case .shown:
                shownProjects += 1
                if let verified = project.accessVerified {
                    oldestFact = min(oldestFact ?? verified, verified)
                    newestFact = max(newestFact ?? verified, verified)
                }
            case .hidden(let code, let message, let since):
                hiddenProjects.append(
                    HiddenProject(
                        key: project.project.key, code: code, message: message, since: since,
                        isArchived: project.project.isArchived))
            }
        }
        problems = try AccessFactRecords.all(source: source.id, in: connection).compactMap { record in
            record.problem.map {
                Problem(
                    fact: [record.kind.rawValue, record.ref].filter { !$0.isEmpty }.joined(separator: " "), message: $0)
            }
        }
        let isMirrored = source.accessMode == .mirror
        unknownHolders =
            isMirrored
            ? AudienceRules(try AccessRecords.facts(source: source.id, withPeople: false, in: connection))
                .unknownHolders : [:]
        let levels = isMirrored ? try AccessLevels(of: source, in: connection) : nil
        declaredLevels = levels?.levels.filter { if case .declared = $0.origin { true } else { false } }.count ?? 0
        unknownLevels = levels?.levels.filter { $0.origin == .unknown }.count ?? 0
        issuesBehindUnknownLevels = levels?.hiddenIssues ?? 0
        withheld = try Withheld.ids(source: source.id, in: connection).count
        lastAudit = try AccessAudits.latest(source: source.id, in: connection).first { $0.ended != nil }
        func named(_ finding: AccessAudits.Finding) throws -> Finding {
            Finding(
                finding: finding, key: try IssueRecords.row(finding.issue, source: source.id, in: connection)?.key)
        }
        findings = try AccessAudits.findings(source: source.id, in: connection).map(named)
        lastMismatch = try AccessAudits.findings(open: false, source: source.id, limit: 1, in: connection).first.map(
            named)
        coverage = try Self.coverage(source, connection)
        members = Members()
        for (_, state) in try IdentityLinks.all(source: source.id, in: connection) {
            members.all += 1
            if state.account != nil { members.linked += 1 }
        }
        let lease = Int64(source.accessOptions.lease) * 1_000
        listings = try Listings.all(source: source.id, in: connection).map { listing in
            ListingAge(
                account: listing.account, issues: listing.issueCount, verified: listing.verified,
                problem: listing.problem,
                isCurrent: listing.verified.map { now.rawValue < $0.rawValue + lease } ?? false)
        }
    }

    private static func coverage(_ source: Source, _ connection: Connection) throws -> Coverage? {
        let kept = try AccessFactRecords.record(
            AccessFactRecords.Kind(rawValue: "audit"), source: source.id, in: connection)
        guard let data = kept?.data, let json = try? JSONValue(parsing: data), let pairs = json["pairs"]?.integer,
            let since = json["since"]?.integer
        else { return nil }
        let all = try connection.first(
            """
            SELECT (SELECT count(*) FROM issue WHERE source_id = ?1 AND state <> 'unseen') *
                (SELECT count(*) FROM account WHERE source_id = ?1 AND active = 1 AND kind = ?2)
            """, source.id, Account.Kind.person.rawValue
        ) { $0.int(0) }
        return Coverage(pairs: pairs, of: max(all ?? 0, pairs), since: Timestamp(milliseconds: Int64(since)))
    }

    /// Hidden projects that Jira would show to somebody.
    public var missingProjects: [HiddenProject] { hiddenProjects.filter { !$0.isArchived } }

    /// What was shown to somebody to whom Jira does not show it, and is withheld now.
    public var tooMuch: [Finding] { findings.filter { $0.finding.kind == .tooMuch } }
    /// What Jira shows to somebody and Drawbridge does not.
    public var tooLittle: [Finding] { findings.filter { $0.finding.kind == .tooLittle } }
}
