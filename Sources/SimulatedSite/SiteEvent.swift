public import SimulatedData

/// Something that happened on a site, as far as Jira tells webhooks about it.
///
/// Changes of permissions, schemes, roles, groups and most names are no events, as in Jira.
public struct SiteEvent: Sendable {
    /// What the event is about, as it was then: parts and names may be gone by now.
    public enum Subject: Sendable {
        /// An ordinal.
        case issue(Int)
        case comment(Comment, issue: Int)
        case worklog(Worklog, issue: Int)
        case attachment(Attachment, issue: Int)
        /// The link and the ordinals it leads from and to.
        case link(IssueLink, from: Int, to: Int)
        /// A position in ``SiteState/projects``.
        case project(Int)
        case version(Version, project: Int)
        case sprint(Sprint)
        case board(Board)
        /// A position in ``SiteState/users``.
        case user(Int)
        /// A position in ``SiteCatalogue/issueTypes``.
        case issueType(Int)
    }

    /// Jira's name: `jira:issue_updated`.
    public var name: String
    public var subject: Subject
    /// What changed an issue, for example `issue_moved`; nil for other events.
    public var kind: String?
    /// The line the change left in the issue's history.
    public var change: ChangeGroup?
    /// The comment an issue's update was about; Data Center and Server only.
    public var comment: Comment?
    /// Who did it; a position in ``SiteState/users``.
    public var user: Int
    public var time: Milliseconds
    /// Whether it is one of many that one action caused, which Jira may tell a quarter of an hour later.
    public var isSecondary: Bool
}

/// One change of a site with its before and after.
public struct SiteChange: Sendable {
    public let before: SiteState
    public let after: SiteState
    /// What Jira tells webhooks, in order; often nothing.
    public var events: [SiteEvent] { after.events }
}

extension SiteState {
    /// Notes an event for the webhooks.
    package mutating func happen(
        _ name: String, _ subject: SiteEvent.Subject, kind: String? = nil, change: ChangeGroup? = nil,
        comment: Comment? = nil, by hand: Hand?, isSecondary: Bool = false
    ) {
        guard notesEvents else { return }
        events.append(
            SiteEvent(
                name: name, subject: subject, kind: kind, change: change, comment: comment, user: hand?.user ?? 0,
                time: hand?.now ?? moment, isSecondary: isSecondary || hand?.isBulk ?? false))
    }

    /// A comment's own event and, where Jira is not Cloud, its issue's.
    mutating func happen(_ deed: String, to comment: Comment, of issue: Int, by hand: Hand) {
        happen("comment_\(deed)", .comment(comment, issue: issue), by: hand)
        guard !configuration.flavour.isCloud else { return }
        let kinds = ["created": "issue_commented", "updated": "issue_comment_edited"]
        happen(
            "jira:issue_updated", .issue(issue), kind: kinds[deed] ?? "issue_comment_deleted", comment: comment,
            by: hand)
    }
}
