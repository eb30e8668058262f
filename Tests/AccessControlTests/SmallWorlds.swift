/// Every holder against every holder, in worlds small enough to try them all.
enum SmallWorlds {
    static let holders: [World.Who] = [
        .anyone, .anyLicensed, .licensed("software"), .licensed("unheard-of"), .group("Staff"), .group("Nobody here"),
        .person("p3"), .role("Developers"), .role("Observers"), .lead, .reporter, .assignee, .personField, .groupField,
        .portal, .strange,
    ]

    /// Two projects, two groups, two roles; one person for each way to belong to them; the first project grants Browse
    /// Projects to `browse` only, with an issue for no level and for each holder as the only member of a level.
    static func world(isDataCenter: Bool, browse: World.Who?, mode: World.Mode = .mirror) -> World {
        var world = World(isDataCenter: isDataCenter, mode: mode)
        world.groups = ["Staff": .init(), "Partners": .init()]
        if isDataCenter { world.groups["Staff"]?.inner = ["Partners"] }
        // The groups contain each other: a ring must not hang anyone.
        if isDataCenter { world.groups["Partners"]?.inner = ["Everyone", "Staff"] }
        world.groups["Everyone"] = .init(inner: ["Staff"])
        world.licences = ["software": ["Staff"], "servicedesk": ["Partners"]]
        var one = World.Place(lead: "p5", browse: browse.map { [$0] } ?? [], agents: [.role("Observers")])
        if mode != .linked { one.agents.append(.assignee) }
        var two = World.Place(lead: "p6", browse: [.group("Partners"), .role("Developers")])
        one.roles = ["Developers": .init(inner: ["Staff"]), "Observers": .init()]
        two.roles = ["Developers": .init(), "Observers": .init(inner: ["Partners"])]
        for bits in 0..<16 {
            let name = "p\(bits)"
            world.people[name] = .init()
            if bits & 1 != 0 { world.groups["Staff"]?.members.insert(name) }
            if bits & 2 != 0 { world.groups["Partners"]?.members.insert(name) }
            if bits & 4 != 0 { one.roles["Observers"]?.members.insert(name) }
            if bits & 8 != 0 { two.roles["Developers"]?.members.insert(name) }
        }
        world.people["gone"] = .init(isActive: false)
        world.people["customer"] = .init(isCustomer: true)
        world.people["robot"] = .init(isApp: true)
        world.people["newfangled"] = .init(isStrange: true)
        world.people["unheard-of"] = .init(isUnknown: true)
        world.people["deleted"] = .init(isActive: false)
        for name in ["gone", "customer", "robot", "newfangled", "unheard-of"] {
            world.groups["Staff"]?.members.insert(name)
            one.roles["Observers"]?.members.insert(name)
        }
        world.linked = ["p0", "p1", "p3", "p6", "p7", "p12", "p15", "gone", "customer", "robot", "unheard-of"]
        for (index, holder) in holders.enumerated() { one.levels["level \(index)"] = .some([holder]) }
        one.levels["empty"] = .some([])
        one.levels["unreadable"] = .some(nil)
        one.untold["unreadable"] = [.group("Staff"), .reporter]
        one.levels["untold and empty"] = .some(nil)
        world.projects = ["ONE": one, "TWO": two]
        world.tickets = tickets(levels: one.levels.keys.sorted())
        return world
    }

    static let limits: [[World.Limit]] = [
        [], [.role("Developers")], [.role("Observers")], [.group("Staff")], [.group("Partners")], [.role("Unknown")],
        [.role("Unknown")], [.group("Unknown")], [.group("Unknown")], [.agents], [.role("Developers"), .agents],
    ]

    private static func tickets(levels: [String]) -> [World.Ticket] {
        var tickets: [World.Ticket] = []
        func add(_ project: String, _ change: (inout World.Ticket) -> Void) {
            var ticket = World.Ticket(id: Int64(tickets.count + 1), project: project)
            change(&ticket)
            tickets.append(ticket)
        }
        for level in levels {
            add("ONE") {
                $0.level = level
                $0.reporter = "p1"
                $0.assignee = "customer"
                $0.personField = ["p0", "gone"]
                $0.groupField = ["Partners"]
                $0.comments = limits.map { .init(limits: $0) }
                $0.worklogs = limits.dropLast(2).map { .init(limits: $0) }
            }
        }
        add("ONE") {
            $0.isWithheld = true
            $0.reporter = "p1"
            $0.comments = [.init(limits: [.role("Observers")], embeds: ["kept.txt"])]
            $0.files = ["kept.txt"]
        }
        add("ONE") { $0.level = "never heard of" }
        add("NONE") { $0.reporter = "p1" }
        add("ONE") { $0.onlyRoles = ["Observers"] }
        add("TWO") { $0.onlyRoles = ["Observers", "Unknown"] }
        for project in ["ONE", "TWO"] {
            add(project) {
                $0.reporter = "p2"
                $0.assignee = "p9"
                $0.personField = ["robot"]
                $0.comments = limits.enumerated().map { .init(limits: $1, embeds: ["\($0).txt"]) }
                $0.worklogs = limits.dropLast(2).map { .init(limits: $0) }
                $0.files = limits.indices.map { "\($0).txt" } + ["free.txt"]
            }
        }
        return tickets
    }
}

extension SmallWorlds {
    /// Small worlds in which what random ones seldom have decides something.
    static var telling: [World] {
        [false, true].flatMap { isDataCenter in
            World.Mode.allCases.flatMap { mode in
                [World.Who.anyone, .group("Partners"), .role("Developers"), .lead].map {
                    world(isDataCenter: isDataCenter, browse: $0, mode: mode)
                }
            }
        }
    }
}
