public import IssueModel
public import JiraClient
public import Observability
public import Store

/// Reads what decides access to a source again, as much as is due, and makes it hold.
///
/// One run reads, then stores everything in one transaction: whoever asks meanwhile gets the rules of before or those of
/// after, and a run that is killed leaves nothing half. A refusal hides at once what depends on it; a failure of Jira
/// changes nothing until the lease ends, and is never taken for an empty answer.
public struct AccessRefresh: Sendable {
    /// How much to read.
    public enum Extent: String, Hashable, Sendable {
        /// What is due by the source's schedule: the site-wide facts, and of the rest what is new, named by the audit log
        /// or oldest.
        case due
        /// Everything.
        case everything
        /// Only what stored issues have begun to name since: no request where there is none.
        case needed
    }

    /// The projects in scope, where the caller has just listed them.
    public struct ListedProjects: Sendable {
        public var live: [FetchedProject]
        public var archived: [FetchedProject]
        /// Before they were asked for.
        public var at: Timestamp

        public init(live: [FetchedProject], archived: [FetchedProject] = [], at: Timestamp) {
            self.live = live
            self.archived = archived
            self.at = at
        }
    }

    let store: Store
    let client: JiraClient
    let source: Source
    let pace: AccessRefreshPlan.Pace
    let time: TimeSource
    let log: Log

    /// - Parameter pace: The source's own where `nil`.
    public init(
        store: Store, client: JiraClient, source: Source, pace: AccessRefreshPlan.Pace? = nil,
        time: TimeSource = .system, log: Log = .silent
    ) {
        self.store = store
        self.client = client
        self.source = source
        self.pace = pace ?? AccessRefreshPlan.Pace(source.accessOptions)
        self.time = time
        self.log = log
    }

    /// Reads and stores.
    ///
    /// - Parameters:
    ///   - projects: Spares listing them again.
    ///   - report: How many of the facts to read are read, and of how many.
    /// - Throws: `JiraError` where the credential is refused; every project of the source is then hidden already.
    public func run(
        _ extent: Extent, projects: ListedProjects? = nil, report: @escaping @Sendable (Int, Int) -> Void = { _, _ in }
    ) async throws -> AccessRefreshSummary {
        let requests = client.metrics.requests
        do {
            var state = try await load()
            try await read(extent, projects, into: &state, report)
            var summary = try await keep(state, extent)
            summary.requests = client.metrics.requests - requests
            tell(summary)
            return summary
        } catch let refusal as CredentialRefusal {
            try await Self.hideAll(of: source, in: store, because: refusal.error, log: log)
            throw refusal.error
        }
    }

    /// Hides every project of a source because Jira refused its credential.
    public static func hideAll(
        of source: Source, in store: Store, because error: JiraError, log: Log = .silent
    ) async throws {
        let problem = error.description
        let hidden = try await store.write { context in
            let shown = try ProjectRecords.all(source: source.id, in: context.connection)
                .filter { $0.accessState == .verified || $0.accessState == .unknown }
            for record in shown {
                try ProjectRecords.setAccess(
                    .hidden, verified: nil, problem: problem, of: record.project.id, source: source.id, in: context)
            }
            return shown.count
        }
        guard hidden > 0 else { return }
        log.error(
            "access.source.hidden", "All projects of a source are hidden: Jira refused its credential.",
            ["source": .string(source.name), "projects": .int(hidden), "reason": .string(error.code.rawValue)])
    }

    private func tell(_ summary: AccessRefreshSummary) {
        log.info(
            "access.refreshed", "Who may see what was read again.",
            [
                "source": .string(source.name), "requests": .int(summary.requests),
                "read": .int(summary.read), "failed": .int(summary.failed),
                "changed": .bool(summary.changed),
            ])
        guard !summary.hidden.isEmpty else { return }
        log.warning(
            "access.project.hidden", "Projects are hidden: who may see them is not known any more.",
            ["source": .string(source.name), "projects": .int(summary.hidden.count)])
    }
}
