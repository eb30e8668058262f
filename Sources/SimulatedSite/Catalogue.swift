/// Names that do not change during a site's life: statuses, types, priorities, fields.
public struct SiteCatalogue: Sendable {
    public var statusCategories: [StatusCategory]
    public var statuses: [Status]
    public var priorities: [Named]
    public var resolutions: [Named]
    public var issueTypes: [IssueType]
    public var linkTypes: [LinkType]
    public var fields: [FieldDefinition]
    public var roles: [ProjectRole]
    public var labels: [String]

    func field(_ id: String) -> FieldDefinition? { fields.first { $0.id == id } }
}

/// A thing with an id and a name: a priority, a resolution.
public struct Named: Sendable, Hashable {
    public var id: Int
    public var name: String
    public var description: String
}

/// Jira's fixed grouping of statuses.
public struct StatusCategory: Sendable, Hashable {
    public var id: Int
    public var key: String
    public var name: String
    public var colorName: String
}

public struct Status: Sendable, Hashable {
    public var id: Int
    public var name: String
    public var description: String
    /// Position in ``SiteCatalogue/statusCategories``.
    public var category: Int
}

public struct IssueType: Sendable, Hashable {
    public var id: Int
    public var name: String
    public var description: String
    /// -1 sub-task, 0 ordinary, 1 epic.
    public var hierarchyLevel: Int
    /// Position of the team-managed project this type belongs to.
    public var scope: Int?

    public var isSubtask: Bool { hierarchyLevel < 0 }
}

public struct LinkType: Sendable, Hashable {
    public var id: Int
    public var name: String
    public var inward: String
    public var outward: String
}

/// A field of the site: Jira's own or a custom one.
public struct FieldDefinition: Sendable, Hashable {
    /// `summary` or `customfield_10010`.
    public var id: String
    public var name: String
    /// Jira's type name: `string`, `array`, `user`, `option-with-child`, …
    public var type: String
    /// What an array holds.
    public var items: String?
    /// Jira's own field's name in the schema.
    public var system: String?
    /// The custom field's type key.
    public var custom: String?
    public var clauseNames: [String]
    public var isNavigable = true
    public var isSearchable = true
    public var options: [FieldOption] = []
    /// Position of the team-managed project this field belongs to.
    public var scope: Int?

    /// 10010 of `customfield_10010`; nil for Jira's own fields.
    public var customID: Int?
    /// The custom field's type key without its package: `select`.
    public internal(set) var kind = ""

    public var isCustom: Bool { custom != nil }
}

/// A choice of a select list; `children` for cascading ones.
public struct FieldOption: Sendable, Hashable {
    public var id: Int
    public var value: String
    public var children: [FieldOption] = []
}
