public import SimulatedData
public import SimulatedSite

/// Changes of names and settings. None moves an issue's `updated`, as in Jira; few are told to webhooks, and none by an issue's event.
extension SiteState {
    /// - Parameter status: A position in ``SiteCatalogue/statuses``; so the others below name positions in their lists.
    public mutating func renameStatus(_ status: Int, to name: String) { catalogue.statuses[status].name = name }

    /// Puts a status under another heading: what counts as done changes for every issue in it.
    public mutating func setStatusCategory(_ status: Int, to category: Int) {
        catalogue.statuses[status].category = category
    }

    public mutating func renamePriority(_ priority: Int, to name: String) { catalogue.priorities[priority].name = name }
    public mutating func renameResolution(_ resolution: Int, to name: String) {
        catalogue.resolutions[resolution].name = name
    }
    public mutating func renameLinkType(_ type: Int, to name: String) { catalogue.linkTypes[type].name = name }

    public mutating func renameIssueType(_ type: Int, to name: String, by hand: Hand? = nil) {
        catalogue.issueTypes[type].name = name
        happen("issuetype_updated", .issueType(type), by: hand)
    }

    /// - Parameter id: `customfield_10010`, or one of Jira's own.
    public mutating func renameField(_ id: String, to name: String) {
        guard let position = catalogue.fields.firstIndex(where: { $0.id == id }) else { return }
        let old = catalogue.fields[position].name
        catalogue.fields[position].name = name
        catalogue.fields[position].clauseNames = catalogue.fields[position].clauseNames.map { $0 == old ? name : $0 }
    }

    /// - Parameter level: The id of a security level.
    public mutating func renameLevel(_ level: Int, to name: String) {
        for scheme in securitySchemes.indices {
            guard let place = securitySchemes[scheme].levels.firstIndex(where: { $0.id == level }) else { continue }
            securitySchemes[scheme].levels[place].name = name
        }
    }

    /// - Parameter version: A position in the project's versions.
    public mutating func renameVersion(_ version: Int, of project: Int, to name: String, by hand: Hand? = nil) {
        projects[project].versions[version].name = name
        happen("jira:version_updated", .version(projects[project].versions[version], project: project), by: hand)
    }

    /// Releases a version, or takes its release back.
    public mutating func releaseVersion(
        _ version: Int, of project: Int, _ isReleased: Bool = true, by hand: Hand? = nil
    ) {
        projects[project].versions[version].isReleased = isReleased
        let name = isReleased ? "jira:version_released" : "jira:version_unreleased"
        happen(name, .version(projects[project].versions[version], project: project), by: hand)
    }

    /// Makes a release and returns its position in the project's versions.
    @discardableResult
    public mutating func createVersion(_ project: Int, _ name: String, by hand: Hand? = nil) -> Int {
        let version = addVersion(project, name)
        happen("jira:version_created", .version(projects[project].versions[version], project: project), by: hand)
        return version
    }

    /// Makes a component and returns its position in the project's components.
    @discardableResult
    public mutating func createComponent(_ project: Int, _ name: String) -> Int { addComponent(project, name) }

    /// - Parameter component: A position in the project's components.
    public mutating func renameComponent(_ component: Int, of project: Int, to name: String) {
        projects[project].components[component].name = name
    }

    // MARK: Boards

    /// Makes a board and returns its position.
    @discardableResult
    public mutating func createBoard(_ project: Int, _ name: String, by hand: Hand? = nil) -> Int {
        let board = addBoard(project, name)
        happen("board_created", .board(boards[board]), by: hand)
        return board
    }

    public mutating func renameBoard(_ board: Int, to name: String, by hand: Hand? = nil) {
        boards[board].name = name
        happen("board_updated", .board(boards[board]), by: hand)
    }

    /// Makes a sprint that has not begun and returns its position.
    @discardableResult
    public mutating func createSprint(_ board: Int, _ name: String, by hand: Hand? = nil) -> Int {
        let sprint = addSprint(board, name)
        happen("sprint_created", .sprint(sprints[sprint]), by: hand)
        return sprint
    }

    public mutating func renameSprint(_ sprint: Int, to name: String, by hand: Hand? = nil) {
        sprints[sprint].name = name
        happen("sprint_updated", .sprint(sprints[sprint]), by: hand)
    }

    /// Starts a sprint of a fortnight. Its issues stay as they were updated.
    public mutating func startSprint(_ sprint: Int, by hand: Hand) {
        sprints[sprint].state = .active
        sprints[sprint].start = hand.now
        sprints[sprint].end = hand.now + 14 * 86_400_000
        happen("sprint_started", .sprint(sprints[sprint]), by: hand)
    }

    public mutating func closeSprint(_ sprint: Int, by hand: Hand) {
        sprints[sprint].state = .closed
        sprints[sprint].completed = hand.now
        happen("sprint_closed", .sprint(sprints[sprint]), by: hand)
    }

    // MARK: People

    /// Gives somebody another name to be shown by; on Data Center perhaps also another one to sign in with. The identity stays.
    public mutating func renameUser(_ user: Int, to displayName: String, name: String? = nil, by hand: Hand? = nil) {
        users[user].displayName = displayName
        if let name, !configuration.flavour.isCloud { users[user].name = name }
        happen("user_updated", .user(user), by: hand)
    }

    /// Lets others see somebody's e-mail address, or no longer.
    public mutating func setShowsEmail(_ user: Int, _ isShown: Bool, by hand: Hand? = nil) {
        users[user].showsEmail = isShown
        happen("user_updated", .user(user), by: hand)
    }

    /// Moves somebody to another time zone: what the dates in their queries mean changes at once.
    public mutating func setTimeZone(_ user: Int, to zone: SiteTimeZone, by hand: Hand? = nil) {
        users[user].timeZone = zone
        happen("user_updated", .user(user), by: hand)
    }
}
