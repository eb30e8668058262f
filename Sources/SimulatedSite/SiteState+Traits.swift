import SimulatedData

/// Which random sequence each aspect of an issue takes, so that one can be made without the others.
enum Stream {
    static let traits: UInt64 = 20
    static let text: UInt64 = 30
    static let comments: UInt64 = 40
    static let worklogs: UInt64 = 50
    static let worklogNotes: UInt64 = 51
    static let changes: UInt64 = 60
    static let attachments: UInt64 = 70
    static let fields: UInt64 = 80
    static let people: UInt64 = 90
}

extension SiteState {
    func random(_ stream: UInt64, _ ordinal: Int) -> SeededRandom {
        SeededRandom(seed: configuration.seed, stream: stream, item: ordinal)
    }

    /// The cheap facts of an issue, without making its texts.
    public func traits(of ordinal: Int) -> IssueTraits {
        if let known = overlay[ordinal] { return known.traits }
        let row = rows[ordinal]
        var random = random(Stream.traits, ordinal)
        let project = Int(row.project)
        var traits = IssueTraits(
            labels: [], components: [], fixVersions: [], affectedVersions: [], sprints: [], userFields: [:],
            groupFields: [:], restrictedToRoles: [])
        for _ in 0..<random.skewed(4) {
            let label = random.pickSkewed(catalogue.labels)
            if !traits.labels.contains(label) { traits.labels.append(label) }
        }
        let components = originalProjects[project].components.count
        if components > 0 && random.chance(0.6) { traits.components = [random.skewed(components)] }
        if components > 2 && random.chance(0.1) { traits.components.append(components - 1) }
        let versions = originalProjects[project].versions
        if !versions.isEmpty {
            let day = Int(row.created / 86_400_000)
            let next = versions.firstIndex { ($0.releaseDay ?? 0) > day } ?? versions.count - 1
            if random.chance(0.45) { traits.fixVersions = [next] }
            if next > 0 && random.chance(0.2) { traits.affectedVersions = [next - 1] }
            if next > 1 && random.chance(0.05) { traits.affectedVersions.append(next - 2) }
        }
        traits.sprints = pickSprints(row, &random)
        addPeople(&traits, project: project, ordinal)
        return traits
    }

    private func pickSprints(_ row: IssueRow, _ random: inout SeededRandom) -> [Int] {
        let list = sprintsOfProject[Int(row.project)]
        guard !list.isEmpty, random.chance(0.5) else { return [] }
        guard let first = list.firstIndex(where: { (sprints[$0].end ?? .max) > row.created }), first > 0 else {
            return []
        }
        let last = min(first + random.skewed(3), list.count - 1)
        return Array(list[first...last])
    }

    private func addPeople(_ traits: inout IssueTraits, project: Int, _ ordinal: Int) {
        let isNamed = namesPeople[project]
        var random = random(Stream.people, ordinal)
        let share = isNamed ? 0.7 : 0.12
        func person() -> Int { random.chance(0.3) ? random.below(WellKnown.count) : random.below(users.count) }
        if random.chance(share) { traits.userFields[WellKnown.Field.approver] = [person()] }
        if random.chance(share) {
            traits.userFields[WellKnown.Field.reviewers] = Array(Set([person(), person()])).sorted()
        }
        if random.chance(share / 2) { traits.groupFields[WellKnown.Field.team] = [random.below(groups.count)] }
        if random.chance(share / 3) {
            let some = Set([random.below(groups.count), random.below(groups.count)])
            traits.groupFields[WellKnown.Field.teams] = some.sorted()
        }
        if originalProjects[project].style == .teamManaged && random.chance(0.12)
            && configuration.features.securityLevels
        {
            let roles = [WellKnown.Role.teamAdministrator(project), WellKnown.Role.teamMember(project)]
            traits.restrictedToRoles = random.chance(0.5) ? roles : [roles[0]]
        }
    }

    /// Original estimate, remaining estimate and time spent, in seconds.
    func timeTracking(of ordinal: Int) -> (original: Int?, remaining: Int?, spent: Int?) {
        if let known = overlay[ordinal] {
            return (known.originalEstimate, known.remainingEstimate, known.timeSpent)
        }
        let spent = worklogSeconds(of: ordinal).reduce(0, +)
        var random = random(Stream.worklogs &+ 2, ordinal)
        guard random.chance(0.35) || spent > 0 else { return (nil, nil, nil) }
        let original = random.within(1...40) * 3_600
        let isDone = rows[ordinal].resolution >= 0
        return (original, isDone ? 0 : max(original - spent, 0), spent > 0 ? spent : nil)
    }

    /// How long each worklog is; a few issues have more than the twenty an issue embeds.
    func worklogSeconds(of ordinal: Int) -> [Int] {
        guard configuration.features.worklogs else { return [] }
        var random = random(Stream.worklogs, ordinal)
        let count = ordinal % 500 == 250 ? random.within(21...45) : random.chance(0.12) ? random.within(1...3) : 0
        return (0..<count).map { _ in random.within(1...32) * 900 }
    }
}
