import Database
import Foundation
import SiteConnection
import Store
import Testing

/// The first call to the disk fails, then a later one, and so on until nothing is left to fail.
@Suite("A disk that fails", .serialized) struct FaultLoopTests {
    enum Work: String, CaseIterable, CustomTestStringConvertible {
        case firstRead = "first read"
        case delta
        var testDescription: String { rawValue }
    }

    /// How many of the calls fail in turn; without `DRAWBRIDGE_FAULTS=all` some of them, spread over the whole.
    static let tries = ProcessInfo.processInfo.environment["DRAWBRIDGE_FAULTS"] == "all" ? Int.max : 3

    @Test(
        "each failed call is told or does no harm; what was stored stays, and the next run ends equal to Jira",
        arguments: FaultyDisk.failures, Work.allCases)
    func loop(_ failure: FaultyDisk.Failure, _ work: Work) async throws {
        try await InProcessSource.lent { source in
            try await source.add(to: "prepared")
            if work == .delta {
                try await source.synchronise("prepared")
                source.edit()
            }
            let before = try await source.seen("prepared")
            try source.copy("prepared", as: "tried")
            let calls = try await FaultyDisk.count(failure, below: source.path("tried")) {
                try await source.synchronise("tried")
            }
            var told = 0
            for call in stride(from: 1, through: calls, by: max(1, calls / Self.tries)) {
                try source.copy("prepared", as: "tried")
                let outcome = await FaultyDisk.armed(failure, at: call, below: source.path("tried")) {
                    try await source.synchronise("tried")
                }
                let place = "\(failure.testDescription), \(work), call \(call) of \(calls)"
                if case .failure(let error) = outcome {
                    told += 1
                    Self.expectTold(error, place)
                }
                try await expectMended(source, work, before, place)
            }
            #expect(told > 0, "no failure was ever noticed")
        }
    }

    private func expectMended(
        _ source: InProcessSource, _ work: Work, _ before: Seen, _ place: String
    ) async throws {
        let problems = try await source.problems(of: "tried")
        #expect(problems.isEmpty, "\(place): \(problems)")
        let kept = try await source.seen("tried")
        #expect(kept.issues.isSuperset(of: before.issues), "\(place): issues are gone")
        try await source.synchronise("tried")
        let (seen, truth) = (try await source.seen("tried"), source.truth)
        #expect(seen == truth, "\(place): \(seen.difference(truth))")
    }

    /// A failure of the disk is called one, and says what to do.
    private static func expectTold(_ error: any Error, _ place: String) {
        switch error {
        case let error as SyncFailure:
            #expect(error.code == .storageFailed, "\(place): \(error)")
            #expect(!error.fix.isEmpty, "\(place): \(error)")
        case let error as DatabaseError:
            #expect([.io, .full, .cannotOpen].contains(error.code) && error.advice != nil, "\(place): \(error)")
        case let error as StoreError:
            #expect([.diskFull, .folderInvalid].contains(error.code), "\(place): \(error)")
        default: Testing.Issue.record("\(place): \(error)")
        }
    }
}
