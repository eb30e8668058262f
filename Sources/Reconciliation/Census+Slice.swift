import Database
import IssueModel
import JiraClient
import Journal
import Observability
import Store

extension Census {
    /// What one listing came to.
    struct SliceOutcome: Sendable {
        var isClean = true
        var listed = 0
        var unknown = 0
        var absent = 0
        var judged = AbsenceOutcome()
    }

    /// Lists the issues of some projects and compares them with what is stored of those.
    func compare(
        _ projects: [EntityID], listed before: Int, _ report: @escaping @Sendable (Int) -> Void
    ) async throws -> SliceOutcome {
        let (sourceID, began) = (source.id, time.now())
        var chosen: [String: Int64] = [:]
        for record in try await store.read({ try ProjectRecords.all(source: sourceID, in: $0) })
        where projects.contains(record.project.id) { chosen[record.project.key] = record.id }
        let ids = try await list(&chosen, before, report)
        let rows = Set(chosen.values)
        let comparison = try await store.read { connection in
            try CensusComparison.compare(ids, projects: rows, began: began, source: sourceID, in: connection)
        }
        var outcome = SliceOutcome()
        outcome.listed = ids.count
        outcome.unknown = try await read(unknown: comparison.unknown)
        let absent = try await worthAsking(comparison.absent)
        outcome.absent = comparison.absent.count { $0.state == .live }
        if absent.isEmpty { return outcome }
        // What is missing is asked for by its id, so that a few may be.
        let isPlausible = try await confirmation.isPlausible(ids.count, of: query(Array(chosen.keys)), spare: 10)
        guard isPlausible else {
            outcome.isClean = false
            log.warning(
                "census.unclean", "A listing gave fewer issues than Jira counts; nothing is concluded from it.",
                ["source": .string(source.name), "listed": .int(ids.count)])
            return outcome
        }
        outcome.judged = try await ask(for: absent)
        return outcome
    }

    /// All ids of the projects, ascending and each once. Projects that Jira no longer knows are taken out of `chosen`.
    private func list(
        _ chosen: inout [String: Int64], _ before: Int, _ report: @escaping @Sendable (Int) -> Void
    ) async throws -> [Int64] {
        while !chosen.isEmpty {
            do {
                return try await listOnce(Array(chosen.keys), before, report)
            } catch let error as JiraError where error.code == .projectMissing {
                let gone = chosen.keys.filter { key in error.messages.contains { $0.contains("'\(key)'") } }
                guard !gone.isEmpty else { throw error }
                // Nobody in particular is told the same of almost every project.
                try await confirmation.confirmAccount()
                for key in gone { chosen[key] = nil }
            }
        }
        return []
    }

    private func listOnce(
        _ keys: [String], _ before: Int, _ report: @escaping @Sendable (Int) -> Void
    ) async throws -> [Int64] {
        let query = query(keys)
        var ids: [Int64] = []
        var cursor: IssueCursor?
        repeat {
            let page = try await client.issueIDs(query, after: cursor)
            ids += page.ids.map(\.rawValue)
            guard ids.count <= Self.mostIDs else { throw JiraError(.incompleteListing, endpoint: "issue ids") }
            report(before + ids.count)
            cursor = page.next
        } while cursor != nil
        ids.sort()
        var last: Int64?
        ids.removeAll { id in
            defer { last = id }
            return id == last
        }
        return ids
    }

    private static let mostIDs = 5_000_000

    private func query(_ keys: [String]) -> IssueQuery {
        let projects = JQL.projects(keys.sorted())
        return IssueQuery(jql: source.scope.restriction.map { "\(projects) AND \($0)" } ?? projects)
    }

    private var confirmation: AbsenceConfirmation {
        AbsenceConfirmation(client: client, account: source.isAnonymous ? nil : source.principal)
    }

    // MARK: What is listed and not stored

    private func read(unknown: [IssueID]) async throws -> Int {
        if unknown.isEmpty { return 0 }
        let (sourceID, now) = (source.id, time.now())
        let setAside = try await store.read { connection in
            Set(
                try Quarantine.entries(kind: "issue", source: sourceID, limit: 100_000, in: connection)
                    .compactMap { Int64($0.ref).map { IssueID($0) } })
        }
        // What is set aside has times of its own for being tried again.
        let wanted = unknown.filter { !setAside.contains($0) }
        for batch in wanted.batches(of: 10_000) {
            try await store.write { context in
                try PendingIssues.add(batch, cause: .census, at: now, source: sourceID, in: context)
                if try Absences.areThere(source: sourceID, in: context.connection) {
                    try Absences.forget(batch, source: sourceID, in: context)
                }
            }
        }
        return wanted.count
    }

    // MARK: What is stored and not listed

    /// Live ones, those nobody has judged yet, and of the archived ones those that were not looked at for a week.
    private func worthAsking(
        _ absent: [CensusComparison.Absent]
    ) async throws -> [CensusComparison.Absent] {
        let sourceID = source.id
        let judged = try await store.read { connection in
            Set(try Absences.entries(having: .byID, source: sourceID, in: connection).map(\.issue))
        }
        let open = absent.filter { $0.state == .live || ($0.state == .unseen && !judged.contains($0.issue)) }
        let archived = absent.filter { $0.state == .archived }.shuffledBy(time.now().rawValue / 86_400_000)
        return Array((open + archived.prefix(askLimit / 25)).prefix(askLimit))
    }

    private func ask(for absent: [CensusComparison.Absent]) async throws -> AbsenceOutcome {
        var result = AbsenceOutcome()
        let sourceID = source.id
        for batch in absent.batches(of: 1_000) {
            let asked = time.now()
            let shown = try await confirmation.shown(among: batch.map(\.issue))
            result += try await store.write { context in
                let policy = try DeletionPolicy.of(source: sourceID, in: context.connection)
                let missing = batch.map(\.issue).filter { !shown.contains($0) }
                let present = batch.filter { shown.contains($0.issue) && $0.state != .archived }
                try Absences.unlisted(
                    present.map(\.issue), settled: Set(present.filter(\.isSettled).map(\.issue)), at: asked,
                    policy: policy, source: sourceID, in: context)
                // Moved, archived or only late in the index: reading it tells.
                try PendingIssues.add(
                    present.map(\.issue), cause: .census, at: asked, source: sourceID, in: context)
                return try Absences.note(missing, at: asked, source: sourceID, in: context)
            }
        }
        return result
    }
}

extension Array {
    func batches(of size: Int) -> [[Element]] {
        stride(from: 0, to: count, by: size).map { Array(self[$0..<Swift.min($0 + size, count)]) }
    }

    /// In another order for each seed, so that in time every element is among the first.
    func shuffledBy(_ seed: Int64) -> [Element] {
        guard count > 1 else { return self }
        let start = Int(UInt64(bitPattern: seed) &* 0x9E37_79B9_7F4A_7C15 % UInt64(count))
        return Array(self[start...] + self[..<start])
    }
}
