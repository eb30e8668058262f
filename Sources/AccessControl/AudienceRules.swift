public import IssueModel

/// Jira's rules of one site: from what is particular to a record to who may see it.
///
/// ```
/// visible(u, issue)   = Browse(u, issue) ∧ Level(u, issue)
/// visible(u, comment) = visible(u, issue) ∧ Visibility(u, comment)
/// Browse = some BROWSE_PROJECTS grant of the project's scheme holds for u on this issue
/// Level  = the issue has no security level, or some member of its level holds for u on this issue
/// ```
///
/// Whatever cannot be resolved – a scheme, level, role, group, field or holder that is not known – grants nobody.
///
/// So it is in ``AccessMode/mirror``, with one addition: a level whose members the site does not tell admits those to whom
/// Jira itself lists the issue. The other modes have rules of their own:
///
/// ```
/// linked   Browse = Jira lists the issue to u; Visibility = Jira shows u parts of that project that are restricted so
/// public   everybody
/// shared   every member
/// ```
public struct AudienceRules: Sendable {
    public let facts: AccessFacts
    private let projects: [EntityID: ProjectRules]
    private let levels: [EntityID: HolderList]
    private let groupsByName: [String: [Group]]

    /// The permission to see a project's issues.
    public static let browse = "BROWSE_PROJECTS"
    /// The permission that makes someone an agent of a service desk.
    public static let agent = "SERVICEDESK_AGENT"

    /// Holders of one permission or level, with those that depend on the issue apart.
    struct HolderList: Sendable {
        var holders: [Holder]
        var dynamic: [DynamicHolder]

        init(_ holders: [Holder]) {
            self.holders = holders
            dynamic = holders.compactMap { DynamicHolder($0) }
        }
    }

    struct ProjectRules: Sendable {
        var browse: HolderList
        var agents: HolderList
    }

    public init(_ facts: AccessFacts) {
        self.facts = facts
        var perScheme: [EntityID: ProjectRules] = [:]
        for (id, scheme) in facts.permissionSchemes {
            perScheme[id] = ProjectRules(
                browse: HolderList(scheme.grants.filter { $0.permission == Self.browse }.map(\.holder)),
                agents: HolderList(scheme.grants.filter { $0.permission == Self.agent }.map(\.holder)))
        }
        projects = facts.projects.compactMapValues { $0.permissionScheme.flatMap { perScheme[$0] } }
        levels = facts.securityLevels.compactMapValues { $0.members.map { HolderList($0) } }
        groupsByName = Dictionary(grouping: facts.groups.values) { $0.name.lowercased() }
    }

    /// Holders that depend on the issue and that the project's or level's rules use, so that a change of them on an
    /// issue changes its acl.
    public func dynamicHolders(project: EntityID, level: EntityID?, isInternal: Bool = false) -> Set<DynamicHolder> {
        var result = Set(projects[project]?.browse.dynamic ?? [])
        if isInternal { result.formUnion(projects[project]?.agents.dynamic ?? []) }
        if let level { result.formUnion(levels[level]?.dynamic ?? []) }
        return result
    }

    /// Whether nothing but Jira's own listing says who sees an issue with this level, so that its key must name the issue.
    func isDecidedByListing(level: EntityID?) -> Bool {
        switch facts.mode {
        case .mirror: level.map { levels[$0] == nil } ?? false
        case .linked: true
        case .public, .shared: false
        }
    }

    /// All fields that some rule of the site names, for a synchronisation that must not leave them out.
    public var fieldsInUse: Set<EntityID> {
        let lists = projects.values.flatMap { [$0.browse, $0.agents] } + levels.values
        return Set(
            lists.flatMap(\.dynamic).compactMap { holder in
                switch holder {
                case .accountField(let id), .groupField(let id): id
                case .reporter, .assignee: nil
                }
            })
    }

    /// Holder types in use that this version does not know, with how many grants and level members use each. They grant
    /// nobody; admins should be told.
    public var unknownHolders: [String: Int] {
        var result: [String: Int] = [:]
        let lists = projects.values.flatMap { [$0.browse, $0.agents] } + levels.values
        for case .unknown(let type) in lists.flatMap(\.holders) { result[type, default: 0] += 1 }
        return result
    }

    func browse(of project: EntityID) -> [Holder]? { projects[project]?.browse.holders }
    func agents(of project: EntityID) -> [Holder]? { projects[project]?.agents.holders }
    func members(of level: EntityID) -> [Holder]? { levels[level]?.holders }

    /// The group a name means, without regard to case; an exact match wins where several differ only by case.
    func group(named name: String) -> GroupID? {
        if facts.groupsAreNames { return GroupID(name.lowercased()) }
        let candidates = groupsByName[name.lowercased()] ?? []
        if candidates.count == 1 { return candidates[0].id }
        let exact = candidates.filter { $0.name == name }
        return exact.count == 1 ? exact[0].id : nil
    }
}
