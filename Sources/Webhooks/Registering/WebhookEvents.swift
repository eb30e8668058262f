/// The events that webhooks are registered for: all that change anything that is copied.
public enum WebhookEvents {
    /// What every Jira since Server 7 knows of issues; without these a webhook is of no use.
    public static let essential = ["jira:issue_created", "jira:issue_updated", "jira:issue_deleted"]

    /// What Servers and Data Center of the last years know.
    public static let established =
        essential + [
            "comment_created", "comment_updated", "comment_deleted", "worklog_created", "worklog_updated",
            "worklog_deleted", "issuelink_created", "issuelink_deleted", "project_created", "project_updated",
            "project_deleted", "jira:version_released", "jira:version_unreleased", "jira:version_created",
            "jira:version_moved", "jira:version_updated", "jira:version_deleted", "user_created", "user_updated",
            "user_deleted", "sprint_created", "sprint_deleted", "sprint_updated", "sprint_started", "sprint_closed",
            "board_created", "board_updated", "board_deleted", "board_configuration_changed",
        ]

    /// Everything of use that Jira Cloud tells administrators' webhooks.
    public static let all =
        established + [
            "attachment_created", "attachment_deleted", "issuetype_created", "issuetype_updated", "issuetype_deleted",
            "project_soft_deleted", "project_restored_deleted", "project_archived", "project_restored_archived",
        ]

    /// What Cloud tells apps: neither worklogs nor attachments, links or projects.
    public static let ofApps =
        essential + [
            "comment_created", "comment_updated", "comment_deleted", "sprint_created", "sprint_updated",
            "sprint_started", "sprint_closed", "sprint_deleted", "jira:version_released", "jira:version_unreleased",
            "jira:version_created", "jira:version_moved", "jira:version_updated", "jira:version_deleted",
        ]
}
