public import FastJSON
public import IssueModel
public import Workspace

/// One act that changed something, as it is told to ``AuditTrail``.
public struct AuditEvent: Hashable, Sendable {
    /// Who did it.
    public var actor: Actor
    /// By what means: `session 12`, `token 3`, `command line`, `single sign-on`, `schedule`.
    public var via: String
    /// The peer's numeric address; empty where there is none.
    public var remote: String
    /// What was done, as a stable word with dots: `member.invited`.
    public var action: String
    /// To what, in words that stay understandable when it is gone: an address, a source's name.
    public var subject: String
    /// What else belongs to it, as a JSON object. Never a secret, never anything that Jira keeps.
    public var details: JSONValue

    /// Who acts.
    public enum Actor: Hashable, Sendable {
        /// - Parameter name: The member's address at that time, so that the row tells who it was when the member is gone.
        case member(MemberID, name: String)
        /// Whoever runs the program on the machine and so holds the data folder.
        case `operator`
        /// The server of its own accord.
        case system
        /// Somebody who is not signed in, as at a failed sign-in.
        case anonymous

        /// The stored word: `member:12`, `operator`, `system` or `anonymous`.
        public var word: String {
            switch self {
            case .member(let id, _): "member:\(id)"
            case .operator: "operator"
            case .system: "system"
            case .anonymous: "anonymous"
            }
        }

        /// The member's address at that time; empty for others.
        public var name: String {
            if case .member(_, let name) = self { name } else { "" }
        }
    }

    public init(
        _ action: String, subject: String = "", details: JSONValue = .object([]), by actor: Actor, via: String,
        remote: String = ""
    ) {
        self.actor = actor
        self.via = via
        self.remote = remote
        self.action = action
        self.subject = subject
        self.details = details
    }
}

/// One row of the trail as it is stored.
public struct AuditRecord: Hashable, Sendable {
    /// Counted from 1 without a gap.
    public var number: Int64
    public var at: Timestamp
    /// `member:12`, `operator`, `system` or `anonymous`.
    public var actor: String
    /// The member's address at that time; empty for others.
    public var actorName: String
    public var via: String
    public var remote: String
    public var action: String
    public var subject: String
    /// A JSON object.
    public var details: String
    /// SHA-256 over the row before's hash and this row; see ``AuditTrail``.
    public var hash: [UInt8]
}
