/// Whom a permission grant or a security level names.
public enum Holder: Sendable, Hashable {
    case anyone
    /// Everybody with that product; without a key, anybody with any product.
    case applicationRole(String?)
    case group(Int)
    case user(Int)
    case projectRole(Int)
    case projectLead
    case reporter
    case assignee
    case userCustomField(String)
    case groupCustomField(String)
    case portalOnly
    /// A kind of holder that an app brought along.
    case unknown(type: String, parameter: String?)

    /// Jira's name for the kind of holder.
    public var type: String {
        switch self {
        case .anyone: "anyone"
        case .applicationRole: "applicationRole"
        case .group: "group"
        case .user: "user"
        case .projectRole: "projectRole"
        case .projectLead: "projectLead"
        case .reporter: "reporter"
        case .assignee: "assignee"
        case .userCustomField: "userCustomField"
        case .groupCustomField: "groupCustomField"
        case .portalOnly: "sd.customer.portal.only"
        case .unknown(let type, _): type
        }
    }
}

/// One line of a permission scheme.
public struct PermissionGrant: Sendable, Hashable {
    public var id: Int
    /// For example `BROWSE_PROJECTS`.
    public var permission: String
    public var holder: Holder
}

/// A named set of grants that projects share.
public struct PermissionScheme: Sendable, Hashable {
    public let index: Int
    public var id: Int
    public var name: String
    public var description: String
    public var grants: [PermissionGrant]
    /// Position of the team-managed project this scheme belongs to.
    public var scope: Int?
}

/// A named set of security levels that projects share.
public struct SecurityScheme: Sendable, Hashable {
    public let index: Int
    public var id: Int
    public var name: String
    public var description: String
    public var defaultLevel: Int?
    public var levels: [SecurityLevel]
}

/// A security level and who belongs to it.
public struct SecurityLevel: Sendable, Hashable {
    public struct Member: Sendable, Hashable {
        public var id: Int
        public var holder: Holder
    }

    public var id: Int
    public var name: String
    public var description: String
    public var members: [Member]
}

/// To whom a comment or worklog is confined.
public enum Visibility: Sendable, Hashable {
    /// The id of a project role.
    case role(Int)
    /// The position of a group.
    case group(Int)
}
