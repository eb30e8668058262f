import Database
import SearchIndex
import Testing

@Suite("The index follows the store") struct IndexUpkeepTests {
    typealias Item = SearchFixture.Item

    /// Everything the word table holds: each term with its document, column and place.
    private static func contents(_ fixture: SearchFixture) async throws -> [String] {
        try await fixture.database.write { connection in
            try connection.execute(
                "CREATE VIRTUAL TABLE IF NOT EXISTS temp.inside USING fts5vocab(main, search_word, instance)")
            return try connection.rows("SELECT term, doc, col, offset FROM temp.inside ORDER BY 1, 2, 3, 4") {
                "\($0.text(0)) \($0.int(1)) \($0.text(2)) \($0.int(3))"
            }
        }
    }

    private static func random(_ id: Int, _ random: inout Seeded) -> Item {
        func text(_ count: Int) -> String {
            (0..<count).map { _ in
                ["one", "two", "three", "running", "NullPointer", "日本"].randomElement(using: &random) ?? ""
            }
            .joined(separator: " ")
        }
        return Item(
            id: id, acl: Int64.random(in: 1...2, using: &random), summary: text(2), description: text(4),
            comments: (0..<Int.random(in: 0...3, using: &random)).map { _ in
                (text(2), Bool.random(using: &random) ? Int64.random(in: 3...5, using: &random) : nil)
            })
    }

    @Test("after any changes it equals one built anew", arguments: 0..<8)
    func equalsARebuild(_ seed: Int) async throws {
        var random = Seeded(seed: UInt64(seed))
        let changed = try await SearchFixture()
        var items: [Int: Item] = [:]
        for _ in 0..<60 {
            let id = Int.random(in: 1...12, using: &random)
            if Int.random(in: 0..<4, using: &random) == 0 {
                items[id] = nil
                try await changed.database.write { try SearchIndexWriter.remove(issue: Int64(id), in: $0) }
            } else {
                let item = Self.random(id, &random)
                items[id] = item
                try await changed.add(item)
            }
            // A search between the changes makes the searcher follow them step by step.
            if Bool.random(using: &random) { _ = try await changed.search("one") }
        }
        let fresh = try await SearchFixture()
        try await fresh.add(items.values.sorted { $0.id < $1.id })
        for query in ["one", "\"two three\"", "run", "-one", "null OR 日本", "has:comment"] {
            for acls in [[1, 2, 3, 4, 5], [1, 3], [2]] as [[Int64]] {
                let allowed = SearchFixture.allowed(acls)
                let one = try await changed.search(query, as: allowed),
                    other = try await fresh.search(query, as: allowed)
                #expect(
                    one.hits == other.hits && one.facets == other.facets && one.total == other.total, "\(query) \(acls)"
                )
            }
        }
        // Documents of restricted comments may have other numbers; terms and places are the same.
        func terms(_ fixture: SearchFixture) async throws -> [String] {
            try await Self.contents(fixture).map { row in
                row.split(separator: " ").enumerated().filter { $0.offset != 1 }.map(\.element).joined(separator: " ")
            }.sorted()
        }
        #expect(try await terms(changed) == terms(fresh))
    }

    @Test("a transaction that fails changes nothing") func rollsBack() async throws {
        let fixture = try await SearchFixture()
        try await fixture.add(Item(id: 1, summary: "before"))
        struct Stop: Error {}
        await #expect(throws: Stop.self) {
            try await fixture.database.write { connection in
                try SearchFixture.write(Item(id: 1, summary: "after"), connection)
                throw Stop()
            }
        }
        #expect(try await fixture.search("before").total == 1)
        #expect(try await fixture.search("after").total == 0)
    }

    @Test("a restricted comment is found whose document's number another issue had before") func reusesNumbers()
        async throws
    {
        let fixture = try await SearchFixture()
        let reader = SearchFixture.allowed([1, 5])
        try await fixture.add(Item(id: 1, comments: [("moonshot", 5)]), Item(id: 2, summary: "plain"))
        #expect(try await fixture.search("moonshot", as: reader).ids == [1])
        // The searcher takes in all three changes at once, and meets the second issue first.
        try await fixture.add(Item(id: 2, summary: "other"))
        try await fixture.add(Item(id: 1))
        try await fixture.add(Item(id: 2, summary: "other", comments: [("moonshot", 5)]))
        #expect(try await fixture.search("moonshot", as: reader).ids == [2])
    }

    @Test("columns alone can be written again") func refreshes() async throws {
        let fixture = try await SearchFixture()
        try await fixture.add(Item(id: 1, comments: [("hello", nil)]))
        #expect(try await fixture.search("is:open hello").total == 1)
        try await fixture.database.write { connection in
            try connection.execute("UPDATE issue SET status_id = 13 WHERE id = 1")
            try SearchIndexWriter.refresh(issue: 1, in: connection)
        }
        #expect(try await fixture.search("is:closed has:comment hello").total == 1)
    }

    @Test(
        "pages follow one another without a gap or a repetition",
        arguments: ["one OR two", "", "sort:updated", "sort:key one OR two"])
    func pages(_ query: String) async throws {
        let fixture = try await SearchFixture()
        var random = Seeded(seed: 7)
        try await fixture.add((1...90).map { Self.random($0, &random) })
        let whole = try await fixture.search(query, limit: 200).ids
        var paged: [Int] = []
        var cursor: String?
        repeat {
            let page = try await fixture.search(query, limit: 7, cursor: cursor)
            paged += page.ids
            cursor = page.cursor
        } while cursor != nil
        #expect(paged == whole)
        #expect(Set(whole).count == whole.count)
    }

    @Test("paging goes on when the index changes in between") func pagesOverChanges() async throws {
        let fixture = try await SearchFixture()
        try await fixture.add(
            (1...40).map {
                Item(id: $0, updated: $0, summary: "one issue", description: String(repeating: "x ", count: $0))
            })
        let first = try await fixture.search("one", limit: 20)
        try await fixture.add(Item(id: 99, updated: 0, summary: "one more"))
        let second = try await fixture.search("one", limit: 50, cursor: first.cursor)
        #expect(Set(first.ids + second.ids).isSuperset(of: 1...40))
        #expect(Set(first.ids).isDisjoint(with: second.ids))
    }

    @Test("a cursor of another query, or none at all, is refused", arguments: ["", "1-a-b", "1-0-0-0", "x", "2-1-1-1"])
    func refusesCursors(_ cursor: String) async throws {
        let fixture = try await SearchFixture()
        let error = await #expect(throws: SearchError.self) { try await fixture.search("one", cursor: cursor) }
        #expect(error?.code == .badCursor)
    }

    @Test("hostile queries are answered or refused, never an error of the database", arguments: 0..<15)
    func survives(_ seed: Int) async throws {
        let fixture = try await SearchFixture()
        try await fixture.add(Item(id: 1, summary: "one two"))
        var random = Seeded(seed: UInt64(seed))
        let pieces = [
            "\"", "(", ")", "-", "*", "OR", "NOT", ":", "NEAR(", "{summary}", "^", "\u{0}", "\u{1}", "\u{2}", "\u{1E}",
            "é", "日本*",
            "\\", "'", ";", "--", "DROP TABLE issue", "one", "tw*", "a*", "status:Open", "%", "_", "\u{202E}", "🙂",
            "x.y.z", "#", "+",
        ]
        for _ in 0..<25 {
            let query = (0..<Int.random(in: 0..<30, using: &random)).map { _ in
                pieces.randomElement(using: &random) ?? ""
            }
            .joined(separator: Bool.random(using: &random) ? " " : "")
            do { _ = try await fixture.search(query) } catch is SearchError {}
        }
        let long = (0..<1_500).map { _ in pieces.randomElement(using: &random) ?? "" }.joined(separator: " ")
        do { _ = try await fixture.search(String(long.prefix(10_000))) } catch is SearchError {}
    }
}
