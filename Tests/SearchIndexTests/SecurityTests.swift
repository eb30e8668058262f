import AccessControl
import SearchIndex
import Testing

/// Compares answers with those of a reader who goes through every text by eye, for generated sites and readers.
@Suite("What a reader may not see leaves no trace") struct SecurityTests {
    typealias Item = SearchFixture.Item

    private static let words = [
        "alpha", "bravo", "charlie", "delta", "echo", "foxtrot", "golf", "hotel", "india", "juliet", "kilo", "lima",
    ]

    private static func site(_ random: inout Seeded) -> [Item] {
        func text(_ count: Int) -> String {
            (0..<count).map { _ in words.randomElement(using: &random) ?? "" }.joined(separator: " ")
        }
        return (1...40).map { id in
            var item = Item(id: id, project: Int.random(in: 1...3, using: &random))
            item.type = Int.random(in: 1...2, using: &random)
            item.status = Int.random(in: 11...13, using: &random)
            item.assignee = [nil, 1, 2, 3].randomElement(using: &random) ?? nil
            item.acl = Int64.random(in: 1...4, using: &random)
            item.values = Bool.random(using: &random) ? [(1, Int.random(in: 31...33, using: &random))] : []
            item.summary = text(2)
            item.description = text(3)
            item.comments = (0..<Int.random(in: 0...3, using: &random)).map { _ in
                (text(2), Int.random(in: 0..<3, using: &random) == 0 ? Int64.random(in: 5...8, using: &random) : nil)
            }
            return item
        }
    }

    /// The passages of an item that the holder of `acls` may see.
    private static func visible(_ item: Item, _ acls: Set<Int64>) -> [String] {
        guard acls.contains(item.acl) else { return [] }
        let comments = item.comments.filter { comment in comment.acl.map { acls.contains($0) } ?? true }.map(\.text)
        return [item.summary, item.description ?? ""] + comments
    }

    private indirect enum Question {
        case word(String), phrase(String, String), prefix(String), not(Question), all([Question]), any([Question])
        case status(Int), hasComment

        var text: String {
            switch self {
            case .word(let word): word
            case .phrase(let first, let second): "\"\(first) \(second)\""
            case .prefix(let beginning): beginning + "*"
            case .not(let inside): "-" + inside.text
            case .all(let parts): "(" + parts.map(\.text).joined(separator: " AND ") + ")"
            case .any(let parts): "(" + parts.map(\.text).joined(separator: " OR ") + ")"
            case .status(let id): "status:" + ["Open", "\"In Progress\"", "Done"][id - 11]
            case .hasComment: "has:comment"
            }
        }

        func holds(_ item: Item, _ acls: Set<Int64>) -> Bool {
            let passages = visible(item, acls)
            switch self {
            case .word(let word): return passages.contains { $0.split(separator: " ").contains { $0 == word } }
            case .phrase(let first, let second): return passages.contains { " \($0) ".contains(" \(first) \(second) ") }
            case .prefix(let beginning):
                return passages.contains { $0.split(separator: " ").contains { $0.hasPrefix(beginning) } }
            case .not(let inside): return !inside.holds(item, acls)
            case .all(let parts): return parts.allSatisfy { $0.holds(item, acls) }
            case .any(let parts): return parts.contains { $0.holds(item, acls) }
            case .status(let id): return item.status == id
            case .hasComment: return passages.count > 2
            }
        }

        static func random(_ depth: Int, _ random: inout Seeded) -> Question {
            func word() -> String { words.randomElement(using: &random) ?? "" }
            switch Int.random(in: 0..<(depth > 2 ? 5 : 8), using: &random) {
            case 0, 1: return .word(word())
            case 2: return .phrase(word(), word())
            case 3: return .prefix(String(word().prefix(3)))
            case 4: return Bool.random(using: &random) ? .status(Int.random(in: 11...13, using: &random)) : .hasComment
            case 5: return .not(.random(depth + 1, &random))
            case 6: return .all((0..<2).map { _ in .random(depth + 1, &random) })
            default: return .any((0..<2).map { _ in .random(depth + 1, &random) })
            }
        }
    }

    @Test("hits, totals, facets and snippets are those of the visible texts alone", arguments: 0..<12)
    func equalsTheOracle(_ seed: Int) async throws {
        var random = Seeded(seed: UInt64(seed))
        let items = Self.site(&random)
        let fixture = try await SearchFixture()
        try await fixture.add(items)
        for _ in 0..<25 {
            let acls = Set((1...8).filter { _ in Bool.random(using: &random) }.map { Int64($0) })
            let allowed = SearchFixture.allowed(acls)
            let question = Question.random(0, &random)
            let expected = items.filter { acls.contains($0.acl) && question.holds($0, acls) }
            let results: SearchResults
            do {
                results = try await fixture.search(question.text, as: allowed)
            } catch let error as SearchError {
                // Only a status that no visible issue has is unknown.
                #expect(error.code == .unknownValue && question.text.contains("status:"), "\(question.text)")
                continue
            }
            #expect(Set(results.ids) == Set(expected.map(\.id)), "\(question.text) for \(acls.sorted())")
            #expect(results.total == expected.count)
            let facet = results.facets.first { $0.name == "status" }?.values.reduce(0) { $0 + $1.count }
            #expect(facet == expected.count)
            for hit in results.hits {
                let item = items[Int(hit.issue) - 1]
                let shown = hit.passage.snippet.replacing("…", with: "")
                #expect(Self.visible(item, acls).contains { $0.contains(shown) }, "\(question.text)")
            }
        }
    }

    @Test("an answer is the same whether or not there is more that the reader may not see", arguments: 0..<6)
    func doesNotDependOnTheRest(_ seed: Int) async throws {
        var random = Seeded(seed: UInt64(seed) + 100)
        let items = Self.site(&random)
        let acls: Set<Int64> = [1, 2, 5]
        let whole = try await SearchFixture(), part = try await SearchFixture()
        try await whole.add(items)
        try await part.add(
            items.filter { acls.contains($0.acl) }.map { item in
                var item = item
                item.comments.removeAll { comment in comment.acl.map { !acls.contains($0) } ?? false }
                return item
            })
        let allowed = SearchFixture.allowed(acls)
        for query in [
            "alpha bravo", "charlie", "delta OR echo -golf", "foxtort", "juliett kilo", "hot*", "status:Done lima",
        ] {
            var first = try await whole.search(query, as: allowed), second = try await part.search(query, as: allowed)
            first.version = 0
            second.version = 0
            // Comments are numbered by their place, which is another without the hidden ones.
            for index in first.hits.indices { first.hits[index].passage.id = nil }
            for index in second.hits.indices { second.hits[index].passage.id = nil }
            #expect(first == second, "\(query)")
        }
    }

    @Test("a suggestion never names a word or value that only others see") func suggestsNothingHidden() async throws {
        let fixture = try await SearchFixture()
        try await fixture.add(
            Item(id: 1, acl: 1, summary: "plain words"),
            Item(id: 2, acl: 2, values: [(1, 33)], summary: "skunkworks", comments: [("moonshot", 6)]))
        let reader = SearchFixture.allowed([1]), other = SearchFixture.allowed([2])
        #expect(try await fixture.search("skunkwroks", as: reader).correction == nil)
        #expect(try await fixture.search("skunkwroks", as: other).correction?.query == "skunkworks")
        #expect(try await fixture.search("moonsoht", as: other).correction == nil)
        let error = await #expect(throws: SearchError.self) {
            try await fixture.search("label:secret-labl", as: reader)
        }
        #expect(error?.suggestions.isEmpty == true)
    }

    @Test("which spelling is offered does not depend on words that only others see", arguments: [false, true])
    func correctsAlike(_ hasHidden: Bool) async throws {
        let fixture = try await SearchFixture()
        try await fixture.add(
            Item(id: 1, acl: 1, summary: "qzawsxedc", description: "worrda"), Item(id: 2, acl: 1, summary: "worrdb"),
            Item(id: 3, acl: 1, description: "worrda"))
        if hasHidden {
            // As close as the visible word, with a likelier beginning; and many of the rarer of two equals.
            try await fixture.add(Item(id: 10, acl: 2, summary: "qazwsxedd"))
            for id in 11...15 { try await fixture.add(Item(id: id, acl: 2, summary: "worrdb")) }
        }
        let reader = SearchFixture.allowed([1])
        #expect(try await fixture.search("qazwsxedc", as: reader).correction?.query == "qzawsxedc")
        #expect(try await fixture.search("worrdx", as: reader).correction?.query == "worrda")
    }
}
