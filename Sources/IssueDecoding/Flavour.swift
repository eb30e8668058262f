/// Which of Jira's two interfaces a site speaks. What differs between them is asked of this type, in one place each.
public enum Flavour: String, Hashable, Sendable, CaseIterable {
    /// Jira Cloud, REST v3: rich text as Atlassian documents, accounts by `accountId`, token paging.
    case cloud
    /// Jira Data Center and Server, REST v2: rich text as wiki markup, users by key, `startAt` paging.
    case dataCenter
}
