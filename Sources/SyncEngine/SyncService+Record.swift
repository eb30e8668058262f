import FastJSON
import IssueModel
import JiraClient
import Journal
import Reconciliation
import SiteConnection
import Store

extension SyncService {
    /// A run in the source's history.
    struct Record: Sendable {
        var source: Source
        var run: Int64
        var extent: SyncExtent
        var began: Timestamp
    }

    func begin(_ source: Source, _ extent: SyncExtent) async throws -> Record {
        let now = time.now()
        let run = try await store.write {
            try SyncRuns.begin(kind: extent.name, at: now, source: source.id, in: $0)
        }
        return Record(source: source, run: run, extent: extent, began: now)
    }

    /// Keeps how the run ended for those who look at the source's state. That it can't be kept must not hide the cause.
    func end(_ record: Record, _ summary: SyncSummary, _ failure: SyncFailure?) async {
        let now = time.now()
        let problem = failure.map {
            Source.Problem(code: $0.code.rawValue, message: $0.what + " " + $0.fix, at: now)
        }
        var json = JSONWriter()
        summary.write(to: &json)
        let text = json.text
        try? await store.write { context in
            let id = record.source.id
            let held = try CircuitBreaker.problem(of: record.source, at: now, in: context.connection)
            try SourceRecords.setProblem(problem ?? held, of: id, in: context)
            if failure == nil {
                for kind in record.extent.answers {
                    try DueReadings.settle(kind, readAt: record.began, source: id, in: context)
                }
            }
            try SyncRuns.update(
                record.run, outcome: failure == nil ? .done : .failed, summary: text, problem: problem?.code,
                ended: now, in: context)
            // A source that is read every minute keeps a history of what came of it, not of the minutes.
            if failure == nil { try SyncRuns.dropIdle(before: record.run, source: id, in: context) }
        }
    }
}

extension SyncExtent {
    /// Requests of others that a run of this extent answers.
    fileprivate var answers: [DueReadings.Kind] {
        switch self {
        case .all, .full: [.catalogue, .changes]
        case .catalogue: [.catalogue]
        case .changes: [.changes]
        case .pending, .issues, .project: []
        }
    }
}
