import SimulatedData
public import SimulatedSite

/// How large a site of many people and rules is; see ``SimulatedSite/SiteConfiguration/access(seed:flavour:scale:)``.
public struct AccessScale: Sendable, Hashable {
    public var projects = 500
    /// Shared by the projects in turn.
    public var permissionSchemes = 12
    public var securitySchemes = 4
    public var groups = 5_000
    public var accounts = 20_000
    public var issues = 2_000
    /// How many groups the developer is in.
    public var groupsOfDeveloper = 500

    public init() {}
}

extension SiteConfiguration {
    /// A site whose people, groups and projects are many and whose issues are few: for the cost of reading rules.
    ///
    /// Everybody has the first product. Groups have about ten members; the developer, at ``TinySite/developer``, is in
    /// hundreds. On Data Center one group in twenty holds another.
    public static func access(
        seed: UInt64, flavour: SiteFlavour = .cloud, scale: AccessScale = AccessScale()
    ) -> SiteConfiguration {
        precondition(scale.projects > 1 && scale.accounts >= TinySite.people && scale.groups > 20, "too small")
        precondition(scale.permissionSchemes > 0 && scale.securitySchemes > 0 && scale.issues > 2, "too small")
        var configuration = SiteConfiguration(flavour: flavour, seed: seed, issueCount: scale.issues)
        configuration.features.customFields = false
        configuration.maker = { configuration in
            var builder = AccessBuilder(configuration, scale)
            return builder.build()
        }
        return configuration
    }
}

/// Makes a site of many people and rules.
struct AccessBuilder {
    private var state: SiteState
    private var random: SeededRandom
    private let scale: AccessScale
    private static let administrators = Holder.group(TinySite.Team.administrators)

    init(_ configuration: SiteConfiguration, _ scale: AccessScale) {
        self.scale = scale
        state = SiteState(empty: configuration, teamManaged: [])
        random = SeededRandom(seed: configuration.seed, stream: 110, item: 0)
    }

    mutating func build() -> SiteState {
        makePeople()
        makeGroups()
        makeSchemes()
        makeProjects()
        state.settle()
        makeIssues()
        return state
    }

    private mutating func makePeople() {
        for index in 0..<scale.accounts {
            let (first, last) = Names.person(&random)
            state.addUser(
                name: index == 0 ? "admin" : index == 1 ? "devi" : "user\(index)", displayName: "\(first) \(last)",
                accountID: "712020:\(random.identifier())", showsEmail: random.chance(0.6))
        }
    }

    private mutating func makeGroups() {
        let everybody = Array(0..<scale.accounts)
        let fixed: [(String, [Int])] = [
            ("jira-administrators", [0]), ("jira-software-users", everybody),
            ("jira-servicemanagement-users", Array(everybody.prefix(200))),
            ("jira-core-users", Array(everybody.prefix(500))),
        ]
        for (name, members) in fixed { state.addGroup(name, id: random.identifier(), members: members) }
        let isNesting = !state.configuration.flavour.isCloud
        for number in fixed.count..<scale.groups {
            var members = [0] + (0..<random.within(2...18)).map { _ in random.below(scale.accounts) }
            if number < fixed.count + scale.groupsOfDeveloper { members.append(TinySite.developer) }
            // Only groups that are there already can be inside: no rings.
            let inner = isNesting && number % 20 == 19 ? [random.within(4...(number - 1))] : []
            state.addGroup("team-\(number)", id: random.identifier(), members: members, subgroups: inner)
        }
        state.addApplicationRole("jira-software", "Jira Software", groups: [0, 1])
        state.addApplicationRole("jira-servicedesk", "Jira Service Management", groups: [2])
        state.addApplicationRole("jira-core", "Jira Work Management", groups: [3])
    }

    private mutating func group() -> Int { random.within(4...(scale.groups - 1)) }

    private mutating func makeSchemes() {
        typealias Role = WellKnown.Role
        for number in 0..<scale.permissionSchemes {
            var browse: [Holder] = [Self.administrators, .projectRole(Role.users), .projectRole(Role.developers)]
            browse += (0..<random.within(2...10)).map { _ in .group(group()) }
            if number % 3 == 1 { browse.append(.reporter) }
            if number % 4 == 3 { browse.append(.applicationRole("jira-core")) }
            state.addPermissionScheme(
                "Scheme \(number)",
                grants: [
                    ("BROWSE_PROJECTS", browse), ("ADMINISTER_PROJECTS", [Self.administrators, .projectLead]),
                    ("EDIT_ISSUES", [.projectRole(Role.developers), Self.administrators]),
                ])
        }
        for number in 0..<scale.securitySchemes {
            let levels = (0..<3).map { level -> (String, [Holder]) in
                ("Level \(level)", [Self.administrators, .group(group()), .projectRole(Role.reviewers), .reporter])
            }
            state.addSecurityScheme("Security \(number)", levels: levels)
        }
    }

    private mutating func makeProjects() {
        let roles = [
            WellKnown.Role.users, WellKnown.Role.developers, WellKnown.Role.administrators, WellKnown.Role.reviewers,
        ]
        for number in 0..<scale.projects {
            var actors: [Int: [RoleActor]] = [:]
            for role in roles {
                let groups = (0..<random.within(1...4)).map { _ in RoleActor.group(group()) }
                let people = (0..<random.below(3)).map { _ in RoleActor.user(random.below(scale.accounts)) }
                actors[role] = [.group(TinySite.Team.administrators)] + groups + people
            }
            state.addProject(
                "P\(number)", "Project \(number)", lead: random.below(scale.accounts),
                permissionScheme: number % scale.permissionSchemes,
                securityScheme: number % 3 == 0 ? number % scale.securitySchemes : nil, actors: actors)
        }
    }

    private mutating func makeIssues() {
        let step = (state.configuration.now - state.configuration.start) / Milliseconds(scale.issues * 4)
        for number in 0..<scale.issues {
            let time = state.configuration.start + step * Milliseconds(number * 4)
            func hand(_ user: Int, _ turn: Milliseconds) -> SiteState.Hand {
                SiteState.Hand(user: user, now: time + step * turn)
            }
            let project = number % scale.projects
            let issue = state.addPlantedIssue(
                project: project, parent: nil, by: hand(random.below(scale.accounts), 0))
            if let scheme = state.projects[project].securityScheme, random.chance(0.5) {
                let level = random.pick(state.securitySchemes[scheme].levels)
                state.setLevel(issue, to: level.id, by: hand(0, 1))
            }
            if random.chance(0.3) {
                state.addPlantedComment(
                    issue, visibility: random.chance(0.5) ? .group(group()) : nil, isInternal: false, by: hand(0, 2))
            }
        }
    }
}
