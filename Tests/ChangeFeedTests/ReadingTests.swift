import AccessControl
import ChangeFeed
import Database
import IssueModel
import SimulatedAccess
import SimulatedSite
import Store
import Testing

@Suite struct ReadingTests {
    @Test("a reader without a cursor is told everything that it may see, each issue once")
    func listing() async throws {
        try await FeedScene.lent { scene in
            for user in [TinySite.developer, TinySite.customer, TinySite.unlicensed] {
                let reader = try await scene.reader(user)
                let (changes, _) = try await scene.all(after: nil, for: reader, limit: 3)
                let ids = changes.compactMap { change -> IssueID? in
                    if case .changed(let issue) = change.what { issue.id } else { nil }
                }
                #expect(changes.first?.what == .access(.started, list: nil))
                #expect(ids.count == Set(ids).count)
                #expect(Set(ids) == (try await scene.visible(to: reader)))
            }
        }
    }

    @Test("an entry says which issue, and nothing of its content")
    func entry() async throws {
        try await FeedScene.lent { scene in
            let (changes, _) = try await scene.all(after: nil, for: .operator)
            guard case .changed(let issue) = try #require(changes.last).what else { return }
            #expect(issue.source == FeedScene.name)
            #expect(issue.url.hasSuffix("/browse/" + issue.key))
            #expect(issue.updated != nil)
        }
    }

    @Test("whoever begins now is told what comes, and nothing of before")
    func fromNow() async throws {
        try await FeedScene.lent { scene in
            let page = try await scene.feed.changes(after: nil, start: .now, for: .operator)
            #expect(page.changes.isEmpty && !page.hasMore && !page.isListing)
            let id = try #require(try await scene.visible(to: .operator).min())
            try await scene.touch(id)
            #expect(try await scene.all(after: page.cursor, for: .operator).0.map(\.short) == ["changed \(id)"])
        }
    }

    @Test("many changes of one issue are one entry")
    func oneEntry() async throws {
        try await FeedScene.lent { scene in
            let start = try await scene.feed.changes(after: nil, start: .now, for: .operator).cursor
            let ids = try await scene.visible(to: .operator).sorted().prefix(2)
            for id in [ids[0], ids[1], ids[0], ids[0]] { try await scene.touch(id) }
            let (changes, _) = try await scene.all(after: start, for: .operator)
            #expect(changes.map(\.short) == ["changed \(ids[1])", "changed \(ids[0])"])
        }
    }

    @Test("an issue that is read again unchanged has no entry")
    func unchanged() async throws {
        try await FeedScene.lent { scene in
            let start = try await scene.feed.changes(after: nil, start: .now, for: .operator).cursor
            try await scene.write { context in
                try context.connection.forEach("SELECT id FROM issue") {
                    try IssueRecords.touch($0.int64(0), fetched: context.now, in: context)
                }
            }
            #expect(try await scene.all(after: start, for: .operator).0.isEmpty)
        }
    }

    @Test("what is removed is told to those who could see it, and to nobody else")
    func removal() async throws {
        try await FeedScene.lent { scene in
            let readers = try await [scene.reader(TinySite.developer), scene.reader(TinySite.customer)]
            let seen = try await [scene.visible(to: readers[0]), scene.visible(to: readers[1])]
            let id = try #require(seen[0].subtracting(seen[1]).min())
            var cursors: [String] = []
            for reader in readers {
                cursors.append(try await scene.feed.changes(after: nil, start: .now, for: reader).cursor)
            }
            let source = try await scene.source().id
            try await scene.write {
                _ = try IssueRecords.remove(id, because: .deleted, at: $0.now, source: source, in: $0)
            }
            #expect(try await scene.all(after: cursors[0], for: readers[0]).0.map(\.short) == ["removed \(id)"])
            #expect(try await scene.all(after: cursors[1], for: readers[1]).0.isEmpty)
            // A new reader is not told of what is gone.
            #expect(try await scene.all(after: nil, for: readers[0]).0.allSatisfy { $0.kind != "removed" })
        }
    }

    @Test("what is withheld is gone for those who saw it")
    func withheld() async throws {
        try await FeedScene.lent { scene in
            let reader = try await scene.reader(TinySite.developer)
            let id = try #require(try await scene.visible(to: reader).min())
            let start = try await scene.feed.changes(after: nil, start: .now, for: reader).cursor
            let source = try await scene.source().id
            try await scene.write {
                _ = try Withheld.put(id, reason: "a test", at: $0.now, source: source, in: $0)
            }
            #expect(try await scene.all(after: start, for: reader).0.map(\.short) == ["removed \(id)"])
        }
    }

    @Test("where permissions changed, the feed begins again")
    func permissions() async throws {
        try await FeedScene.lent { scene in
            let reader = try await scene.reader(TinySite.developer)
            let (_, cursor) = try await scene.all(after: nil, for: reader)
            try await scene.expel(TinySite.developer)
            let (changes, _) = try await scene.all(after: cursor, for: reader)
            #expect(changes.first?.what == .access(.permissions, list: nil))
            #expect(changes.count - 1 == (try await scene.visible(to: reader).count))
        }
    }

    @Test("a purged source leaves nothing in the feed")
    func purge() async throws {
        try await FeedScene.lent { scene in
            let id = try #require(try await scene.visible(to: .operator).min())
            let source = try await scene.source().id
            try await scene.write {
                _ = try IssueRecords.remove(id, because: .deleted, at: $0.now, source: source, in: $0)
            }
            try await scene.store.purge(source: source)
            #expect(try await scene.store.read { try $0.first("SELECT count(*) FROM change") { $0.int(0) } } == 0)
        }
    }

    @Test("a first full read leaves nothing in the feed's tables, and a number that is given again is told")
    func numbers() async throws {
        try await FeedScene.lent { scene in
            func places() async throws -> Int? {
                try await scene.store.read { try $0.first("SELECT count(*) FROM change") { $0.int(0) } }
            }
            #expect(try await places() == 0)
            let start = try await scene.now(for: .operator)
            let source = try await scene.source().id
            let last = try #require(
                try await scene.store.read {
                    try $0.first("SELECT jira_id FROM issue ORDER BY id DESC LIMIT 1") { IssueID($0.int64(0)) }
                })
            // SQLite gives the largest number again.
            try await scene.write {
                try $0.connection.execute(
                    "CREATE TEMP TABLE kept AS SELECT * FROM issue WHERE jira_id = ?", last.rawValue)
                _ = try IssueRecords.remove(last, because: .deleted, at: $0.now, source: source, in: $0)
                try $0.connection.execute("INSERT INTO issue SELECT * FROM kept")
                try $0.connection.execute("DROP TABLE kept")
            }
            #expect(try await scene.all(after: start, for: .operator).0.map(\.short) == ["changed \(last)"])
        }
    }
}

extension FeedScene {
    /// Writes an issue again as if Jira had returned another.
    func touch(_ id: IssueID) async throws {
        try await write {
            try $0.connection.execute("UPDATE issue SET raw_hash = raw_hash + 1 WHERE jira_id = ?", id.rawValue)
        }
    }
}
