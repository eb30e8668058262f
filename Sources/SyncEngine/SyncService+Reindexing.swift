public import FastJSON
import JiraClient
public import SiteConnection
import Store

/// What deriving everything again came to.
public struct ReindexSummary: Hashable, Sendable {
    public var source: String
    public var issues: Int
    /// Issues whose kept copy could not be read; the next synchronisation reads them from Jira.
    public var damaged: Int

    public init(source: String, issues: Int, damaged: Int = 0) {
        self.source = source
        self.issues = issues
        self.damaged = damaged
    }

    public func write(to writer: inout JSONWriter) {
        writer.object {
            $0.member("source", source)
            $0.member("issues", issues)
            $0.member("damaged", damaged)
        }
    }
}

extension SyncService {
    /// Derives rows, acls and search documents again from the kept copies, without a request: after an update of
    /// Drawbridge that reads more from them, or where they are in doubt. One that was stopped goes on where it was.
    ///
    /// - Parameter name: A source, paused or not; `nil` for all.
    /// - Throws: ``SyncFailure``.
    public func reindex(
        _ name: String? = nil, report: @escaping @Sendable (SyncProgress) -> Void = { _ in }
    ) async throws(SyncFailure) -> [ReindexSummary] {
        do {
            let all = try await store.read { try SourceRecords.all(in: $0, includingRemoved: false) }
            let chosen = all.filter { name == nil || $0.name.lowercased() == name?.lowercased() }
            if let name, chosen.isEmpty {
                throw SyncFailure(
                    .sourceUnknown, what: "There is no source named \(name).",
                    fix: "List the sources with drawbridge source list.")
            }
            var summaries: [ReindexSummary] = []
            for source in chosen {
                let began = time.elapsed()
                let outcome = try await Reindexing(store: store, source: source, time: time).run { done, total in
                    let seconds = (time.elapsed() - began).seconds
                    report(
                        SyncProgress(
                            phase: .issues, done: done, total: total, rate: seconds > 0 ? Double(done) / seconds : 0))
                }
                summaries.append(
                    ReindexSummary(source: source.name, issues: outcome.issues, damaged: outcome.damaged))
            }
            return summaries
        } catch {
            throw SyncFailure(error, in: .issues)
        }
    }
}
