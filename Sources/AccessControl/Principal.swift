public import IssueModel

/// Somebody, or a set of people, that a rule of Jira can name once everything particular to one issue is resolved.
///
/// Reporter, assignee, project lead and the holders "account (or group) in this field" become ``account(_:)`` and
/// ``group(_:)`` when an issue's audience is computed, so a principal means the same on every issue.
public enum Principal: Hashable, Sendable {
    /// Everybody, signed in or not.
    case anyone
    /// Everybody with a licence for some application of the site.
    case licensed
    /// Everybody with a licence for this application (`jira-software`).
    case applicationRole(String)
    case account(AccountID)
    case group(GroupID)
    /// Everybody who plays the role in this one project.
    case role(project: EntityID, role: EntityID)

    /// The word this principal's kind is stored under.
    public var kind: String {
        switch self {
        case .anyone: "anyone"
        case .licensed: "licensed"
        case .applicationRole: "applicationRole"
        case .account: "account"
        case .group: "group"
        case .role: "role"
        }
    }

    /// What tells this principal from others of its kind; empty where there is only one.
    public var value: String {
        switch self {
        case .anyone, .licensed: ""
        case .applicationRole(let key): key
        case .account(let id): id.rawValue
        case .group(let id): id.rawValue
        case .role(let project, let role): "\(project.rawValue)/\(role.rawValue)"
        }
    }

    /// Reads what ``kind`` and ``value`` wrote.
    ///
    /// - Returns: `nil` for a kind this version does not know; a reader of stored principals must treat that as nobody.
    public init?(kind: String, value: String) {
        switch kind {
        case "anyone": self = .anyone
        case "licensed": self = .licensed
        case "applicationRole": self = .applicationRole(value)
        case "account": self = .account(AccountID(value))
        case "group": self = .group(GroupID(value))
        case "role":
            guard let slash = value.utf8.firstIndex(of: UInt8(ascii: "/")) else { return nil }
            self = .role(
                project: EntityID(String(value[..<slash])),
                role: EntityID(String(value[value.index(after: slash)...])))
        default: return nil
        }
    }
}

extension Principal: Comparable {
    /// An order without meaning, for output that must not depend on hashing.
    public static func < (left: Self, right: Self) -> Bool {
        (left.kind, left.value) < (right.kind, right.value)
    }
}
