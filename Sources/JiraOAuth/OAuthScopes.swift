/// What an app asks people to allow, and for what: the least for each purpose, the purposes in the order of need.
///
/// After `x-atlassian-oauth2-scopes` of Atlassian's OpenAPI document, operation by operation.
public enum OAuthPurpose: String, CaseIterable, Hashable, Sendable {
    /// Issues as the person sees them, and who the person is.
    case reading
    /// Who may see what: groups, permission and security schemes, the audit log.
    case mirroring
    /// Being told of changes.
    case webhooks
    /// Boards and sprints.
    case boards

    /// The classic scopes that the purpose needs beyond those of `reading`.
    public var classicScopes: [String] {
        switch self {
        case .reading: ["read:jira-work", "read:jira-user"]
        case .mirroring: ["manage:jira-configuration"]
        case .webhooks: ["manage:jira-webhook"]
        case .boards: ["read:board-scope:jira-software", "read:sprint:jira-software", "read:project:jira"]
        }
    }

    /// The granular scopes that an app may have in their place. No granular scope lists the security schemes of all projects at
    /// once, so that they are asked for project by project.
    public var granularScopes: [String] {
        func jira(_ names: String) -> [String] { names.split(separator: " ").map { "read:\($0):jira" } }
        return switch self {
        case .reading:
            jira(
                "application-role attachment avatar comment comment.property field field-configuration field.default-value field.option group"
            )
                + jira("issue issue-details issue-link-type issue-meta issue-security-level issue-type issue-worklog")
                + jira("issue-worklog.property issue.changelog issue.vote permission project project-category")
                + jira("project-role project-version project.component project.property status user user.property")
                + jira("issue-type-hierarchy")
        case .mirroring: jira("audit-log issue-security-scheme permission-scheme")
        case .webhooks: ["read:webhook:jira", "write:webhook:jira", "delete:webhook:jira", "read:jql:jira"]
        case .boards: classicScopes
        }
    }

    /// What asks for it, in a person's words.
    public var explanation: String {
        switch self {
        case .reading: "Read issues, comments, worklogs, fields and projects as you see them, and your account."
        case .mirroring:
            "Read groups, permission and security schemes and the audit log, so that everybody sees here what Jira shows them."
        case .webhooks: "Register Drawbridge's own webhooks, to hear of changes within seconds."
        case .boards: "Read boards and sprints."
        }
    }

    /// Lets the app renew its access without the person (`offline_access`).
    public static let renewal = "offline_access"

    /// What to ask for, each scope once, with the one that lets a grant be renewed.
    public static func scopes(for purposes: Set<OAuthPurpose>) -> [String] {
        var scopes: [String] = []
        for purpose in allCases where purpose == .reading || purposes.contains(purpose) {
            scopes += purpose.classicScopes.filter { !scopes.contains($0) }
        }
        return scopes + [renewal]
    }

    /// Whether a grant with these scopes serves the purpose, in either kind of scope.
    public func isServed(by granted: Set<String>) -> Bool {
        granted.isSuperset(of: classicScopes) || granted.isSuperset(of: granularScopes)
    }
}
