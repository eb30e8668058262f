extension SiteBuilder {
    /// Types every company-managed project may use, by position.
    enum TypeIndex {
        static let epic = 0
        static let story = 1
        static let task = 2
        static let bug = 3
        static let subtask = 4
        static let incident = 5
        static let request = 6
        static let improvement = 7
    }

    enum StatusIndex {
        static let backlog = 0
        static let toDo = 1
        static let inProgress = 2
        static let inReview = 3
        static let blocked = 4
        static let done = 5
        static let closed = 6
        static let waitingForSupport = 7
        static let waitingForCustomer = 8
        static let resolved = 9
        static let imported = 10
    }

    static func catalogue(teamManaged: [Int], isPlain: Bool) -> SiteCatalogue {
        SiteCatalogue(
            statusCategories: [
                StatusCategory(id: 1, key: "undefined", name: "No Category", colorName: "medium-gray"),
                StatusCategory(id: 2, key: "new", name: "To Do", colorName: "blue-gray"),
                StatusCategory(id: 4, key: "indeterminate", name: "In Progress", colorName: "yellow"),
                StatusCategory(id: 3, key: "done", name: "Done", colorName: "green"),
            ],
            statuses: statuses, priorities: priorities, resolutions: resolutions,
            issueTypes: issueTypes(teamManaged: teamManaged), linkTypes: linkTypes, fields: fields(isPlain: isPlain),
            roles: roles(teamManaged: teamManaged), labels: [])
    }

    private static var statuses: [Status] {
        let list: [(String, Int)] = [
            ("Backlog", 1), ("To Do", 1), ("In Progress", 2), ("In Review", 2), ("Blocked", 2), ("Done", 3),
            ("Closed", 3), ("Waiting for support", 2), ("Waiting for customer", 2), ("Resolved", 3), ("Imported", 0),
        ]
        return list.enumerated().map { position, status in
            Status(id: 10_000 + position, name: status.0, description: "", category: status.1)
        }
    }

    private static var priorities: [Named] {
        ["Highest", "High", "Medium", "Low", "Lowest"].enumerated().map {
            Named(id: $0.offset + 1, name: $0.element, description: "Priority \($0.element.lowercased())")
        }
    }

    private static var resolutions: [Named] {
        let names = ["Done", "Won't Do", "Duplicate", "Cannot Reproduce", "Declined"]
        return names.enumerated().map { Named(id: 10_000 + $0.offset, name: $0.element, description: "") }
    }

    private static func issueTypes(teamManaged: [Int]) -> [IssueType] {
        let list: [(String, Int)] = [
            ("Epic", 1), ("Story", 0), ("Task", 0), ("Bug", 0), ("Sub-task", -1), ("Incident", 0),
            ("Service Request", 0), ("Improvement", 0),
        ]
        var types = list.enumerated().map { position, type in
            IssueType(id: 10_001 + position, name: type.0, description: "", hierarchyLevel: type.1, scope: nil)
        }
        for project in teamManaged {
            for (name, level) in [("Epic", 1), ("Task", 0), ("Subtask", -1)] {
                types.append(
                    IssueType(
                        id: 10_001 + types.count, name: name, description: "", hierarchyLevel: level, scope: project))
            }
        }
        return types
    }

    private static var linkTypes: [LinkType] {
        [
            LinkType(id: 10_000, name: "Blocks", inward: "is blocked by", outward: "blocks"),
            LinkType(id: 10_001, name: "Cloners", inward: "is cloned by", outward: "clones"),
            LinkType(id: 10_002, name: "Duplicate", inward: "is duplicated by", outward: "duplicates"),
            LinkType(id: 10_003, name: "Relates", inward: "relates to", outward: "relates to"),
            LinkType(id: 10_004, name: "Problem/Incident", inward: "is caused by", outward: "causes"),
        ]
    }

    private static func roles(teamManaged: [Int]) -> [ProjectRole] {
        typealias Role = WellKnown.Role
        var roles = [
            ProjectRole(id: Role.users, name: "Users", description: "People who use the project", scope: nil),
            ProjectRole(id: Role.developers, name: "Developers", description: "People who build", scope: nil),
            ProjectRole(id: Role.administrators, name: "Administrators", description: "Project owners", scope: nil),
            ProjectRole(id: Role.reviewers, name: "Reviewers", description: "People who review", scope: nil),
            ProjectRole(id: Role.agents, name: "Service Desk Team", description: "Agents", scope: nil),
            ProjectRole(id: Role.customers, name: "Service Desk Customers", description: "Customers", scope: nil),
        ]
        for project in teamManaged {
            roles.append(
                ProjectRole(
                    id: Role.teamAdministrator(project), name: "Administrator", description: "", scope: project))
            roles.append(
                ProjectRole(id: Role.teamMember(project), name: "Member", description: "", scope: project))
            roles.append(
                ProjectRole(id: Role.teamViewer(project), name: "Viewer", description: "", scope: project))
        }
        return roles
    }
}
