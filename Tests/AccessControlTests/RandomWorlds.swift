/// Numbers that a seed decides (SplitMix64, Steele, Lea and Flood 2014).
struct SeededNumbers: RandomNumberGenerator {
    private var state: UInt64
    init(seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = (state ^ (state >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }
}

extension World {
    /// A world in which everything is drawn by lot.
    static func random(seed: UInt64) -> World {
        var maker = WorldMaker(seed: seed)
        return maker.make()
    }
}

/// Draws a world from one source of chance, always in the same order.
private struct WorldMaker {
    var chance: SeededNumbers
    private static let dependingOnIssue: Set<World.Who> = [.reporter, .assignee, .personField, .groupField]
    let names = (0..<12).map { "p\($0)" }
    let groups = ["Red", "Green", "Blue", "Grey"]
    let roles = ["Developers", "Observers", "Agents"]

    init(seed: UInt64) { chance = SeededNumbers(seed: seed) }

    mutating func make() -> World {
        var world = World(isDataCenter: Bool.random(using: &chance))
        // Every other world is mirrored: that is where the rules are.
        if Bool.random(using: &chance) { world.mode = World.Mode.allCases.randomElement(using: &chance) ?? .mirror }
        for name in names {
            let kind = Int.random(in: 0..<12, using: &chance)
            world.people[name] = .init(
                isActive: kind != 0, isCustomer: kind == 1, isApp: kind == 2, isStrange: kind == 3,
                isUnknown: kind == 4)
        }
        world.linked = Set(some(names, world.mode == .linked ? 0.7 : 0.3))
        for group in groups {
            world.groups[group] = .init(members: Set(some(names, 0.3)), inner: Set(some(groups, 0.2)))
        }
        world.licences = ["software": some(groups, 0.4), "other": some(groups, 0.3)]
        for project in ["A", "B", "C"] { world.projects[project] = place(in: world.mode) }
        for id in 1...12 { world.tickets.append(ticket(Int64(id))) }
        return world
    }

    private mutating func place(in mode: World.Mode) -> World.Place {
        var place = World.Place(
            lead: maybe(names), hasScheme: Int.random(in: 0..<8, using: &chance) > 0, browse: several(4),
            agents: several(2))
        // That an account was shown one internal note says nothing of the next where agents differ by issue.
        if mode == .linked { place.agents.removeAll { Self.dependingOnIssue.contains($0) } }
        for role in some(roles, 0.8) {
            place.roles[role] = .init(members: Set(some(names, 0.2)), inner: Set(some(groups, 0.3)))
        }
        for level in ["low", "high"] {
            place.levels[level] = Int.random(in: 0..<4, using: &chance) == 0 ? .some(nil) : .some(several(3))
            if place.levels[level] == .some(nil) { place.untold[level] = several(3) }
        }
        return place
    }

    private mutating func ticket(_ id: Int64) -> World.Ticket {
        var ticket = World.Ticket(id: id, project: ["A", "B", "C"].randomElement(using: &chance) ?? "A")
        ticket.level = maybe(["low", "high", "unknown"])
        ticket.reporter = maybe(names)
        ticket.assignee = maybe(names)
        ticket.personField = some(names, 0.1)
        ticket.groupField = some(groups, 0.2)
        ticket.groupFieldIsSelect = Bool.random(using: &chance)
        ticket.isWithheld = Int.random(in: 0..<12, using: &chance) == 0
        ticket.onlyRoles = Set(some(roles, 0.15))
        let limits: [World.Limit] = roles.map { .role($0) } + groups.map { .group($0) } + [.agents, .group("Unknown")]
        ticket.files = ["a.txt", "b.txt", "c.txt"]
        for _ in 0..<4 {
            var note = World.Note(embeds: some(ticket.files, 0.3))
            if Bool.random(using: &chance) { note.limits = limits.randomElement(using: &chance).map { [$0] } ?? [] }
            ticket.worklogs.append(World.Note(limits: note.limits.filter { $0 != .agents }))
            if Int.random(in: 0..<4, using: &chance) == 0 { note.limits.append(.agents) }
            ticket.comments.append(note)
        }
        return ticket
    }

    private mutating func some(_ all: [String], _ share: Double) -> [String] {
        all.filter { _ in Double.random(in: 0..<1, using: &chance) < share }
    }

    private mutating func maybe(_ all: [String]) -> String? {
        Bool.random(using: &chance) ? all.randomElement(using: &chance) : nil
    }

    private mutating func several(_ most: Int) -> [World.Who] {
        var result: [World.Who] = []
        for _ in 0..<Int.random(in: 0...most, using: &chance) { result.append(who()) }
        return result
    }

    private mutating func who() -> World.Who {
        let all: [World.Who] = [
            .anyone, .anyLicensed, .licensed("software"), .licensed("other"), .lead, .reporter, .assignee,
            .personField, .groupField, .portal, .strange,
        ]
        switch Int.random(in: 0..<6, using: &chance) {
        case 0: return .group(groups.randomElement(using: &chance) ?? "")
        case 1: return .role(roles.randomElement(using: &chance) ?? "")
        case 2: return .person(names.randomElement(using: &chance) ?? "")
        case 3: return .role("Unknown")
        default: return all.randomElement(using: &chance) ?? .strange
        }
    }
}
