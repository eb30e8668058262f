public import AtlassianDocument

/// An issue with everything Jira says of it.
public struct Issue: Hashable, Sendable {
    public var id: IssueID
    public var key: IssueKey
    public var project: Entity
    public var projectKey: String
    public var summary: String
    public var description: Document?
    public var environment: Document?
    public var type: IssueType
    public var status: Status
    public var priority: Entity?
    public var resolution: Entity?
    public var resolved: Timestamp?
    public var assignee: Account?
    public var reporter: Account?
    public var creator: Account?
    public var created: Timestamp
    public var updated: Timestamp
    public var due: CalendarDate?
    public var labels: [String] = []
    public var components: [Entity] = []
    public var fixVersions: [Version] = []
    public var affectedVersions: [Version] = []
    public var sprints: [Sprint] = []
    public var parent: Relative?
    /// The epic named by the "Epic Link" field of Data Center and Server, which give it as a key and not as a parent.
    public var epicKey: IssueKey?
    public var subtasks: [Relative] = []
    public var links: [IssueLink] = []
    public var securityLevel: Entity?
    /// LexoRank, the order of boards and backlogs.
    public var rank: String?
    public var timeTracking: TimeTracking?
    public var progress: Progress?
    /// Progress of the issue and its sub-tasks, Jira's Σ progress.
    public var aggregateProgress: Progress?
    public var watches: Int?
    public var votes: Int?
    /// Roles that a team-managed project restricts this issue to (`issuerestriction`); empty is unrestricted.
    public var restrictedToRoles: [Entity] = []
    public var comments: [Comment] = []
    public var worklogs: [Worklog] = []
    public var attachments: [Attachment] = []
    public var changes: [Change] = []
    /// Custom fields and the system fields that have no property above, empty ones left out, in Jira's order.
    public var otherFields: [OtherField] = []

    public struct OtherField: Hashable, Sendable {
        public var id: EntityID
        public var name: String
        public var value: FieldValue

        public init(id: EntityID, name: String, value: FieldValue) {
            self.id = id
            self.name = name
            self.value = value
        }
    }

    public init(
        id: IssueID, key: IssueKey, project: Entity, projectKey: String, summary: String, type: IssueType,
        status: Status,
        created: Timestamp, updated: Timestamp
    ) {
        self.id = id
        self.key = key
        self.project = project
        self.projectKey = projectKey
        self.summary = summary
        self.type = type
        self.status = status
        self.created = created
        self.updated = updated
    }
}

/// Another issue as an issue names it.
public struct Relative: Hashable, Sendable {
    public var id: IssueID
    public var key: IssueKey

    public init(id: IssueID, key: IssueKey) {
        self.id = id
        self.key = key
    }
}

public struct IssueLink: Hashable, Sendable {
    public var id: EntityID
    public var typeName: String
    public var direction: Direction
    /// The link in words, read from this issue: "blocks", "is blocked by".
    public var phrase: String
    public var other: Relative

    public enum Direction: String, Hashable, Sendable { case inward, outward }

    public init(id: EntityID, typeName: String, direction: Direction, phrase: String, other: Relative) {
        self.id = id
        self.typeName = typeName
        self.direction = direction
        self.phrase = phrase
        self.other = other
    }
}

/// Estimates and spent time, in seconds.
public struct TimeTracking: Hashable, Sendable {
    public var originalEstimate: Int64?
    public var remainingEstimate: Int64?
    public var spent: Int64?

    public init(originalEstimate: Int64? = nil, remainingEstimate: Int64? = nil, spent: Int64? = nil) {
        self.originalEstimate = originalEstimate
        self.remainingEstimate = remainingEstimate
        self.spent = spent
    }
}

/// Seconds done of seconds in all.
public struct Progress: Hashable, Sendable {
    public var done: Int64
    public var total: Int64
    public var percent: Int?

    public init(done: Int64, total: Int64, percent: Int? = nil) {
        self.done = done
        self.total = total
        self.percent = percent
    }
}
