import AccessControl
import HTTPMessages
import IssueDecoding
import IssueModel
import JiraClient
import JiraSimulator
import SimulatedSite
import SiteConnection
import Store
import SyncEngine
import Synchronization
import Testing

@Suite struct ResumeTests {
    private static func small(_ options: inout SyncOptions) {
        options.issuesPerUnit = 10
        options.limits.openUnits = 3
        options.limits.issuesPerCommit = 10
        options.client.issuesPerRequest = 5
        options.client.pacing.maximumRetries = 0
    }

    @Test(
        "stopped after any transaction, the next run loses nothing and fetches only what was in flight again",
        arguments: [SiteFlavour.cloud, .dataCenter])
    func stoppedAfterCommit(_ flavour: SiteFlavour) async throws {
        let configuration = SiteConfiguration(flavour: flavour, issueCount: 110, averageIssueBytes: 800)
        for stop in 0..<9 {
            try await SimulatedSource.lent(configuration, adjust: Self.small) { source in
                let transport = FaultyTransport(source.transport)
                let commits = Mutex(0)
                do throws(SyncFailure) {
                    _ = try await source.synchronise(transport: transport) { progress in
                        guard progress.phase == .issues, progress.done > 0 || stop == 0 else { return }
                        let count = commits.withLock { count in
                            count += 1
                            return count
                        }
                        if count >= stop { transport.die() }
                    }
                    // The last transactions leave nothing more to ask for.
                    #expect(commits.withLock { $0 } <= stop)
                } catch {
                    #expect(error.code == .siteUnreachable)
                }
                let kept = try await source.visible(to: .operator).issues.count
                let again = FaultyTransport(source.transport)
                let summary = try await source.synchronise(transport: again)
                try await Self.expectAll(source)
                #expect(summary.issues.stored + kept == source.server.truth(for: source.caller).issues.count)
                let twice = again.fetched.keys.count { transport.fetched[$0] != nil }
                // What was in flight, and the stored issues that the reading of the rules asks for as samples.
                #expect(twice <= 3 * 10 + 10)
            }
        }
    }

    @Test(
        "cut off at any request, the next run completes the copy",
        arguments: [SiteFlavour.cloud, .dataCenter])
    func cutAnywhere(_ flavour: SiteFlavour) async throws {
        let configuration = SiteConfiguration(flavour: flavour, issueCount: 60, averageIssueBytes: 800)
        let all = try await SimulatedSource.lent(configuration, adjust: Self.small) { source in
            let transport = FaultyTransport(source.transport)
            _ = try await source.synchronise(transport: transport)
            return transport.sent
        }
        for cut in stride(from: 1, through: all, by: max(1, all / 12)) {
            try await SimulatedSource.lent(configuration, adjust: Self.small) { source in
                _ = try? await source.synchronise(transport: FaultyTransport(source.transport, deadFrom: cut))
                _ = try await source.synchronise()
                try await Self.expectAll(source)
            }
        }
    }

    @Test("cancelled, it says so and goes on at the next run")
    func cancelled() async throws {
        let configuration = SiteConfiguration(flavour: .cloud, issueCount: 110, averageIssueBytes: 800)
        try await SimulatedSource.lent(configuration, adjust: Self.small) { source in
            await withTaskGroup(of: Void.self) { group in
                let (reached, signal) = AsyncStream.makeStream(of: Void.self)
                group.addTask {
                    let failure = await #expect(throws: SyncFailure.self) {
                        _ = try await source.synchronise { progress in
                            if progress.phase == .issues, progress.done > 0 { signal.finish() }
                        }
                    }
                    #expect(failure?.code == .cancelled)
                }
                for await _ in reached {}
                group.cancelAll()
            }
            _ = try await source.synchronise()
            try await Self.expectAll(source)
        }
    }

    private static func expectAll(_ source: SimulatedSource) async throws {
        let truth = Seen(source.server.truth(for: source.caller))
        let stored = Seen(try await source.visible(to: .operator))
        #expect(stored == truth, "\(stored.difference(truth))")
    }
}
