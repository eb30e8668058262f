import SimulatedData
import SimulatedSite

extension TinyBuilder {
    /// The first scheme's first level begins with the kind of holder whose turn it is.
    mutating func makeSecuritySchemes() {
        let turn = Int(seed / UInt64(Choice.holderKinds) % UInt64(Choice.holderKinds))
        let first = [choice.holder(turn, in: state)] + choice.holders(choice.random.below(2), in: state)
        var levels = [("Level 0", choice.kept(first, in: state))]
        for number in 1..<choice.random.within(2...4) {
            levels.append(("Level \(number)", choice.holders(choice.random.below(3), in: state)))
        }
        state.addSecurityScheme("Security", levels: levels)
        let other = (0..<2).map { ("Other \($0)", choice.holders(1 + choice.random.below(2), in: state)) }
        state.addSecurityScheme("Other security", levels: other)
    }

    mutating func makeProject(_ plan: Plan, _ index: Int) {
        let name = "Project \(index)"
        let key = "T\(["AA", "BB", "CC", "DD"][index])"
        let lead = choice.random.below(state.users.count)
        guard case .team(let access) = plan else {
            // Schemes are often shared.
            let isShared = index > 0 && choice.random.chance(0.3) && state.permissionSchemes.first?.scope == nil
            let scheme = isShared ? 0 : makeScheme(index)
            let security = index == 0 ? 0 : choice.random.pick([nil, 0, 1])
            var actors: [Int: [RoleActor]] = [:]
            for role in Choice.roles { actors[role] = choice.actors(in: state) }
            let kind: Project.Kind = plan == .service ? .serviceDesk : plan == .business ? .business : .software
            state.addProject(
                key, name, kind: kind, lead: lead, permissionScheme: scheme, securityScheme: security, actors: actors,
                components: ["Engine", "Paint"])
            return
        }
        let roles = state.catalogue.roles.filter { $0.scope == index }.map(\.id)
        let everybody: [Holder] = access == .private ? [] : [.applicationRole("jira-software")]
        let scheme = state.addPermissionScheme(
            "Scheme of \(key)",
            grants: [
                ("BROWSE_PROJECTS", everybody + roles.map { .projectRole($0) }),
                ("ADMINISTER_PROJECTS", [.projectRole(roles[0])]),
            ], scope: index)
        var actors: [Int: [RoleActor]] = [:]
        for role in roles { actors[role] = choice.actors(in: state) }
        state.addProject(key, name, access: access, lead: lead, permissionScheme: scheme, actors: actors)
    }

    private mutating func makeScheme(_ index: Int) -> Int {
        var browse = choice.holders(choice.random.below(4), in: state)
        if index == 0 {
            let turn = choice.holder(Int(seed % UInt64(Choice.holderKinds)), in: state)
            browse.removeAll { $0 == turn }
            browse.insert(turn, at: 0)
        }
        return state.addPermissionScheme(
            "Scheme \(index)",
            grants: [
                ("BROWSE_PROJECTS", browse), ("ADMINISTER_PROJECTS", [.group(TinySite.Team.administrators)]),
                ("SERVICEDESK_AGENT", choice.agents(in: state)),
            ])
    }
}
