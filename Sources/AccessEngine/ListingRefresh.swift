import AccessControl
import AccessSamples
public import Database
public import IssueModel
public import JiraClient
public import Observability
public import Store
import Workspace

/// Reads again what Jira itself lists to each member that gave a credential of their own.
///
/// In `AccessMode.linked` such a listing is all that shows a member anything; in `AccessMode.mirror` it decides issues
/// whose security level's members the site does not tell (Data Center), and only those are listed.
///
/// A refusal of the credential ends a listing at once. A failure of Jira keeps it until its lease ends. What was read
/// counts from the moment the reading began.
public struct ListingRefresh: Sendable {
    let store: Store
    let source: Source
    let access: PersonalAccess
    let limits: Limits
    let time: TimeSource
    let log: Log

    public struct Limits: Hashable, Sendable {
        /// Requests after which a run begins no further listing; those left over are first in the next run.
        public var requests = 2_000
        /// Members read at once.
        public var atOnce = 4
        /// Comments and worklogs that one account is asked about.
        public var samples = 500

        public init() {}
    }

    public enum Extent: String, Hashable, Sendable {
        /// Listings older than the source's refresh, and those that never were or met a problem.
        case due
        case everything
    }

    public init(
        store: Store, source: Source, access: PersonalAccess, limits: Limits = Limits(), time: TimeSource = .system,
        log: Log = .silent
    ) {
        self.store = store
        self.source = source
        self.access = access
        self.limits = limits
        self.time = time
        self.log = log
    }

    /// Which issues are listed in a source; `nil` where nothing is decided by listings.
    public static func scope(of source: Source, in connection: Connection) throws -> Listing.Scope? {
        switch source.accessMode {
        case .linked: return .all
        case .public, .shared: return nil
        case .mirror:
            let levels = try AccessRecords.securityLevels(source.id, connection)
            return levels.contains { $0.members == nil } ? .levelled : nil
        }
    }

    /// Reads the listings of a source: those due, the oldest first.
    ///
    /// - Parameter account: Only this account's, whatever its age: right after a member was linked.
    /// - Throws: What the database throws, and cancellation; whatever Jira does is told in the summary.
    public func run(_ extent: Extent = .due, account: AccountID? = nil) async throws -> ListingSummary {
        var summary = ListingSummary()
        let plan = try await plan(extent, only: account)
        summary.removed = try await remove(plan.superfluous)
        guard let scope = plan.scope else { return summary }
        summary.postponed = plan.recent
        let samples = source.accessMode == .linked ? try await RestrictedSamples(of: source, in: store) : nil
        var waiting = plan.due[...]
        try await withThrowingTaskGroup(of: ListingSummary.self) { group in
            func begin() {
                guard summary.requests < limits.requests, let record = waiting.popFirst() else { return }
                group.addTask { try await list(record, scope, samples) }
            }
            for _ in 0..<max(1, limits.atOnce) { begin() }
            while let part = try await group.next() {
                summary.add(part)
                begin()
            }
        }
        summary.postponed += waiting.count
        tell(summary)
        return summary
    }

    // MARK: Planning

    private struct Plan: Sendable {
        var scope: Listing.Scope?
        var due: [PersonalCredentials.Record] = []
        var recent = 0
        /// Accounts with a listing that nothing asks for.
        var superfluous: [AccountID] = []
    }

    private func plan(_ extent: Extent, only account: AccountID?) async throws -> Plan {
        let (source, now) = (source, time.now())
        return try await store.read { connection in
            var plan = Plan(scope: try Self.scope(of: source, in: connection))
            let listings = try Listings.all(source: source.id, in: connection)
            let credentials = try PersonalCredentials.all(source: source.id, in: connection)
            let accounts = Set(credentials.map(\.account))
            plan.superfluous = listings.map(\.account).filter { plan.scope == nil || !accounts.contains($0) }
            guard let scope = plan.scope else { return plan }
            let known = Dictionary(listings.map { ($0.account, $0) }) { first, _ in first }
            let age = { (account: AccountID) in known[account]?.verified?.rawValue ?? .min }
            // A little early, so that a schedule of the same length does not skip every other time.
            let recent = now.rawValue - Int64(source.accessOptions.refresh) * 900
            let isDue = { (account: AccountID) in
                guard extent == .due, let listing = known[account], listing.scope == scope else { return true }
                return listing.problem != nil || age(account) <= recent
            }
            var seen: Set<AccountID> = []
            let candidates = credentials.filter { seen.insert($0.account).inserted }
            plan.due =
                account.map { only in candidates.filter { $0.account == only } }
                ?? candidates.filter { isDue($0.account) }.sorted { age($0.account) < age($1.account) }
            plan.recent = account == nil ? candidates.count - plan.due.count : 0
            return plan
        }
    }

    private func remove(_ accounts: [AccountID]) async throws -> Int {
        if accounts.isEmpty { return 0 }
        let source = source
        return try await store.write { context in
            let holders = Set(try PersonalCredentials.all(source: source.id, in: context.connection).map(\.account))
            let isNeeded = try Self.scope(of: source, in: context.connection) != nil
            let superfluous = accounts.filter { !isNeeded || !holders.contains($0) }
            for account in superfluous { try Listings.remove(account, source: source.id, in: context) }
            return superfluous.count
        }
    }

    // MARK: One account

    private func list(
        _ record: PersonalCredentials.Record, _ scope: Listing.Scope, _ samples: RestrictedSamples?
    ) async throws -> ListingSummary {
        var summary = ListingSummary()
        let began = time.now()
        // The probe's own requests: what is there, which site it is, and who is asking.
        summary.requests = 3
        var client: JiraClient?
        do {
            let signedIn = try await access.signIn(record, to: source)
            client = signedIn
            let issues = try await issues(scope, signedIn)
            let shown = try await samples?.shown(to: signedIn, listed: issues, limit: limits.samples) ?? []
            let listing = Listing(
                account: record.account, scope: scope, issues: issues, restrictions: shown, verified: began)
            if try await keep(listing, record) {
                summary.read = 1
                summary.issues = issues.count
            }
        } catch {
            let problem = try Self.problem(error, account: record.account)
            try await note(problem, record)
            summary.problems = [problem]
        }
        summary.requests += client?.metrics.requests ?? 0
        return summary
    }

    /// Every issue that Jira lists to the account, of the projects that the source is limited to.
    ///
    /// The source's JQL is left out: an account may not be shown what it names, and listing more than is stored shows
    /// nobody anything.
    private func issues(_ scope: Listing.Scope, _ client: JiraClient) async throws -> [IssueID] {
        var clauses = scope == .levelled ? ["level is not EMPTY"] : []
        let wanted = Set(source.scope.projects.map { $0.uppercased() })
        if !wanted.isEmpty {
            // A query that names a project which the account may not see fails as a whole.
            var projects = try await client.projects()
            projects += try await client.projects(.archived)
            let keys = projects.filter { !wanted.isDisjoint(with: $0.keys.map { $0.uppercased() }) }.map(\.project.key)
            if keys.isEmpty { return [] }
            clauses.insert(JQL.projects(Set(keys).sorted()), at: 0)
        }
        return try await client.allIssueIDs(
            IssueQuery(jql: clauses.joined(separator: " AND ")), limit: Listings.issueLimit)
    }

    /// Stores a listing, unless its credential went or was replaced while it was read.
    private func keep(_ listing: Listing, _ record: PersonalCredentials.Record) async throws -> Bool {
        let source = source
        return try await store.write { context in
            guard try Self.isCurrent(record, context.connection),
                let site = try SourceRecords.source(source.id, in: context.connection), site.state != .removed,
                try Self.scope(of: site, in: context.connection) == listing.scope
            else { return false }
            try Listings.put(listing, source: source.id, in: context)
            return true
        }
    }

    private func note(_ problem: ListingSummary.Problem, _ record: PersonalCredentials.Record) async throws {
        let source = source
        log.warning(
            "access.listing.failed", "A member's listing could not be read.",
            [
                "source": .string(source.name), "account": .string(problem.account.rawValue),
                "code": .string(problem.code), "refused": .bool(problem.isRefused),
            ])
        try await store.write { context in
            guard try Self.isCurrent(record, context.connection) else { return }
            try Listings.fail(
                problem.account, problem: problem.message, refused: problem.isRefused, source: source.id, in: context)
        }
    }

    private static func isCurrent(_ record: PersonalCredentials.Record, _ connection: Connection) throws -> Bool {
        try PersonalCredentials.get(of: record.member, source: record.source, in: connection) == record
    }

    /// What an error of Jira's means for a listing.
    ///
    /// - Throws: Errors that are not about Jira: the database's, and cancellation.
    static func problem(_ error: any Error, account: AccountID) throws -> ListingSummary.Problem {
        switch error {
        case let error as JiraError where error.code != .cancelled:
            ListingSummary.Problem(
                account: account, code: error.code.rawValue, message: error.description,
                isRefused: error.concernsAccess && error.code != .accessBlocked)
        case let error as PersonalRefusal:
            ListingSummary.Problem(
                account: account, code: error.code, message: error.description, isRefused: true)
        default: throw error
        }
    }

    private func tell(_ summary: ListingSummary) {
        guard summary.read + summary.removed + summary.problems.count > 0 else { return }
        log.info(
            "access.listings.refreshed", "Personal listings were read again.",
            [
                "source": .string(source.name), "read": .int(summary.read), "removed": .int(summary.removed),
                "postponed": .int(summary.postponed), "problems": .int(summary.problems.count),
                "requests": .int(summary.requests),
            ])
    }
}
