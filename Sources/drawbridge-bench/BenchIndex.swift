import AccessControl
import Database
import Foundation
import IssueModel
import SearchIndex
import Store
import Workspace

/// A store with a search index in a temporary folder, written without Jira.
final class BenchIndex: Sendable {
    let store: Store
    private let folder: String
    private let isKept: Bool

    /// The account the restricted reader has.
    static let reader = Reader.accounts([1: AccountID("reader")])
    static let accounts = 400
    static let aclCount = 10_000

    /// - Parameter keptAt: A folder that stays, for profiling the same index again; otherwise a temporary one.
    init(keptAt: String? = nil) async throws {
        folder = keptAt ?? NSTemporaryDirectory() + "drawbridge-bench-\(UUID().uuidString)"
        isKept = keptAt != nil
        var options = Database.Options()
        options.onOpen = { try SearchIndex.register(on: $0) }
        store = try await Store(
            folder: DataFolder(path: folder, for: .writing), options: options,
            migrations: Workspace.migrations + SearchIndex.migrations)
    }

    deinit {
        if !isKept { try? FileManager.default.removeItem(atPath: folder) }
    }

    var isFilled: Bool {
        get async throws { try await store.read { try $0.first("SELECT 1 FROM issue LIMIT 1") { $0.int(0) } } != nil }
    }

    /// Writes `count` issues: the corpus over and over, with texts mixed and words exchanged in every round.
    func fill(_ corpus: BenchCorpus, count: Int, seed: UInt64, isWhole: Bool) async throws -> (
        seconds: Double, processor: Double, bytes: Int
    ) {
        try await writeGround(corpus)
        var random = SeededGenerator(seed: seed)
        var seconds = 0.0
        var processor = 0.0
        var bytes = 0
        var number = 0
        while number < count {
            var batch: [(BenchCorpus.Issue, SearchText)] = []
            for _ in 0..<min(1_000, count - number) {
                let issue = isWhole ? corpus.issues[number] : Self.mixed(corpus, number, &random)
                var passages = [
                    SearchPassage(.summary, text: issue.summary), SearchPassage(.description, text: issue.description),
                ]
                for (index, comment) in issue.comments.enumerated() {
                    let isRestricted = !isWhole && index == 2 && number % 8 == 0
                    passages.append(
                        SearchPassage(.comment, id: "\(index)", text: comment, restriction: isRestricted ? 0 : nil))
                }
                bytes += passages.reduce(0) { $0 + $1.text.utf8.count }
                batch.append((issue, try SearchText(passages)))
                number += 1
            }
            let first = number - batch.count + 1
            let start = ContinuousClock.now
            let before = Self.processorSeconds()
            try await store.write { [batch] context in
                for (offset, entry) in batch.enumerated() {
                    try Self.write(first + offset, entry.0, entry.1, in: context.connection)
                }
                context.noteContentChange()
            }
            seconds += (ContinuousClock.now - start).seconds
            processor += Self.processorSeconds() - before
        }
        return (seconds, processor, bytes)
    }

    /// What the process has had of the processors so far: a measure that other work on the machine does not spoil.
    static func processorSeconds() -> Double {
        var time = timespec()
        clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time)
        return Double(time.tv_sec) + Double(time.tv_nsec) * 1e-9
    }

    private static func mixed(
        _ corpus: BenchCorpus, _ number: Int, _ random: inout SeededGenerator
    ) -> BenchCorpus.Issue {
        var issue = corpus.issues[number % corpus.issues.count]
        guard number >= corpus.issues.count else { return issue }
        func other() -> BenchCorpus.Issue { corpus.issues[Int.random(in: 0..<corpus.issues.count, using: &random)] }
        let words = other().summary.split(separator: " ").map(String.init)
        issue.summary = issue.summary.split(separator: " ").map { word in
            Int.random(in: 0..<4, using: &random) == 0
                ? words.randomElement(using: &random) ?? String(word) : String(word)
        }.joined(separator: " ")
        issue.description += "\n\n" + other().description
        issue.comments = [other().description, other().summary + ", seen in build \(number)", other().description]
        return issue
    }

    private func writeGround(_ corpus: BenchCorpus) async throws {
        let projects = Array(Set(corpus.issues.map(\.project))).sorted()
        let statuses = Array(Set(corpus.issues.map(\.status))).sorted()
        let kinds = [
            ("type", Array(Set(corpus.issues.map(\.type))).sorted()), ("status", statuses),
            ("priority", Array(Set(corpus.issues.map(\.priority))).sorted()),
            ("label", (0..<200).map { "label-\($0)" }), ("component", (0..<100).map { "component-\($0)" }),
        ]
        try await store.write { context in
            let connection = context.connection
            try connection.execute(
                """
                INSERT INTO source (id, name, url, api_url, product, access_mode, credential_kind, created)
                VALUES (1, 'bench', 'https://bench.example', 'https://bench.example', 'cloud', 'mirror', 'none', 0)
                """)
            for (index, key) in projects.enumerated() {
                try connection.execute(
                    """
                    INSERT INTO project (id, source_id, jira_id, key, name, type, style, private, archived, access_state,
                        access_verified)
                    VALUES (?, 1, ?, ?, ?, 'software', 'classic', 0, 0, 'verified', ?)
                    """, index + 1, "\(index + 1)", key, "Project \(key)", context.now.rawValue)
            }
            for (kind, names) in kinds {
                for name in names {
                    let done = ["Done", "Closed", "Resolved", "Complete"].contains(name)
                    try connection.execute(
                        "INSERT INTO catalogue (source_id, kind, jira_id, name, data) VALUES (1, ?, ?, ?, ?)", kind,
                        name,
                        name, kind == "status" ? "{\"category\":\"\(done ? "done" : "new")\"}" : nil)
                }
            }
            try Self.writePeople(connection, projects: projects.count)
            context.noteAccessChange()
        }
    }

    /// People, groups of which the reader is in about half, and acls of one or two clauses of groups and accounts.
    private static func writePeople(_ connection: Connection, projects: Int) throws {
        for index in 1...accounts {
            try connection.execute(
                """
                INSERT INTO account (id, source_id, jira_id, display_name, kind, active)
                VALUES (?, 1, ?, ?, 'atlassian', 1)
                """, index, index == 1 ? "reader" : "account-\(index)", "Person Number\(index)")
        }
        for index in 1...200 {
            try connection.execute(
                "INSERT INTO person_group (id, source_id, jira_id, name) VALUES (?, 1, ?, ?)", index, "g\(index)",
                "group \(index)")
            if index % 2 == 0 { try connection.execute("INSERT INTO membership VALUES (?, 1)", index) }
            let principal = Principal.group(GroupID("g\(index)"))
            try connection.execute(
                "INSERT INTO principal (id, source_id, kind, value) VALUES (?, 1, ?, ?)", index, principal.kind,
                principal.value)
        }
        for index in 1...aclCount {
            let browse = AllowedSet.clauseBytes([UInt32(index % 200 + 1), UInt32(index / 7 % 200 + 1)])
            let level = index % 10 == 0 ? AllowedSet.clauseBytes([UInt32(index / 3 % 200 + 1)]) : nil
            try connection.execute(
                "INSERT INTO acl (id, source_id, key, project_id, browse, level) VALUES (?, 1, ?, ?, ?, ?)", index,
                Array("\(index)".utf8), index % projects + 1, browse, level)
        }
    }

    private static func write(
        _ number: Int, _ issue: BenchCorpus.Issue, _ text: SearchText, in connection: Connection
    ) throws {
        func catalogue(_ kind: String, _ name: String) -> String {
            "(SELECT id FROM catalogue WHERE source_id = 1 AND kind = '\(kind)' AND jira_id = \(name))"
        }
        let updated = 1_400_000_000_000 + Int64(number) * 1_500_000
        try connection.execute(
            """
            INSERT INTO issue (id, source_id, jira_id, key, project_id, type_id, status_id, priority_id, assignee_id,
                reporter_id, created, updated, acl_id, summary, fetched, raw_hash)
            VALUES (?1, 1, ?1, ?2, (SELECT id FROM project WHERE key = ?3), \(catalogue("type", "?4")),
                \(catalogue("status", "?5")), \(catalogue("priority", "?6")), ?7, ?8, ?9, ?10, ?11, ?12, 0, 0)
            """, number, "\(issue.project)-\(number)", issue.project, issue.type, issue.status, issue.priority,
            number % 3 == 0 ? nil : number % accounts + 1, number % 37 + 1, updated - 86_400_000, updated,
            number % aclCount + 1, issue.summary)
        try connection.execute(
            "INSERT INTO issue_key VALUES (1, ?, ?, 0)", "\(issue.project)-\(number)", number)
        for (kind, name) in [
            (1, "label-\(number % 200)"), (1, "label-\(number % 7)"), (2, "component-\(number % 100)"),
        ] {
            try connection.execute(
                """
                INSERT OR IGNORE INTO issue_value SELECT ?, ?, id FROM catalogue
                WHERE source_id = 1 AND kind = ? AND jira_id = ?
                """, number, kind, kind == 1 ? "label" : "component", name)
        }
        try SearchIndexWriter.replace(
            issue: Int64(number), text: text, restrictions: [Int64((number * 31) % aclCount + 1)], in: connection)
    }
}

extension Duration {
    var seconds: Double { Double(components.seconds) + Double(components.attoseconds) * 1e-18 }
    var milliseconds: Double { seconds * 1_000 }
}
