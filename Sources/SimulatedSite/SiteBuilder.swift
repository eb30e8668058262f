import SimulatedData

/// Makes a site's first state from its configuration.
struct SiteBuilder {
    let configuration: SiteConfiguration
    var random: SeededRandom
    var users: [User] = []
    var groups: [Group] = []
    var projects: [Project] = []

    init(_ configuration: SiteConfiguration) {
        self.configuration = configuration
        random = SeededRandom(seed: configuration.seed, stream: 1, item: 0)
    }

    static func build(_ configuration: SiteConfiguration) -> SiteState {
        var builder = SiteBuilder(configuration)
        return builder.build()
    }

    private mutating func build() -> SiteState {
        makeUsers()
        makeGroups()
        let blueprints = projectBlueprints()
        var catalogue = Self.catalogue(
            teamManaged: blueprints.indices.filter { blueprints[$0].access != nil },
            isPlain: !configuration.features.customFields)
        catalogue.labels = Self.labels
        var state = SiteState(configuration: configuration, catalogue: catalogue)
        state.users = users
        state.originalUsers = users
        state.groups = groups
        state.applicationRoles = applicationRoles()
        makePermissionSchemes(for: blueprints, in: &state)
        state.securitySchemes = securitySchemes()
        makeProjects(blueprints, in: &state)
        makeBoards(in: &state)
        makeIssues(in: &state)
        Tour.prepare(&state)
        return state
    }

    static let labels = [
        "regression", "customer-reported", "performance", "security", "accessibility", "quick-win", "tech-debt",
        "flaky-test", "needs-design", "documentation", "hotfix", "mobile", "api", "data-loss", "good-first-issue",
        "release-blocker", "i18n", "observability", "migration", "spike", "on-hold", "compliance", "ux", "backend",
        "frontend", "gdpr", "incident-follow-up", "Ümlaut-check", "検索", "deprecated",
    ]
}

/// Positions of the people every site has.
package enum WellKnown {
    package static let admin = 0
    /// The position of the group that administers the site.
    package static let administrators = 0
    static let developer = 1
    static let financeLead = 2
    static let securityOfficer = 3
    static let agent = 4
    static let customer = 5
    static let app = 6
    static let inactive = 7
    static let former = 8
    static let reviewer = 9
    static let contractor = 10
    static let count = 11

    /// Positions of groups.
    enum Team {
        static let software = 1
        static let service = 2
        static let business = 3
        static let developers = 4
        static let finance = 5
        static let security = 6
        static let contractors = 7
        static let responders = 8
        static let leadership = 9
        static let empty = 10
        static let engineering = 11
        static let guild = 12
    }

    /// Ids of project roles.
    package enum Role {
        package static let users = 10_000
        package static let developers = 10_001
        package static let administrators = 10_002
        package static let reviewers = 10_100
        package static let agents = 10_101
        package static let customers = 10_102

        package static func teamAdministrator(_ project: Int) -> Int { 10_200 + project * 3 }
        package static func teamMember(_ project: Int) -> Int { 10_201 + project * 3 }
        package static func teamViewer(_ project: Int) -> Int { 10_202 + project * 3 }
    }

    /// Ids of custom fields that permission schemes name.
    package enum Field {
        package static let approver = "customfield_10060"
        package static let reviewers = "customfield_10061"
        package static let team = "customfield_10062"
        package static let teams = "customfield_10063"
    }

    /// Ids of security levels of the payments project.
    enum Level {
        static let staff = 10_100
        static let incident = 10_101
    }
}
