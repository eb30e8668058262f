import SyncEngine
import AccessControl
import Database
import Foundation
import IssueModel
import JiraClient
import JiraSimulator
import SimulatedAccess
import SimulatedData
import SimulatedRules
import SimulatedSite
import Simulation
import SiteConnection
import Store
import Synchronization

/// A simulated site, the network to it, a folder on a disk, and Drawbridge, in virtual time.
final class World: Sendable {
    let scenario: Scenario
    let plant: Plant?
    let clock: VirtualClock
    let wall: WallClock
    let trace: SimulationTrace
    let executor: SeededExecutor
    let site: SimulatedSite
    let jira: InProcessJira
    let network: UnreliableNetwork
    /// Where the site's webhooks go.
    let mailroom: Mailroom
    let folder: String
    let past: Past
    /// When everything stops changing and failing.
    let end: Milliseconds
    /// When everything must have come to rest.
    let finish: Milliseconds
    let state: Mutex<State>

    struct State {
        var machine: Machine?
        var findings: [String] = []
        var events: [String] = []
        var jobs: [String: Int] = [:]
        var deliveries: [String: Int] = [:]
        var lives = 0
        /// Whether a first reading has been completed.
        var wasRead = false
        var failures: [String: Int] = [:]
        var checks = 0
    }

    static let name = "sim"

    /// What a run showed.
    struct Report: Sendable {
        var findings: [String]
        var digest: UInt64
        var lines: [String]
        var jobs: Int
        var requests: Int
        var work: [String: Int]
        var checks: Int
        var failures: [String: Int]
        var played: [String: Int]
        var events: [String]
    }

    /// Runs one seed from the first reading to the last comparison, on the calling thread.
    static func run(seed: UInt64, plant: Plant? = nil, keeping lines: Int = 0) -> Report {
        let scenario = plant?.adjust(Scenario(seed: seed)) ?? Scenario(seed: seed)
        let clock = VirtualClock(startingAt: scenario.site.now)
        let run = SimulationRun(seed: seed, clock: clock)
        let world = World(scenario, plant, clock, run.executor, keeping: lines)
        do {
            try run.run { try await world.live() }
        } catch {
            world.found("\(error)")
        }
        try? FileManager.default.removeItem(atPath: world.folder)
        let state = world.state.withLock { $0 }
        var played = Dictionary(uniqueKeysWithValues: world.network.played.map { ($0.rawValue, $1) })
        for event in state.events { played[String(event.prefix { $0 != " " }), default: 0] += 1 }
        return Report(
            findings: state.findings, digest: world.trace.digest, lines: world.trace.lines, jobs: run.executor.steps,
            requests: world.network.requests, work: state.jobs.merging(state.deliveries) { $0 + $1 },
            checks: state.checks, failures: state.failures,
            played: played, events: state.events)
    }

    private init(
        _ scenario: Scenario, _ plant: Plant?, _ clock: VirtualClock, _ executor: SeededExecutor, keeping lines: Int
    ) {
        self.scenario = scenario
        self.plant = plant
        self.clock = clock
        self.executor = executor
        wall = WallClock(clock)
        trace = SimulationTrace(keeps: lines)
        mailroom = Mailroom()
        site = SimulatedSite(scenario.site, clock: clock.siteClock)
        jira = InProcessJira(
            site: site, configuration: scenario.simulator, deliver: mailroom, pause: { try await clock.sleep(for: $0) })
        network = UnreliableNetwork(jira, clock: clock, seed: scenario.seed, trace: trace)
        folder = Self.newFolder()
        past = Past()
        end = scenario.site.now + Milliseconds(scenario.minutes) * 60_000
        finish = end + Milliseconds(Self.restMinutes) * 60_000
        state = Mutex(State())
    }

    /// In memory where the machine has such a place: which disk it is plays no part.
    private static func newFolder() -> String {
        let shared = "/dev/shm"
        let place = FileManager.default.isWritableFile(atPath: shared) ? shared + "/" : NSTemporaryDirectory()
        return place + "drawbridge-simulation-\(UUID().uuidString)"
    }

    // MARK: The course of things

    private func live() async throws {
        try await begin()
        await withDiscardingTaskGroup { group in
            group.addTask { await self.operate() }
            group.addTask { await self.people() }
            group.addTask { await self.deliver() }
            group.addTask { await self.chaos() }
            group.addTask { await self.watch() }
            group.addTask { await self.administer() }
            group.addTask { await self.calm() }
        }
        guard findings.isEmpty else { return }
        try await compare()
    }

    /// The first start, while all is well.
    private func begin() async throws {
        let machine = try await Machine(self)
        try await connect(machine)
        past.note(site.current(), at: clock.now)
        site.observe { [weak self] _ in
            guard let self else { return }
            past.note(site.current(), at: clock.now)
        }
        await setSchedule(scenario.schedule, accessEvery: scenario.accessEvery)
        try await registerWebhook(machine)
        network.menu = scenario.menu
        interfere()
    }

    private func connect(_ machine: Machine) async throws {
        guard let credential else { return found("the site has no administrator") }
        let setup = SourceSetup(
            transport: machine.process, gatewayURL: jira.gatewayHost, options: scenario.options.client,
            time: machine.process.time)
        _ = try await setup.add(
            .init(name: Self.name, address: jira.url, credential: credential, mode: .mirror), to: machine.store)
        state.withLock { $0.machine = machine }
    }

    /// A client like the service's own.
    func client(of process: SimulatedProcess, retries: Int? = nil) async throws -> JiraClient {
        var options = scenario.options.client
        if let retries { options.pacing.maximumRetries = retries }
        let (transport, time) = (process, process.time)
        let probe = SiteProbe(transport: transport, apiURL: jira.gatewayHost, time: time)
        let identity = try await probe.identify(SiteAddress(jira.url), credential ?? .anonymous)
        return JiraClient(
            identity, credential ?? .anonymous, transport: transport, options: options, time: time)
    }

    /// The administrator's.
    private var credential: Credential? {
        guard let administrator = jira.credentials.administrator,
            let secret = jira.credentials.all(of: site.current().users[administrator.index]).first
        else { return nil }
        return secret.kind == .apiToken
            ? .apiToken(email: secret.user, token: secret.secret) : .personalAccessToken(secret.secret)
    }

    // MARK: What is noted

    /// Whether nothing is to change or fail any more.
    var isOver: Bool { clock.now >= end || !findings.isEmpty }
    var isFinished: Bool { clock.now >= finish || !findings.isEmpty }
    var findings: [String] { state.withLock { $0.findings } }
    var machine: Machine? { state.withLock { $0.machine } }

    func found(_ what: String) {
        trace.note("found \(what)")
        state.withLock { $0.findings.append(what) }
    }

    func event(_ what: String) {
        let minute = (clock.now - scenario.site.now) / 60_000
        trace.note("\(clock.now) \(what)")
        state.withLock { $0.events.append("\(what) @\(minute)") }
    }

    /// Numbers the lives of the program.
    func nextLife() -> Int {
        state.withLock { state in
            state.lives += 1
            return state.lives
        }
    }

    func sleep(seconds: Int) async { try? await clock.sleep(for: .seconds(seconds)) }
    func sleep(milliseconds: Milliseconds) async { try? await clock.sleep(for: .milliseconds(milliseconds)) }
}
