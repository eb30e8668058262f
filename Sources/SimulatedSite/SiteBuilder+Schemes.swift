extension SiteBuilder {
    /// Makes permission schemes with every kind of holder. Administrators may browse all of them.
    func makePermissionSchemes(for blueprints: [ProjectBlueprint], in state: inout SiteState) {
        typealias Role = WellKnown.Role
        typealias Team = WellKnown.Team
        let browsers: [(String, [Holder])] = [
            ("Default software scheme", [.applicationRole(nil)]),
            (
                "Payments scheme",
                [
                    .projectRole(Role.developers), .projectRole(Role.users), .projectLead, .group(Team.finance),
                ]
            ),
            ("Public scheme", [.anyone]),
            ("Storefront scheme", [.applicationRole("jira-software")]),
            ("Own issues scheme", [.reporter, .assignee, .user(WellKnown.securityOfficer)]),
            (
                "Service desk scheme",
                [
                    .applicationRole("jira-servicedesk"), .projectRole(Role.agents), .portalOnly,
                ]
            ),
            ("Business scheme", [.applicationRole("jira-core"), .projectRole(Role.users)]),
            ("Security scheme", [.group(Team.security), .group(Team.engineering), .user(WellKnown.financeLead)]),
            (
                "Named people scheme",
                [
                    .userCustomField(WellKnown.Field.approver), .userCustomField(WellKnown.Field.reviewers),
                    .groupCustomField(WellKnown.Field.team), .groupCustomField(WellKnown.Field.teams), .projectLead,
                ]
            ),
            (
                "App-managed scheme",
                [
                    .unknown(type: "com.example.rules.team-holder", parameter: "42"), .user(WellKnown.contractor),
                    .group(Team.empty),
                ]
            ),
        ]
        for (name, holders) in browsers {
            let agents: [Holder] = holders.contains(.projectRole(Role.agents)) ? [.projectRole(Role.agents)] : []
            add(name, browse: holders, edit: [.projectRole(Role.developers)], agents: agents, scope: nil, to: &state)
        }
        for (index, blueprint) in blueprints.enumerated() {
            guard let access = blueprint.access else { continue }
            let roles = [Role.teamAdministrator(index), Role.teamMember(index), Role.teamViewer(index)]
            let everybody: [Holder] = access == .private ? [] : [.applicationRole("jira-software")]
            add(
                "Scheme of \(blueprint.key)", browse: everybody + roles.map { .projectRole($0) },
                edit: access == .open ? everybody : [.projectRole(Role.teamMember(index))], agents: [], scope: index,
                to: &state)
        }
    }

    private func add(
        _ name: String, browse: [Holder], edit: [Holder], agents: [Holder], scope: Int?, to state: inout SiteState
    ) {
        let index = state.permissionSchemes.count
        let administrators = Holder.group(WellKnown.administrators)
        var grants: [PermissionGrant] = []
        func grant(_ permission: String, _ holders: [Holder]) {
            for holder in holders {
                grants.append(
                    PermissionGrant(id: 10_000 + index * 100 + grants.count, permission: permission, holder: holder))
            }
        }
        grant("BROWSE_PROJECTS", browse + [administrators])
        grant("ADMINISTER_PROJECTS", [administrators, .projectLead])
        for permission in ["CREATE_ISSUES", "EDIT_ISSUES", "ADD_COMMENTS", "WORK_ON_ISSUES", "TRANSITION_ISSUES"] {
            grant(permission, edit + [administrators])
        }
        grant("SERVICEDESK_AGENT", agents + (agents.isEmpty ? [] : [administrators]))
        grant("VIEW_VOTERS_AND_WATCHERS", [.applicationRole(nil)])
        state.permissionSchemes.append(
            PermissionScheme(
                index: index, id: 10_000 + index, name: name, description: "", grants: grants, scope: scope))
    }

    /// Two schemes of security levels: a small one, and one with a level for every kind of holder.
    func securitySchemes() -> [SecurityScheme] {
        typealias Role = WellKnown.Role
        typealias Team = WellKnown.Team
        let small: [(String, [Holder])] = [
            ("Staff", [.applicationRole(nil)]),
            ("Incident response", [.group(Team.responders), .projectRole(Role.administrators)]),
        ]
        let large: [(String, [Holder])] = [
            ("Anyone", [.anyone]), ("Software users", [.applicationRole("jira-software")]),
            ("Licensed", [.applicationRole(nil)]), ("Engineering", [.group(Team.engineering)]),
            ("Officer", [.user(WellKnown.securityOfficer)]), ("Reviewers", [.projectRole(Role.reviewers)]),
            ("Lead", [.projectLead]), ("Reporter only", [.reporter]),
            ("Assignee and reporter", [.assignee, .reporter]),
            ("Approver", [.userCustomField(WellKnown.Field.approver), .userCustomField(WellKnown.Field.reviewers)]),
            ("Teams", [.groupCustomField(WellKnown.Field.team), .groupCustomField(WellKnown.Field.teams)]),
            ("App rule", [.unknown(type: "com.example.rules.clearance", parameter: nil)]), ("Nobody else", []),
        ]
        return [
            scheme(0, "Payments security", small, firstLevel: WellKnown.Level.staff),
            scheme(1, "Every kind of level", large, firstLevel: 10_200),
        ]
    }

    private func scheme(
        _ index: Int, _ name: String, _ levels: [(String, [Holder])], firstLevel: Int
    ) -> SecurityScheme {
        let administrators = Holder.group(WellKnown.administrators)
        return SecurityScheme(
            index: index, id: 10_000 + index, name: name, description: "", defaultLevel: nil,
            levels: levels.enumerated().map { position, level in
                let holders = level.1 + [administrators]
                return SecurityLevel(
                    id: firstLevel + position, name: level.0, description: "Who: \(level.0.lowercased())",
                    members: holders.enumerated().map {
                        SecurityLevel.Member(id: (firstLevel + position) * 10 + $0.offset, holder: $0.element)
                    })
            })
    }
}
