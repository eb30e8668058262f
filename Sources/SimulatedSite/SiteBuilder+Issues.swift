import SimulatedData

extension SiteBuilder {
    /// Makes the resident facts of every issue, in order of creation.
    mutating func makeIssues(in state: inout SiteState) {
        let planner = TextPlanner(configuration, projects: projects)
        let count = max(configuration.issueCount, Tour.issueCount)
        let span = configuration.now - configuration.start
        var lastEpic = [Int32](repeating: -1, count: projects.count)
        var lastPlain = [Int32](repeating: -1, count: projects.count)
        if planner.hasCorpus { state.corpusRows.reserveCapacity(count) }
        for number in planner.reservedNumbers { state.numbers[number.project] = number.table }
        for ordinal in 0..<count {
            var random = SeededRandom(seed: configuration.seed, stream: 10, item: ordinal)
            let place = planner.place(of: ordinal, of: count, &random)
            let slot = span / Milliseconds(count)
            let created =
                configuration.start + span * Milliseconds(ordinal) / Milliseconds(count)
                + Milliseconds(random.below(max(Int(slot), 1)))
            var row = makeRow(ordinal, projects[place.project], created, &random)
            if planner.hasCorpus { state.corpusRows.append(Int32(place.corpusRow ?? -1)) }
            row.number = takeNumber(place.number, project: place.project, ordinal: ordinal, in: &state)
            let fate = ordinal < Tour.issueCount ? 1_000 : random.below(1_000)
            if fate < 4 {
                vanish(&row, in: &state)
            } else {
                relate(&row, &lastEpic, &lastPlain, &random, in: &state)
                if fate < 10 { move(ordinal, from: random.below(projects.count), to: row, in: &state) }
                if fate >= 10 && fate < 14 { row.state = .archived }
            }
            state.rows.append(row)
        }
        sortByUpdate(&state)
    }

    private func makeRow(
        _ ordinal: Int, _ project: Project, _ created: Milliseconds, _ random: inout SeededRandom
    ) -> IssueRow {
        let type = pickType(project, &random)
        let age = configuration.now - created
        let distance = random.fraction()
        let updated = random.chance(0.05) ? created : created + Milliseconds(Double(age) * distance * distance)
        let status = pickStatus(project, &random)
        let isDone = SiteBuilder.isDone(status)
        let reporter = pickPerson(&random)
        return IssueRow(
            ordinal: Int32(ordinal), project: Int16(project.index), number: 0, type: UInt8(type), status: UInt8(status),
            priority: UInt8(min(4, random.skewed(3) + random.below(3))),
            resolution: isDone ? Int8(random.skewed(5)) : -1,
            assignee: random.chance(0.75) ? Int32(pickPerson(&random)) : -1, reporter: Int32(reporter),
            creator: Int32(random.chance(0.9) ? reporter : WellKnown.app), level: pickLevel(project, &random),
            parent: -1,
            created: created, updated: updated,
            resolved: isDone ? created + Milliseconds(Double(updated - created) * 0.9) : 0,
            due: random.chance(0.25) ? Int32(created / 86_400_000) + Int32(random.within(3...120)) : 0, state: .live)
    }

    private static func isDone(_ status: Int) -> Bool {
        status == StatusIndex.done || status == StatusIndex.closed || status == StatusIndex.resolved
    }

    private func pickType(_ project: Project, _ random: inout SeededRandom) -> Int {
        let types = project.issueTypes
        let draw = random.below(100)
        if project.style == .teamManaged { return types[draw < 8 ? 0 : draw < 85 ? 1 : 2] }
        switch project.kind {
        case .serviceDesk: return types[draw < 30 ? 0 : draw < 92 ? 1 : 2]
        case .business: return types[draw < 6 ? 0 : draw < 85 ? 1 : 2]
        case .software:
            let limits = [5, 27, 45, 78, 90, 100]
            return types[limits.firstIndex { draw < $0 } ?? 1]
        }
    }

    private func pickStatus(_ project: Project, _ random: inout SeededRandom) -> Int {
        let draw = random.below(100)
        if project.kind == .serviceDesk {
            return draw < 20
                ? StatusIndex.waitingForSupport : draw < 35 ? StatusIndex.waitingForCustomer : StatusIndex.resolved
        }
        let limits = [12, 26, 38, 44, 48, 86, 99, 100]
        let statuses = [0, 1, 2, 3, 4, StatusIndex.done, StatusIndex.closed, StatusIndex.imported]
        return statuses[limits.firstIndex { draw < $0 } ?? 0]
    }

    /// Anybody may have reported or own an issue, the well-known people more often; also people who have left.
    private func pickPerson(_ random: inout SeededRandom) -> Int {
        if random.chance(0.12) { return random.below(WellKnown.count) }
        return WellKnown.count + random.skewed(users.count - WellKnown.count)
    }

    private func pickLevel(_ project: Project, _ random: inout SeededRandom) -> Int32 {
        guard let scheme = project.securityScheme, random.chance(0.14) else { return 0 }
        return Int32(scheme == 0 ? WellKnown.Level.staff + random.below(2) : 10_200 + random.below(13))
    }

    private func takeNumber(_ wanted: Int?, project: Int, ordinal: Int, in state: inout SiteState) -> Int32 {
        if let wanted {
            state.numbers[project][wanted - 1] = Int32(ordinal)
            return Int32(wanted)
        }
        state.numbers[project].append(Int32(ordinal))
        return Int32(state.numbers[project].count)
    }

    /// Ties the issue to an epic, a parent and another issue of its project.
    private func relate(
        _ row: inout IssueRow, _ lastEpic: inout [Int32], _ lastPlain: inout [Int32], _ random: inout SeededRandom,
        in state: inout SiteState
    ) {
        let project = Int(row.project)
        let level = state.catalogue.issueTypes[Int(row.type)].hierarchyLevel
        if level < 0 {
            guard lastPlain[project] >= 0 else {
                row.type = UInt8(projects[project].issueTypes[1])
                return
            }
            row.parent = lastPlain[project]
            // Jira gives a sub-task its parent's level.
            row.level = state.rows[Int(row.parent)].level
        } else if level == 0 {
            if lastEpic[project] >= 0 && random.chance(0.4) { row.parent = lastEpic[project] }
            if random.chance(0.15) && lastPlain[project] >= 0 {
                link(row.ordinal, lastPlain[project], &random, in: &state)
            }
            lastPlain[project] = row.ordinal
        } else {
            lastEpic[project] = row.ordinal
        }
        if row.parent >= 0 { state.children[Int(row.parent), default: []].append(row.ordinal) }
    }

    private func link(_ from: Int32, _ to: Int32, _ random: inout SeededRandom, in state: inout SiteState) {
        let type = random.below(state.catalogue.linkTypes.count)
        let id = 20_000 + Int(from)
        state.links[Int(from), default: []].append(IssueLink(id: id, type: type, isOutward: true, other: Int(to)))
        state.links[Int(to), default: []].append(IssueLink(id: id, type: type, isOutward: false, other: Int(from)))
    }

    /// Lets an issue have been in another project before.
    private func move(_ ordinal: Int, from project: Int, to row: IssueRow, in state: inout SiteState) {
        guard project != Int(row.project), row.parent < 0, projects[project].formerKeys.isEmpty else { return }
        state.numbers[project].append(Int32(ordinal))
        let former = SiteState.FormerKey(project: Int16(project), number: Int32(state.numbers[project].count))
        state.movedFrom[ordinal] = [former]
    }

    /// Deletes an issue before anything refers to it.
    private func vanish(_ row: inout IssueRow, in state: inout SiteState) {
        row.state = .deleted
        state.audit(
            "Deleted Jira issue", "issue", AuditItem(id: nil, name: state.key(of: row), type: "ISSUE_DELETE"),
            by: SiteState.Hand(user: WellKnown.admin, now: row.updated))
    }

    private func sortByUpdate(_ state: inout SiteState) {
        var keyed: [(updated: Milliseconds, ordinal: Int32)] = []
        keyed.reserveCapacity(state.rows.count)
        for ordinal in 0..<state.rows.count { keyed.append((state.rows[ordinal].updated, Int32(ordinal))) }
        keyed.sort { ($0.updated, $0.ordinal) < ($1.updated, $1.ordinal) }
        state.byUpdated = keyed.map(\.ordinal)
    }
}
