/// Where the answer to "who may see this?" comes from in one source.
public enum AccessMode: String, Hashable, Sendable, CaseIterable {
    /// The site's own schemes, levels, roles and groups, judged as Jira judges them.
    case mirror
    /// What each member's own Jira account lists, where the source's credential may not read the schemes.
    case linked
    /// An anonymous site: everybody sees what somebody sees who is not signed in there.
    case `public`
    /// Every member sees what the source's credential sees, because an admin said so in so many words.
    case shared
}
