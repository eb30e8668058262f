import SimulatedData
import SimulatedSite

extension ContentDraw {
    /// Names of the whole site.
    mutating func name(_ kind: Kind) -> ContentMutation? {
        let (name, catalogue) = ("N \(word())", state.catalogue)
        switch kind {
        case .statusName:
            let status = random.below(catalogue.statuses.count)
            return make(kind, "\(status)") { state, _ in state.renameStatus(status, to: name) }
        case .statusCategory:
            let (status, category) = (random.below(catalogue.statuses.count), random.within(1...3))
            return make(kind, "\(status) \(category)") { state, _ in state.setStatusCategory(status, to: category) }
        case .typeName:
            let type = random.below(catalogue.issueTypes.count)
            return make(kind, "\(type)") { $0.renameIssueType(type, to: name, by: $1) }
        case .priorityName:
            let priority = random.below(catalogue.priorities.count)
            return make(kind, "\(priority)") { state, _ in state.renamePriority(priority, to: name) }
        case .resolutionName:
            let resolution = random.below(catalogue.resolutions.count)
            return make(kind, "\(resolution)") { state, _ in state.renameResolution(resolution, to: name) }
        case .linkTypeName:
            let type = random.below(catalogue.linkTypes.count)
            return make(kind, "\(type)") { state, _ in state.renameLinkType(type, to: name) }
        case .fieldName:
            guard let field = catalogue.fields.filter(\.isCustom).randomElement(using: &random) else { return nil }
            return make(kind, field.id) { state, _ in state.renameField(field.id, to: name) }
        default:
            guard let level = state.securitySchemes.flatMap(\.levels).randomElement(using: &random) else { return nil }
            return make(kind, "\(level.id)") { state, _ in state.renameLevel(level.id, to: name) }
        }
    }

    /// Releases, components, boards and sprints.
    mutating func planning(_ kind: Kind) -> ContentMutation? {
        let name = "P \(word())"
        switch kind {
        case .boardName:
            guard let board = state.boards.indices.randomElement(using: &random) else { return nil }
            return make(kind, "\(board)") { $0.renameBoard(board, to: name, by: $1) }
        case .sprintCreated:
            let open = state.boards.indices.filter { state.boards[$0].type != "kanban" }
            guard let board = open.randomElement(using: &random) else { return nil }
            return make(kind, "on \(board)") { $0.createSprint(board, name, by: $1) }
        case .sprintName, .sprintStarted, .sprintClosed:
            let wanted: Sprint.State? = kind == .sprintStarted ? .future : kind == .sprintClosed ? .active : nil
            let sprints = state.sprints.indices.filter { wanted == nil || state.sprints[$0].state == wanted }
            guard let sprint = sprints.randomElement(using: &random) else { return nil }
            if kind == .sprintStarted { return make(kind, "\(sprint)") { $0.startSprint(sprint, by: $1) } }
            if kind == .sprintClosed { return make(kind, "\(sprint)") { $0.closeSprint(sprint, by: $1) } }
            return make(kind, "\(sprint)") { $0.renameSprint(sprint, to: name, by: $1) }
        default: break
        }
        guard let project = liveProject() else { return nil }
        let index = project.index
        switch kind {
        case .boardCreated: return make(kind, "in \(project.id)") { $0.createBoard(index, name, by: $1) }
        case .versionCreated: return make(kind, "in \(project.id)") { $0.createVersion(index, name, by: $1) }
        case .componentCreated: return make(kind, "in \(project.id)") { state, _ in state.createComponent(index, name) }
        case .componentName:
            guard let component = project.components.indices.randomElement(using: &random) else { return nil }
            return make(kind, "\(component) of \(project.id)") { state, _ in
                state.renameComponent(component, of: index, to: name)
            }
        default:
            guard let version = project.versions.indices.randomElement(using: &random) else { return nil }
            let isReleased = !project.versions[version].isReleased
            return make(kind, "\(version) of \(project.id)") { state, hand in
                if kind == .versionReleased {
                    state.releaseVersion(version, of: index, isReleased, by: hand)
                } else {
                    state.renameVersion(version, of: index, to: name, by: hand)
                }
            }
        }
    }

    mutating func people(_ kind: Kind) -> ContentMutation? {
        let word = word()
        switch kind {
        case .userName:
            let user = random.below(state.users.count)
            guard !state.users[user].isDeleted else { return nil }
            // Names to sign in with stay: credentials go by them.
            return make(kind, "\(user)") { $0.renameUser(user, to: "Person \(word)", by: $1) }
        case .groupName:
            // Data Center has no renaming of groups. The first ones hold the licences and the administrators.
            guard state.configuration.flavour.isCloud, state.groups.count > 4 else { return nil }
            let group = random.within(4...(state.groups.count - 1))
            return make(kind, "\(group)") { $0.renameGroup(group, to: "group-\(word)", by: $1) }
        case .roleName:
            let roles = state.catalogue.roles.filter { $0.scope == nil }
            guard let role = roles.randomElement(using: &random) else { return nil }
            return make(kind, "\(role.id)") { $0.renameRole(role.id, to: "Role \(word)", by: $1) }
        default:
            let zone = random.pick(SiteTimeZone.wide)
            return make(kind, "0 \(zone.identifier)") { $0.setTimeZone(0, to: zone, by: $1) }
        }
    }

    mutating func project(_ kind: Kind) -> ContentMutation? {
        let word = word()
        if kind == .projectRestored {
            let trash = state.projects.filter { $0.isTrashed && !$0.isDeleted }
            guard let project = trash.randomElement(using: &random) else { return nil }
            return make(kind, "\(project.id)") { $0.restoreProject(project.index, by: $1) }
        }
        if kind == .projectArchived, random.chance(0.5) {
            let archived = state.projects.filter { $0.isArchived && !$0.isGone }
            guard let project = archived.randomElement(using: &random) else { return nil }
            return make(kind, "\(project.id) back") { $0.archiveProject(project.index, false, by: $1) }
        }
        guard let project = liveProject() else { return nil }
        let index = project.index
        switch kind {
        case .projectName:
            return make(kind, "\(project.id)") { $0.renameProject(index, name: "Project \(word)", by: $1) }
        case .projectKey:
            return make(kind, "\(project.id)") { $0.renameProject(index, key: "K\(word.uppercased())", by: $1) }
        case .projectCreated:
            // So many are enough to find one that is new.
            guard project.style == .companyManaged, state.projects.count < 60 else { return nil }
            return make(kind, "like \(project.id)") { state, hand in
                let made = state.createProject(key: "C\(word.uppercased())", name: "New \(word)", like: index, by: hand)
                state.createIssue(project: made, summary: "First of \(word)", by: hand)
            }
        case .sightLost, .sightRegained: return sight(kind, project)
        default: break
        }
        // The first project stays, so that there is always something to see.
        guard index > 0 else { return nil }
        switch kind {
        case .projectArchived: return make(kind, "\(project.id)") { $0.archiveProject(index, by: $1) }
        case .projectTrashed where state.configuration.flavour.isCloud:
            return make(kind, "\(project.id)") { $0.trashProject(index, by: $1) }
        case .projectDeleted: return make(kind, "\(project.id)") { $0.deleteProject(index, by: $1) }
        default: return nil
        }
    }

    /// Administrators, whose credential copies the site, leave a project's browse grants, or come back.
    private func sight(_ kind: Kind, _ project: Project) -> ContentMutation? {
        let administrators = Holder.group(0)
        let holders = state.holders(project.permissionScheme, "BROWSE_PROJECTS").filter { $0 != administrators }
        let after = kind == .sightLost ? [.user(1)] : holders + [administrators]
        return make(kind, "\(project.id)") {
            $0.setGrants(project.permissionScheme, "BROWSE_PROJECTS", to: after, by: $1)
        }
    }
}
