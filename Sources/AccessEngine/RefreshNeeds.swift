import AccessControl
import IssueModel

/// What the rules of a source name, and therefore has to be read and kept fresh: nothing else is.
struct AccessNeeds: Hashable, Sendable {
    /// Roles of each project that a rule or restriction names by id.
    private(set) var roles: [EntityID: Set<EntityID>] = [:]
    /// Roles of each project that only a name is known of, in lower case.
    private(set) var roleNames: [EntityID: Set<String>] = [:]
    /// Groups that may decide whether somebody sees something of the project.
    private(set) var groups: [EntityID: Set<GroupID>] = [:]
    /// Projects where it matters who is licensed.
    private(set) var licensed: Set<EntityID> = []
    /// Projects whose issues have levels.
    private(set) var levelled: Set<EntityID> = []
    /// Groups that matter for any project.
    private(set) var allGroups: Set<GroupID> = []

    /// What stored issues and their parts name of one project.
    struct OfIssues: Hashable, Sendable {
        var levels: Set<EntityID> = []
        var roles: Set<EntityID> = []
        var restrictions: Set<Restriction> = []
        var groups: Set<GroupID> = []

        /// Names of roles that restrictions name without an id, in lower case.
        var roleNames: Set<String> { Set(restrictions.compactMap(\.roleName)) }

        mutating func add(_ inputs: AclInputs) {
            if let level = inputs.level { levels.insert(level) }
            roles.formUnion(inputs.restrictedToRoles)
            restrictions.formUnion(inputs.restrictions)
            for principals in inputs.values.values {
                for case .group(let group) in principals { groups.insert(group) }
            }
        }
    }

    init(_ facts: AccessFacts, issues: [EntityID: OfIssues]) {
        let namedGroups = Dictionary(grouping: facts.groups.values) { $0.name.lowercased() }
        let licences = facts.applicationRoles.reduce(into: [String: Set<GroupID>]()) { result, role in
            result[role.key, default: []].formUnion(role.groups.map { facts.normalized($0) })
        }
        for (id, project) in facts.projects {
            var need = Need(facts: facts, project: project)
            let scheme = project.permissionScheme.flatMap { facts.permissionSchemes[$0] }
            let deciding: Set<String> = [AudienceRules.browse, AudienceRules.agent]
            for grant in scheme?.grants ?? [] where deciding.contains(grant.permission) { need.add(grant.holder) }
            let named = issues[id] ?? OfIssues()
            for level in named.levels { facts.securityLevels[level]?.members?.forEach { need.add($0) } }
            need.roles.formUnion(named.roles)
            need.groups.formUnion(named.groups.map { facts.normalized($0) })
            for restriction in named.restrictions { need.add(restriction, namedGroups) }
            need.resolveNames()
            // Whoever has no licence cannot sign in to Data Center, whatever else a rule grants.
            if facts.groupsAreNames || !need.licences.isEmpty { licensed.insert(id) }
            let keys = facts.groupsAreNames ? Set(licences.keys) : need.licences
            for (key, groups) in licences where keys.contains(key) || keys.contains(Need.anyLicence) {
                need.groups.formUnion(groups)
            }
            roles[id] = need.roles
            if !need.roleNames.isEmpty { roleNames[id] = need.roleNames }
            groups[id] = need.groups
            if !named.levels.isEmpty { levelled.insert(id) }
            allGroups.formUnion(need.groups)
        }
        // Levels that no issue has yet: their groups are known by the time one does.
        for level in facts.securityLevels.values {
            for case .group(let group) in level.members ?? [] { allGroups.insert(facts.normalized(group)) }
        }
    }

    /// Collects what one project's rules name.
    private struct Need {
        static let anyLicence = ""
        let facts: AccessFacts
        let project: AccessFacts.ProjectFacts
        var roles: Set<EntityID> = []
        var roleNames: Set<String> = []
        var groups: Set<GroupID> = []
        var licences: Set<String> = []

        mutating func add(_ holder: Holder) {
            switch holder {
            case .group(let group): groups.insert(facts.normalized(group))
            case .projectRole(let role): roles.insert(role)
            case .applicationRole(let key): licences.insert(key ?? Self.anyLicence)
            case .anyone, .account, .projectLead, .reporter, .assignee, .accountField, .groupField, .portalCustomer,
                .unknown:
                break
            }
        }

        mutating func add(_ restriction: Restriction, _ named: [String: [Group]]) {
            guard case .visibility(let kind, let identifier, let name) = restriction else { return }
            switch (kind, identifier) {
            case (.group, _) where facts.groupsAreNames: groups.insert(facts.normalized(GroupID(name)))
            case (.group, let id?): groups.insert(GroupID(id))
            case (.group, nil): groups.formUnion((named[name.lowercased()] ?? []).map(\.id))
            case (.role, let id?) where Int64(id) != nil: roles.insert(EntityID(id))
            case (.role, _): roleNames.insert((identifier ?? name).lowercased())
            }
        }

        /// A name that the project's known roles have is as good as their ids; all of them, as names may differ by case.
        mutating func resolveNames() {
            for role in project.roles.map(\.role) where roleNames.contains(role.name.lowercased()) {
                roles.insert(role.id)
            }
            for actors in project.roles where roles.contains(actors.role.id) {
                groups.formUnion(actors.groups.map { facts.normalized($0) })
            }
        }
    }

    /// Roles of a project that are named and not among those known.
    func missingRoles(of project: AccessFacts.ProjectFacts) -> Set<EntityID> {
        (roles[project.id] ?? []).subtracting(project.roles.map(\.role.id))
    }

    /// Names of roles of a project that none of those known has.
    func unresolvedNames(of project: AccessFacts.ProjectFacts) -> Set<String> {
        (roleNames[project.id] ?? []).subtracting(project.roles.map { $0.role.name.lowercased() })
    }
}
