public import IssueModel

/// What a delivery says: that something may have changed, and where to look. Never what it is now.
///
/// Deliveries come late, twice, out of order or not at all, so nothing of their content is kept: Jira is asked.
public struct WebhookHint: Hashable, Sendable {
    public var event: WebhookEvent
    /// When it happened, by the site's clock.
    public var at: Timestamp?
    public var subject: Subject
    /// The project's key in an issue's key, to tell what lies outside a source's scope.
    public var project: String?
    /// A digest of what tells this delivery from others; the same when it is sent again.
    public var fingerprint: [UInt8]

    public enum Subject: Hashable, Sendable {
        case issue(IssueID)
        /// The issue is gone, as far as one can believe that without asking.
        case deletedIssue(IssueID)
        /// A link between two issues came or went.
        case link(IssueID, IssueID)
        /// Something on an issue that the delivery does not name.
        case unlocated
        case catalogue(Catalogue)
        /// Nothing that is copied.
        case irrelevant
        /// An event that this version does not know, about no issue.
        case unknown
    }

    /// Things that issues refer to.
    public enum Catalogue: String, Hashable, Sendable, CaseIterable {
        case project, version, sprint, board, user, issueType
    }

    public init(
        event: WebhookEvent, at: Timestamp?, subject: Subject, project: String? = nil, fingerprint: [UInt8]
    ) {
        self.event = event
        self.at = at
        self.subject = subject
        self.project = project
        self.fingerprint = fingerprint
    }

    /// Whether this version knows the event.
    public var isKnown: Bool { event.family != .unknown }
}
