public import SimulatedData
import SimulatedSearch
public import SimulatedSite
import Synchronization

/// The webhooks of a simulated site: who wants to hear of what, and the deliveries on their way.
///
/// Nothing leaves by itself: ``deliverDue(until:through:width:)`` or ``run(through:)`` sends what is due.
public final class WebhookCenter: Sendable {
    private let site: SimulatedSite
    private let clock: SiteClock
    private let memory: Mutex<Memory>

    struct Memory {
        var plan: DeliveryPlan
        var base = ""
        var registrations: [WebhookRegistration] = []
        var nextID = 1
        var waiting = DeliveryQueue()
        var number = 0
        var total = DeliveryCount()
        /// Since when a webhook has failed without a break.
        var failing: [Int: Milliseconds] = [:]
    }

    /// - Parameter clock: What deliveries are due by; the site's own where time is not real.
    public init(site: SimulatedSite, plan: DeliveryPlan = DeliveryPlan(), clock: SiteClock? = nil) {
        self.site = site
        self.clock = clock ?? site.clock
        memory = Mutex(Memory(plan: plan))
        site.observe { [weak self] change in self?.publish(change) }
    }

    /// What becomes of deliveries from now on.
    public var plan: DeliveryPlan {
        get { memory.withLock { $0.plan } }
        set { memory.withLock { $0.plan = newValue } }
    }

    /// The site's URL, as payloads show it.
    public var base: String {
        get { memory.withLock { $0.base } }
        set { memory.withLock { $0.base = newValue } }
    }

    /// Who an app's deliveries are from, and what they are signed with.
    public static let appID = "simulated-oauth-app"
    public static let appSecret = "secret-of-the-simulated-oauth-app"

    public var registrations: [WebhookRegistration] { memory.withLock { $0.registrations } }

    /// Deliveries on their way, soonest first.
    public var waiting: [WebhookDelivery] { memory.withLock { $0.waiting.sorted } }

    /// How many deliveries are on their way.
    public var waitingCount: Int { memory.withLock { $0.waiting.count } }

    /// When the next delivery is due; nil when none is on its way.
    public var nextDue: Milliseconds? { memory.withLock { $0.waiting.first?.due } }

    /// How all deliveries went so far.
    public var count: DeliveryCount { memory.withLock { $0.total } }

    func withMemory<Result>(_ body: (inout Memory) throws -> Result) rethrows -> Result {
        try memory.withLock { try body(&$0) }
    }

    var now: Milliseconds { clock.now() }
    var state: SiteState { site.current() }

    // MARK: From a change to deliveries

    private func publish(_ change: SiteChange) {
        guard !change.events.isEmpty else { return }
        let (registrations, base) = memory.withLock { ($0.registrations, $0.base) }
        let active = registrations.filter { $0.isEnabled && ($0.expires ?? .max) > now }
        guard !active.isEmpty else { return }
        lazy var writer = PayloadWriter(change, base: base)
        for event in change.events {
            var body: [UInt8]?
            for registration in active where wants(registration, event, change) {
                let full = registration.excludesBody ? [] : body ?? writer.body(of: event)
                if !registration.excludesBody { body = full }
                send(event, full, to: registration, change)
            }
        }
    }

    private func wants(_ registration: WebhookRegistration, _ event: SiteEvent, _ change: SiteChange) -> Bool {
        guard registration.events.contains(event.name) else { return false }
        if !registration.fields.isEmpty, event.name == "jira:issue_updated" {
            guard event.change?.items.contains(where: { registration.fields.contains($0.fieldID) }) ?? false else {
                return false
            }
        }
        guard !registration.filter.isEmpty, let issue = event.issue else { return true }
        let state = event.name.hasSuffix("_deleted") ? change.before : change.after
        return
            (try? JQLQuery(parsing: registration.filter, allowsBareWords: false)
            .matches(issue: issue, in: state, now: event.time)) ?? false
    }

    private func send(
        _ event: SiteEvent, _ body: [UInt8], to registration: WebhookRegistration, _ change: SiteChange
    ) {
        let start = now
        memory.withLock { memory in
            memory.number += 1
            let arrivals = memory.plan.arrivals(memory.number, isSecondary: event.isSecondary)
            guard !arrivals.isEmpty, memory.waiting.count + arrivals.count <= memory.plan.queueLimit else {
                memory.total.lost += 1
                return
            }
            for wait in arrivals {
                memory.waiting.insert(
                    WebhookDelivery(
                        number: memory.number, webhook: registration.id, event: event.name,
                        url: Self.fill(registration.url, event, change.after), body: body,
                        isSecondary: event.isSecondary, due: start + wait))
            }
        }
    }

    /// Addresses may hold `${issue.id}`, `${issue.key}`, `${project.id}` and `${project.key}`.
    private static func fill(_ url: String, _ event: SiteEvent, _ state: SiteState) -> String {
        guard url.contains("${"), let issue = event.issue else { return url }
        let row = state.row(issue)
        let project = state.projects[Int(row.project)]
        let values = [
            "issue.id": String(row.id), "issue.key": state.key(of: row), "project.id": String(project.id),
            "project.key": project.key,
        ]
        var filled = ""
        for (position, piece) in url.split(separator: "${", omittingEmptySubsequences: false).enumerated() {
            guard position > 0, let end = piece.firstIndex(of: "}") else {
                filled += piece
                continue
            }
            filled += (values[String(piece[..<end])] ?? "") + piece[piece.index(after: end)...]
        }
        return filled
    }
}

extension SiteEvent {
    /// The ordinal of the issue an event belongs to.
    var issue: Int? {
        switch subject {
        case .issue(let issue), .comment(_, let issue), .worklog(_, let issue), .attachment(_, let issue): issue
        case .link(_, let from, _): from
        case .project, .version, .sprint, .board, .user, .issueType: nil
        }
    }
}
