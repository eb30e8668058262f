import AccessControl
import Database
import Foundation
import IssueModel
import JiraClient
import Journal
import Simulation
import SiteConnection
import Store
import SyncEngine
import Synchronization

@testable import Scheduling

/// Sources in a store, work that takes a second and is written down, and time that a seed replays.
final class KeeperScene: Sendable {
    struct Entry: Sendable, Hashable, CustomStringConvertible {
        var source: String
        var job: String
        /// Seconds since the scene began.
        var began: Double
        var ended: Double
        var failed = false
        var holder = ""
        var description: String { "\(source) \(job) \(began)" }
    }

    let store: Store
    let clock: VirtualClock
    private let state = Mutex(State())

    struct State {
        var entries: [Entry] = []
        /// What becomes of a job; it ends well where this says nothing.
        var fate: @Sendable (SourceWork.Job, String) -> SyncFailure? = { _, _ in nil }
        var seconds = 1.0
    }

    static let start = Timestamp("2026-03-26T12:00:00Z") ?? Timestamp(milliseconds: 0)

    /// Runs `body` in a scene of its own, under `seed`.
    static func run(seed: UInt64 = 1, _ body: @escaping @Sendable (KeeperScene) async throws -> Void) throws {
        let folder = NSTemporaryDirectory() + "drawbridge-keeper-\(UUID().uuidString)"
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let clock = VirtualClock(startingAt: start.rawValue)
        try SimulationRun(seed: seed, clock: clock).run {
            let store = try await Store(
                folder: DataFolder(path: folder, for: .writing), options: .init(execution: .inline),
                clock: { Timestamp(milliseconds: clock.now) })
            let scene = KeeperScene(store, clock)
            try await scene.add("one")
            try await body(scene)
            await store.close()
        }
    }

    private init(_ store: Store, _ clock: VirtualClock) {
        (self.store, self.clock) = (store, clock)
    }

    var now: Timestamp { Timestamp(milliseconds: clock.now) }
    var seconds: Double { clock.elapsed / .seconds(1) }
    var time: TimeSource {
        let clock = clock
        return TimeSource(
            elapsed: { clock.elapsed }, now: { Timestamp(milliseconds: clock.now) },
            sleep: { try await clock.sleep(for: $0) })
    }

    var entries: [Entry] { state.withLock { $0.entries } }
    func count(of source: String) -> Int { entries.filter { $0.source == source }.count }
    func entries(_ job: String) -> [Entry] { entries.filter { $0.job == job } }

    /// What becomes of jobs from now on.
    func fate(_ fate: @escaping @Sendable (SourceWork.Job, String) -> SyncFailure?) {
        state.withLock { $0.fate = fate }
    }

    func jobs(take seconds: Double) { state.withLock { $0.seconds = seconds } }

    /// Adds a source; the first whole read has covered nothing yet.
    @discardableResult
    func add(_ name: String) async throws -> Int64 {
        let (store, key, now) = (store, try store.secretKey(), now)
        return try await store.write { context in
            try SourceRecords.add(
                Source(
                    name: name, url: "https://\(name).example", apiURL: "https://\(name).example", product: .cloud,
                    accessMode: .mirror, credentialKind: "apiToken", created: now), credential: Array("t".utf8),
                key: key, in: context
            ).id
        }
    }

    func source(_ name: String = "one") async throws -> Source {
        try await store.read { try SourceRecords.find(name, in: $0) } ?? { throw Missing() }()
    }

    struct Missing: Error {}

    func work(holder: String = "") -> SourceWork {
        SourceWork { (job, source, report) async throws(SyncFailure) -> SourceWork.Outcome in
            let (seconds, fate, began) = self.state.withLock { ($0.seconds, $0.fate, self.seconds) }
            report(SyncProgress(phase: .issues, done: 1, total: 2))
            var failure = fate(job, source.name)
            do {
                try await self.clock.sleep(for: .seconds(seconds))
            } catch {
                failure = SyncFailure(.cancelled, what: "stopped")
            }
            if failure == nil, job == .access || job == .synchronise(.all) {
                await self.advance(job, source.id)
            }
            let entry = Entry(
                source: source.name, job: job.name, began: began, ended: self.seconds, failed: failure != nil,
                holder: holder)
            self.state.withLock { $0.entries.append(entry) }
            if let failure { throw failure }
            return .init(summary: SyncSummary(source: source.name))
        }
    }

    /// What the real work writes of itself.
    private func advance(_ job: SourceWork.Job, _ source: Int64) async {
        let now = now
        try? await store.write { context in
            try Checkpoints.advance("access", to: "{}", at: now, source: source, in: context)
            guard job != .access else { return }
            try Checkpoints.advance("issues", to: #"{"covered":["1"]}"#, at: now, source: source, in: context)
        }
    }

    func keeper(_ holder: String = "a", _ adjust: (inout SourceKeeper.Options) -> Void = { _ in }) -> SourceKeeper {
        var options = SourceKeeper.Options(holder: holder)
        adjust(&options)
        return SourceKeeper(store: store, work: work(holder: holder), options: options, time: time)
    }

    /// Runs keepers beside `body`, and stops them at its end.
    func keeping(_ keepers: SourceKeeper..., body: () async throws -> Void) async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            for keeper in keepers { group.addTask { try await keeper.run() } }
            try await body()
            group.cancelAll()
            try await group.waitForAll()
        }
    }

    func sleep(_ seconds: Int) async throws { try await clock.sleep(for: .seconds(seconds)) }

    func post(_ job: SourceWork.Job, to name: String = "one") async throws -> Int64 {
        let (id, now, request) = (try await source(name).id, now, job.request)
        return try await store.write {
            try Requests.post(kind: request.kind, argument: request.argument, source: id, at: now, in: $0)
        }
    }

    func answer(_ id: Int64) async throws -> Requests.Answer? {
        try await store.read { try Requests.answer(id, in: $0) }
    }

    func record(_ name: String = "one") async throws -> ScheduleRecord {
        let id = try await source(name).id
        return try await store.read { try ScheduleRecord.of(source: id, in: $0) }
    }
}
