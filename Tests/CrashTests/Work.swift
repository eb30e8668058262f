import Database
import Foundation
import JiraSimulator
import SimulatedData
import SimulatedSite
import Testing

/// What a program is in the middle of when it dies.
enum Work: String, CaseIterable, CustomTestStringConvertible {
    case firstRead = "a first read"
    case delta = "a delta"
    case census = "a census"
    case migration = "a migration from the last released schema"
    case reindex = "a reindex"

    var testDescription: String { rawValue }

    /// What the program is told to do.
    var command: [String] {
        switch self {
        case .firstRead, .delta, .migration: ["sync", Scene.source]
        case .reindex: ["reindex", Scene.source]
        // A census has no command of its own: whoever keeps a source in step does it in its turn.
        case .census: ["sync", Scene.source, "--watch"]
        }
    }

    /// Whether the command goes on until it is stopped.
    var isEndless: Bool { self == .census }

    /// Does the work to its end.
    func complete(_ copy: DataCopy, disk: DiskPlan? = nil) async throws -> Outcome {
        guard isEndless else { return try await copy.run(command, disk: disk) }
        let running = try copy.start(command, disk: disk)
        async let outcome = running.outcome()
        let deadline = ContinuousClock.now + .seconds(120)
        while running.isRunning, .now < deadline, try await copy.seen() != copy.scene.truth {
            try await Task.sleep(for: .milliseconds(200))
        }
        running.interrupt()
        let ended = try await outcome
        // Stopped before it had begun to listen to that.
        return ended.status == 128 + SIGINT ? Outcome(status: 0, output: ended.output, errors: ended.errors) : ended
    }

    var site: SiteConfiguration {
        let flavour: SiteFlavour = [.migration, .census, .reindex].contains(self) ? .cloud : .dataCenter
        return SiteConfiguration(flavour: flavour, seed: 5, issueCount: 240, averageIssueBytes: 1_000)
    }

    /// Issues on a page. Small, so that there are many moments between two pages.
    static let page = 5

    /// The data folder on which the work is to be done.
    func prepare(_ scene: Scene) async throws -> DataCopy {
        let copy = try await scene.added("prepared")
        if self == .firstRead { return copy }
        try await copy.succeed(["sync", Scene.source])
        switch self {
        case .firstRead, .reindex: break
        case .delta: Self.edit(scene, every: 3)
        case .census:
            try Self.delete(3, on: scene.server.site)
            try await Self.makeCensusDue(copy)
        case .migration:
            try await OldSchema.age(copy)
            Self.edit(scene, every: 20)
        }
        return copy
    }

    /// Deletes issues, too few for anybody to be asked first.
    private static func delete(_ count: Int, on site: SimulatedSite) throws {
        let hand = SiteState.Hand(user: 0, now: site.clock.now())
        site.change { state in
            let first = state.issueCount / 2
            for issue in first..<first + count where state.row(issue).state == .live {
                state.deleteIssue(issue, by: hand)
            }
        }
    }

    /// Sets the time of the last census back by two days, so that one comes as soon as the source is kept in step again.
    private static func makeCensusDue(_ copy: DataCopy) async throws {
        let database = try OldSchema.database(copy.database)
        let before = Int64(Date.now.timeIntervalSince1970 * 1_000) - 2 * 86_400_000
        try await database.write { connection in
            try connection.execute(
                """
                INSERT INTO checkpoint (source_id, phase, data, updated)
                SELECT id, 'schedule', json_object('jobs', json_object()), ?1 FROM source WHERE true
                ON CONFLICT DO NOTHING
                """, before)
            try connection.execute(
                """
                UPDATE checkpoint SET data = json_set(data, '$.jobs.census', json_object('started', ?1, 'ended', ?1))
                WHERE phase = 'schedule'
                """, before)
        }
        await database.close()
    }

    /// Edits one issue in so many, ten minutes after one another, so that what is read twice can be told from what deltas read
    /// twice for safety.
    private static func edit(_ scene: Scene, every step: Int) {
        let site = scene.server.site
        for (position, issue) in stride(from: 0, to: site.current().issueCount, by: step).enumerated() {
            scene.clock.advance(by: 600_000)
            site.change { state in
                guard state.row(issue).state == .live else { return }
                let hand = SiteState.Hand(user: 0, now: scene.clock.now)
                switch position % 3 {
                case 0: state.setSummary(issue, to: "Edited meanwhile \(position)", by: hand)
                case 1: _ = state.addComment(issue, RichText(paragraph: "Said meanwhile \(position)"), by: hand)
                default: state.setLabels(issue, to: ["meanwhile-\(position)"], by: hand)
                }
            }
        }
    }
}

/// When a program dies.
enum Moment: CustomStringConvertible {
    /// At the call of this number that changes the data folder.
    case disk(DiskPlan.Manner, Int)
    /// So long after this request has reached Jira.
    case request(Int, milliseconds: Int)
    /// So long after its start.
    case time(milliseconds: Int)

    /// - Parameters:
    ///   - calls: That change the folder, in all of the work.
    ///   - requests: To Jira, in all of the work.
    init(calls: Int, requests: Int, milliseconds: Int, using random: inout SeededRandom) {
        switch random.within(0...(requests > 10 ? 3 : 2)) {
        case 0, 1:
            let manner = DiskPlan.Manner.deaths[random.within(0...DiskPlan.Manner.deaths.count - 1)]
            self = .disk(manner, random.within(1...max(1, calls)))
        case 2: self = .time(milliseconds: random.within(0...milliseconds))
        default: self = .request(random.within(0...requests - 1), milliseconds: random.within(0...30))
        }
    }

    var description: String {
        switch self {
        case .disk(let manner, let call): "\(manner) disk call \(call)"
        case .request(let number, let milliseconds): "\(milliseconds) ms after request \(number)"
        case .time(let milliseconds): "\(milliseconds) ms after its start"
        }
    }
}
