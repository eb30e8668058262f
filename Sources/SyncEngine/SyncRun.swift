import AccessControl
import AccessEngine
import IssueDecoding
import IssueModel
import JiraClient
import Observability
import SiteConnection
import Store
import Synchronization

/// One synchronisation of one source, from its first request to its summary.
///
/// Lives as long as the run. The state that phases hand on – the field catalogue, the access rules, the projects – is
/// behind one lock; content never is.
final class SyncRun: Sendable {
    let source: Source
    let store: Store
    let client: JiraClient
    let options: SyncOptions
    let extent: SyncExtent
    let time: TimeSource
    let extractor: (any AttachmentReading)?
    let personal: PersonalAccess
    let log: Log
    let began: Timestamp
    private let report: @Sendable (SyncProgress) -> Void
    /// What the client had done before.
    private let earlier: ClientMetrics
    private let state: Mutex<State>

    struct State: Sendable {
        var summary: SyncSummary
        var decoder = IssueDecoder(fields: FieldCatalogue([]), flavour: .cloud)
        var rules = AudienceRules(AccessFacts())
        /// Projects in scope that Jira lists, by id.
        var projects: [Project] = []
        /// The same with what Jira said of them and when they were asked for, for the refresh that follows.
        var listedProjects: AccessRefresh.ListedProjects?
        /// Projects whose issues this run reads again because their levels may have changed.
        var rereading: [EntityID: Int64] = [:]
        /// How late the site's search is.
        var lag = IndexLag()
        /// Issues that were set aside before and are read again.
        var setAside: Set<IssueID> = []
        /// Requests with credentials other than the source's.
        var otherRequests = 0
        /// Whether nothing was known of the source's access before.
        var isFirst = false
        /// When what decides access was last read as far as it was due.
        var refreshed: Timestamp?
        var lanes: [LaneQuery] = []
        var backfillStarted: Timestamp?
        var packer: RawPacker?
        var samples: [RawParts] = []
        var isTrained = false
        /// Issues listed and then not returned.
        var missing = 0
        /// Parts of issues that could not be read.
        var damagedParts = 0
        var phaseBegan: Duration
        var done = 0
        var total: Int?
    }

    /// What a lane lists.
    struct LaneQuery: Sendable {
        var kind: SyncPlan.Lane.Kind
        /// By key, so that a project Jira no longer knows can be told from its error.
        var projects: [String: EntityID]
        var since: Timestamp?
    }

    init(
        source: Source, store: Store, client: JiraClient, options: SyncOptions, extent: SyncExtent, time: TimeSource,
        extractor: (any AttachmentReading)?, personal: PersonalAccess, log: Log,
        report: @escaping @Sendable (SyncProgress) -> Void
    ) {
        self.source = source
        self.store = store
        self.client = client
        self.options = options
        self.extent = extent
        self.time = time
        self.extractor = extractor
        self.personal = personal
        self.log = log
        began = time.now()
        earlier = client.metrics
        self.report = report
        state = Mutex(State(summary: SyncSummary(source: source.name), phaseBegan: time.elapsed()))
    }

    /// Whether everything is read again, whatever is stored.
    var isFull: Bool { extent == .full }

    func withState<Result>(_ body: (inout sending State) -> sending Result) -> sending Result {
        state.withLock(body)
    }

    var summary: SyncSummary {
        let metrics = client.metrics
        return state.withLock { state in
            var summary = state.summary
            summary.requests = metrics.requests - earlier.requests + state.otherRequests
            summary.bytes = Int(metrics.bytesReceived - earlier.bytesReceived)
            return summary
        }
    }

    /// Notes the phase for summary and progress.
    func enter(_ phase: SyncPhase) {
        let progress: SyncProgress? = state.withLock { state in
            guard state.summary.phase != phase else { return nil }
            state.summary.phase = phase
            state.phaseBegan = time.elapsed()
            state.done = 0
            state.total = nil
            return SyncProgress(phase: phase, done: 0)
        }
        if let progress { report(progress) }
    }

    func expect(_ total: Int?) {
        state.withLock { $0.total = total }
        advance(by: 0)
    }

    /// Says how much of a phase is done whose extent becomes known on the way.
    func progress(_ done: Int, of expected: Int) {
        let more = state.withLock { state in
            state.total = expected
            return done - state.done
        }
        advance(by: more)
    }

    func advance(by count: Int) {
        let progress = state.withLock { state in
            state.done += count
            let seconds = (time.elapsed() - state.phaseBegan).seconds
            return SyncProgress(
                phase: state.summary.phase, done: state.done, total: state.total.map { max($0, state.done) },
                rate: seconds > 0 ? Double(state.done) / seconds : 0)
        }
        report(progress)
    }

    /// Adds a warning once.
    func warn(_ code: SyncWarning.Code, _ message: String) {
        let warning = SyncWarning(code, message)
        state.withLock { state in
            if !state.summary.warnings.contains(warning) { state.summary.warnings.append(warning) }
        }
    }
}

extension Duration {
    var seconds: Double {
        Double(components.seconds) + Double(components.attoseconds) / 1e18
    }
}
