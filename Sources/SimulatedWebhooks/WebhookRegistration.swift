public import SimulatedData
import SimulatedSite

/// A webhook somebody registered.
public struct WebhookRegistration: Sendable, Hashable {
    public enum Owner: Sendable, Hashable {
        /// An administrator, on the page or by REST.
        case administrator
        /// An app on behalf of a person, given by position.
        case app(user: Int)
    }

    public var id: Int
    public var owner: Owner
    public var name: String
    public var url: String
    public var events: [String]
    /// JQL that an event's issue must match; empty for every issue.
    public var filter = ""
    /// Field ids one of which an update must touch; empty for every update.
    public var fields: [String] = []
    public var isEnabled = true
    public var excludesBody = false
    /// Signs deliveries; Jira never tells it.
    public var secret: String?
    /// When an app's webhook ends; nil for never.
    public var expires: Milliseconds?
    public var lastUpdated: Milliseconds
    /// A position of a user.
    public var lastUpdatedBy: Int

    /// Thirty days.
    static let life: Milliseconds = 30 * 86_400_000

    /// Everything administrators may ask for.
    public static let allEvents: [String] =
        ["jira:issue_created", "jira:issue_updated", "jira:issue_deleted"]
        + parts(["comment", "worklog"], ["created", "updated", "deleted"])
        + parts(["attachment", "issuelink"], ["created", "deleted"])
        + parts(["issuetype"], ["created", "updated", "deleted"]) + parts(["issue_property"], ["set", "deleted"])
        + parts(
            ["project"],
            [
                "created", "updated", "deleted", "soft_deleted", "restored_deleted", "archived", "restored_archived",
            ])
        + parts(["jira:version"], ["released", "unreleased", "created", "moved", "updated", "deleted", "merged"])
        + parts(["filter", "user"], ["created", "updated", "deleted"])
        + parts(["sprint"], ["created", "deleted", "updated", "started", "closed"])
        + parts(["board"], ["created", "updated", "deleted", "configuration_changed"])
        + ["voting", "watching", "unassigned_issues", "subtasks", "attachments", "issuelinks", "timetracking"].map {
            "option_\($0)_changed"
        }

    /// What apps may ask for.
    public static let appEvents: Set<String> = Set(
        allEvents.filter { event in
            ["jira:", "comment_", "issue_property_", "sprint_"].contains { event.hasPrefix($0) }
        })

    private static func parts(_ things: [String], _ deeds: [String]) -> [String] {
        things.flatMap { thing in deeds.map { "\(thing)_\($0)" } }
    }
}

/// One delivery on its way.
public struct WebhookDelivery: Sendable {
    public var number: Int
    /// The id of the registration.
    public var webhook: Int
    /// Jira's name of the event.
    public var event: String
    public var url: String
    public var body: [UInt8]
    public var isSecondary: Bool
    /// When it arrives.
    public var due: Milliseconds
    /// 0 for the first attempt.
    public var attempt = 0
}

/// How deliveries went.
public struct DeliveryCount: Sendable, Hashable {
    /// Answered with 2xx.
    public var delivered = 0
    /// Failed and to be sent again.
    public var postponed = 0
    /// Failed for good.
    public var abandoned = 0
    /// Lost on the way or dropped from a full queue.
    public var lost = 0

    public init(delivered: Int = 0, postponed: Int = 0, abandoned: Int = 0, lost: Int = 0) {
        (self.delivered, self.postponed, self.abandoned, self.lost) = (delivered, postponed, abandoned, lost)
    }

    public static func + (first: DeliveryCount, second: DeliveryCount) -> DeliveryCount {
        DeliveryCount(
            delivered: first.delivered + second.delivered, postponed: first.postponed + second.postponed,
            abandoned: first.abandoned + second.abandoned, lost: first.lost + second.lost)
    }
}
