import Database
import Foundation
import IssueModel
import JiraClient
import JiraSimulator

import Scheduling
import SearchIndex
import SimulatedData
import SimulatedSite
import Simulation
import SiteConnection
import Store
import SyncEngine
import Synchronization
import Workspace

/// A day of a busy Cloud site in virtual time: 20,000 changes, followed by the keeper of sources with its default schedule.
/// Counts requests, and points as Atlassian's quota for apps would.
struct DayBenchmark {
    let issues: Int
    let changes: Int
    private let arguments: BenchArguments

    /// Points an hour of the smallest quota (Atlassian, "Rate limiting", tier 1).
    static let budget = 65_000.0

    init(_ arguments: BenchArguments) {
        self.arguments = arguments
        issues = arguments.number("issues", default: 20_000)
        changes = arguments.number("changes", default: 20_000)
    }

    func run() async throws -> BenchReport {
        var configuration = SiteConfiguration(flavour: .cloud, issueCount: issues)
        configuration.features.attachments = false
        let clock = VirtualClock(startingAt: configuration.now)
        let site = SimulatedSite(configuration, clock: clock.siteClock)
        let jira = InProcessJira(site: site, pause: { try await clock.sleep(for: $0) })
        let meter = PointMeter(jira, clock)
        let folder = NSTemporaryDirectory() + "drawbridge-bench-\(UUID().uuidString)"
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let start = ContinuousClock.now
        let before = CPUTime.own()
        let changes = changes
        var run = SimulationRun(seed: 1, clock: clock)
        run.jobLimit = .max
        let day = try run.run { try await Self.day(folder, site, jira, meter, clock, changes) }
        var report = BenchReport(name: "day: \(issues) issues, \(changes) changes in 24 hours, polled")
        report.add("changes made", Double(day.made), "")
        report.add("not in the copy at the end", Double(day.behind), "", atMost: 0)
        report.add("requests in 24 hours", Double(meter.total), "")
        report.add("  an hour, most", meter.perHour.map { Double($0.requests) }.max() ?? 0, "")
        let points = meter.perHour.map(\.points)
        report.add("points in 24 hours", points.reduce(0, +), "")
        report.add(
            "  of the smallest hourly quota, busiest hour", (points.max() ?? 0) / Self.budget * 100, "%", atMost: 50)
        for (route, count) in meter.routes.sorted(by: { $0.value > $1.value }).prefix(8) {
            report.add("  \(route)", Double(count), "")
        }
        report.add("processor time, simulator included", CPUTime.own() - before, "s")
        report.add("wall time", (ContinuousClock.now - start).seconds, "s")
        report.add("largest memory, simulator included", SyncBenchmark.peakMemory(), "MB")
        return report
    }

    private struct Day: Sendable {
        var made = 0
        var behind = 0
    }

    private static func day(
        _ folder: String, _ site: SimulatedSite, _ jira: InProcessJira, _ meter: PointMeter, _ clock: VirtualClock,
        _ changes: Int
    ) async throws -> Day {
        let time = TimeSource(
            elapsed: { clock.elapsed }, now: { Timestamp(milliseconds: clock.now) },
            sleep: { try await clock.sleep(for: $0) })
        var options = Database.Options(execution: .inline)
        options.onOpen = { try SearchIndex.register(on: $0) }
        let store = try await Store(
            folder: DataFolder(path: folder, for: .writing), options: options,
            migrations: Workspace.migrations + SearchIndex.migrations,
            clock: { Timestamp(milliseconds: clock.now) })
        guard let person = jira.credentials.administrator, let first = jira.credentials.all(of: person).first else {
            throw BenchFailure("The site has no administrator.")
        }
        _ = try await SourceSetup(transport: meter, gatewayURL: jira.gatewayHost, time: time).add(
            .init(
                name: BenchSource.name, address: jira.url,
                credential: .apiToken(email: first.user, token: first.secret)), to: store)
        let service = SyncService(store: store, transport: meter, gatewayURL: jira.gatewayHost, time: time)
        _ = try await service.synchronise(BenchSource.name)
        meter.begin()
        var wishes = SourceKeeper.Options(holder: "bench")
        // Nobody asks for anything here; looking for it each second would be most of what this benchmark does.
        wishes.poll = .seconds(60)
        let keeper = SourceKeeper(
            store: store, work: .service(service, store: store, time: time), options: wishes, time: time)
        let made = try await withThrowingTaskGroup(of: Int.self) { group in
            group.addTask {
                try? await keeper.run()
                return 0
            }
            group.addTask { try await Self.work(on: site, clock, changes) }
            var made = 0
            for try await result in group where result > 0 {
                made = result
                // Time for what follows the last change.
                try await clock.sleep(for: .seconds(180))
                group.cancelAll()
            }
            return made
        }
        let state = site.current()
        let stored = try await store.read { connection in
            Dictionary(try connection.rows("SELECT jira_id, updated FROM issue") { ($0.int(0), $0.int64(1)) }) { $1 }
        }
        let live = (0..<state.issueCount).filter { stored[state.row($0).id] != nil }
        let behind = live.count { stored[state.row($0).id] != state.row($0).updated }
        await store.close()
        return Day(made: made, behind: behind)
    }

    /// A working day around the world: so many changes, evenly over 24 hours.
    private static func work(on site: SimulatedSite, _ clock: VirtualClock, _ changes: Int) async throws -> Int {
        var random = SeededRandom(seed: 9)
        for number in 0..<changes {
            try await clock.sleep(for: .milliseconds(86_400_000 / changes))
            let hand = SiteState.Hand(user: 0, now: clock.now)
            let kind = random.within(0...9)
            site.change { state in
                let issue = random.within(0...state.issueCount - 1)
                guard state.row(issue).state == .live else { return }
                switch kind {
                case 0: state.createIssue(project: Int(state.row(issue).project), summary: "New \(number)", by: hand)
                case 1...4: _ = state.addComment(issue, RichText(paragraph: "A word on \(number)"), by: hand)
                case 5, 6: state.setSummary(issue, to: "Renamed by \(number)", by: hand)
                case 7: state.setLabels(issue, to: ["day-\(number % 50)"], by: hand)
                default: state.setAssignee(issue, to: number % state.users.count, by: hand)
                }
            }
        }
        return changes
    }
}
