import Journal
public import SiteConnection
public import Store
public import SyncEngine

/// What can be done for a source. A test gives its own.
public struct SourceWork: Sendable {
    /// Does a job and says what came of it. Called from one task a source at a time.
    public var perform:
        @Sendable (
            _ job: Job, _ source: Source, _ report: @escaping @Sendable (SyncProgress) -> Void
        ) async throws(SyncFailure) -> Outcome
    /// Jobs that this installation, or this source, has no use for.
    public var without: @Sendable (_ source: Source) -> Set<JobKind> = { _ in [] }
    /// Whether webhooks are set up by themselves for sources that have none.
    public var registersWebhooks = false
    /// Brings what waits outside of the store, such as received webhooks, into it. Called often, from one task at a time.
    public var collect: @Sendable () async throws -> Void = {}
    /// How the source's client keeps Jira's pace now, as JSON; `nil` where it has none.
    public var pacing: @Sendable (_ source: Int64) -> String? = { _ in nil }

    public init(
        perform:
            @escaping @Sendable (
                _ job: Job, _ source: Source, _ report: @escaping @Sendable (SyncProgress) -> Void
            ) async throws(SyncFailure) -> Outcome
    ) {
        self.perform = perform
    }

    /// One thing to do.
    public enum Job: Hashable, Sendable {
        case synchronise(SyncExtent)
        case access
        case census
        case audit
        case webhooks
        case upkeep
    }

    /// What came of a job.
    public struct Outcome: Hashable, Sendable {
        /// Of a synchronisation.
        public var summary: SyncSummary?
        /// Whether it ended with something left to do.
        public var hasMore = false
        /// What somebody who watches should know.
        public var warnings: [String] = []

        public init(summary: SyncSummary? = nil, hasMore: Bool = false, warnings: [String] = []) {
            (self.summary, self.hasMore, self.warnings) = (summary, hasMore, warnings)
        }
    }
}

extension SourceWork.Job {
    init(_ kind: JobKind) {
        self =
            switch kind {
            case .access: .access
            case .pending: .synchronise(.pending)
            case .everything: .synchronise(.all)
            case .changes: .synchronise(.changes)
            case .catalogue: .synchronise(.catalogue)
            case .webhooks: .webhooks
            case .census: .census
            case .audit: .audit
            case .upkeep: .upkeep
            }
    }

    /// Which turn of the schedule it takes; `nil` for what only somebody asks for.
    var kind: JobKind? {
        switch self {
        case .synchronise(.all), .synchronise(.full): .everything
        case .synchronise(.changes): .changes
        case .synchronise(.catalogue): .catalogue
        case .synchronise(.pending): .pending
        case .synchronise(.issues), .synchronise(.project): nil
        case .access: .access
        case .census: .census
        case .audit: .audit
        case .webhooks: .webhooks
        case .upkeep: .upkeep
        }
    }

    /// What hints asked for and the job did.
    var settles: [DueReadings.Kind] {
        switch self {
        case .synchronise(.all), .synchronise(.full): [.changes, .catalogue]
        case .synchronise(.changes): [.changes]
        case .synchronise(.catalogue): [.catalogue]
        default: []
        }
    }

    /// For people and metrics.
    public var name: String {
        switch self {
        case .synchronise(.full): "full"
        case .synchronise(.issues): "issues"
        case .synchronise(.project): "project"
        default: kind?.rawValue ?? "other"
        }
    }
}
