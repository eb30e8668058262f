import AccessEngine
import Database
import IssueModel
import Reading
import SearchIndex
import SimulatedAccess
import SimulatedSite
import SiteConnection
import Store
import Synchronization
import Testing

/// Readers who ask all the time while permissions tighten and widen.
@Suite struct UnderWayTests {
    @Test(
        "no answer that begins after a tightening was read shows what it hides",
        arguments: [SiteFlavour.cloud, .dataCenter])
    func tightening(_ flavour: SiteFlavour) async throws {
        try await EvidenceSource.lent(
            .tiny(seed: 1, flavour: flavour, administratorSeesAll: true), execution: .threads(readers: 3)
        ) { source in
            let issue = source.change { state, hand in
                state.createIssue(
                    project: 0, summary: "Under way \(PlantedTokens.word(910_001))", by: hand)
            }
            Self.open(source, true)
            try await source.synchronise()
            let key = source.site.current().key(of: issue)
            let watch = Watch(source: source, key: key, word: PlantedTokens.word(910_001))
            try await withThrowingTaskGroup(of: Void.self) { group in
                for path in Watch.Path.allCases { group.addTask { try await watch.run(path) } }
                group.addTask {
                    for _ in 0..<5 {
                        watch.is(.unsettled)
                        Self.open(source, false)
                        try await source.refresh(.everything)
                        try await watch.settle(.hidden)
                        watch.is(.unsettled)
                        Self.open(source, true)
                        try await source.refresh(.everything)
                        try await watch.settle(.shown)
                    }
                    watch.is(.over)
                }
                try await group.waitForAll()
            }
            for wrong in watch.wrong.prefix(5) { Testing.Issue.record("\(wrong)") }
        }
    }

    /// Lets the developer browse the first project, or nobody but the administrator.
    private static func open(_ source: EvidenceSource, _ isOpen: Bool) {
        source.change { state, _ in
            let some: [SiteHolder] = isOpen ? [.user(TinySite.developer)] : []
            state.setGrants(
                state.projects[0].permissionScheme, "BROWSE_PROJECTS", to: some + [.user(TinySite.administrator)])
        }
    }
}

/// Asks on one path after another, and notes answers that do not fit what holds.
final class Watch: Sendable {
    enum Path: String, CaseIterable, Sendable { case search, facets, issue, export, listing }

    /// What holds for an answer that begins now.
    enum Standing: Hashable, Sendable { case unsettled, shown, hidden, over }

    private struct State {
        var standing = Standing.unsettled
        /// Grows whenever the standing changes: an answer is judged by the standing that held throughout.
        var turn = 0
        var answers: [Path: Int] = [:]
        var wrong: [String] = []
        var waiting: [CheckedContinuation<Void, Never>] = []
    }

    private let state = Mutex(State())
    private let source: EvidenceSource
    private let key: String
    private let word: String

    init(source: EvidenceSource, key: String, word: String) {
        self.source = source
        self.key = key
        self.word = word
    }

    var wrong: [String] { state.withLock { $0.wrong } }

    func `is`(_ standing: Standing) {
        state.withLock {
            $0.standing = standing
            $0.turn += 1
            $0.answers = [:]
        }
    }

    /// Says what holds from now on, and waits until every path has answered under it.
    func settle(_ standing: Standing) async throws {
        self.is(standing)
        await withCheckedContinuation { continuation in
            state.withLock { $0.waiting.append(continuation) }
        }
    }

    func run(_ path: Path) async throws {
        while true {
            let (standing, turn) = state.withLock { ($0.standing, $0.turn) }
            if standing == .over { return }
            let isShown = try await ask(path)
            let ready: [CheckedContinuation<Void, Never>] = state.withLock { state in
                guard state.turn == turn else { return [] }
                if standing == .hidden, isShown { state.wrong.append("\(path.rawValue) shows what is hidden") }
                if standing == .shown, !isShown { state.wrong.append("\(path.rawValue) lacks what is shown") }
                state.answers[path, default: 0] += 1
                guard Path.allCases.allSatisfy({ state.answers[$0, default: 0] >= 2 }) else { return [] }
                defer { state.waiting = [] }
                return state.waiting
            }
            for continuation in ready { continuation.resume() }
            await Task.yield()
        }
    }

    /// Whether the answer holds anything of the issue.
    private func ask(_ path: Path) async throws -> Bool {
        let state = source.site.current()
        let user = state.users[TinySite.developer]
        let who = state.configuration.flavour.isCloud ? user.accountID : user.key
        let now = Timestamp(milliseconds: source.clock.now)
        let reading = SearchReading(store: source.store, searcher: source.searcher)
        switch path {
        case .search:
            let answer = try await reading.search(word, as: who, now: now)
            return answer.results.total > 0 || answer.json.count == 0
        case .facets:
            let answer = try await reading.search("jql:ORDER BY key", as: who, now: now)
            let project = String(key.prefix { $0 != "-" })
            let values = answer.results.facets.first { $0.name == "project" }?.values ?? []
            return values.contains { $0.value == project } || PlantedTokens.words(in: answer.json).contains(word)
        case .issue:
            do {
                return try await !IssueReader(store: source.store).issue(key, as: who).issue.summary.isEmpty
            } catch let error as ReadingError where error.code == .notFound {
                return false
            }
        case .export:
            var bytes: [UInt8] = []
            _ = try await IssueExport(store: source.store).run(as: who, format: .jsonl) { bytes += $0 }
            return PlantedTokens.words(in: bytes).contains(word)
        case .listing:
            let id = state.ordinal(key: key).map { state.row($0).id }
            return try await AccessReading(store: source.store).visible(to: who).contains { listing in
                listing.records.issues.contains { Int($0.rawValue) == id }
            }
        }
    }
}
