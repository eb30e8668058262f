public import IssueModel

/// Somebody, or a set of people, that a rule of Jira can name once everything particular to one issue is resolved.
///
/// Reporter, assignee, project lead and the holders "account (or group) in this field" become ``account(_:)`` and
/// ``group(_:)`` when an issue's audience is computed, so a principal means the same on every issue.
public enum Principal: Hashable, Sendable {
    /// Everybody, signed in or not.
    case anyone
    /// Everybody who reads as a person, with or without an account in the source; a rule of ``AccessMode/shared`` alone.
    case member
    /// Everybody with a licence for some application of the site.
    case licensed
    /// Everybody with a licence for this application (`jira-software`).
    case applicationRole(String)
    case account(AccountID)
    case group(GroupID)
    /// The members of whatever group has this name when clauses are derived: what an issue says whose select list names
    /// groups. Stands in keys only, never in a clause.
    case groupNamed(String)
    /// Everybody who plays the role in this one project.
    case role(project: EntityID, role: EntityID)
    /// Everybody to whom Jira itself lists this issue.
    case listed(IssueID)
    /// Everybody to whom Jira itself shows parts of this project's issues that are restricted so. Take it from
    /// ``shown(_:of:)``, as two restrictions may read differently and be the same.
    case restricted(project: EntityID, Restriction)

    /// Everybody to whom Jira itself shows parts of this project's issues that are restricted so.
    public static func shown(_ restriction: Restriction, of project: EntityID) -> Principal {
        .restricted(project: project, restriction.canonical)
    }

    /// The word this principal's kind is stored under.
    public var kind: String {
        switch self {
        case .anyone: "anyone"
        case .member: "member"
        case .licensed: "licensed"
        case .applicationRole: "applicationRole"
        case .account: "account"
        case .group: "group"
        case .groupNamed: "groupNamed"
        case .role: "role"
        case .listed: "listed"
        case .restricted: "restricted"
        }
    }

    /// What tells this principal from others of its kind; empty where there is only one.
    public var value: String {
        switch self {
        case .anyone, .member, .licensed: ""
        case .applicationRole(let key): key
        case .account(let id): id.rawValue
        case .group(let id): id.rawValue
        case .groupNamed(let name): name
        case .role(let project, let role): "\(project.rawValue)/\(role.rawValue)"
        case .listed(let issue): String(issue.rawValue)
        case .restricted(let project, let restriction): "\(project.rawValue)/\(restriction.text)"
        }
    }

    /// Reads what ``kind`` and ``value`` wrote.
    ///
    /// - Returns: `nil` for a kind this version does not know; a reader of stored principals must treat that as nobody.
    public init?(kind: String, value: String) {
        switch kind {
        case "anyone": self = .anyone
        case "member": self = .member
        case "licensed": self = .licensed
        case "applicationRole": self = .applicationRole(value)
        case "account": self = .account(AccountID(value))
        case "group": self = .group(GroupID(value))
        case "groupNamed": self = .groupNamed(value)
        case "role":
            guard let (project, role) = Self.parted(value) else { return nil }
            self = .role(project: project, role: EntityID(role))
        case "listed":
            guard let id = Int64(value) else { return nil }
            self = .listed(IssueID(id))
        case "restricted":
            guard let (project, text) = Self.parted(value), let restriction = Restriction(text: text) else {
                return nil
            }
            self = .shown(restriction, of: project)
        default: return nil
        }
    }

    /// A project and what stands behind the first slash.
    private static func parted(_ value: String) -> (EntityID, String)? {
        guard let slash = value.utf8.firstIndex(of: UInt8(ascii: "/")) else { return nil }
        return (EntityID(String(value[..<slash])), String(value[value.index(after: slash)...]))
    }
}

extension Principal: Comparable {
    /// An order without meaning, for output that must not depend on hashing.
    public static func < (left: Self, right: Self) -> Bool {
        (left.kind, left.value) < (right.kind, right.value)
    }
}
