public import FastJSON
public import SimulatedData

/// The cheap facts of an issue that lists and searches need; derived apart from its texts.
public struct IssueTraits: Sendable, Hashable {
    public var labels: [String]
    /// Positions in the project's components.
    public var components: [Int]
    /// Positions in the project's versions.
    public var fixVersions: [Int]
    public var affectedVersions: [Int]
    /// Positions in ``SiteState/sprints``, oldest first.
    public var sprints: [Int]
    /// Custom user pickers that permission schemes may name, by field id: positions of users.
    public var userFields: [String: [Int]]
    /// Custom group pickers that permission schemes may name, by field id: positions of groups.
    public var groupFields: [String: [Int]]
    /// Team-managed projects: ids of the roles an issue is restricted to; empty when unrestricted.
    public var restrictedToRoles: [Int]
}

/// Everything of one issue that is not in its ``IssueRow``.
public struct IssueContent: Sendable {
    public var traits: IssueTraits
    public var summary: String
    public var description: RichText?
    public var environment: RichText?
    /// Values of custom fields by field id, in the order of ``SiteCatalogue/fields``; empty fields are absent.
    public var customFields: [(id: String, value: FieldValue)]
    public var comments: [Comment]
    public var worklogs: [Worklog]
    public var attachments: [Attachment]
    /// Oldest first.
    public var changes: [ChangeGroup]
    public var links: [IssueLink]
    /// Ordinals of sub-tasks.
    public var subtasks: [Int]
    public var votes: Int
    /// Positions of users.
    public var watchers: [Int]
    public var rank: String
    /// Seconds; nil when not estimated.
    public var originalEstimate: Int?
    public var remainingEstimate: Int?
    public var timeSpent: Int?
    /// Seconds of this issue and its sub-tasks: Σ original estimate, Σ remaining, Σ time spent.
    public var aggregateOriginalEstimate: Int?
    public var aggregateRemainingEstimate: Int?
    public var aggregateTimeSpent: Int?

    static let empty = IssueContent(
        traits: IssueTraits(
            labels: [], components: [], fixVersions: [], affectedVersions: [], sprints: [], userFields: [:],
            groupFields: [:], restrictedToRoles: []), summary: "", description: nil, environment: nil,
        customFields: [], comments: [], worklogs: [], attachments: [], changes: [], links: [], subtasks: [], votes: 0,
        watchers: [], rank: "", originalEstimate: nil, remainingEstimate: nil, timeSpent: nil)
}

public struct Comment: Sendable, Hashable {
    public var id: Int
    public var author: Int
    public var updateAuthor: Int
    public var created: Milliseconds
    public var updated: Milliseconds
    public var body: RichText
    public var visibility: Visibility?
    /// An agents-only comment of a service project: `jsdPublic` is false.
    public var isInternal: Bool
}

public struct Worklog: Sendable, Hashable {
    public var id: Int
    public var author: Int
    public var started: Milliseconds
    public var created: Milliseconds
    public var updated: Milliseconds
    public var seconds: Int
    public var note: RichText?
    public var visibility: Visibility?
}

public struct Attachment: Sendable, Hashable {
    public var id: Int
    /// What a document's media node names.
    public var mediaID: String
    public var fileName: String
    public var mimeType: String
    public var size: Int
    public var author: Int
    public var created: Milliseconds
    /// The comment that shows it, if one does.
    public var comment: Int?
    /// Makes the bytes; see ``SiteState/bytes(of:)``.
    var file: SimulatedFile
}

/// One entry of the change history.
public struct ChangeGroup: Sendable, Hashable {
    public var id: Int
    public var author: Int
    public var created: Milliseconds
    public var items: [ChangeItem]

    package init(id: Int, author: Int, created: Milliseconds, items: [ChangeItem]) {
        (self.id, self.author, self.created, self.items) = (id, author, created, items)
    }
}

public struct ChangeItem: Sendable, Hashable {
    public var field: String
    /// The field's id; Cloud only.
    public var fieldID: String
    /// `jira` or `custom`.
    public var fieldType: String
    public var from: String?
    public var fromString: String?
    public var to: String?
    public var toString: String?
}

public struct IssueLink: Sendable, Hashable {
    public var id: Int
    /// Position in ``SiteCatalogue/linkTypes``.
    public var type: Int
    /// True when the other issue is the link's destination.
    public var isOutward: Bool
    /// Ordinal of the other issue.
    public var other: Int
}

/// A custom field's value.
public enum FieldValue: Sendable, Hashable {
    case text(String)
    case richText(RichText)
    case number(Double)
    /// Days since 1970.
    case date(Int)
    case dateTime(Milliseconds)
    case option(FieldOption)
    case options([FieldOption])
    case cascade(FieldOption, child: FieldOption?)
    case user(Int)
    case users([Int])
    case group(Int)
    case groups([Int])
    /// Position in the project's versions.
    case version(Int)
    case versions([Int])
    /// Position of a project.
    case project(Int)
    case labels([String])
    /// Positions in ``SiteState/sprints``.
    case sprints([Int])
    /// Ordinal of an issue: an epic link or a portfolio parent.
    case issue(Int)
    /// A value whose shape only its app knows.
    case json(JSONValue)
}
