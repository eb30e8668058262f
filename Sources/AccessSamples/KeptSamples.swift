public import AccessControl
public import Database
public import IssueDecoding
public import IssueModel
public import JiraClient
public import Store

/// Stored issues to be read again by way of example, to find out what Jira changed on them without updating them.
///
/// Two changes do that. A project's security scheme gives all issues of a level another level, or none; a scheme that is
/// exchanged twice between two looks is the one it was, and only the issues tell. And restrictions that Jira gives by a
/// role's name show its new name once the role is renamed. Both befall all issues of a kind alike, so that a few of each
/// kind tell of all.
public struct KeptSamples: Sendable {
    /// Issues of a project that such a change befalls alike.
    enum Kind: Hashable, Sendable {
        case level(EntityID, of: EntityID?)
        case roles(EntityID, Set<Restriction>)

        var project: EntityID {
            switch self {
            case .level(let project, _), .roles(let project, _): project
            }
        }
    }

    struct Sample: Hashable, Sendable {
        var issue: IssueID
        var updated: Timestamp
        var fetched: Timestamp
        /// The comment or worklog that is restricted, where that is what is looked at.
        var part: String?
    }

    private var samples: [Kind: [Sample]] = [:]
    /// What the issues are to be decoded with.
    public let decoder: IssueDecoder

    /// The issues to read again.
    public var issues: [IssueID] { Set(samples.values.joined().map(\.issue)).sorted() }

    /// How much is looked at in one turn, whatever the size of the site.
    public struct Limits: Hashable, Sendable {
        /// Samples of a kind: the ones read longest ago, as what was read since the change is as Jira has it.
        public var perKind = 3
        /// The most issues to read again, so that Cloud is asked once.
        public var issues = 100
        /// Rows of issues among which samples are chosen.
        public var rows = 20_000

        public init() {}
    }

    private let limits: Limits

    /// Chooses among what is stored.
    ///
    /// - Parameters:
    ///   - facts: What is known of who may see what.
    ///   - turn: Counts up from one time to the next, so that all kinds come round where there are many.
    public init(
        of source: Source, _ facts: AccessFacts, turn: Int, limits: Limits = Limits(), in connection: Connection
    ) throws {
        self.limits = limits
        let fields = FieldCatalogue(try CatalogueRecords.fields(source: source.id, in: connection))
        decoder = IssueDecoder(fields: fields, flavour: source.product == .cloud ? .cloud : .dataCenter)
        let last = try connection.first("SELECT max(id) FROM issue") { $0.optionalInt64(0) ?? 0 } ?? 0
        let windows = max(1, (Int(last) + limits.rows - 1) / limits.rows)
        let start = Int64(turn % windows) * Int64(limits.rows)
        let rows = (start, start + Int64(limits.rows))
        switch source.accessMode {
        case .mirror: try takeLevels(source.id, facts, rows, connection)
        case .linked: try takeRoles(source.id, rows, connection)
        case .public, .shared: return
        }
        keepSome(turn / windows)
    }

    private mutating func takeLevels(
        _ source: Int64, _ facts: AccessFacts, _ rows: (after: Int64, through: Int64), _ connection: Connection
    ) throws {
        if facts.securityLevels.isEmpty { return }
        var kinds: [Int64: Kind?] = [:]
        try connection.forEach(
            """
            SELECT i.acl_id, a.key, i.jira_id, i.updated, i.fetched FROM issue i JOIN acl a ON a.id = i.acl_id
            WHERE i.id > ? AND i.id <= ? AND i.source_id = ? AND i.state = 'live'
            """, rows.after, rows.through, source
        ) { row in
            let acl = row.int64(0)
            if kinds[acl] == nil {
                kinds[acl] = .some(
                    AclInputs(AclKey(bytes: row.blob(1))).flatMap { inputs in
                        let hasScheme = facts.projects[inputs.project]?.securityScheme != nil
                        return hasScheme || inputs.level != nil ? .level(inputs.project, of: inputs.level) : nil
                    })
            }
            guard let kind = kinds[acl] ?? nil else { return }
            take(Sample(row), of: kind)
        }
    }

    private mutating func takeRoles(
        _ source: Int64, _ rows: (after: Int64, through: Int64), _ connection: Connection
    ) throws {
        for table in ["comment", "worklog"] {
            try connection.forEach(
                """
                SELECT t.jira_id, a.key, i.jira_id, i.updated, i.fetched FROM issue i
                JOIN \(table) t ON t.issue_id = i.id JOIN acl a ON a.id = t.acl_id
                WHERE i.id > ? AND i.id <= ? AND i.source_id = ? AND i.state = 'live' AND a.visibility IS NOT NULL
                """, rows.after, rows.through, source
            ) { row in
                guard let inputs = AclInputs(AclKey(bytes: row.blob(1))),
                    inputs.restrictions.contains(where: { $0.roleName != nil })
                else { return }
                var sample = Sample(row)
                sample.part = row.text(0)
                take(sample, of: .roles(inputs.project, Set(inputs.restrictions.map(\.canonical))))
            }
        }
    }

    private mutating func take(_ sample: Sample, of kind: Kind) {
        var some = samples[kind] ?? []
        if some.count == limits.perKind {
            guard let newest = some.indices.max(by: { some[$0].isBefore(some[$1]) }), sample.isBefore(some[newest])
            else { return }
            some.remove(at: newest)
        }
        some.append(sample)
        samples[kind] = some
    }

    private mutating func keepSome(_ turn: Int) {
        let ordered = samples.keys.sorted { $0.sortKey < $1.sortKey }
        let most = max(1, limits.issues / limits.perKind)
        guard ordered.count > most else { return }
        let start = turn * most % ordered.count
        let kept = Set((0..<most).map { ordered[(start + $0) % ordered.count] })
        samples = samples.filter { kept.contains($0.key) }
    }

    /// The projects whose issues are to be read again, as Jira shows some of them otherwise than they are stored although
    /// they were not updated.
    public func projects(changedIn batch: IssueBatch) -> Set<EntityID> {
        let issues = Dictionary(batch.issues.map { ($0.issue.id, $0.issue) }) { first, _ in first }
        let changed = samples.filter { kind, samples in
            samples.contains { sample in
                guard let issue = issues[sample.issue], issue.updated == sample.updated else { return false }
                return sample.differs(from: issue, kind)
            }
        }
        return Set(changed.keys.map(\.project))
    }
}

extension KeptSamples.Sample {
    /// From the columns 2 to 4.
    fileprivate init(_ row: Row) {
        self.init(
            issue: IssueID(row.int64(2)), updated: Timestamp(milliseconds: row.int64(3)),
            fetched: Timestamp(milliseconds: row.int64(4)))
    }

    fileprivate func isBefore(_ other: Self) -> Bool { (fetched, issue) < (other.fetched, other.issue) }

    fileprivate func differs(from issue: Issue, _ kind: KeptSamples.Kind) -> Bool {
        switch kind {
        case .level(let project, let level): return issue.project.id == project && issue.securityLevel?.id != level
        case .roles(let project, let restrictions):
            guard issue.project.id == project else { return false }
            let comment = issue.comments.first { $0.id.rawValue == part }.map { Restriction.of($0) }
            let worklog = issue.worklogs.first { $0.id.rawValue == part }.map { Restriction.of($0) }
            // A comment and a worklog may have the same number.
            let now = [comment, worklog].compactMap { $0.map { Set($0.map(\.canonical)) } }
            return !now.isEmpty && !now.contains(restrictions)
        }
    }
}

extension KeptSamples.Kind {
    /// An order without meaning.
    fileprivate var sortKey: (String, String) {
        switch self {
        case .level(let project, let level): (project.rawValue, level?.rawValue ?? "")
        case .roles(let project, let restrictions):
            (project.rawValue, restrictions.compactMap(\.roleName).sorted().joined(separator: "/"))
        }
    }
}
