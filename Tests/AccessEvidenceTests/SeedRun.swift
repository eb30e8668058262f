import AccessControl
import AccessEngine
import JiraSimulator
import SimulatedAccess
import SimulatedData
import SimulatedSite
import SiteConnection
import Store
import SyncEngine
import Synchronization

/// A tiny site that goes through random changes, with Drawbridge following it: everything follows from the seed.
struct SeedRun: Sendable {
    let seed: UInt64
    let configuration: SiteConfiguration
    let arrangement: Arrangement

    /// How often changes are made and caught up with.
    static let rounds = 2

    /// How the source is set up.
    enum Arrangement: String, Sendable {
        case mirror
        /// Data Center, with an administrator's word for who is in each security level.
        case declaredLevels
        /// Mirrored, and everybody's own credential stored beside.
        case mirrorWithTokens
        case linked
        case `public`
        case shared
    }

    init(seed: UInt64) {
        self.seed = seed
        configuration = .tiny(seed: seed)
        let state = SimulatedSite(configuration).current()
        func sees(_ caller: Caller) -> Bool { !Sight(caller, state).issues.isEmpty }
        arrangement =
            switch seed / 8 % 8 {
            case 0: sees(.user(TinySite.developer)) ? .linked : .mirror
            case 1: sees(.anonymous) ? .public : .mirror
            case 2: sees(.user(TinySite.developer)) ? .shared : .mirror
            case 3: configuration.flavour.isCloud ? .mirror : .declaredLevels
            case 4: .mirrorWithTokens
            default: .mirror
            }
    }

    private var caller: Caller {
        switch arrangement {
        case .mirror, .declaredLevels, .mirrorWithTokens: .user(TinySite.administrator)
        case .linked, .shared: .user(TinySite.developer)
        case .public: .anonymous
        }
    }

    private var mode: Source.AccessMode {
        switch arrangement {
        case .mirror, .declaredLevels, .mirrorWithTokens: .mirror
        case .linked: .linked
        case .public: .public
        case .shared: .shared
        }
    }

    /// What was shown wrongly, and when; empty where nothing was.
    func findings() async throws -> [String] {
        do {
            return try await follow()
        } catch is SyncFailure where mode != .mirror {
            // An account that sees nothing to begin with makes no source.
            return []
        }
    }

    private func follow() async throws -> [String] {
        try await EvidenceSource.lent(configuration, caller: caller, mode: mode) { source in
            var random = SeededRandom(seed: seed, stream: 7, item: 0)
            try await source.synchronise()
            if arrangement == .linked || arrangement == .mirrorWithTokens { try await source.linkEverybody() }
            var found = try await atRest(source, after: "the first reading")
            for round in 1...Self.rounds where found.isEmpty {
                do {
                    found += try await disturb(source, &random, "round \(round)")
                } catch let failure as SyncFailure where mode != .mirror {
                    // The source's own account may lose everything by a change; nobody may gain by that.
                    // The listing read now is compared with the site as it is: what was to strike the synchronisation and did
                    // not, as that failed before, must not strike a listing that nobody judges with the state before.
                    source.jira.faults.removeAll()
                    try await source.list()
                    // What a linked account lists for itself does not hang on the source's account.
                    let isRefused = failure.code.rawValue == "credential_refused" && mode != .linked
                    let comparison = try await source.comparison(
                        hidden: isRefused ? .everything : .nothing, isThorough: false)
                    let leaks = try await comparison.findings().filter(\.isLeak)
                    return leaks.map { "\(arrangement.rawValue), after \(failure.code): \($0)" }
                }
            }
            return found
        }
    }

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
        let moving = try await source.comparison(
            levelsAreDeclared: arrangement == .declaredLevels, isThorough: false,
            since: [before] + struck.map(\.before))
        let leaks = try await moving.findings().map {
            "\(arrangement.rawValue), \(round), while \(changes + struck.map(\.change)): \($0)"
        }
        guard leaks.isEmpty else { return leaks }
        try await source.synchronise()
        return try await atRest(source, after: "\(round), then: \(changes + struck.map(\.change))")
    }

    /// Compares once all is quiet: nothing too much is shown after the first reading, and nothing is missing either but
    /// what half a lease later is there.
    private func atRest(_ source: EvidenceSource, after what: String) async throws -> [String] {
        func compare() async throws -> [AccessComparison.Finding] {
            if arrangement == .declaredLevels { try await source.declareLevels() }
            return try await source.comparison(
                levelsAreDeclared: arrangement == .declaredLevels, isThorough: false
            ).findings()
        }
        var findings = try await compare()
        if !findings.isEmpty, !findings.contains(where: \.isLeak) {
            source.noteLateness()
            source.clock.advance(by: 1_801_000)
            try await source.synchronise()
            findings = try await compare()
        }
        return findings.map { "\(arrangement.rawValue), \(what): \($0)" }
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
