import AccessControl
import ChangeFeed
import Cryptography
import Database
import IssueModel
import SimulatedAccess
import SimulatedSite
import Store
import Testing

@Suite struct CursorTests {
    @Test(
        "what is no cursor is refused",
        arguments: ["", "0", "abc", "!!!", String(repeating: "A", count: 160), String(repeating: "A", count: 100_000)])
    func garbage(_ text: String) async throws {
        try await FeedScene.lent { scene in
            let error = await #expect(throws: FeedError.self) {
                try await scene.feed.changes(after: text, for: .operator)
            }
            #expect(error?.code == .invalidCursor)
        }
    }

    @Test("a cursor that was changed is refused")
    func changed() async throws {
        try await FeedScene.lent { scene in
            let cursor = try await scene.feed.changes(after: nil, for: .operator).cursor
            for position in stride(from: 0, to: cursor.utf8.count, by: 7) {
                var bytes = Array(cursor.utf8)
                bytes[position] = bytes[position] == 0x41 ? 0x42 : 0x41
                let text = String(decoding: bytes, as: UTF8.self)
                await #expect(throws: FeedError.self) {
                    try await scene.feed.changes(after: text, for: .operator)
                }
            }
            let other = ChangeFeed(store: scene.store, key: try SecretKey())
            await #expect(throws: FeedError.self) { try await other.changes(after: cursor, for: .operator) }
        }
    }

    @Test("cursors do not tell how much changed that the reader may not see")
    func lengths() async throws {
        try await FeedScene.lent { scene in
            let nobody = Reader.accounts([:])
            let before = try await scene.feed.changes(after: nil, start: .now, for: nobody).cursor
            for id in try await scene.visible(to: .operator) { try await scene.touch(id) }
            let page = try await scene.feed.changes(after: before, for: nobody)
            #expect(page.changes.isEmpty && !page.hasMore)
            #expect(page.cursor.utf8.count == before.utf8.count)
            #expect(page.cursor != before)
        }
    }

    @Test("somebody else's cursor shows nothing of theirs")
    func foreign() async throws {
        try await FeedScene.lent { scene in
            let (_, cursor) = try await scene.all(after: nil, for: .operator)
            let reader = try await scene.reader(TinySite.customer)
            let (changes, _) = try await scene.all(after: cursor, for: reader)
            #expect(changes.first?.what == .access(.permissions, list: nil))
            #expect(changes.count - 1 == (try await scene.visible(to: reader).count))
        }
    }

    @Test("a cursor older than the traces that were kept begins again")
    func expired() async throws {
        try await FeedScene.lent { scene in
            let ids = try await scene.visible(to: .operator).sorted()
            let source = try await scene.source().id
            let start = try await scene.feed.changes(after: nil, start: .now, for: .operator).cursor
            try await scene.write {
                _ = try IssueRecords.remove(ids[0], because: .deleted, at: $0.now, source: source, in: $0)
                try $0.connection.execute("UPDATE change SET at = ? WHERE issue_id IS NULL", $0.now.rawValue)
            }
            let later = try await scene.feed.changes(after: nil, start: .now, for: .operator).cursor
            scene.clock.advance(by: Int64(ChangeFeed.keptDays) * 86_400_000 + 1)
            let purged = try await scene.store.write { try ChangeFeed.purge(in: $0) }
            #expect(purged == 1)
            let (changes, _) = try await scene.all(after: start, for: .operator)
            #expect(changes.first?.what == .access(.expired, list: nil))
            #expect(changes.count == ids.count)
            #expect(try await scene.all(after: later, for: .operator).0.isEmpty)
        }
    }

    @Test("a database that was put back makes every cursor begin again")
    func putBack() async throws {
        try await FeedScene.lent { scene in
            let (_, cursor) = try await scene.all(after: nil, for: .operator)
            try await scene.write { try ChangeFeed.beginAnew(in: $0.connection) }
            let (changes, _) = try await scene.all(after: cursor, for: .operator)
            #expect(changes.first?.what == .access(.expired, list: nil))
        }
    }
}
