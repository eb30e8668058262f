import SimulatedData

extension SiteBuilder {
    private struct Fixed {
        var name: String
        var displayName: String
        var kind: User.Kind = .atlassian
        var zone = "Etc/UTC"
        var showsEmail = true
        var isActive = true
        var isDeleted = false
    }

    private static let fixed: [Fixed] = [
        Fixed(name: "admin", displayName: "Avery Quinn", zone: "Europe/Berlin"),
        Fixed(name: "devi", displayName: "Devi Raman", zone: "America/New_York"),
        Fixed(name: "fiona", displayName: "Fiona Brandt", zone: "Europe/London", showsEmail: false),
        Fixed(name: "soren", displayName: "Søren Lindqvist", zone: "Europe/Helsinki"),
        Fixed(name: "agnes", displayName: "Agnès Moreau", zone: "Europe/Berlin", showsEmail: false),
        Fixed(name: "carla", displayName: "Carla Customer", kind: .customer),
        Fixed(name: "automation", displayName: "Automation for Jira", kind: .app, showsEmail: false),
        Fixed(name: "ivan", displayName: "Ivan Petrov", isActive: false),
        Fixed(
            name: "unknown", displayName: "Former user", showsEmail: false, isActive: false, isDeleted: true),
        Fixed(name: "rohan", displayName: "Rohan Iyer", zone: "Asia/Kolkata"),
        Fixed(name: "cleo", displayName: "Cleo Vargas", zone: "America/Los_Angeles", showsEmail: false),
    ]

    /// Makes the well-known people and enough others to fill the site.
    mutating func makeUsers() {
        for person in Self.fixed {
            addUser(
                name: person.name, displayName: person.displayName, kind: person.kind,
                zone: SiteTimeZone(identifier: person.zone) ?? .utc, showsEmail: person.showsEmail,
                isActive: person.isActive, isDeleted: person.isDeleted)
        }
        let others = 40 + min(configuration.issueCount / 500, 360)
        var taken: [String: Int] = [:]
        for _ in 0..<others {
            let (first, last) = Names.person(&random)
            let base = "\(first.prefix(1))\(last)".lowercased()
            let again = taken[base, default: 0]
            taken[base] = again + 1
            let kind: User.Kind = random.chance(0.04) ? .customer : .atlassian
            addUser(
                name: again == 0 ? base : "\(base)\(again + 1)", displayName: "\(first) \(last)", kind: kind,
                zone: random.pick(SiteTimeZone.all), showsEmail: random.chance(0.6), isActive: random.chance(0.94),
                isDeleted: false)
        }
    }

    private mutating func addUser(
        name: String, displayName: String, kind: User.Kind, zone: SiteTimeZone, showsEmail: Bool, isActive: Bool,
        isDeleted: Bool
    ) {
        let index = users.count
        let accountID =
            kind == .customer
            ? "qm:\(random.identifier()):\(random.identifier())"
            : index % 2 == 0 ? "712020:\(random.identifier())" : "5\(random.hexadecimal(23))"
        users.append(
            User(
                index: index, accountID: accountID, key: "JIRAUSER\(10_100 + index)", name: name,
                displayName: displayName, email: "\(name)@acme.example", showsEmail: showsEmail, kind: kind,
                isActive: isActive, isDeleted: isDeleted, timeZone: zone, locale: index % 5 == 4 ? "de_DE" : "en_US"))
    }

    /// Makes the groups. On Data Center `all-engineering` holds other groups, two levels deep.
    mutating func makeGroups() {
        typealias Team = WellKnown.Team
        let people = users.filter { $0.kind == .atlassian && !$0.isDeleted }.map(\.index)
        let others = people.filter { $0 >= WellKnown.count }
        func every(_ step: Int, _ offset: Int) -> [Int] {
            others.filter { $0 % step == offset % step }
        }
        let isCloud = configuration.flavour.isCloud
        let guild = every(11, 3)
        let developers = [WellKnown.developer] + every(3, 0)
        let security = [WellKnown.securityOfficer] + every(17, 5)
        let licensed = people.filter { $0 != WellKnown.contractor }
        let lists: [(String, [Int], [Int])] = [
            ("jira-administrators", [WellKnown.admin], []),
            ("jira-software-users", licensed.filter { $0 % 7 != 6 } + [WellKnown.app], []),
            ("jira-servicemanagement-users", [WellKnown.admin, WellKnown.agent] + every(9, 2), []),
            ("jira-core-users", [WellKnown.admin] + every(4, 1), []),
            ("developers", developers, []),
            ("finance", [WellKnown.admin, WellKnown.financeLead] + every(13, 4), []),
            ("security-team", security, []),
            ("contractors", [WellKnown.contractor] + every(19, 7), []),
            ("incident-responders", [WellKnown.admin, WellKnown.securityOfficer] + every(23, 1), []),
            ("leadership", [WellKnown.admin, WellKnown.financeLead], []),
            ("empty-group", [], []),
            isCloud
                ? ("all-engineering", Set(developers + security + guild + [WellKnown.reviewer]).sorted(), [])
                : ("all-engineering", [WellKnown.reviewer], [Team.developers, Team.security]),
            ("platform-guild", guild, isCloud ? [] : [Team.empty]),
        ]
        for (index, (name, members, subgroups)) in lists.enumerated() {
            let id = random.identifier()
            // Nested groups may go two deep: the security team holds the guild.
            let nested = !isCloud && index == Team.security ? [Team.guild] : subgroups
            groups.append(
                Group(index: index, id: id, name: name, members: Set(members).sorted(), subgroups: nested))
        }
    }

    func applicationRoles() -> [ApplicationRole] {
        [
            ApplicationRole(
                key: "jira-software", name: "Jira Software",
                groups: [WellKnown.administrators, WellKnown.Team.software]),
            ApplicationRole(
                key: "jira-servicedesk", name: "Jira Service Management", groups: [WellKnown.Team.service]),
            ApplicationRole(key: "jira-core", name: "Jira Work Management", groups: [WellKnown.Team.business]),
        ]
    }
}
