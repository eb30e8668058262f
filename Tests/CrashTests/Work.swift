import Foundation
import JiraSimulator
import SimulatedData
import SimulatedSite
import Testing

/// What a program is in the middle of when it dies.
enum Work: String, CaseIterable, CustomTestStringConvertible {
    case firstRead = "a first read"
    case delta = "a delta"
    case migration = "a migration from the last released schema"

    var testDescription: String { rawValue }

    /// What the program is told to do.
    var command: [String] {
        switch self {
        case .firstRead, .delta, .migration: ["sync", Scene.source]
        }
    }

    var site: SiteConfiguration {
        let flavour: SiteFlavour = self == .migration ? .cloud : .dataCenter
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
        case .firstRead: break
        case .delta: Self.edit(scene.server.site, every: 3)
        case .migration:
            try await OldSchema.age(copy)
            Self.edit(scene.server.site, every: 20)
        }
        return copy
    }

    /// Edits one issue in so many, a quarter of an hour after one another, and none in the last hour: more than any overlap
    /// of deltas, so that what is read twice can be told from what is read for safety.
    private static func edit(_ site: SimulatedSite, every step: Int) {
        let edited = Array(stride(from: 0, to: site.current().issueCount, by: step))
        let last = site.clock.now() - 3_600_000
        site.change { state in
            for (position, issue) in edited.enumerated() where state.row(issue).state == .live {
                let before = Milliseconds(edited.count - position) * 900_000
                let hand = SiteState.Hand(user: 0, now: last - before)
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
