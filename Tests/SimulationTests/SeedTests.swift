import Foundation
import Simulation
import Synchronization
import Testing

/// Whole runs by seed. `DRAWBRIDGE_SEEDS` says how many, `DRAWBRIDGE_SEED` replays some.
@Suite struct SeedTests {
    private static var environment: [String: String] { ProcessInfo.processInfo.environment }

    @Test("whatever changes and fails, the copy comes to equal the site")
    func seeds() async {
        let some = Self.environment["DRAWBRIDGE_SEED"]?.split(separator: ",").compactMap { UInt64($0) } ?? []
        let count = Self.environment["DRAWBRIDGE_SEEDS"].flatMap { Int($0) } ?? 6
        let first = Self.environment["DRAWBRIDGE_FIRST_SEED"].flatMap { UInt64($0) } ?? 0
        let seeds = some.isEmpty ? (0..<UInt64(count)).map { first + $0 } : some
        let tally = await Tally.of(seeds, keeping: some.isEmpty ? 0 : 20_000)
        for (seed, report) in tally.failed.prefix(40) {
            Testing.Issue.record(
                "\(report.findings[0]) · replay: DRAWBRIDGE_SEED=\(seed) scripts/test --filter SimulationTests.SeedTests"
            )
        }
        for report in some.isEmpty ? [] : Array(tally.reports.values) {
            print((report.lines + report.findings).joined(separator: "\n"))
        }
        print("➜ \(tally.summary)")
    }

    @Test("a seed replays its whole run", arguments: [UInt64(3), 4])
    func replays(_ seed: UInt64) async {
        let tally = await Tally.of([seed], keeping: 100_000)
        let again = await Tally.of([seed], keeping: 100_000)
        let (first, second) = (tally.reports[seed], again.reports[seed])
        for (left, right) in zip(first?.lines ?? [], second?.lines ?? []) where left != right {
            Testing.Issue.record("\(left) became \(right)")
            break
        }
        #expect(first?.digest == second?.digest)
        #expect(first?.jobs == second?.jobs)
    }
}

/// What many seeds showed.
struct Tally: Sendable {
    var reports: [UInt64: World.Report] = [:]
    var seconds = 0.0

    var failed: [(UInt64, World.Report)] {
        reports.filter { !$0.value.findings.isEmpty }.sorted { $0.key < $1.key }.map { ($0.key, $0.value) }
    }

    static func of(_ seeds: [UInt64], plant: Plant? = nil, keeping lines: Int = 0) async -> Tally {
        let tally = Mutex(Tally())
        let next = Mutex(0)
        let clock = ContinuousClock()
        let start = clock.now
        await SimulationThreads.run(min(2, seeds.count)) { _ in
            while true {
                let index = next.withLock { next in
                    next += 1
                    return next - 1
                }
                guard index < seeds.count else { return }
                let report = World.run(seed: seeds[index], plant: plant, keeping: lines)
                tally.withLock { $0.reports[seeds[index]] = report }
                if let finding = report.findings.first { print("seed \(seeds[index]): \(finding)") }
            }
        }
        var result = tally.withLock { $0 }
        result.seconds = Double((clock.now - start) / .milliseconds(1)) / 1_000
        return result
    }

    var summary: String {
        func sum(_ path: KeyPath<World.Report, Int>) -> Int { reports.values.reduce(0) { $0 + $1[keyPath: path] } }
        func merged(_ path: KeyPath<World.Report, [String: Int]>) -> String {
            reports.values.reduce(into: [:]) { all, report in all.merge(report[keyPath: path], uniquingKeysWith: +) }
                .sorted { $0.key < $1.key }.map { "\($0) \($1)" }.joined(separator: ", ")
        }
        return
            "\(reports.count) seeds in \(seconds) s, \(failed.count) with a finding; \(merged(\.work)), "
            + "\(sum(\.requests)) requests, \(sum(\.jobs)) jobs, \(sum(\.checks)) checks; \(merged(\.played)); "
            + "failed: \(merged(\.failures))"
    }
}
