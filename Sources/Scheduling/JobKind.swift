/// What is done for a source by itself. The order is that of importance: of several that are due, the first goes first.
public enum JobKind: String, Hashable, Sendable, CaseIterable {
    /// Who may see what. Before all else: what is not verified in time is hidden.
    case access
    /// Issues that wait to be read by id: what webhooks told of.
    case pending
    /// Every phase: until the source was read wholly once, and then as often as a census, to find what hints missed.
    case everything
    /// Issues and worklogs that changed.
    case changes
    /// What changes without an issue changing.
    case catalogue
    /// Webhooks at the site: registered, checked, renewed before they expire.
    case webhooks
    /// A part of a complete listing, which finds what was deleted.
    case census
    /// A comparison of what is shown with what Jira itself shows.
    case audit
    /// Destroying what was kept for a time only.
    case upkeep

    /// Whether it goes on in quiet hours.
    var isDoneInQuietHours: Bool { [.access, .pending, .webhooks].contains(self) }

    /// Whether it goes on for a source that is otherwise read only when somebody asks: without it, everything would be
    /// hidden once the lease of the rules ends.
    var isDoneUnasked: Bool { self == .access }
}
