public import SimulatedSite

/// One caller before one picture of the site, with what is known of them worked out once: for whoever asks many questions.
public struct Viewer: Sendable {
    public let caller: Caller
    public let state: SiteState
    /// The live issues the caller may open.
    public let visible: VisibleIssues
    public let isAdministrator: Bool
    public let evaluator: PermissionEvaluator
    private let person: PermissionEvaluator.Person

    init(_ caller: Caller, state: SiteState, visible: VisibleIssues) {
        self.caller = caller
        self.state = state
        self.visible = visible
        evaluator = PermissionEvaluator(state)
        person = evaluator.person(caller)
        isAdministrator = evaluator.isAdministrator(caller)
    }

    /// Whether the caller may open the issue, an archived one included.
    public func sees(issue ordinal: Int) -> Bool {
        if visible.contains(ordinal) { return true }
        let row = state.row(ordinal)
        guard row.state == .archived || state.projects[Int(row.project)].isArchived else { return false }
        return evaluator.mayBrowse(person, issue: ordinal)
    }

    /// Whether a restriction to a role or group includes the caller, in that project.
    public func isIn(_ visibility: Visibility?, project: Int) -> Bool {
        switch visibility {
        case nil: true
        case .role(let role): evaluator.plays(role, person, state.projects[project])
        case .group(let group): !person.isLockedOut && person.groups.contains(group)
        }
    }

    /// Whether some grant of the project's scheme gives the permission; `issue` lets grants to its people count.
    public func has(_ permission: String, project: Int, issue: Int? = nil) -> Bool {
        evaluator.has(permission, person, state.projects[project], issue: issue)
    }

    /// Whether the project shows in the caller's lists.
    public func sees(project: Int) -> Bool {
        evaluator.sees(person, project: project)
    }
}

extension SimulatedSite {
    private struct Question: Hashable, Sendable {
        var caller: Caller
        var version: Int
    }

    /// What a caller may see in one picture of the site; remembered until the site changes.
    public func visibleIssues(to caller: Caller, in state: SiteState) -> VisibleIssues {
        remembered(Question(caller: caller, version: state.version)) {
            PermissionEvaluator(state).visibleIssues(to: caller)
        }
    }

    /// The caller before a picture of this site.
    public func viewer(_ caller: Caller, in state: SiteState) -> Viewer {
        Viewer(caller, state: state, visible: visibleIssues(to: caller, in: state))
    }
}
