import AccessControl
import Database
import IssueDecoding
import IssueModel
import Journal
public import JiraClient
public import Observability
public import Store
import Workspace

/// Compares what we would show with what Jira itself shows, person by person.
///
/// Cloud answers for any account, 1,000 issues a request, an administrator's credential (`permissions/check`). Elsewhere,
/// and where nothing is mirrored, members' own credentials are asked; with those, restricted comments and worklogs are
/// compared as well.
///
/// An issue that we would show and Jira does not is hidden from everybody in the transaction that notes the finding, until
/// both agree again about every account they differed on. A refusal or failure of the question is never agreement.
public struct AccessAudit: Sendable {
    let store: Store
    let client: JiraClient
    let source: Source
    let personal: PersonalAccess?
    let limits: Limits
    let seed: UInt64?
    let time: TimeSource
    let log: Log
    let metrics: Metrics?

    public struct Limits: Hashable, Sendable {
        /// Pairs of account and issue after which a run ends.
        public var pairs = 20_000
        /// Questions to Jira after which a run ends, apart from those about what was found.
        public var requests = 100
        /// Restricted comments and worklogs compared for one account.
        public var parts = 100
        /// Members' credentials used in a run.
        public var members = 20

        public init() {}

        /// What the source's options leave for checking beside a refresh of access facts, of about 100 requests.
        ///
        /// - Returns: `nil` where they leave nothing.
        public init?(beside options: AccessOptions) {
            guard options.auditShare > 0 else { return nil }
            requests = max(1, Int((options.auditShare * 100).rounded()))
            pairs = requests * JiraClient.mostCheckedIssues
            members = min(members, requests)
            // Data Center is asked for comments one by one.
            parts = min(parts, max(5, requests))
        }
    }

    /// - Parameters:
    ///   - client: With the source's own credential.
    ///   - personal: For members' own credentials; without it they are not used.
    ///   - seed: Of the order in which pairs are compared; `nil` takes one from the time.
    public init(
        store: Store, client: JiraClient, source: Source, personal: PersonalAccess? = nil, limits: Limits = Limits(),
        seed: UInt64? = nil, time: TimeSource = .system, log: Log = .silent, metrics: Metrics? = nil
    ) {
        self.store = store
        self.client = client
        self.source = source
        self.personal = personal
        self.limits = limits
        self.seed = seed
        self.time = time
        self.log = log
        self.metrics = metrics
    }

    /// Compares pairs, those at risk first, until a limit is reached or every pair was compared.
    ///
    /// The acls of issues in the summary's `released` are to be written again by the caller.
    ///
    /// - Throws: What the database throws, and cancellation; what Jira does is told in the summary.
    public func run() async throws -> AuditSummary {
        let (source, seed, began) = (source, seed, time.now())
        let run = AuditRun(self, began: began)
        let id = try await store.write { try AccessAudits.begin(at: began, source: source.id, in: $0) }
        run.ground = try await store.read { try AuditGround(source: source, seed: seed, at: began, in: $0) }
        do {
            if source.accessMode == .mirror || source.accessMode == .linked {
                let asker = try await run.asker()
                try await run.comparePairs(asker)
                try await run.compareParts(asker)
                try await run.settle(asker)
                try await run.release()
            }
        } catch {
            try await run.finish(id, problem: "interrupted")
            throw error
        }
        try await run.finish(id, problem: run.summary.unchecked.first?.code)
        return run.summary
    }
}

/// A run while it runs. One task at a time uses it.
final class AuditRun {
    let audit: AccessAudit
    let began: Timestamp
    var summary: AuditSummary
    var ground: AuditGround?
    /// Requests made with members' credentials.
    var personalClients: [AccountID: JiraClient] = [:]
    /// Whether Jira shows issues to the source's own account, as far as it was asked in this run.
    var ownIssues: [IssueID: Bool] = [:]
    private var askedAccounts: Set<AccountID> = []
    private var askedIssues: Set<IssueID> = []
    private let requestsBefore: Int

    init(_ audit: AccessAudit, began: Timestamp) {
        self.audit = audit
        self.began = began
        summary = AuditSummary(source: audit.source.name)
        requestsBefore = audit.client.metrics.requests
    }

    var store: Store { audit.store }
    var source: Source { audit.source }
    var now: Timestamp { audit.time.now() }

    func reader(_ account: AccountID) -> Reader { .accounts([source.id: account]) }

    func noteCompared(_ account: AccountID, _ issues: some Collection<IssueID>) {
        askedAccounts.insert(account)
        askedIssues.formUnion(issues)
        summary.totals.pairs += issues.count
        summary.totals.accounts = askedAccounts.count
        summary.totals.issues = askedIssues.count
    }

    func notChecked(_ code: String, _ message: String, account: AccountID? = nil) {
        guard summary.unchecked.count < 100 else { return }
        summary.unchecked.append(.init(code: code, message: message, account: account))
    }

    var personalRequests: Int { personalClients.values.reduce(0) { $0 + $1.metrics.requests } }

    // MARK: Ending

    /// Keeps how far the walk is and what came of the run.
    func finish(_ id: Int64, problem: String?) async throws {
        summary.totals.requests =
            audit.client.metrics.requests - requestsBefore + personalRequests + 3 * personalClients.count
        let (source, totals, ended, walk) = (source, summary.totals, now, ground?.walk)
        let kept = try await store.write { context in
            try AccessAudits.update(id, totals, problem: problem, ended: ended, in: context)
            if let walk {
                try AccessFactRecords.note(
                    AuditGround.kind, verified: problem == nil ? ended : nil, problem: problem, data: walk.json,
                    source: source.id, in: context)
            }
            return (
                open: try AccessAudits.findings(source: source.id, in: context.connection),
                last: try AccessAudits.findings(open: false, source: source.id, limit: 1, in: context.connection).first,
                withheld: try Withheld.ids(source: source.id, in: context.connection).count
            )
        }
        (summary.findings, summary.lastMismatch) = (kept.open, kept.last)
        if let ground {
            summary.coverage = .init(
                pairs: ground.walk.pairs, of: ground.accounts.count * ground.issueCount,
                accounts: ground.accounts.count, issues: ground.issueCount, since: ground.walk.since,
                rounds: ground.walk.round)
        }
        tell(withheld: kept.withheld)
    }

    private func tell(withheld: Int) {
        let labels = ["source": source.name]
        audit.metrics?.add(Double(summary.totals.pairs), to: .auditedPairs, labels)
        audit.metrics?.set(.withheldIssues, to: Double(withheld), labels)
        audit.log.info(
            "access.audited", "What is shown was compared with Jira.",
            [
                "source": .string(source.name), "pairs": .int(summary.totals.pairs),
                "requests": .int(summary.totals.requests), "too_much": .int(summary.totals.tooMuch),
                "too_little": .int(summary.totals.tooLittle), "withheld": .int(withheld),
                "unchecked": .int(summary.unchecked.count),
            ])
    }
}

extension Metric {
    /// Pairs of account and issue compared with Jira.
    static let auditedPairs = Metric.counter(
        "drawbridge_access_audit_pairs_total", "Pairs of account and issue compared with Jira.")
    /// Pairs on which we and Jira differed.
    static let auditMismatches = Metric.counter(
        "drawbridge_access_audit_mismatches_total", "Pairs of account and issue on which Jira answered otherwise.")
    /// Issues hidden because they were shown to somebody Jira does not show them to.
    static let withheldIssues = Metric.gauge(
        "drawbridge_access_withheld_issues", "Issues hidden because of a mismatch with Jira.")
}
