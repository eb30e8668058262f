public import IssueModel

/// Something that decides access and is read from Jira as a whole, so that it is either wholly fresh or wholly as it was.
public enum AccessFact: Hashable, Sendable {
    /// Every permission scheme with its grants.
    case schemes
    /// Every security level with its members, and which project uses which security scheme.
    case levels
    /// Application roles with the groups behind them.
    case licences
    case accounts
    /// Names and identities of groups, without members.
    case groups
    /// The list of projects with their leads.
    case projects
    /// Jira's audit log up to a moment.
    case auditLog
    /// A project's permission scheme and those of its roles that some rule names.
    case project(EntityID)
    /// Every role of a project, for restrictions that name a role by its name only.
    case roleNames(EntityID)
    /// A group's members.
    case group(GroupID)
    /// Noted while the issues of a project are to be read again: another security scheme gives them other levels, a renamed
    /// role other restrictions, without changing when they were updated.
    case issueLevels(EntityID)

    /// The word this kind of fact is stored under.
    public var kind: String {
        switch self {
        case .schemes: "schemes"
        case .levels: "levels"
        case .licences: "licences"
        case .accounts: "accounts"
        case .groups: "groups"
        case .projects: "projects"
        case .auditLog: "audit_log"
        case .project: "project"
        case .roleNames: "role_names"
        case .group: "group"
        case .issueLevels: "issue_levels"
        }
    }

    /// Which one of its kind it is; empty where there is only one.
    public var ref: String {
        switch self {
        case .project(let id), .roleNames(let id), .issueLevels(let id): id.rawValue
        case .group(let id): id.rawValue
        default: ""
        }
    }

    /// Reads what ``kind`` and ``ref`` wrote; `nil` for a kind of another version.
    public init?(kind: String, ref: String) {
        switch kind {
        case "schemes": self = .schemes
        case "levels": self = .levels
        case "licences": self = .licences
        case "accounts": self = .accounts
        case "groups": self = .groups
        case "projects": self = .projects
        case "audit_log": self = .auditLog
        case "project": self = .project(EntityID(ref))
        case "role_names": self = .roleNames(EntityID(ref))
        case "group": self = .group(GroupID(ref))
        case "issue_levels": self = .issueLevels(EntityID(ref))
        default: return nil
        }
    }
}

extension AccessFact: Comparable {
    /// An order without meaning, so that equal plans read in the same order.
    public static func < (left: Self, right: Self) -> Bool {
        (left.kind, left.ref) < (right.kind, right.ref)
    }
}

extension AccessFact: CustomStringConvertible {
    public var description: String { ref.isEmpty ? kind : "\(kind) \(ref)" }
}
