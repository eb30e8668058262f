import AccessControl
import Database
import Foundation
import IssueModel
import SearchIndex
import Store
import StoreSchema

/// A store in a temporary folder, filled row by row. Acl `n` admits whoever holds principal `n`.
final class SearchFixture: Sendable {
    let database: Database
    let searcher: Searcher
    private let path: String

    static let now = Timestamp(milliseconds: 1_715_812_200_000)
    private static let day: Int64 = 86_400_000

    init() async throws {
        path = NSTemporaryDirectory() + "drawbridge-search-\(UUID().uuidString)"
        var options = Database.Options()
        options.onOpen = { try SearchIndex.register(on: $0) }
        database = try Database(path: path, options: options)
        searcher = Searcher(database)
        try await database.migrate(Schema.migrations + SearchIndex.migrations)
        try await database.write { try Self.writeGround($0) }
    }

    deinit {
        for ending in ["", "-wal", "-shm"] { try? FileManager.default.removeItem(atPath: path + ending) }
    }

    private static let catalogue: [(Int, String, String, String?)] = [
        (1, "type", "Bug", nil), (2, "type", "Task", nil), (11, "status", "Open", "new"),
        (12, "status", "In Progress", "indeterminate"), (13, "status", "Done", "done"), (21, "priority", "High", nil),
        (22, "priority", "Low", nil), (31, "label", "backend", nil), (32, "label", "frontend", nil),
        (33, "label", "secret-label", nil), (41, "component", "Billing", nil), (42, "component", "Login page", nil),
        (51, "version", "1.0", nil), (52, "version", "2.0", nil), (61, "sprint", "Sprint 7", nil),
        (71, "resolution", "Fixed", nil),
    ]

    private static func writeGround(_ connection: Connection) throws {
        try connection.execute(
            """
            INSERT INTO source (id, name, url, api_url, product, access_mode, credential_kind, created)
            VALUES (1, 'acme', 'https://acme.example/jira/', 'https://acme.example', 'cloud', 'mirror', 'none', 0)
            """)
        for (index, key) in ["PAY", "WEB", "SECRET"].enumerated() {
            try connection.execute(
                """
                INSERT INTO project (id, source_id, jira_id, key, name, type, style, private, archived)
                VALUES (?, 1, ?, ?, ?, 'software', 'classic', 0, 0)
                """, index + 1, "\(index)", key, "\(key) project")
        }
        try connection.execute("INSERT INTO project_key VALUES (1, 'OLDPAY', 1)")
        for (id, kind, name, category) in catalogue {
            try connection.execute(
                "INSERT INTO catalogue (id, source_id, kind, jira_id, name, data) VALUES (?, 1, ?, ?, ?, ?)", id, kind,
                name,
                name, category.map { "{\"category\":\"\($0)\"}" })
        }
        for (id, name) in [(1, "Ann Lee"), (2, "Bo Larsen"), (3, "Cy Hidden")] {
            try connection.execute(
                """
                INSERT INTO account (id, source_id, jira_id, display_name, email, kind, active)
                VALUES (?, 1, ?, ?, ?, 'atlassian', 1)
                """, id, "acc-\(id)", name, "\(id)@acme.example")
        }
    }

    struct Item: Sendable {
        var id: Int
        var project = 1
        var type = 1
        var status = 11
        var priority: Int? = 21
        var assignee: Int?
        var reporter: Int? = 2
        var resolution: Int?
        var acl: Int64 = 1
        /// Days before now.
        var updated = 1
        var created = 10
        /// Days after now.
        var due: Int?
        var values: [(kind: Int, id: Int)] = []
        var summary = "A summary"
        var description: String?
        /// Text, and the acl of a restricted one.
        var comments: [(text: String, acl: Int64?)] = []
        var attachment: String?

        var key: String { "\(["PAY", "WEB", "SECRET"][project - 1])-\(id)" }
    }

    func add(_ items: [Item]) async throws {
        try await database.write { connection in for item in items { try Self.write(item, connection) } }
    }

    func add(_ items: Item...) async throws { try await add(items) }

    static func passages(_ item: Item) -> (passages: [SearchPassage], restrictions: [Int64]) {
        var passages = [SearchPassage(.summary, text: item.summary)]
        if let description = item.description { passages.append(SearchPassage(.description, text: description)) }
        var restrictions: [Int64] = []
        for (index, comment) in item.comments.enumerated() {
            var restriction: Int?
            if let acl = comment.acl {
                if !restrictions.contains(acl) { restrictions.append(acl) }
                restriction = restrictions.firstIndex(of: acl)
            }
            passages.append(SearchPassage(.comment, id: "c\(index)", text: comment.text, restriction: restriction))
        }
        if let attachment = item.attachment { passages.append(SearchPassage(.attachment, id: "a1", text: attachment)) }
        return (passages, restrictions)
    }

    static func write(_ item: Item, _ connection: Connection) throws {
        func ago(_ days: Int) -> Int64 { now.rawValue - Int64(days) * day }
        try connection.execute("DELETE FROM issue WHERE id = ?", item.id)
        try connection.execute("DELETE FROM issue_value WHERE issue_id = ?", item.id)
        try connection.execute(
            """
            INSERT INTO issue (id, source_id, jira_id, key, project_id, type_id, status_id, priority_id, resolution_id,
                assignee_id, reporter_id, created, updated, due, acl_id, summary, fetched, raw_hash)
            VALUES (?, 1, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 0, 0)
            """, item.id, item.id + 10_000, item.key, item.project, item.type, item.status, item.priority,
            item.resolution,
            item.assignee, item.reporter, ago(item.created), ago(item.updated),
            item.due.map { Int(now.rawValue / day) + $0 }, item.acl, item.summary)
        try connection.execute("INSERT OR REPLACE INTO issue_key VALUES (1, ?, ?, 0)", item.key, item.id)
        for value in item.values {
            try connection.execute("INSERT INTO issue_value VALUES (?, ?, ?)", item.id, value.kind, value.id)
        }
        let (passages, restrictions) = passages(item)
        try SearchIndexWriter.replace(
            issue: Int64(item.id), text: SearchText(passages), restrictions: restrictions, in: connection)
    }

    /// What the holder of these principals may see.
    static func allowed(_ acls: some Sequence<Int64>) -> AllowedSet {
        var builder = AllowedSet.Builder(principals: [1])
        let clause = AllowedSet.clauseBytes([1])
        for acl in acls {
            clause.withUnsafeBytes { _ = builder.add(aclID: acl, browse: $0, level: nil, visibility: nil) }
        }
        return builder.finish(accessVersion: 1)
    }

    func search(
        _ query: String, as allowed: AllowedSet = .everything(accessVersion: 1), limit: Int = 50, cursor: String? = nil,
        language: SearchRequest.Language = .plain, me: [Int64: AccountID] = [:]
    ) async throws -> SearchResults {
        let request = SearchRequest(
            query, language: language, limit: limit, cursor: cursor, me: me, now: Self.now)
        return try await searcher.search(request) { _ in allowed }
    }
}

extension SearchResults {
    var ids: [Int] { hits.map { Int($0.issue) } }
}

struct Seeded: RandomNumberGenerator {
    private var state: UInt64
    init(seed: UInt64) { state = seed &* 0x9E37_79B9_7F4A_7C15 &+ 1 }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }
}
