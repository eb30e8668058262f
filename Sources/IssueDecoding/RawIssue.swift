public import IssueModel

/// An issue as Jira wrote it, the record from which everything else can be derived again.
public struct RawIssue: Hashable, Sendable {
    /// JSON of the issue object.
    public var issue: [UInt8]
    /// JSON array of all comments, where the page inside the issue was not all of them.
    public var comments: [UInt8]?
    /// JSON array of all worklogs, likewise.
    public var worklogs: [UInt8]?
    /// JSON array of all history entries, oldest first, likewise.
    public var changelog: [UInt8]?

    public init(
        issue: [UInt8], comments: [UInt8]? = nil, worklogs: [UInt8]? = nil, changelog: [UInt8]? = nil
    ) {
        self.issue = issue
        self.comments = comments
        self.worklogs = worklogs
        self.changelog = changelog
    }
}

/// An issue and the JSON it was decoded from.
public struct FetchedIssue: Hashable, Sendable {
    public var issue: Issue
    public var raw: RawIssue
    /// Parts that the issue was decoded without.
    public var damaged: [DamagedPart] = []

    public init(issue: Issue, raw: RawIssue) {
        self.issue = issue
        self.raw = raw
    }

    /// Takes over a history that was fetched apart.
    public mutating func adopt(_ changelog: Changelog) {
        issue.changes = changelog.changes
        raw.changelog = changelog.raw
    }
}

/// A comment, worklog or attachment that could not be decoded. Its issue is shown without it.
public struct DamagedPart: Hashable, Sendable {
    public enum Kind: String, Hashable, Sendable { case comment, worklog, attachment }

    public var kind: Kind
    /// Jira's identity of it; where not even that could be read, its place in the list.
    public var id: String
    /// Why, by field; no content.
    public var reason: IssueDecodingError

    package init(_ kind: Kind, id: String, _ reason: IssueDecodingError) {
        self.kind = kind
        self.id = id
        self.reason = reason
    }
}

/// An issue that could not be decoded. The rest of its page is not affected.
public struct QuarantinedIssue: Hashable, Sendable, CustomStringConvertible {
    public var id: IssueID?
    public var key: IssueKey?
    /// A stable code, `missing_field`, `bad_document`, `too_large`, ….
    public var reason: String
    /// Which part failed, by field name; no content.
    public var detail: String
    /// JSON of the issue object; empty when not even that could be read.
    public var raw: [UInt8]

    public init(id: IssueID?, key: IssueKey? = nil, reason: String, detail: String, raw: [UInt8]) {
        self.id = id
        self.key = key
        self.reason = reason
        self.detail = detail
        self.raw = raw
    }

    /// Safe to log: no content.
    public var description: String { "issue \(id.map(\.description) ?? "without id"): \(reason) at \(detail)" }
}

/// The complete history of one issue, oldest entry first.
public struct Changelog: Hashable, Sendable {
    public var changes: [Change]
    /// JSON array of the entries.
    public var raw: [UInt8]

    public init(changes: [Change], raw: [UInt8]) {
        self.changes = changes
        self.raw = raw
    }
}
