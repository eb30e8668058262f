/// What happened, in Jira's word for it: `jira:issue_updated`, `comment_created`.
public struct WebhookEvent: RawRepresentable, Hashable, Sendable, CustomStringConvertible {
    public let rawValue: String

    /// A name longer than any of Jira's is cut.
    public init(rawValue: String) { self.rawValue = String(rawValue.prefix(100)) }
    public var description: String { rawValue }

    /// The name without the `jira:` that some events bear.
    var name: Substring { rawValue.hasPrefix("jira:") ? rawValue.dropFirst(5) : rawValue[...] }

    /// What kind of thing an event is about.
    enum Family: Hashable {
        case issue, deletedIssue, link
        case catalogue(WebhookHint.Catalogue)
        /// Nothing that is copied.
        case irrelevant
        case unknown
    }

    /// By Jira's list of events. A new event of a known thing, such as `version_merged` once was, is of its family.
    var family: Family {
        if name == "issue_deleted" { return .deletedIssue }
        for (prefix, family) in Self.families where name.hasPrefix(prefix) { return family }
        return .unknown
    }

    /// Longer beginnings stand before the shorter ones that they begin with.
    private static let families: [(String, Family)] = [
        ("issue_property_", .irrelevant), ("issuelink_", .link), ("issuetype_", .catalogue(.issueType)),
        ("issue_", .issue), ("comment_", .issue), ("worklog_", .issue), ("attachment_", .issue),
        ("project_", .catalogue(.project)), ("version_", .catalogue(.version)), ("sprint_", .catalogue(.sprint)),
        ("board_", .catalogue(.board)), ("user_", .catalogue(.user)), ("filter_", .irrelevant),
        ("option_", .irrelevant), ("jira_expression_evaluation_failed", .irrelevant),
        ("app_access_to_objects_", .irrelevant),
    ]
}
