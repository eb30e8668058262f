import SimulatedData
public import SimulatedSite

/// Positions in every tiny site; see ``SimulatedSite/SiteConfiguration/tiny(seed:flavour:administratorSeesAll:)``.
public enum TinySite {
    /// Whose credential copies the site: stays active, licensed and an administrator whatever happens.
    public static let administrator = 0
    public static let developer = 1
    /// Hides the e-mail address.
    public static let lead = 2
    public static let officer = 3
    public static let agent = 4
    /// A portal customer.
    public static let customer = 5
    public static let app = 6
    public static let inactive = 7
    /// A deleted account.
    public static let former = 8
    /// Has no product.
    public static let unlicensed = 9
    /// On Data Center a member of an inner group only.
    public static let nested = 10
    /// By seed shares the e-mail address of the developer, of the inactive account, or of nobody.
    public static let twin = 11
    /// How many people a tiny site has.
    public static let people = 12

    /// Positions of groups.
    public enum Team {
        public static let administrators = 0
        public static let software = 1
        public static let service = 2
        public static let business = 3
        public static let red = 4
        public static let blue = 5
        /// On Cloud its name is by seed the red team's id.
        public static let green = 6
        /// On Data Center inside the red team, which is by seed inside the blue one.
        public static let inner = 7
        public static let empty = 8
    }
}

extension SiteConfiguration {
    /// A site of a few projects and about a dozen issues in which rules are everything.
    ///
    /// Seeds go through the combinations: the first holder of the first scheme's browse grant is of the kind `seed`
    /// modulo 17, the first member of its first level of the kind `seed / 17` modulo 17; the rest is chance. Every text
    /// holds a word of its own, see ``Planted``.
    ///
    /// - Parameters:
    ///   - flavour: nil: even seeds are Cloud, odd ones Data Center or, one in four of them, Server.
    ///   - administratorSeesAll: Whether administrators stand in every grant, level, role and group; nil: three seeds
    ///     of four. Otherwise even their copy of the site lacks something.
    public static func tiny(
        seed: UInt64, flavour: SiteFlavour? = nil, administratorSeesAll: Bool? = nil
    ) -> SiteConfiguration {
        let flavour = flavour ?? (seed % 2 == 0 ? .cloud : seed % 8 == 7 ? .server : .dataCenter)
        var features = Features()
        features.administratorSeesAll = administratorSeesAll ?? (seed / 2 % 4 != 3)
        features.customFields = false
        var configuration = SiteConfiguration(flavour: flavour, seed: seed, issueCount: 8 + Int(seed % 6))
        configuration.features = features
        configuration.maker = { configuration in
            var builder = TinyBuilder(configuration)
            return builder.build()
        }
        return configuration
    }
}

/// Makes a tiny site.
struct TinyBuilder {
    var state: SiteState
    var choice: Choice
    let seed: UInt64
    let plans: [Plan]
    /// The hour of the next thing that happens.
    var now: Milliseconds

    /// What a project is to be.
    enum Plan: Equatable {
        case software, service, business
        case team(Project.Access)
    }

    init(_ configuration: SiteConfiguration) {
        seed = configuration.seed
        var random = SeededRandom(seed: configuration.seed, stream: 100, item: 0)
        var kinds: [Plan] = [.service, .software, .business, .service]
        if configuration.flavour.isCloud { kinds += [.team(.open), .team(.limited), .team(.private), .team(.private)] }
        let plans = [.software] + (0..<random.within(1...3)).map { _ in random.pick(kinds) }
        self.plans = plans
        let teamManaged = plans.indices.filter { if case .team = plans[$0] { true } else { false } }
        state = SiteState(empty: configuration, teamManaged: teamManaged)
        choice = Choice(random: random)
        now = configuration.start
    }

    mutating func build() -> SiteState {
        makePeople()
        makeGroups()
        makeSecuritySchemes()
        for (index, plan) in plans.enumerated() { makeProject(plan, index) }
        state.settle()
        for position in 0..<state.configuration.issueCount { makeIssue(position) }
        endSome()
        return state
    }

    mutating func hand(_ user: Int) -> SiteState.Hand {
        now += Milliseconds(choice.random.within(1...600)) * 60_000
        return SiteState.Hand(user: user, now: now)
    }

    private mutating func makePeople() {
        let names = [
            ("admin", "Avery Quinn"), ("devi", "Devi Raman"), ("fiona", "Fiona Brandt"), ("soren", "Søren Lindqvist"),
            ("agnes", "Agnès Moreau"), ("carla", "Carla Customer"), ("automation", "Automation for Jira"),
            ("ivan", "Ivan Petrov"), ("gone", "Gone Person"), ("ulla", "Ulla Nord"), ("nestor", "Nestor Inés"),
            // A name that two people have must never be who somebody is.
            ("twin", "Devi Raman"),
        ]
        let shared = [nil, "ivan@acme.example", "Devi@Acme.example", nil][Int(seed / 4 % 4)]
        for (index, (name, displayName)) in names.enumerated() {
            let id = "712020:\(choice.random.hexadecimal(12))"
            state.addUser(
                name: name, displayName: displayName,
                accountID: index == TinySite.customer ? "qm:\(id)" : id,
                email: index == TinySite.twin ? shared : nil,
                showsEmail: index != TinySite.lead && index != TinySite.app,
                kind: index == TinySite.customer ? .customer : index == TinySite.app ? .app : .atlassian)
        }
        state.setActive(TinySite.inactive, false)
    }

    private mutating func makeGroups() {
        typealias Team = TinySite.Team
        let isCloud = state.configuration.flavour.isCloud
        let licensed = [
            TinySite.administrator, TinySite.developer, TinySite.lead, TinySite.officer, TinySite.app,
            TinySite.inactive, TinySite.former, TinySite.twin,
        ]
        let lists: [(String, [Int])] = [
            ("jira-administrators", [TinySite.administrator]),
            ("jira-software-users", licensed + (isCloud ? [TinySite.nested] : [])),
            ("jira-servicemanagement-users", [TinySite.administrator, TinySite.agent]),
            ("jira-core-users", [TinySite.administrator]), ("Red Team", []), ("blue-team", []), ("green-team", []),
            ("inner-circle", [TinySite.nested]), ("empty-group", []),
        ]
        for (name, members) in lists { state.addGroup(name, id: choice.random.identifier(), members: members) }
        for group in [Team.red, Team.blue, Team.green, Team.inner] {
            let keeps = group == Team.inner ? [TinySite.nested] : []
            state.setMembers(group, to: choice.members(of: group, in: state) + keeps, by: nobody)
        }
        if state.configuration.features.administratorSeesAll {
            state.setMembers(Team.empty, to: [TinySite.administrator], by: nobody)
        }
        if isCloud {
            if seed % 16 == 6 { state.renameGroup(Team.green, to: state.groups[Team.red].id, by: nobody) }
        } else {
            nest(Team.inner, in: Team.red)
            if seed % 3 == 0 { nest(Team.red, in: Team.blue) }
            if seed % 5 < 3 { nest(Team.inner, in: Team.software) }
        }
        state.addApplicationRole("jira-software", "Jira Software", groups: [Team.administrators, Team.software])
        state.addApplicationRole("jira-servicedesk", "Jira Service Management", groups: [Team.service])
        state.addApplicationRole("jira-core", "Jira Work Management", groups: [Team.business])
    }

    private mutating func nest(_ inner: Int, in outer: Int) {
        state.setMembers(
            outer, to: state.groups[outer].members, subgroups: state.groups[outer].subgroups + [inner], by: nobody)
    }

    /// What was there before anybody looked leaves no record.
    var nobody: SiteState.Hand { SiteState.Hand(user: 0, now: now, leavesAuditRecord: false) }
}
