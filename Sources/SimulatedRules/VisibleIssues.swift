public import SimulatedSite

/// The issues one caller may open, one bit an issue.
public struct VisibleIssues: Sendable {
    private var words: [UInt64]
    /// How many issues the caller may open.
    public private(set) var count = 0

    /// Every issue there ever was, whoever may open it.
    package init(all state: SiteState) {
        words = [UInt64](repeating: .max, count: (state.issueCount + 63) / 64)
        count = state.issueCount
    }

    init(capacity: Int) {
        words = [UInt64](repeating: 0, count: (capacity + 63) / 64)
    }

    mutating func insert(_ ordinal: Int) {
        words[ordinal >> 6] |= 1 << UInt64(ordinal & 63)
        count += 1
    }

    /// Whether the issue with this ordinal is among them.
    @inline(__always) public func contains(_ ordinal: Int) -> Bool {
        let word = ordinal >> 6
        return word < words.count && words[word] & (1 << UInt64(ordinal & 63)) != 0
    }

    /// The ordinals, in order of creation.
    public var ordinals: [Int] {
        (0..<(words.count * 64)).filter { contains($0) }
    }
}

extension PermissionEvaluator {
    /// Every live issue the caller may open; archived ones are left out, as search leaves them out.
    ///
    /// The same answer as ``mayBrowse(_:issue:)`` issue by issue, but what does not depend on the issue is decided once
    /// per project and level.
    public func visibleIssues(to caller: Caller) -> VisibleIssues {
        var visible = VisibleIssues(capacity: state.issueCount)
        let person = person(caller)
        if person.isLockedOut { return visible }
        let browse = state.projects.map { project in
            decision(
                state.permissionSchemes[project.permissionScheme].grants
                    .filter { $0.permission == "BROWSE_PROJECTS" }.map(\.holder), person, project)
        }
        let isArchived = state.projects.map { $0.isArchived || $0.isGone }
        let isTeamManaged = state.projects.map { $0.style == .teamManaged }
        var levels: [LevelKey: Decision] = [:]
        for ordinal in 0..<state.issueCount {
            let row = state.row(ordinal)
            let position = Int(row.project)
            guard row.state == .live, !isArchived[position] else { continue }
            guard passes(browse[position], person, row) else { continue }
            if row.level != 0 {
                let key = LevelKey(project: row.project, level: row.level)
                let known =
                    levels[key]
                    ?? {
                        let members = state.securityLevel(id: Int(row.level))?.members.map(\.holder) ?? []
                        return decision(members, person, state.projects[position])
                    }()
                levels[key] = known
                guard passes(known, person, row) else { continue }
            }
            guard !isTeamManaged[position] || mayBrowse(person, issue: ordinal) else { continue }
            visible.insert(ordinal)
        }
        return visible
    }

    private struct LevelKey: Hashable {
        var project: Int16
        var level: Int32
    }

    private enum Decision {
        case always
        case never
        case perIssue([Holder])
    }

    private func decision(_ holders: [Holder], _ person: Person, _ project: Project) -> Decision {
        if holders.contains(where: { holds($0, person, project, issue: nil) }) { return .always }
        let dynamic = holders.filter(\.dependsOnIssue)
        return dynamic.isEmpty ? .never : .perIssue(dynamic)
    }

    private func passes(_ decision: Decision, _ person: Person, _ row: IssueRow) -> Bool {
        switch decision {
        case .always: true
        case .never: false
        case .perIssue(let holders):
            holders.contains { holds($0, person, state.projects[Int(row.project)], issue: Int(row.ordinal)) }
        }
    }
}
