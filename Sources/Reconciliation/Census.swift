import Database
import FastJSON
import IssueDecoding
import IssueModel
public import JiraClient
import Journal
public import Observability
public import Store

/// Lists the ids of all issues in scope, project by project, and compares them with what is stored.
///
/// What Jira lists and is not stored is put into `PendingIssues`. What is stored and not listed is asked for by its id: only
/// that tells whether Jira shows it no more, as a search may be behind. Nothing is concluded from a listing that did not end
/// cleanly. A census goes on where an earlier call, or a process that was killed, left it.
public struct Census: Sendable {
    let store: Store
    let client: JiraClient
    let source: Source
    let time: TimeSource
    let log: Log

    /// Issues that are listed together; bounds memory, and what a restart lists again.
    var sliceLimit: Int
    /// Absent issues that are asked for by their ids in one slice; the others are found again by the next census.
    var askLimit: Int

    public init(
        store: Store, client: JiraClient, source: Source, time: TimeSource = .system, log: Log = .silent
    ) {
        self.store = store
        self.client = client
        self.source = source
        self.time = time
        self.log = log
        let isCloud = client.flavour == .cloud
        // A page has 5,000 ids on Cloud, at most 1,000 elsewhere; there each absent issue takes a request of its own.
        sliceLimit = isCloud ? 400_000 : 100_000
        askLimit = isCloud ? 50_000 : 500
    }

    /// Begins a census, or goes on with the one under way.
    ///
    /// - Parameter report: How many issues are listed by now.
    /// - Returns: What was found since the census began; `isComplete` where it has ended.
    /// - Throws: What listing throws. What was compared before is kept; the listing under way is begun again next time.
    public func run(
        _ slice: CensusSlice = .everything, report: @escaping @Sendable (Int) -> Void = { _ in }
    ) async throws -> CensusSummary {
        let before = client.metrics.requests
        var progress = try await progress()
        let counted = progress.summary.requests
        func spent() -> Int { client.metrics.requests - before }
        while !progress.slices.isEmpty {
            guard spent() < slice.requests else { return progress.summary }
            let outcome = try await compare(progress.slices[0], listed: progress.summary.listed, report)
            take(outcome, into: &progress)
            progress.summary.requests = counted + spent()
            try await keep(progress)
        }
        return try await finish(progress)
    }

    private func progress() async throws -> CensusProgress {
        let (sourceID, now, limit) = (source.id, time.now(), sliceLimit)
        return try await store.write { context in
            let connection = context.connection
            let known = try Checkpoints.data(CensusProgress.phase, source: sourceID, in: connection)
            if let known = known.flatMap({ CensusProgress(json: $0) }) { return known }
            let counts = Dictionary(
                try connection.rows(
                    "SELECT project_id, count(*) FROM issue WHERE source_id = ? GROUP BY project_id", sourceID
                ) { ($0.int64(0), $0.int(1)) }
            ) { first, _ in first }
            let projects = try ProjectRecords.all(source: sourceID, in: connection)
                .filter { !$0.project.isArchived && $0.accessState != .gone }
            let run = try CensusRuns.begin(at: now, source: sourceID, in: context)
            var progress = CensusProgress(
                began: now, run: run,
                slices: CensusProgress.slices(
                    of: projects.map { ($0.project.id, counts[$0.id] ?? 0) }, limit: limit))
            progress.summary.began = now
            return progress
        }
    }

    private func take(_ outcome: SliceOutcome, into progress: inout CensusProgress) {
        let slice = progress.slices.removeFirst()
        progress.summary.listed += outcome.listed
        progress.summary.unknown += outcome.unknown
        guard outcome.isClean else {
            progress.summary.unclean += 1
            // Once more, at the end: what disturbed it may have passed.
            if progress.repeated < progress.slices.count + 1, progress.repeated < 3 {
                progress.repeated += 1
                progress.slices.append(slice)
            }
            return
        }
        progress.summary.absent += outcome.absent
        progress.summary += outcome.judged
    }

    private func keep(_ progress: CensusProgress) async throws {
        let (sourceID, now) = (source.id, time.now())
        let (text, run) = (progress.json, progress.run)
        let summary = progress.summary.text
        try await store.write { context in
            try Checkpoints.advance(CensusProgress.phase, to: text, at: now, source: sourceID, in: context)
            try CensusRuns.update(run, outcome: .running, summary: summary, in: context)
        }
    }

    /// Judges what no listing tells: projects that are gone, and issues that were out of sight for the grace period.
    private func finish(_ progress: CensusProgress) async throws -> CensusSummary {
        var summary = progress.summary
        summary += try await AbsentProjects.settle(in: store, source: source, at: time.now(), log: log)
        summary.isComplete = true
        let (sourceID, now, result) = (source.id, time.now(), summary)
        try await store.write { context in
            try Self.askForExpired(at: now, source: sourceID, in: context)
            try Checkpoints.reset(CensusProgress.phase, source: sourceID, in: context)
            try CensusRuns.update(
                progress.run, outcome: result.unclean == 0 ? .done : .partly, summary: result.text, ended: now,
                in: context)
        }
        log.info(
            "census.ended", "A complete listing was compared with what is stored.",
            [
                "source": .string(source.name), "listed": .int(summary.listed), "unknown": .int(summary.unknown),
                "absent": .int(summary.absent), "deleted": .int(summary.deleted), "held": .int(summary.held),
                "requests": .int(summary.requests),
            ])
        return summary
    }

    /// What was out of sight for the whole grace period is asked for a last time.
    private static func askForExpired(at now: Timestamp, source: Int64, in context: WriteContext) throws {
        let policy = try DeletionPolicy.of(source: source, in: context.connection)
        let end = Timestamp(milliseconds: now.rawValue - policy.grace + 1)
        let expired = try Absences.entries(having: .byID, firstBefore: end, source: source, in: context.connection)
            .filter { $0.signs.isDisjoint(with: [.held, .rejected]) && $0.times > 0 }
        try PendingIssues.add(expired.map(\.issue), cause: .census, at: now, source: source, in: context)
    }
}

extension CensusSummary {
    var text: String {
        var json = JSONWriter()
        write(to: &json)
        return json.text
    }
}
