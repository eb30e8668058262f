import AccessControl
import IssueDecoding
import IssueModel
import JiraClient
import Store

extension SyncRun {
    /// What decides who sees a project, as far as the site tells it.
    private struct ProjectAccess: Sendable {
        var project: Project
        var scheme: PermissionScheme?
        /// Where only the scheme's identity is known, because all schemes were read at once.
        var schemeID: EntityID?
        var securityScheme: EntityID?
        var roles: [RoleActors] = []
    }

    private struct Schemes: Sendable {
        var permissions: [EntityID: PermissionScheme] = [:]
        var levels: [SecurityLevel] = []
    }

    /// Reads schemes, levels and roles, stores them before any issue, and computes stored acls again where they changed.
    func readAccess() async throws {
        switch source.accessMode {
        case .mirror: try await mirror()
        case .linked:
            warn(
                .accessModeHidesAll,
                "The account may not read the site's permissions, and members cannot link accounts of their own yet: "
                    + "only the operator sees this source. Use an account that administers Jira, or --access shared.")
            try await keep(withState { $0.projects }.map { ProjectAccess(project: $0) }, Schemes())
        case .shared:
            warn(.accessShared, "Everybody who can use this Drawbridge sees all that the source's account can see.")
            try await open()
        case .public: try await open()
        }
        try await adoptRules()
    }

    /// Lets everybody see what was read, as one scheme of our own says for every project.
    private func open() async throws {
        let everybody = PermissionScheme(
            id: EntityID("drawbridge-\(source.accessMode.rawValue)"), name: "Everybody",
            grants: [.init(permission: AudienceRules.browse, holder: .anyone)])
        let projects = withState { $0.projects }
        try await keep(projects.map { ProjectAccess(project: $0, scheme: everybody) }, Schemes())
    }

    private func mirror() async throws {
        let projects = withState { $0.projects }
        let accounts = withState { $0.directory }
        let schemes = try await readSchemes()
        expect(projects.count)
        let read = try await each(projects, atOnce: 8) { project in
            let access = try await self.readAccess(of: project, schemes, accounts)
            self.advance(by: 1)
            return access
        }
        try await keep(read, schemes)
        if !read.isEmpty, read.allSatisfy({ $0.scheme == nil && $0.schemeID == nil }) {
            warn(
                .accessUnreadable,
                "The site's permission schemes cannot be read with this account, so its projects are hidden from everybody but the operator. Use an account with the permission Administer Jira."
            )
        }
    }

    private func readSchemes() async throws -> Schemes {
        var schemes = Schemes()
        do throws(JiraError) {
            let all = try await client.permissionSchemes()
            schemes.permissions = Dictionary(all.map { ($0.id, $0) }) { first, _ in first }
        } catch {
            // Projects are asked one by one then: whoever administers a project may read its scheme.
            guard isRefusal(error) else { throw error }
        }
        let security = try await readable(
            .levelMembersUnreadable, "Security schemes cannot be read, so issues with a security level are hidden."
        ) { () async throws(JiraError) in try await client.securitySchemes() }
        for scheme in security ?? [] {
            let levels = try await readable(
                .levelMembersUnreadable,
                "The levels of a security scheme cannot be read, so issues with them are hidden."
            ) { () async throws(JiraError) in try await client.securityLevels(ofScheme: scheme.id) }
            schemes.levels += levels ?? []
        }
        if client.flavour == .dataCenter, !schemes.levels.isEmpty {
            warn(
                .levelMembersUnreadable,
                "Data Center does not tell who is in a security level, so issues with a level are hidden from everybody but the operator."
            )
        }
        return schemes
    }

    private func readAccess(
        of project: Project, _ schemes: Schemes, _ accounts: AccountDirectory
    ) async throws -> ProjectAccess {
        var access = ProjectAccess(project: project)
        let lost = "The permissions of project \(project.key) cannot be read, so it is hidden."
        if schemes.permissions.isEmpty {
            access.scheme = try await readable(.projectAccessUnreadable, lost) { () async throws(JiraError) in
                try await client.permissionScheme(ofProject: project.id)
            }
        } else {
            access.schemeID = try await readable(.projectAccessUnreadable, lost) { () async throws(JiraError) in
                try await client.permissionSchemeID(ofProject: project.id)
            }
            // A project's own scheme need not be among the shared ones.
            if let id = access.schemeID, schemes.permissions[id] == nil {
                access.scheme = try await readable(.projectAccessUnreadable, lost) { () async throws(JiraError) in
                    try await client.permissionScheme(ofProject: project.id)
                }
            }
        }
        guard access.scheme != nil || access.schemeID != nil else { return access }
        let roles = try await readable(
            .projectAccessUnreadable,
            "The roles of project \(project.key) cannot be read, so nobody is shown what only a role may see."
        ) { () async throws(JiraError) in try await client.roleActors(in: project.id, people: accounts) }
        access.roles = roles ?? []
        if project.style == .company, !schemes.levels.isEmpty {
            let scheme = try await readable(
                .levelMembersUnreadable, "The security scheme of project \(project.key) cannot be read."
            ) { () async throws(JiraError) in try await client.securityScheme(ofProject: project.id) }
            access.securityScheme = (scheme ?? nil)?.id
        }
        return access
    }

    private func keep(_ read: [ProjectAccess], _ schemes: Schemes) async throws {
        let (sourceID, now) = (source.id, time.now())
        var permissions = schemes.permissions
        for access in read { if let scheme = access.scheme { permissions[scheme.id] = scheme } }
        let (all, levels) = (Array(permissions.values), schemes.levels)
        try await store.write { context in
            try AccessRecords.replacePermissionSchemes(all, source: sourceID, in: context)
            try AccessRecords.replaceSecurityLevels(levels, source: sourceID, in: context)
            for access in read {
                let scheme = access.scheme?.id ?? access.schemeID
                try ProjectRecords.setSchemes(
                    of: access.project.id, permissionScheme: scheme, securityScheme: access.securityScheme,
                    source: sourceID, in: context)
                try ProjectRecords.replaceRoles(of: access.project.id, access.roles, source: sourceID, in: context)
                try ProjectRecords.setAccess(
                    scheme == nil ? .hidden : .verified, verified: scheme == nil ? nil : now, of: access.project.id,
                    source: sourceID, in: context)
            }
        }
    }

    /// Makes the stored facts the rules of this run, and stored acls follow them.
    private func adoptRules() async throws {
        let sourceID = source.id
        let (rules, outdated) = try await store.write { context in
            let facts = try AccessRecords.facts(source: sourceID, withPeople: false, in: context.connection)
            let rules = AudienceRules(facts)
            let result = try AccessRecords.recompute(rules: rules, source: sourceID, in: context)
            return (
                rules, try IssueRecords.identities(withAcls: result.outdated, source: sourceID, in: context.connection)
            )
        }
        for (type, count) in rules.unknownHolders.sorted(by: { $0.key < $1.key }) {
            warn(
                .unknownHolder,
                "A kind of permission holder is unknown to this version (\(type), in \(count) grant\(count == 1 ? "" : "s")). It lets nobody in."
            )
        }
        withState { state in
            state.rules = rules
            state.outdated = outdated
        }
    }
}
