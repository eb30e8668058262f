/// A project. Its position in ``SiteState/projects`` is stable.
public struct Project: Sendable, Hashable {
    public enum Kind: String, Sendable {
        case software
        case serviceDesk = "service_desk"
        case business
    }

    /// Who manages the project's settings; team-managed projects are Cloud only.
    public enum Style: String, Sendable {
        case companyManaged = "classic"
        case teamManaged = "next-gen"
    }

    /// The access level of a team-managed project.
    public enum Access: String, Sendable { case open, limited, `private` }

    public let index: Int
    public var id: Int
    public var key: String
    /// Keys this project had before; issues are still found by them.
    public var formerKeys: [String]
    public var name: String
    public var description: String
    public var kind: Kind
    public var style: Style
    public var access: Access?
    public var isArchived: Bool
    public var lead: Int
    /// Position in ``SiteState/permissionSchemes``.
    public var permissionScheme: Int
    /// Position in ``SiteState/securitySchemes``.
    public var securityScheme: Int?
    /// Who plays which role (keyed by the role's id).
    public var actors: [Int: [RoleActor]]
    /// Positions in ``SiteCatalogue/issueTypes``.
    public var issueTypes: [Int]
    public var components: [Component]
    public var versions: [Version]
    public var category: String?
    /// In the trash: nobody sees it or its issues, and it may come back.
    public var isTrashed = false
    /// Gone for good, and its issues with it. The position stays.
    public var isDeleted = false

    /// Whether nobody can open it any more.
    public var isGone: Bool { isTrashed || isDeleted }
    public var isPrivate: Bool { access == .private }
}

/// A part of a project that issues are filed under.
public struct Component: Sendable, Hashable {
    public var id: Int
    public var name: String
    public var description: String
    public var lead: Int?
}

/// A release of a project.
public struct Version: Sendable, Hashable {
    public var id: Int
    public var name: String
    public var description: String
    public var isReleased: Bool
    public var isArchived: Bool
    /// Days since 1970.
    public var startDay: Int?
    public var releaseDay: Int?
}

/// A project role. A scoped one belongs to one team-managed project.
public struct ProjectRole: Sendable, Hashable {
    public var id: Int
    public var name: String
    public var description: String
    /// Position of the only project that has this role.
    public var scope: Int?
}

/// Who plays a role: positions of a user or of a group.
public enum RoleActor: Sendable, Hashable {
    case user(Int)
    case group(Int)
}

/// A board and where its issues come from.
public struct Board: Sendable, Hashable {
    public var id: Int
    public var name: String
    /// `scrum`, `kanban` or `simple`.
    public var type: String
    public var project: Int
}

/// A sprint of one board.
public struct Sprint: Sendable, Hashable {
    public enum State: String, Sendable { case closed, active, future }

    public var id: Int
    public var name: String
    public var goal: String
    public var state: State
    public var board: Int
    public var start: Int64?
    public var end: Int64?
    public var completed: Int64?
}
