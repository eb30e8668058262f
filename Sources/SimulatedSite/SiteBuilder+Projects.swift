import SimulatedData

/// What a project is to be, before it has positions and ids.
struct ProjectBlueprint {
    var key: String
    var name: String
    var kind = Project.Kind.software
    var access: Project.Access?
    /// Position of a company-managed permission scheme.
    var scheme = 0
    var securityScheme: Int?
    var isArchived = false
    var formerKeys: [String] = []
    var lead: Int
    /// Relative share of issues.
    var weight: Double
    var isFromCorpus = false
}

extension SiteBuilder {
    /// The projects every site has, one for each way of deciding who may browse, then those of the corpus.
    mutating func projectBlueprints() -> [ProjectBlueprint] {
        let features = configuration.features
        func level(_ scheme: Int) -> Int? { features.securityLevels ? scheme : nil }
        var list = [
            ProjectBlueprint(
                key: "PAY", name: "Payments", scheme: 1, securityScheme: level(0), lead: WellKnown.financeLead,
                weight: 14),
            ProjectBlueprint(key: "OPEN", name: "Open Platform", scheme: 2, lead: WellKnown.reviewer, weight: 10),
            ProjectBlueprint(key: "WEB", name: "Storefront", scheme: 3, lead: WellKnown.developer, weight: 16),
            ProjectBlueprint(key: "OPS", name: "Operations", scheme: 4, lead: WellKnown.securityOfficer, weight: 8),
            ProjectBlueprint(
                key: "MKT", name: "Marketing", kind: .business, scheme: 6, lead: WellKnown.financeLead, weight: 5),
            ProjectBlueprint(
                key: "SEC", name: "Product Security", scheme: 7, securityScheme: level(1),
                lead: WellKnown.securityOfficer, weight: 8),
            ProjectBlueprint(
                key: "REV", name: "Design Reviews", scheme: 8, securityScheme: level(1), lead: WellKnown.reviewer,
                weight: 6),
            ProjectBlueprint(key: "LAB", name: "Laboratory", scheme: 9, lead: WellKnown.reviewer, weight: 4),
            ProjectBlueprint(
                key: "DATA", name: "Data Platform", scheme: 0, securityScheme: level(0), formerKeys: ["DWH"],
                lead: WellKnown.developer, weight: 12),
            ProjectBlueprint(key: "OLD", name: "Legacy Shop", isArchived: true, lead: WellKnown.admin, weight: 2),
        ]
        if features.serviceDesk {
            list.append(
                ProjectBlueprint(
                    key: "HELP", name: "Help Desk", kind: .serviceDesk, scheme: 5, lead: WellKnown.agent, weight: 9))
        }
        if features.teamManagedProjects && configuration.flavour.isCloud {
            for (key, name, access) in [
                ("TMO", "Growth Squad", Project.Access.open), ("TML", "Design System", .limited),
                ("TMP", "Acquisition", .private),
            ] {
                list.append(
                    ProjectBlueprint(key: key, name: name, access: access, lead: WellKnown.developer, weight: 3))
            }
        }
        return list + corpusBlueprints(taken: Set(list.map(\.key)))
    }

    private func corpusBlueprints(taken: Set<String>) -> [ProjectBlueprint] {
        var names: [String: String] = [:]
        var order: [String] = []
        for issue in configuration.corpus ?? [] where !taken.contains(issue.project) {
            if names[issue.project] == nil { order.append(issue.project) }
            names[issue.project] = issue.projectName ?? names[issue.project] ?? issue.project
        }
        // The ways of deciding who may browse take turns, so that a real site's texts meet every rule.
        let schemes = [0, 2, 3, 1, 0, 7, 8, 4]
        return order.enumerated().map { position, key in
            ProjectBlueprint(
                key: key, name: names[key] ?? key, scheme: schemes[position % schemes.count],
                securityScheme: configuration.features.securityLevels && position % 3 == 0 ? position % 2 : nil,
                lead: WellKnown.count + position % max(users.count - WellKnown.count, 1), weight: 0, isFromCorpus: true)
        }
    }

    mutating func makeProjects(_ blueprints: [ProjectBlueprint], in state: inout SiteState) {
        let categories = ["Product", "Internal", nil]
        for (index, blueprint) in blueprints.enumerated() {
            var prose = Prose(SeededRandom(seed: configuration.seed, stream: 2, item: index))
            let isTeamManaged = blueprint.access != nil
            projects.append(
                Project(
                    index: index, id: 10_000 + index, key: blueprint.key, formerKeys: blueprint.formerKeys,
                    name: blueprint.name, description: prose.phrase(), kind: blueprint.kind,
                    style: isTeamManaged ? .teamManaged : .companyManaged, access: blueprint.access,
                    isArchived: blueprint.isArchived, lead: blueprint.lead,
                    permissionScheme: isTeamManaged ? teamScheme(of: index, in: state) : blueprint.scheme,
                    securityScheme: blueprint.securityScheme, actors: actors(blueprint, index),
                    issueTypes: issueTypes(blueprint, index, state.catalogue),
                    components: isTeamManaged ? [] : components(index, &prose), versions: versions(index),
                    category: categories[index % categories.count]))
        }
        state.projects = projects
        state.originalProjects = projects
        state.namesPeople = projects.map { project in
            state.permissionSchemes[project.permissionScheme].grants.contains {
                $0.permission == "BROWSE_PROJECTS" && $0.holder == .userCustomField(WellKnown.Field.approver)
            }
        }
        state.numbers = projects.map { _ in [] }
        state.sprintsOfProject = projects.map { _ in [] }
    }

    private func teamScheme(of project: Int, in state: SiteState) -> Int {
        state.permissionSchemes.first { $0.scope == project }?.index ?? 0
    }

    private func issueTypes(_ blueprint: ProjectBlueprint, _ index: Int, _ catalogue: SiteCatalogue) -> [Int] {
        if blueprint.access != nil {
            return catalogue.issueTypes.indices.filter { catalogue.issueTypes[$0].scope == index }
        }
        typealias Types = TypeIndex
        return switch blueprint.kind {
        case .software: [Types.epic, Types.story, Types.task, Types.bug, Types.subtask, Types.improvement]
        case .serviceDesk: [Types.incident, Types.request, Types.subtask]
        case .business: [Types.epic, Types.task, Types.subtask]
        }
    }

    /// Administrators play every role, so that one account can read the whole site.
    private mutating func actors(_ blueprint: ProjectBlueprint, _ index: Int) -> [Int: [RoleActor]] {
        typealias Role = WellKnown.Role
        typealias Team = WellKnown.Team
        let administrators = RoleActor.group(WellKnown.administrators)
        func somebody(_ count: Int) -> [RoleActor] {
            (0..<count).map { _ in .user(random.below(users.count)) }
        }
        if blueprint.access != nil {
            return [
                Role.teamAdministrator(index): [administrators, .user(blueprint.lead)],
                Role.teamMember(index): [administrators, .user(WellKnown.reviewer)] + somebody(4),
                Role.teamViewer(index): [administrators, .group(Team.leadership)] + somebody(3),
            ]
        }
        var actors: [Int: [RoleActor]] = [
            Role.administrators: [administrators],
            Role.developers: [administrators, .group(index % 4 == 1 ? Team.engineering : Team.developers)]
                + somebody(3),
            Role.users: [administrators, .group(Team.business)] + somebody(2),
            Role.reviewers: [administrators, .user(WellKnown.securityOfficer)] + somebody(2),
        ]
        if blueprint.kind == .serviceDesk {
            actors[Role.agents] = [administrators, .user(WellKnown.agent), .group(Team.service)]
            actors[Role.customers] = [administrators, .user(WellKnown.customer)]
        }
        return actors
    }

    private func components(_ project: Int, _ prose: inout Prose) -> [Component] {
        (0..<(4 + project % 5)).map { position in
            Component(
                id: 10_000 + project * 20 + position, name: "\(prose.codename())", description: prose.phrase(),
                lead: position % 2 == 0 ? WellKnown.developer : nil)
        }
    }

    private func versions(_ project: Int) -> [Version] {
        let first = Int(configuration.start / 86_400_000)
        let last = Int(configuration.now / 86_400_000)
        let count = 8 + project % 4
        return (0..<count).map { position in
            let release = first + (last - first) * (position + 1) / (count - 1)
            return Version(
                id: 10_000 + project * 20 + position, name: "\(1 + position / 3).\(position % 3)",
                description: "", isReleased: release <= last, isArchived: position == 0,
                startDay: release - 60, releaseDay: release)
        }
    }

    /// One board a software project, with a sprint every two weeks in the last two years.
    func makeBoards(in state: inout SiteState) {
        let length: Milliseconds = 14 * 86_400_000
        for project in projects where project.kind == .software && !project.isArchived {
            let isKanban = project.index % 5 == 4
            let board = Board(
                id: state.boards.count + 1, name: "\(project.key) board",
                type: project.style == .teamManaged ? "simple" : isKanban ? "kanban" : "scrum", project: project.index)
            state.boards.append(board)
            guard !isKanban else { continue }
            var prose = Prose(SeededRandom(seed: configuration.seed, stream: 3, item: project.index))
            let available = Int((configuration.now - configuration.start) / length)
            let past = min(available, 52)
            for number in 0..<(past + 2) {
                let start = configuration.now - Milliseconds(past - number) * length - length / 2
                let phase: Sprint.State = number < past ? .closed : number == past ? .active : .future
                state.sprintsOfProject[project.index].append(state.sprints.count)
                state.sprints.append(
                    Sprint(
                        id: state.sprints.count + 1, name: "\(project.key) Sprint \(number + 1)", goal: prose.phrase(),
                        state: phase, board: board.id, start: phase == .future ? nil : start,
                        end: phase == .future ? nil : start + length,
                        completed: phase == .closed ? start + length + 3_600_000 : nil))
            }
        }
    }
}
