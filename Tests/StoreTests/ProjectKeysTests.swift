import Database
import IssueModel
import Journal
import Store
import Testing

/// Keys of stored issues follow those of their projects.
@Suite struct ProjectKeysTests {
    /// Two projects, each with issues 1 to 3, and the present keys of both.
    private static func rename(_ test: TestStore, _ keys: [(EntityID, String)]) async throws {
        let source = test.source
        try await test.store.write { context in
            for (id, key) in keys {
                let former = ["PAY", "OPS"].filter { $0 != key }
                try ProjectRecords.store(
                    Project(id: id, key: key, name: "Project \(id)"), formerKeys: keys.count > 1 ? former : ["PAY"],
                    source: source, in: context)
            }
            try ProjectKeys.follow(source: source, at: context.now, in: context)
        }
    }

    private static func put(_ test: TestStore, _ number: Int, of project: EntityID, _ key: String) async throws {
        var issue = Issue.sample(Int64(number))
        issue.id = IssueID(Int64(number) + (Int64(project.rawValue) ?? 0))
        issue.key = try #require(IssueKey("\(key)-\(number)"))
        (issue.project, issue.projectKey) = (Entity(id: project, name: key), key)
        try await test.put(issue)
    }

    private static func found(_ test: TestStore, _ key: String) async throws -> [Int64] {
        let key = try #require(IssueKey(key))
        return try await test.store.read { try IssueRecords.rows(key: key, in: $0).map(\.jiraID.rawValue) }
    }

    @Test("a new key finds a project's issues, and so does the old one")
    func renamed() async throws {
        let test = try await TestStore()
        try await test.addProject("PAY", id: "10000")
        try await Self.put(test, 1, of: "10000", "PAY")
        try await Self.rename(test, [("10000", "BILL")])
        #expect(try await Self.found(test, "BILL-1") == [10_001])
        #expect(try await Self.found(test, "PAY-1") == [10_001])
    }

    @Test("two projects that exchange their keys keep their issues", arguments: [false, true])
    func exchanged(_ isReversed: Bool) async throws {
        let test = try await TestStore()
        try await test.addProject("PAY", id: "10000")
        try await test.addProject("OPS", id: "20000")
        try await Self.rename(test, [("10000", "PAY"), ("20000", "OPS")])
        for number in 1...3 { try await Self.put(test, number, of: "10000", "PAY") }
        for number in 1...2 { try await Self.put(test, number, of: "20000", "OPS") }
        let keys: [(EntityID, String)] = [("10000", "OPS"), ("20000", "PAY")]
        try await Self.rename(test, isReversed ? keys.reversed() : keys)
        for number in 1...2 {
            #expect(try await Self.found(test, "OPS-\(number)") == [Int64(10_000 + number)])
            #expect(try await Self.found(test, "PAY-\(number)") == [Int64(20_000 + number)])
        }
        // There is no other of this number.
        #expect(try await Self.found(test, "PAY-3") == [10_003])
        #expect(try await Self.found(test, "OPS-3") == [10_003])
        let source = test.source
        let (former, projects) = try await test.store.read { connection in
            (
                try connection.rows("SELECT key FROM issue_key WHERE former = 1") { $0.text(0) },
                try ["PAY", "OPS"].map { key in
                    try ProjectRecords.find(key: key, source: source, in: connection)?.project.id
                }
            )
        }
        #expect(former == ["PAY-3"])
        #expect(projects == ["20000", "10000"])
    }
}
