public struct Project: Hashable, Sendable {
    public var id: EntityID
    public var key: String
    public var name: String
    /// `software`, `service_desk`, `business`, `product_discovery`.
    public var type: String
    public var style: Style
    public var isPrivate: Bool
    public var isArchived: Bool
    public var lead: AccountID?
    public var category: String?

    /// Who administers the project's configuration: Jira's admins through shared schemes, or the team itself.
    public enum Style: String, Hashable, Sendable {
        case company = "classic"
        case team = "next-gen"
    }

    public init(
        id: EntityID, key: String, name: String, type: String = "software", style: Style = .company,
        isPrivate: Bool = false, isArchived: Bool = false, lead: AccountID? = nil, category: String? = nil
    ) {
        self.id = id
        self.key = key
        self.name = name
        self.type = type
        self.style = style
        self.isPrivate = isPrivate
        self.isArchived = isArchived
        self.lead = lead
        self.category = category
    }
}

/// A thing of Jira's configuration that issues refer to and people filter by.
public struct Entity: Hashable, Sendable {
    public var id: EntityID
    public var name: String

    public init(id: EntityID, name: String) {
        self.id = id
        self.name = name
    }
}

public struct Status: Hashable, Sendable {
    public var id: EntityID
    public var name: String
    public var category: Category

    /// The key of Jira's status category (`/statuscategory`): 1, 2, 4, 3 in this order.
    public enum Category: String, Hashable, Sendable { case undefined, new, indeterminate, done }

    public init(id: EntityID, name: String, category: Category) {
        self.id = id
        self.name = name
        self.category = category
    }
}

public struct IssueType: Hashable, Sendable {
    public var id: EntityID
    public var name: String
    public var isSubtask: Bool
    /// 1 epic, 0 standard, -1 sub-task; `nil` on sites that do not say.
    public var hierarchyLevel: Int?

    public init(id: EntityID, name: String, isSubtask: Bool = false, hierarchyLevel: Int? = nil) {
        self.id = id
        self.name = name
        self.isSubtask = isSubtask
        self.hierarchyLevel = hierarchyLevel
    }
}

public struct Version: Hashable, Sendable {
    public var id: EntityID
    public var name: String
    public var isReleased: Bool
    public var isArchived: Bool
    public var releaseDate: CalendarDate?

    public init(
        id: EntityID, name: String, isReleased: Bool = false, isArchived: Bool = false, releaseDate: CalendarDate? = nil
    ) {
        self.id = id
        self.name = name
        self.isReleased = isReleased
        self.isArchived = isArchived
        self.releaseDate = releaseDate
    }
}

public struct Board: Hashable, Sendable {
    public var id: EntityID
    public var name: String
    /// `scrum`, `kanban`, `simple`.
    public var type: String
    public var projectKey: String?

    public init(id: EntityID, name: String, type: String, projectKey: String? = nil) {
        self.id = id
        self.name = name
        self.type = type
        self.projectKey = projectKey
    }
}

public struct Sprint: Hashable, Sendable {
    public var id: EntityID
    public var name: String
    /// `future`, `active`, `closed`.
    public var state: String
    public var boardID: EntityID?
    public var goal: String?
    public var start: Timestamp?
    public var end: Timestamp?
    public var completed: Timestamp?

    public init(
        id: EntityID, name: String, state: String, boardID: EntityID? = nil, goal: String? = nil,
        start: Timestamp? = nil, end: Timestamp? = nil, completed: Timestamp? = nil
    ) {
        self.id = id
        self.name = name
        self.state = state
        self.boardID = boardID
        self.goal = goal
        self.start = start
        self.end = end
        self.completed = completed
    }
}
