import Foundation
import SiteConnection
import Synchronization
import Testing

/// Random sites under random changes. `DRAWBRIDGE_SEEDS` says how many, `DRAWBRIDGE_SEED` replays one.
@Suite struct SeedTests {
    @Test("no random change of a random site shows anybody anything else than Jira does")
    func seeds() async throws {
        let environment = ProcessInfo.processInfo.environment
        let some = environment["DRAWBRIDGE_SEED"]?.split(separator: ",").compactMap { UInt64($0) } ?? []
        guard some.isEmpty else {
            for seed in some {
                for finding in try await SeedRun(seed: seed).findings() {
                    Testing.Issue.record("seed \(seed): \(finding)")
                }
            }
            return
        }
        let count = environment["DRAWBRIDGE_SEEDS"].flatMap { UInt64($0) } ?? 24
        let first = environment["DRAWBRIDGE_FIRST_SEED"].flatMap { UInt64($0) } ?? 0
        let clock = ContinuousClock()
        let start = clock.now
        let failed = await withTaskGroup(of: [UInt64: [String]].self) { group in
            for worker in 0..<2 {
                group.addTask { await Self.run(first + UInt64(worker), first + count, step: 2) }
            }
            return await group.reduce(into: [:]) { $0.merge($1) { first, _ in first } }
        }
        for (seed, findings) in failed.sorted(by: { $0.key < $1.key }).prefix(40) {
            Testing.Issue.record(
                "\(findings[0]) · replay: DRAWBRIDGE_SEED=\(seed) scripts/test --filter AccessEvidenceTests.SeedTests")
        }
        print(
            "➜ \(count) seeds in \(start.duration(to: clock.now)), \(failed.count) with a difference, "
                + "\(EvidenceSource.late.withLock { $0 }) times something was shown late")
    }

    @concurrent private static func run(_ first: UInt64, _ end: UInt64, step: UInt64) async -> [UInt64: [String]] {
        var failed: [UInt64: [String]] = [:]
        for seed in stride(from: first, to: end, by: Int(step)) {
            do {
                let findings = try await SeedRun(seed: seed).findings()
                if !findings.isEmpty { failed[seed] = findings }
            } catch {
                failed[seed] = ["\(error)"]
            }
        }
        return failed
    }
}
