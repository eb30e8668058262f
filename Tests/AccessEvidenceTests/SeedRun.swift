import JiraSimulator
import SimulatedAccess
import SimulatedData
import SimulatedSite
import Synchronization

/// A tiny site that goes through random changes, with Drawbridge following it: everything follows from the seed.
struct SeedRun: Sendable {
    let seed: UInt64

    /// How often changes are made and caught up with.
    static let rounds = 3

    /// What was shown wrongly, and when; empty where nothing was.
    func findings() async throws -> [String] {
        let configuration = SiteConfiguration.tiny(seed: seed)
        return try await EvidenceSource.lent(configuration, caller: caller, mode: nil) { source in
            var random = SeededRandom(seed: seed, stream: 7, item: 0)
            try await source.synchronise()
            var found = try await atRest(source, after: "the first reading")
            for round in 1...Self.rounds where found.isEmpty {
                found += try await disturb(source, &random, "round \(round)")
            }
            return found
        }
    }

    private var caller: Caller { .user(TinySite.administrator) }

    /// Changes something, synchronises while more changes, and looks what is shown then and once all is quiet.
    private func disturb(
        _ source: EvidenceSource, _ random: inout SeededRandom, _ round: String
    ) async throws -> [String] {
        var changes: [SiteMutation] = []
        let before = source.site.current()
        for _ in 0..<random.within(1...3) {
            source.clock.advance(by: 1_000)
            changes.append(source.site.mutate(using: &random))
            source.observe()
        }
        guard random.chance(0.5) else {
            if random.chance(0.3) { try await source.refresh(random.chance(0.5) ? .due : .everything) }
            try await source.synchronise()
            return try await atRest(source, after: "\(round): \(changes)")
        }
        let during = Disturbance(source, seed: random.next())
        // One change, so that whatever mixture of old and new facts is read belongs to one of two states.
        source.jira.faults.add(.init(.beforeAnswer { during.strike() }, skip: random.below(40), count: 1))
        try await source.synchronise()
        source.jira.faults.removeAll()
        let struck = during.struck
        let moving = try await source.comparison(isThorough: false, since: [before] + struck.map(\.before))
        let leaks = try await moving.findings().map { "\(round), while \(changes + struck.map(\.change)): \($0)" }
        guard leaks.isEmpty else { return leaks }
        try await source.synchronise()
        return try await atRest(source, after: "\(round), then: \(changes + struck.map(\.change))")
    }

    private func atRest(_ source: EvidenceSource, after what: String) async throws -> [String] {
        try await source.comparison(isThorough: false).findings().map { "\(what): \($0)" }
    }
}

/// Changes of the site in the middle of a synchronisation.
final class Disturbance: Sendable {
    private let source: EvidenceSource
    private let state: Mutex<State>

    private struct State {
        var random: SeededRandom
        var struck: [(before: SiteState, change: SiteMutation)] = []
    }

    init(_ source: EvidenceSource, seed: UInt64) {
        self.source = source
        state = Mutex(State(random: SeededRandom(seed: seed)))
    }

    /// Makes one change, now.
    func strike() {
        state.withLock { state in
            source.clock.advance(by: 1_000)
            let before = source.site.current()
            state.struck.append((before, source.site.mutate(using: &state.random)))
            source.observe()
        }
    }

    var struck: [(before: SiteState, change: SiteMutation)] { state.withLock { $0.struck } }
}
