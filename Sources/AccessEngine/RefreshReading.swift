import AccessControl
import AccessSamples
import IssueDecoding
import IssueModel
public import JiraClient
public import Store

extension AccessRefresh {
    var reader: AccessReader {
        AccessReader(client: client, isAnonymous: source.credentialKind == Credential.anonymous.kind)
    }

    /// Asks Jira for what is due and puts the answers in the place of what was known.
    func read(
        _ extent: Extent, _ listed: ListedProjects?, into state: inout RefreshState,
        _ report: @escaping @Sendable (Int, Int) -> Void
    ) async throws {
        if let listed {
            state.harvest.projects = listed.live
            state.harvest.archived = listed.archived
            state.harvest.times[.projects] = FactTime(verified: listed.at)
            state.adopt(listed.live.map(\.project))
        } else if extent != .needed {
            try await readProjectList(&state)
        }
        if extent != .needed, state.harvest.refusal == nil { try await readSamples(into: &state) }
        guard source.accessMode == .mirror, state.harvest.refusal == nil else { return }
        if extent != .needed { try await readRules(extent, into: &state) }
        let plan = AccessRefreshPlan(items(extent, state), pace: pace, now: time.now())
        state.summary.exceedsBudget = plan.exceedsBudget
        for fact in plan.reads where fact == .accounts || fact == .groups { try await readPeople(fact, into: &state) }
        let projects = plan.reads.compactMap { if case .project(let id) = $0 { id } else { nil } }
        let progress = ReadProgress(expected: plan.reads.count, report)
        try await readProjects(projects, into: &state, progress)
        // What the projects name now may be other groups than before; they are read before that counts.
        let needs = state.needs
        let planned = Set(plan.reads.compactMap { if case .group(let id) = $0 { id } else { nil } })
        let new = needs.allGroups.filter { state.times[.group($0)] == nil }
        try await readMembers(
            of: planned.union(new).intersection(needs.allGroups).sorted { $0.rawValue < $1.rawValue }, into: &state,
            progress)
        state.warnOfUnlistedMembers()
    }

    // MARK: What is read each time

    /// Reads a few issues again for what Jira changes on them without updating them.
    private func readSamples(into state: inout RefreshState) async throws {
        let (source, turn) = (source, Int(time.now().rawValue / 1_000 / pace.refresh))
        let facts = state.facts
        let samples = try await store.read { try KeptSamples(of: source, facts, turn: turn, in: $0) }
        let ids = samples.issues
        guard !ids.isEmpty else { return }
        let outcome = try await reader.read { () async throws(JiraError) in
            try await client.issues(ids: ids, decoder: samples.decoder)
        }
        guard let batch = outcome.value else {
            state.summary.warn(
                .accessNotVerified,
                "Whether levels and restrictions of issues are as they were could not be looked at; the next refresh does."
            )
            return
        }
        // Those known to have changed are being read, or will be.
        let changed = samples.projects(changedIn: batch).filter { state.times[.issueLevels($0)] == nil }
        state.harvest.releveled.formUnion(changed)
    }

    private func readProjectList(_ state: inout RefreshState) async throws {
        let began = time.now()
        let outcome = try await reader.read { () async throws(JiraError) in try await client.projects() }
        if case .refused(let problem) = outcome { state.harvest.refusal = problem }
        let listed = state.note(
            .projects, outcome, began: began, .accessUnreadable, "The projects cannot be listed, so all are hidden.")
        guard let listed else { return }
        let inScope = listed.filter { source.scope.includes($0) }
        state.harvest.projects = inScope
        let ids = Set(inScope.map(\.project.id))
        let left = state.projects.values.filter {
            !ids.contains($0.project.id) && $0.accessState != .gone && !$0.project.isArchived
        }
        if !left.isEmpty {
            // Whether they are archived or gone; both are hidden, so a failure here costs only the better word.
            let archived = try await reader.read { () async throws(JiraError) in try await client.projects(.archived) }
            state.harvest.archived = (archived.value ?? []).filter { source.scope.includes($0) }
        }
        state.adopt(inScope.map(\.project))
    }

    /// Site-wide facts, all at once.
    private func readRules(_ extent: Extent, into state: inout RefreshState) async throws {
        let (began, reader, isCloud) = (time.now(), reader, client.flavour == .cloud)
        async let schemesAnswer = reader.read { () async throws(JiraError) in try await client.permissionSchemes() }
        async let licencesAnswer = reader.read { () async throws(JiraError) in try await client.applicationRoles() }
        async let levelsAnswer = readLevels(reader)
        async let auditAnswer = readAuditLog(state.trail, reader)
        let (schemes, licences, levels, audit) = try await (schemesAnswer, licencesAnswer, levelsAnswer, auditAnswer)
        state.harvest.schemes = state.note(
            .schemes, schemes, began: began, .schemeListUnreadable,
            "Permission schemes cannot be listed; each project is asked for its own.")
        if case .missing(let problem) = licences, !isCloud {
            // Old Servers have no application roles: everybody who can sign in is licensed. A site that had some does not
            // become one of those.
            let none: ReadOutcome<[ApplicationRole]> =
                state.facts.applicationRoles.isEmpty ? .read([]) : .failed(problem)
            state.harvest.licences = state.note(.licences, none, began: began, .licencesUnreadable, "")
        } else {
            state.harvest.licences = state.note(
                .licences, licences, began: began, .licencesUnreadable,
                "The groups behind licences cannot be read, so nobody is shown what every licensed person may see.")
        }
        let known = state.note(
            .levels, levels, began: began, .levelMembersUnreadable,
            "Security levels cannot be read, so issues with a level are hidden.")
        state.harvest.levels = known?.levels
        let schemesOfProjects = known?.projects
        state.adopt(audit, at: began)
        state.adoptRules()
        state.noteRemovedLevels()
        guard let schemesOfProjects else { return }
        for project in state.facts.projects.values where project.style == .company {
            state.adopt(securityScheme: schemesOfProjects[project.id], of: project.id)
        }
    }

    private struct Levels: Sendable {
        var levels: [SecurityLevel]
        var projects: [EntityID: EntityID]?
    }

    private func readLevels(_ reader: AccessReader) async throws -> ReadOutcome<Levels> {
        try await reader.read { () async throws(JiraError) in
            let levels = try await client.securityLevels()
            guard client.flavour == .cloud else { return Levels(levels: levels, projects: nil) }
            // A site without any level has none to tell.
            return Levels(levels: levels, projects: levels.isEmpty ? [:] : try await client.securitySchemeProjects())
        }
    }

    /// What Jira recorded since the log was read last; `nil` where this kind of Jira has none.
    private func readAuditLog(
        _ trail: AuditTrail?, _ reader: AccessReader
    ) async throws -> ReadOutcome<AuditReading>? {
        guard client.flavour == .cloud else { return nil }
        let (client, now) = (client, time.now())
        return try await reader.read { () async throws(JiraError) in
            if let trail, trail.goesOn(at: now) {
                let entries = try await Self.auditEntries(since: trail.readFrom, client)
                if let entries, entries.contains(where: { $0.id == trail.newest }) {
                    return AuditReading(entries: entries, siteTime: client.siteTime)
                }
            }
            // More was recorded than can be read, or less than is known: the log is followed anew.
            guard let newest = try await client.newestAuditRecord() else { return AuditReading() }
            let mark = client.siteTime.map { min($0, newest.created) } ?? newest.created
            let entries = try await Self.auditEntries(since: AuditTrail.readFrom(mark), client)
            return AuditReading(entries: entries ?? [], siteTime: client.siteTime)
        }
    }

    /// `nil` where more was recorded than can be read.
    private static func auditEntries(
        since moment: Timestamp, _ client: JiraClient
    ) async throws(JiraError) -> [AuditEntry]? {
        do throws(JiraError) {
            return try await client.auditRecords(since: moment).map { AuditEntry($0) }
        } catch {
            guard error.code == .incompleteListing else { throw error }
            return nil
        }
    }

    // MARK: What is read in turn

    private func items(_ extent: Extent, _ state: RefreshState) -> [AccessRefreshPlan.Item] {
        let needs = state.needs
        if extent == .needed { return needed(needs, state) }
        let isEverything = extent == .everything
        func urgency(_ usual: AccessRefreshPlan.Urgency, now: Bool = false) -> AccessRefreshPlan.Urgency {
            isEverything || now ? .now : usual
        }
        var items = [
            AccessRefreshPlan.Item(
                .accounts, requests: 1 + state.accountCount / 1_000, verified: state.times[.accounts]?.verified,
                urgency: urgency(.membership, now: state.trail?.suspectsAccounts == true)),
            AccessRefreshPlan.Item(
                .groups, requests: 1 + state.facts.groups.count / 50, verified: state.times[.groups]?.verified,
                urgency: urgency(.slow)),
        ]
        let schemesAreListed = state.harvest.schemes != nil
        for project in state.facts.projects.values {
            let time = state.times[.project(project.id)]
            let isVouchedFor =
                schemesAreListed && project.style == .company && time?.refusal == nil && pace.reliesOnLog
                && time?.verified.map { state.trail?.covers(project.id, readAt: $0) == true } ?? false
            items.append(
                .init(
                    .project(project.id), requests: requests(for: project, needs, state), verified: time?.verified,
                    urgency: urgency(
                        isVouchedFor ? .slow : .membership,
                        now: mustRead(project, needs, state) || state.trail?.suspects.contains(project.id) == true)))
        }
        for group in needs.allGroups {
            items.append(
                .init(
                    .group(group), requests: 1 + (state.memberCounts[group] ?? 0) / 50,
                    verified: state.times[.group(group)]?.verified,
                    urgency: urgency(.membership, now: state.suspects(group))))
        }
        return items
    }

    private func requests(
        for project: AccessFacts.ProjectFacts, _ needs: AccessNeeds, _ state: RefreshState
    ) -> Int {
        let asksForLevels = client.flavour == .dataCenter && !state.facts.securityLevels.isEmpty
        return 1 + (needs.roles[project.id]?.count ?? 0) + (asksForLevels ? 1 : 0)
    }

    /// What stored issues name and nothing was read of yet.
    private func needed(_ needs: AccessNeeds, _ state: RefreshState) -> [AccessRefreshPlan.Item] {
        let projects = state.facts.projects.values.filter {
            state.times[.project($0.id)] == nil || mustRead($0, needs, state)
        }
        let groups = needs.allGroups.filter { state.times[.group($0)] == nil }
        return projects.map { .init(.project($0.id), urgency: .now) } + groups.map { .init(.group($0), urgency: .now) }
    }

    /// Whether a rule names something of the project that is not known: another scheme than those listed, or a role.
    private func mustRead(_ project: AccessFacts.ProjectFacts, _ needs: AccessNeeds, _ state: RefreshState) -> Bool {
        guard state.times[.project(project.id)]?.refusal == nil else { return false }
        if !needs.missingRoles(of: project).isEmpty { return true }
        if let scheme = project.permissionScheme, state.facts.permissionSchemes[scheme] == nil { return true }
        return wantsNames(project, needs, state)
    }

    /// Whether all roles of the project are to be read to find those that only a name is known of. A name that no role has
    /// is not asked for each time.
    private func wantsNames(_ project: AccessFacts.ProjectFacts, _ needs: AccessNeeds, _ state: RefreshState) -> Bool {
        let unresolved = needs.unresolvedNames(of: project)
        guard !unresolved.isEmpty else { return false }
        guard let last = state.times[.roleNames(project.id)], let verified = last.verified else { return true }
        let known = Set((last.detail ?? "").split(separator: "\n").map(String.init))
        return !unresolved.isSubset(of: known)
            || time.now().rawValue - verified.rawValue > pace.membershipPeriod * 1_000
    }

    private func readProjects(
        _ ids: [EntityID], into state: inout RefreshState, _ progress: ReadProgress
    ) async throws {
        let (facts, issues, directory) = (state.facts, state.issues, state.directory)
        let needs = state.needs
        let schemesAreListed =
            state.harvest.schemes != nil || (state.times[.schemes]?.refusal == nil && state.times[.schemes] != nil)
        let known = facts.projects
        let wanted = Set(known.values.filter { wantsNames($0, needs, state) }.map(\.id))
        let began = time.now()
        let reading = ProjectReading(
            reader: reader, facts: facts, issues: issues, directory: directory, schemesAreListed: schemesAreListed)
        let answers = try await each(ids.compactMap { known[$0] }) { project in
            let outcome = try await reading.read(project, withNames: wanted.contains(project.id))
            progress.advance()
            return (project, outcome)
        }
        for (project, outcome) in answers { state.adopt(outcome, of: project, began: began) }
    }

    private func readMembers(
        of groups: [GroupID], into state: inout RefreshState, _ progress: ReadProgress
    ) async throws {
        let (names, reader, client, time) = (state.facts.groups, reader, client, time)
        progress.expect(groups.count)
        let answers = try await each(groups) { group in
            let began = time.now()
            let named = Group(id: group, name: names[group]?.name ?? group.rawValue)
            let outcome = try await reader.read { () async throws(JiraError) in try await client.members(of: named) }
            progress.advance()
            return (group, began, outcome)
        }
        for (group, began, outcome) in answers { state.adopt(outcome, membersOf: group, began: began) }
    }

    /// Runs `body` for every element, eight at a time, and returns the results in the elements' order.
    private func each<Element: Sendable, Value: Sendable>(
        _ elements: [Element], _ body: @escaping @Sendable (Element) async throws -> Value
    ) async throws -> [Value] {
        try await withThrowingTaskGroup(of: (Int, Value).self) { group in
            var results = [Value?](repeating: nil, count: elements.count)
            var next = 0
            func start() {
                guard next < elements.count else { return }
                let (index, element) = (next, elements[next])
                next += 1
                group.addTask { (index, try await body(element)) }
            }
            for _ in 0..<min(8, elements.count) { start() }
            while let (index, value) = try await group.next() {
                results[index] = value
                start()
            }
            return results.compactMap(\.self)
        }
    }
}

extension Source.Scope {
    /// Whether a project is one of those that are synchronised, under its key or a former one.
    public func includes(_ project: FetchedProject) -> Bool {
        let wanted = Set(projects.map { $0.uppercased() })
        return wanted.isEmpty
            || !wanted.isDisjoint(with: (project.keys + [project.project.key]).map { $0.uppercased() })
    }
}
