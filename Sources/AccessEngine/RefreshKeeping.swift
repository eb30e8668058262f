import AccessControl
import AccessSamples
import Database
import IssueModel
import JiraClient
import Journal
public import Store

extension AccessRefresh {
    /// Stores what was read, judges every project by it, and lets the acls follow, all in one transaction.
    func keep(_ read: RefreshState, _ extent: Extent) async throws -> AccessRefreshSummary {
        let (source, pace, now) = (source, pace, time.now())
        return try await store.write { context in
            var state = read
            let shape = try Self.shape(source.id, context)
            try Self.keepPeople(state, source.id, context)
            try Self.keepProjects(state, source.id, context)
            if source.accessMode == .mirror { try Self.keepRules(state, source.id, context) }
            try Self.judge(&state, source, pace, context)
            try Self.keepTimes(state, source.id, at: now, context)
            state.summary.outdated = state.outdated
            if try Self.shape(source.id, context) != shape {
                let facts = try AccessRecords.facts(source: source.id, withPeople: false, in: context.connection)
                let rules = AudienceRules(facts)
                state.summary.outdated = try AccessRecords.recompute(rules: rules, source: source.id, in: context)
                    .outdated
                state.summary.changed = true
                Self.warnOfUnknown(rules, &state.summary)
            }
            // What was only completed is as old as before.
            if extent != .needed {
                try Checkpoints.advance(Self.checkpoint, to: "{}", at: now, source: source.id, in: context)
            }
            return state.summary
        }
    }

    /// Where it is noted when the last refresh ended.
    public static let checkpoint = "access"

    /// Runs `body` and derives the acls of a source again where it changed what they are derived from, such as a project's
    /// lead, in the same transaction.
    public static func followed<Result>(
        source: Int64, in context: WriteContext, _ body: () throws -> Result
    ) throws -> Result {
        let before = try shape(source, context)
        let result = try body()
        if try shape(source, context) != before { try AccessRecords.recompute(source: source, in: context) }
        return result
    }

    /// Facts that clauses are derived from: who is in a group or plays a role is asked at reading.
    private static func shape(_ source: Int64, _ context: WriteContext) throws -> AccessFacts {
        var facts = try AccessRecords.facts(source: source, withPeople: false, in: context.connection)
        facts.applicationRoles = []
        for id in facts.projects.keys {
            for index in facts.projects[id]?.roles.indices ?? 0..<0 {
                facts.projects[id]?.roles[index].accounts = []
                facts.projects[id]?.roles[index].groups = []
            }
        }
        return facts
    }

    private static func keepPeople(_ state: RefreshState, _ source: Int64, _ context: WriteContext) throws {
        let harvest = state.harvest
        if let accounts = harvest.accounts {
            try PeopleRecords.storeAccounts(accounts.elements, source: source, in: context)
            var known = Set(accounts.elements.map(\.id))
            if !accounts.isComplete { known.formUnion(try members(source, context)) }
            try PeopleRecords.retireAccounts(notIn: known, source: source, in: context)
        }
        if let groups = harvest.groups {
            try PeopleRecords.replaceGroups(groups.elements, source: source, in: context)
        }
        if let roles = harvest.licences {
            try PeopleRecords.replaceApplicationRoles(roles, source: source, in: context)
        } else if harvest.times[.licences]?.refusal != nil, !state.facts.groupsAreNames {
            try PeopleRecords.replaceApplicationRoles([], source: source, in: context)
        }
        // Where accounts cannot all be listed, their groups are all that tells who may still sign in.
        let listing = state.newTimes[.accounts]
        let tellsOfAccounts = listing?.refusal != nil || listing?.detail == FactTime.incomplete
        for (group, members) in harvest.members.sorted(by: { $0.key.rawValue < $1.key.rawValue }) {
            if tellsOfAccounts { try PeopleRecords.storeAccounts(members, source: source, in: context) }
            try PeopleRecords.replaceMembers(of: group, accounts: members, source: source, in: context)
        }
        guard harvest.projects != nil, harvest.times[.schemes] != nil else { return }
        // Members of a group that no rule names are not kept fresh, and so not kept.
        let named = state.needs.allGroups
        for group in state.memberCounts.keys where !named.contains(group) {
            try PeopleRecords.replaceMembers(of: group, [], source: source, in: context)
        }
    }

    /// Whoever is in some group: its members are read again in time, whatever a list of accounts leaves out.
    private static func members(_ source: Int64, _ context: WriteContext) throws -> Set<AccountID> {
        Set(
            try context.connection.rows(
                """
                SELECT DISTINCT a.jira_id FROM membership m JOIN account a ON a.id = m.account_id
                WHERE a.source_id = ?
                """, source
            ) { AccountID($0.text(0)) })
    }

    private static func keepProjects(_ state: RefreshState, _ source: Int64, _ context: WriteContext) throws {
        let harvest = state.harvest
        guard let projects = harvest.projects else { return }
        for fetched in projects + harvest.archived {
            // One that was gone is back by being listed.
            let known = state.projects[fetched.project.id]
            if let known, known.project == fetched.project, known.accessState != .gone { continue }
            try ProjectRecords.store(
                fetched.project, formerKeys: fetched.keys.filter { $0 != fetched.project.key }, raw: fetched.raw,
                source: source, in: context)
        }
        let archived = state.projects.values.filter(\.project.isArchived).map(\.project.id)
        try ProjectRecords.retire(
            notIn: Set((projects + harvest.archived).map(\.project.id) + archived), source: source, in: context)
    }

    private static func keepRules(_ state: RefreshState, _ source: Int64, _ context: WriteContext) throws {
        let harvest = state.harvest
        let stored = try AccessRecords.permissionSchemes(source, context.connection)
        let used = Set(state.facts.projects.values.compactMap(\.permissionScheme))
        let listed = Set((harvest.schemes ?? []).map(\.id))
        // Schemes stay that Jira listed, or that it did not answer for, or that some project has of its own.
        let kept = state.facts.permissionSchemes.values.filter {
            harvest.schemes == nil || listed.contains($0.id) || used.contains($0.id)
        }
        if Set(stored) != Set(kept) {
            try AccessRecords.replacePermissionSchemes(
                kept.sorted { $0.id.rawValue < $1.id.rawValue }, source: source, in: context)
        }
        if let levels = harvest.levels {
            try AccessRecords.replaceSecurityLevels(levels, source: source, in: context)
        } else if harvest.times[.levels]?.refusal != nil, !state.facts.groupsAreNames {
            try AccessRecords.replaceSecurityLevels([], source: source, in: context)
        }
        for (project, read) in harvest.projectReads.sorted(by: { $0.key.rawValue < $1.key.rawValue }) {
            try ProjectRecords.setSchemes(
                of: project, permissionScheme: read.scheme,
                securityScheme: harvest.securitySchemes[project] ?? state.securitySchemes[project], source: source,
                in: context)
            try ProjectRecords.replaceRoles(of: project, read.roles, source: source, in: context)
        }
        try keepSecuritySchemes(state, source, context)
    }

    /// Levels are told for all projects at once, also for those whose own facts are not due.
    private static func keepSecuritySchemes(
        _ state: RefreshState, _ source: Int64, _ context: WriteContext
    ) throws {
        for (project, scheme) in state.harvest.securitySchemes where scheme != state.securitySchemes[project] {
            guard let known = state.facts.projects[project] else { continue }
            try ProjectRecords.setSchemes(
                of: project, permissionScheme: known.permissionScheme, securityScheme: scheme, source: source,
                in: context)
        }
    }

    // MARK: Judging

    /// Says of every project whether it may be shown, and since when that is sure.
    private static func judge(
        _ state: inout RefreshState, _ source: Source, _ pace: AccessRefreshPlan.Pace, _ context: WriteContext
    ) throws {
        let needs = state.needs
        let times = state.newTimes
        var hidden = 0
        for record in try ProjectRecords.all(source: source.id, in: context.connection) {
            let id = record.project.id
            let standing: ProjectStanding
            if let refusal = state.harvest.refusal {
                standing = .hidden(refusal)
            } else if state.harvest.gone.contains(id) {
                standing = .gone
            } else if record.project.isArchived {
                standing = .hidden("The project is archived, and Jira lists its issues to nobody.")
            } else if record.accessState == .gone {
                continue
            } else if source.accessMode != .mirror {
                guard let listed = times[.projects]?.verified else { continue }
                standing = .verified(listed)
            } else if let project = state.facts.projects[id] {
                standing = .of(
                    project, facts: state.facts, needs: needs, times: times, trail: state.trail,
                    slowPeriod: pace.slowPeriod)
            } else {
                standing = .hidden("The project was not listed yet.")
            }
            if case .hidden = standing, state.facts.projects[id] != nil { hidden += 1 }
            try apply(standing, to: record, &state.summary, source.id, context)
        }
        guard source.accessMode == .mirror, hidden > 0, hidden == state.facts.projects.count else { return }
        state.summary.warn(
            .accessUnreadable,
            "What decides who may see the site's projects cannot be read with this account, so they are hidden from everybody but the operator. Use an account with the permission Administer Jira."
        )
    }

    private static func apply(
        _ standing: ProjectStanding, to record: ProjectRecords.Record, _ summary: inout AccessRefreshSummary,
        _ source: Int64, _ context: WriteContext
    ) throws {
        let id = record.project.id
        let wasShown = record.accessState == .verified
        switch standing {
        case .verified(let moment):
            guard record.accessState != .verified || record.accessVerified != moment || record.accessProblem != nil
            else { return }
            try ProjectRecords.setAccess(
                .verified, verified: moment, problem: nil, of: id, source: source, in: context)
            if record.accessState == .hidden || record.accessState == .gone {
                summary.restored.append(record.project.key)
            }
        case .hidden(let problem):
            guard record.accessState != .hidden || record.accessProblem != problem else { return }
            try ProjectRecords.setAccess(.hidden, verified: nil, problem: problem, of: id, source: source, in: context)
            if wasShown { summary.hidden.append(record.project.key) }
        case .gone:
            guard record.accessState != .gone else { return }
            try ProjectRecords.setAccess(.gone, verified: nil, problem: nil, of: id, source: source, in: context)
            if wasShown { summary.hidden.append(record.project.key) }
        }
    }

    private static func keepTimes(
        _ state: RefreshState, _ source: Int64, at now: Timestamp, _ context: WriteContext
    ) throws {
        func note(_ fact: AccessFact, verified: Timestamp?, problem: String?, data: String?) throws {
            try AccessFactRecords.note(
                .init(rawValue: fact.kind), ref: fact.ref, verified: verified, problem: problem, data: data,
                source: source, in: context)
        }
        for (fact, time) in state.harvest.times where fact != .auditLog {
            try note(
                fact, verified: time.verified, problem: time.refusal,
                data: time.refusal == nil ? time.detail ?? "" : refused)
        }
        for (fact, problem) in state.harvest.failures { try note(fact, verified: nil, problem: problem, data: nil) }
        for (project, names) in state.harvest.misnamed {
            // The role may have got another name between the reading of the issue and the first of the roles. It may as well
            // be gone, so that its issues are read again once only.
            let issues = try NamedRoles.issues(naming: names, of: project, source: source, in: context.connection)
            try PendingIssues.add(issues, cause: .role, at: now, source: source, in: context)
        }
        for project in state.harvest.releveled {
            try note(.issueLevels(project), verified: now, problem: nil, data: nil)
        }
        if let time = state.harvest.times[.auditLog] {
            let named = state.needs.allGroups
            var trail = state.trail
            let groups = trail?.groups.filter { group in
                named.contains { $0.rawValue == group || state.facts.groups[$0]?.name.lowercased() == group }
            }
            trail?.groups = groups ?? []
            try note(
                .auditLog, verified: time.verified, problem: time.refusal,
                data: time.refusal == nil ? trail?.json ?? "" : refused)
            let deletions = state.harvest.deletions
            try AuditDeletions.note(
                keys: deletions.compactMap { if case .issue(let key) = $0 { key } else { nil } },
                projects: deletions.compactMap { if case .project(let id) = $0 { id } else { nil } },
                at: context.now, source: source, in: context)
        }
        try forgetUnnamed(state, source, context)
    }

    /// Drops facts of groups that no rule names and of projects that are no more.
    private static func forgetUnnamed(_ state: RefreshState, _ source: Int64, _ context: WriteContext) throws {
        guard state.harvest.projects != nil, state.harvest.times[.schemes] != nil else { return }
        let named = state.needs.allGroups
        for fact in state.times.keys {
            let isNamed: Bool
            switch fact {
            case .group(let group): isNamed = named.contains(group)
            case .project(let id), .roleNames(let id):
                isNamed = state.facts.projects[id] != nil || state.harvest.gone.contains(id)
            default: isNamed = true
            }
            guard !isNamed else { continue }
            try AccessFactRecords.remove(.init(rawValue: fact.kind), ref: fact.ref, source: source, in: context)
        }
    }

    private static func warnOfUnknown(_ rules: AudienceRules, _ summary: inout AccessRefreshSummary) {
        for (type, count) in rules.unknownHolders.sorted(by: { $0.key < $1.key }) {
            summary.warn(
                .unknownHolder,
                "A kind of permission holder is unknown to this version (\(type), in \(count) grant\(count == 1 ? "" : "s")). It lets nobody in."
            )
        }
    }
}
