import Cryptography
import Database
import Foundation
import IssueModel
import Journal
import Store
import Testing

@Suite struct SourceRecordsTests {
    @Test("a source comes back as it was added, its credential sealed")
    func add() async throws {
        let test = try await TestStore()
        let (stored, credential, raw) = try await test.store.read { [key = test.key, id = test.source] connection in
            (
                try SourceRecords.find("TEST", in: connection),
                try SourceRecords.credential(of: id, key: key, in: connection),
                try connection.first("SELECT credential FROM source") { $0.blob(0) }
            )
        }
        var expected = Source.sample("test")
        expected.id = test.source
        #expect(stored == expected)
        #expect(credential == Array(TestStore.secret.utf8))
        #expect(raw.map { !String(decoding: $0, as: UTF8.self).contains("token") } == true)
    }

    @Test("a credential opens neither with another key nor in another source's row")
    func sealing() async throws {
        let test = try await TestStore()
        let other = try SecretKey()
        let id = test.source
        let error = await #expect(throws: StoreError.self) {
            try await test.store.read { try SourceRecords.credential(of: id, key: other, in: $0) }
        }
        #expect(error?.code == .keyMissing)
        let key = test.key
        let second = try await test.store.write { context in
            let second = try SourceRecords.add(.sample("two"), credential: nil, key: key, in: context).id
            try context.connection.execute(
                "UPDATE source SET credential = (SELECT credential FROM source WHERE id = ?) WHERE id = ?", id, second)
            return second
        }
        await #expect(throws: StoreError.self) {
            try await test.store.read { try SourceRecords.credential(of: second, key: key, in: $0) }
        }
    }

    @Test("a name is given once, whatever its case")
    func names() async throws {
        let test = try await TestStore()
        let key = test.key
        let error = await #expect(throws: StoreError.self) {
            try await test.store.write { try SourceRecords.add(.sample("Test"), credential: nil, key: key, in: $0) }
        }
        #expect(error?.code == .nameTaken)
    }

    @Test("pausing, problems and identity are kept")
    func update() async throws {
        let test = try await TestStore()
        let id = test.source
        let problem = Source.Problem(
            code: "expired", message: "The token has “expired”", at: Timestamp(milliseconds: 9))
        let stored = try await test.store.write { context in
            try SourceRecords.setState(.paused, of: id, in: context)
            try SourceRecords.setProblem(problem, of: id, in: context)
            return try SourceRecords.source(id, in: context.connection)
        }
        #expect(stored?.state == .paused)
        #expect(stored?.problem == problem)
        let error = await #expect(throws: StoreError.self) {
            try await test.store.write { try SourceRecords.setState(.active, of: 77, in: $0) }
        }
        #expect(error?.code == .notFound)
    }

    @Test("a removed source has no credential, hides its content and can be taken up again")
    func remove() async throws {
        let test = try await TestStore()
        try await test.addProject()
        try await test.addDevelopers(["alice"])
        try await test.put(.sample(1))
        #expect(try await test.visible("alice").issues.count == 1)
        let (id, key) = (test.source, test.key)
        try await test.store.write { try SourceRecords.remove(id, in: $0) }
        #expect(try await test.visible("alice").issues.isEmpty)
        #expect(try await test.store.read { try SourceRecords.credential(of: id, key: key, in: $0) } == nil)
        let again = try await test.store.write {
            try SourceRecords.add(.sample("test"), credential: [1], key: key, in: $0)
        }
        #expect(again.id == id)
        #expect(try await test.visible("alice").issues.count == 1)
    }

    /// A row in each table of what keeps a source in step.
    private func fillStepTables(of id: Int64, _ context: WriteContext) throws {
        let now = context.now
        try PendingIssues.add([IssueID(1)], cause: .webhook, at: now, source: id, in: context)
        _ = try SourceLeases.acquire(
            source: id, holder: "Kryptonit", job: "changes", now: now, for: .seconds(60), in: context)
        _ = try WebhookRecords.add(
            WebhookRecords.Record(
                source: id, kind: .admin, publicURL: "https://kryptonit.example.com/Kryptonit", pathHash: [1],
                sealed: Array("Kryptonit".utf8), authentication: .signature, state: .active, created: now),
            in: context)
        let connection = context.connection
        try connection.execute(
            "INSERT INTO absence (source_id, jira_id, evidence, first, last, times) VALUES (?, 1, 1, 1, 1, 1)", id)
        try connection.execute(
            """
            INSERT INTO grave (source_id, jira_id, key, project_id, reason, at, purge, body)
            VALUES (?, 1, 'PAY-1', 1, 'deleted', 1, 1, CAST('Kryptonit' AS BLOB))
            """, id)
        try connection.execute(
            "INSERT INTO census_run (source_id, started, summary) VALUES (?, 1, 'Kryptonit')", id)
        try connection.execute(
            "INSERT INTO request (source_id, kind, argument, requested) VALUES (?, 'sync', 'Kryptonit', 1)", id)
    }

    @Test("purging leaves nothing of a source, in no table and in no file")
    func purge() async throws {
        let test = try await TestStore()
        try await test.addProject()
        try await test.addDevelopers(["alice", "bob"])
        let (store, id) = (test.store, test.source)
        for number in 1...40 {
            try await test.put(.sample(Int64(number), summary: "Kryptonit \(number)"), raw: "Kryptonit raw \(number)")
        }
        try await store.write { context in
            try AttachmentTexts.store("Kryptonit text", of: "10", issue: 1, in: context)
            try Quarantine.put(
                kind: "issue", ref: "7", reason: "undecodable", message: "Kryptonit", raw: Array("Kryptonit".utf8),
                at: Timestamp(milliseconds: 1), source: id, in: context)
            try Checkpoints.advance("issues", to: "{}", at: Timestamp(milliseconds: 1), source: id, in: context)
            _ = try SyncRuns.begin(kind: "full", at: Timestamp(milliseconds: 1), source: id, in: context)
            try store.raw.adopt(dictionary: Array("Kryptonit".utf8), source: id, in: context)
            try PeopleRecords.replaceSubgroups([GroupID("g-dev"): [GroupID("g-in")]], source: id, in: context)
            try PeopleRecords.replaceApplicationRoles(
                [ApplicationRole(key: "jira", name: "Jira", groups: [GroupID("g-dev")])], source: id, in: context)
            try ProjectRecords.replaceRoles(
                of: "10000", [RoleActors(role: Entity(id: "1", name: "R"), accounts: [AccountID("alice")], groups: [])],
                source: id, in: context)
            try AccessRecords.replaceSecurityLevels(
                [SecurityLevel(id: "1", name: "L", members: [.reporter])], source: id, in: context)
            try AccessFactRecords.note(.schemes, verified: context.now, problem: "Kryptonit", source: id, in: context)
            try DeclaredLevels.declare("1", members: [], by: "Kryptonit", at: context.now, source: id, in: context)
            try Listings.put(
                Listing(account: AccountID("alice"), scope: .all, issues: [IssueID(10_001)], verified: context.now),
                source: id, in: context)
            _ = try Withheld.put(IssueID(10_002), reason: "Kryptonit", at: context.now, source: id, in: context)
            _ = try AccessAudits.begin(at: context.now, source: id, in: context)
            let finding = AccessAudits.Finding(
                account: AccountID("alice"), issue: IssueID(10_002), kind: .tooMuch, explanation: "Kryptonit",
                at: context.now)
            try AccessAudits.note(finding, source: id, in: context)
            try IssueRecords.remove(
                IssueID(10_040), because: .deleted, at: Timestamp(milliseconds: 1), source: id, in: context)
            try fillStepTables(of: id, context)
        }
        let tables = try await store.read { connection in
            try connection.rows(
                "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%'"
            ) { $0.text(0) }
        }
        for table in tables { #expect(try await test.number("SELECT count(*) FROM \(table)") ?? 0 > 0, "\(table)") }
        try await store.purge(source: id)
        for table in tables where !["setting", "migration"].contains(table) {
            #expect(try await test.number("SELECT count(*) FROM \(table)") == 0, "\(table)")
        }
        for file in try FileManager.default.contentsOfDirectory(atPath: test.folder.file("data")) {
            let bytes = try Data(contentsOf: URL(fileURLWithPath: test.folder.file("data/\(file)")))
            #expect(bytes.range(of: Data("Kryptonit".utf8)) == nil, "\(file)")
        }
    }
}
