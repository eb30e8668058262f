import SimulatedAccess
import SimulatedWebhooks
import Scheduling
import Simulation
import Testing
import FastJSON
import JiraSimulator
import Simulation
import HTTPMessages
import IssueModel
import JiraClient
import Journal
import SearchIndex
import SimulatedSite
import Store
import SyncEngine

/// A mistake put in on purpose: the simulation is worth something only if it finds each of them.
enum Plant: String, Sendable, CaseIterable, CustomTestStringConvertible {
    /// Queries for changes are written in another time zone than the account's.
    case wrongTimeZone
    /// The first issue of each further page is passed over.
    case pageBorder
    /// The mark moves before what it stands for is stored.
    case checkpointBeforePage
    /// What a listing that broke off did not name is taken for deleted.
    case deletionOnPartialListing
    /// Webhooks are believed to come, all of them, and nothing else is read.
    case onlyWebhooks
    /// Rules are never read again, and their lease never ends.
    case endlessLease

    var testDescription: String { rawValue }

    /// What a finding says that is due to the mistake.
    var sign: String { self == .endlessLease ? " is shown " : "" }

    /// Lets the scenario have what the mistake needs to show.
    func adjust(_ scenario: Scenario) -> Scenario {
        var scenario = scenario
        // The census finds what was passed over, some time: a safeguard of its own.
        scenario.hasCensus = false
        switch self {
        case .pageBorder: scenario.simulator.idPageLimit = 3
        case .deletionOnPartialListing:
            scenario.simulator.idPageLimit = 1
            scenario.simulator.issuePageLimit = 2
            scenario.menu = FaultMenu(kinds: [.reset, .serverError], rate: 0.1)
        case .checkpointBeforePage: scenario.menu = FaultMenu(kinds: [.reset, .serverError], rate: 0.1)
        case .onlyWebhooks:
            scenario.hasWebhooks = true
            scenario.deliveries.lost = 0.3
        case .endlessLease:
            scenario.rules = [.members, .browseGrants, .levelMembers, .accountActive, .actors]
            scenario.edits = []
        case .wrongTimeZone: break
        }
        return scenario
    }

    func transport(_ inner: any HTTPTransport) -> any HTTPTransport {
        switch self {
        case .wrongTimeZone: RewritingTransport(inner, request: Rewriting.laterHours)
        case .pageBorder: RewritingTransport(inner, response: Rewriting.withoutFirstOfPage)
        default: inner
        }
    }

    func allows(_ job: SourceWork.Job) -> Bool {
        switch (self, job) {
        case (.onlyWebhooks, .synchronise(let extent)): extent == .pending
        case (.endlessLease, .synchronise(let extent)): extent == .pending || extent == .changes
        case (.endlessLease, .access): false
        default: true
        }
    }

    func before(_ job: SourceWork.Job, _ store: Store, _ world: World) async {
        if self == .endlessLease { await renewLeases(store, world) }
        guard self == .checkpointBeforePage, job == .synchronise(.changes) else { return }
        let state = world.site.current()
        let newest = (0..<state.issueCount).map { state.row($0).updated }.max() ?? 0
        let now = world.wall.now
        try? await store.write { context in
            guard let source = try SourceRecords.find(World.name, in: context.connection)?.id,
                let json = try Checkpoints.data("issues", source: source, in: context.connection),
                var checkpoint = SyncCheckpoint(json: try .init(parsing: json)), checkpoint.mark != nil
            else { return }
            checkpoint.mark = Timestamp(milliseconds: newest)
            let text = String(decoding: checkpoint.json.serialized(), as: UTF8.self)
            try Checkpoints.advance("issues", to: text, at: now, source: source, in: context)
        }
    }

    func after(_ job: SourceWork.Job, _ store: Store, _ process: SimulatedProcess, _ world: World) async {
        if self == .endlessLease { await renewLeases(store, world) }
        guard self == .deletionOnPartialListing, !world.isOver else { return }
        guard let client = try? await world.client(of: process, retries: 0) else { return }
        var listed: Set<IssueID> = []
        var cursor: IssueCursor?
        repeat {
            guard let page = try? await client.issueIDs(IssueQuery(jql: "created >= \"1970-01-01\""), after: cursor)
            else { break }
            listed.formUnion(page.ids)
            cursor = page.next
        } while cursor != nil
        let now = world.wall.now
        try? await store.write { [listed] context in
            guard let source = try SourceRecords.find(World.name, in: context.connection)?.id else { return }
            for issue in try IssueRecords.identities(source: source, in: context.connection)
            where !listed.contains(issue) {
                let id = try IssueRecords.remove(issue, because: .deleted, at: now, source: source, in: context)
                if let id { try SearchIndexWriter.remove(issue: id, in: context.connection) }
            }
        }
    }

    /// Says of every project that is shown that its rules were read just now.
    private func renewLeases(_ store: Store, _ world: World) async {
        let now = world.wall.now
        try? await store.write { context in
            guard let source = try SourceRecords.find(World.name, in: context.connection)?.id else { return }
            for record in try ProjectRecords.all(source: source, in: context.connection)
            where record.accessState == .verified {
                try ProjectRecords.setAccess(
                    .verified, verified: now, of: record.project.id, source: source, in: context)
            }
            try Checkpoints.advance("access", to: "{}", at: now, source: source, in: context)
        }
    }
}
