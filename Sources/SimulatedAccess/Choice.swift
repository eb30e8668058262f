import SimulatedData
import SimulatedSite

/// Picks holders, people and restrictions for a site's rules, every kind there is.
struct Choice {
    var random: SeededRandom

    /// Positions of everybody a tiny site has, of whatever kind.
    static let people = 0..<TinySite.people

    /// Kinds of holder, in the order seeds go through them.
    static let holderKinds = 17

    /// - Parameters:
    ///   - kind: Below ``holderKinds``.
    ///   - scope: Position of the team-managed project, whose roles are its own.
    mutating func holder(_ kind: Int, in state: SiteState) -> Holder {
        switch kind {
        case 0: .anyone
        case 1: .applicationRole(nil)
        case 2: .applicationRole("jira-software")
        case 3: .applicationRole("jira-servicedesk")
        case 4: .applicationRole("jira-nothing")
        case 5: .group(group(in: state))
        case 6: .user(random.below(state.users.count))
        case 7: .projectRole(random.pick(Self.roles))
        case 8: .projectRole(99_999)
        case 9: .projectLead
        case 10: .reporter
        case 11: .assignee
        case 12: .userCustomField(random.pick([WellKnown.Field.approver, WellKnown.Field.reviewers]))
        case 13: .groupCustomField(random.pick([WellKnown.Field.team, WellKnown.Field.teams]))
        case 14: .userCustomField("customfield_19999")
        case 15: .portalOnly
        default: .unknown(type: "com.example.rules.clearance", parameter: random.chance(0.5) ? "7" : nil)
        }
    }

    static let roles = [
        WellKnown.Role.users, WellKnown.Role.developers, WellKnown.Role.administrators, WellKnown.Role.reviewers,
        WellKnown.Role.agents,
    ]

    /// Any holder; one that lets everybody in is rare, so that something is left to hide.
    mutating func holder(in state: SiteState) -> Holder {
        let kind = random.below(Self.holderKinds)
        return holder(kind == 0 && random.chance(0.7) ? 5 : kind, in: state)
    }

    mutating func holders(_ count: Int, in state: SiteState) -> [Holder] {
        var found: [Holder] = []
        for _ in 0..<count {
            let holder = holder(in: state)
            if !found.contains(holder) { found.append(holder) }
        }
        return kept(found, in: state)
    }

    /// The holders, with administrators among them where those are to see everything.
    func kept(_ holders: [Holder], in state: SiteState) -> [Holder] {
        let administrators = Holder.group(TinySite.Team.administrators)
        guard state.configuration.features.administratorSeesAll, !holders.contains(administrators) else {
            return holders
        }
        return holders + [administrators]
    }

    /// Holders of the agents' permission: people Jira knows before it looks at an issue.
    mutating func agents(in state: SiteState) -> [Holder] {
        var found = [random.chance(0.7) ? .projectRole(WellKnown.Role.agents) : holder(7, in: state)]
        if random.chance(0.4) { found.append(holder(random.pick([2, 3, 5, 6, 9]), in: state)) }
        return kept(found, in: state)
    }

    /// One of the groups that are not for licences.
    mutating func group(in state: SiteState) -> Int {
        random.chance(0.1)
            ? random.below(state.groups.count) : random.within(TinySite.Team.red...(state.groups.count - 1))
    }

    mutating func members(of group: Int, in state: SiteState) -> [Int] {
        let share = random.pick([0.0, 0.2, 0.5])
        let found = state.users.indices.filter { !state.users[$0].isDeleted && random.chance(share) }
        let keepsAdministrator =
            state.configuration.features.administratorSeesAll || group <= TinySite.Team.software
        return keepsAdministrator ? [TinySite.administrator] + found : found
    }

    mutating func actors(in state: SiteState) -> [RoleActor] {
        var found: [RoleActor] = []
        for _ in 0..<random.below(4) {
            let actor =
                random.chance(0.4) ? RoleActor.group(group(in: state)) : .user(random.below(state.users.count))
            if !found.contains(actor) { found.append(actor) }
        }
        let administrators = RoleActor.group(TinySite.Team.administrators)
        guard state.configuration.features.administratorSeesAll, !found.contains(administrators) else { return found }
        return found + [administrators]
    }

    /// What a comment or worklog of the project may be confined to; nil as often as not.
    mutating func visibility(in project: Project, of state: SiteState) -> Visibility? {
        guard random.chance(0.55) else { return nil }
        if random.chance(0.4) { return .group(group(in: state)) }
        let own = state.catalogue.roles.filter { $0.scope == project.index }.map(\.id)
        return .role(random.pick(own.isEmpty ? Self.roles : own))
    }

    mutating func people(in state: SiteState) -> [Int] {
        Set((0..<random.within(1...2)).map { _ in random.below(state.users.count) }).sorted()
    }

    mutating func groups(in state: SiteState) -> [Int] {
        Set((0..<random.within(1...2)).map { _ in group(in: state) }).sorted()
    }
}
