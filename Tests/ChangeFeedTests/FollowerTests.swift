import AccessControl
import AccessEngine
import ChangeFeed
import IssueModel
import SimulatedAccess
import SimulatedData
import SimulatedSite
import SyncEngine
import Testing

/// Somebody who keeps a copy in step by the feed alone, and is killed now and then.
private struct Follower {
    let reader: Reader
    /// What it has, and where it goes on: as it would be on its disk.
    private(set) var known: Set<IssueID> = []
    private var cursor: String?
    /// Every issue it was ever told of.
    private(set) var told: Set<IssueID> = []

    init(_ reader: Reader) { self.reader = reader }

    /// Takes in pages, and at random dies between taking a page in and noting that, or stops early.
    mutating func follow(_ feed: ChangeFeed, _ random: inout SeededRandom) async throws {
        while true {
            let limit = Int(random.within(1...12))
            let page = try await feed.changes(after: cursor, for: reader, limit: limit)
            take(page.changes)
            if random.chance(0.2) { continue }
            cursor = page.cursor
            if !page.hasMore || random.chance(0.05) { return }
        }
    }

    mutating func finish(_ feed: ChangeFeed) async throws {
        while true {
            let page = try await feed.changes(after: cursor, for: reader)
            take(page.changes)
            cursor = page.cursor
            if !page.hasMore { return }
        }
    }

    private mutating func take(_ changes: [FeedChange]) {
        for change in changes {
            switch change.what {
            case .access: known = []
            case .changed(let issue):
                known.insert(issue.id)
                told.insert(issue.id)
            case .removed(let issue):
                known.remove(issue.id)
                told.insert(issue.id)
            }
        }
    }
}

@Suite struct FollowerTests {
    @Test(
        "whoever follows the feed, with restarts, has exactly what `access visible` says",
        arguments: UInt64(0)..<24)
    func follows(_ seed: UInt64) async throws {
        try await FeedScene.lent(seed: seed) { scene in
            var random = SeededRandom(seed: seed, stream: 11, item: 0)
            var followers = [Follower(.operator)]
            for user in 0..<TinySite.people { followers.append(Follower(try await scene.reader(user))) }
            var everSeen = [Set<IssueID>](repeating: [], count: followers.count)
            for round in 0..<8 {
                for (index, follower) in followers.enumerated() {
                    everSeen[index].formUnion(try await scene.visible(to: follower.reader))
                    if random.chance(0.6) { try await followers[index].follow(scene.feed, &random) }
                }
                var mutations: [SiteMutation] = []
                for _ in 0..<random.within(1...4) {
                    scene.clock.advance(by: 1_000)
                    mutations.append(scene.site.mutate(using: &random))
                }
                try await scene.synchronise()
                if random.chance(0.4) { _ = try await scene.service.takeCensus(FeedScene.name) }
                if random.chance(0.2) {
                    // Somebody who is told in the middle of it all.
                    _ = try await scene.service.refreshAccess(FeedScene.name, .everything)
                }
                for index in followers.indices {
                    let reader = followers[index].reader
                    let visible = try await scene.visible(to: reader)
                    everSeen[index].formUnion(visible)
                    var copy = followers[index]
                    try await copy.finish(scene.feed)
                    let missing = visible.subtracting(copy.known)
                    let extra = copy.known.subtracting(visible)
                    let where_ = "seed \(seed), round \(round), follower \(index - 1), after \(mutations)"
                    #expect(missing.isEmpty && extra.isEmpty, "missing \(missing), too many \(extra): \(where_)")
                    // Nothing is told of what the reader could never see.
                    let leaked = copy.told.subtracting(everSeen[index])
                    #expect(leaked.isEmpty, "told of \(leaked): \(where_)")
                }
            }
        }
    }
}
