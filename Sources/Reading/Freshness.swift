public import Database
public import IssueModel
import Journal
public import Store

/// How far behind Jira an answer may be.
public struct Freshness: Hashable, Sendable {
    /// Everything that Jira knew at this moment is in the answer: the start of the last synchronisation that ended well,
    /// of the source that is furthest behind. `nil` while some source was never read completely.
    public var asOf: Timestamp?
    public var state: State
    /// Seconds since ``asOf``; 0 without one.
    public var lagSeconds: Int64

    public enum State: String, Hashable, Sendable {
        /// Synchronised within ``Freshness/patience``.
        case polling
        /// Synchronised longer ago than that.
        case behind
        /// The first full read is under way or was broken off: issues are missing.
        case partial
        /// A failure or a person keeps some source from being synchronised, or there is no source.
        case stopped
    }

    /// Seconds that may pass since a synchronisation before answers count as behind.
    public static let patience: Int64 = 900

    /// Looks at the last runs of `sources`.
    public init(of sources: [Source], now: Timestamp, in connection: Connection) throws {
        var oldest: Timestamp?
        var isComplete = true
        for source in sources {
            let runs = try SyncRuns.latest(source: source.id, limit: SyncRuns.keptRuns, in: connection)
            guard let last = runs.first(where: { $0.outcome == .done || $0.outcome == .partly }) else {
                isComplete = false
                continue
            }
            oldest = min(oldest ?? last.started, last.started)
        }
        asOf = isComplete ? oldest : nil
        lagSeconds = asOf.map { max(0, (now.rawValue - $0.rawValue) / 1_000) } ?? 0
        state =
            sources.isEmpty || sources.contains { $0.state != .active || $0.problem != nil }
            ? .stopped : !isComplete ? .partial : lagSeconds <= Self.patience ? .polling : .behind
    }
}
