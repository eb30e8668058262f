import AccessControl
import Database
import SearchIndex
import Testing

@Suite("Verification of the index") struct AudienceVerificationTests {
    struct Tampering: CustomTestStringConvertible {
        var testDescription: String
        var sql: String
        var found: [String]
    }

    @Test(
        "finds whom the index would show more than the rows allow",
        arguments: [
            Tampering(testDescription: "nothing", sql: "", found: []),
            Tampering(
                testDescription: "an issue's acl", sql: "UPDATE issue SET acl_id = 2 WHERE id = 1",
                found: ["1 issues that search shows to others than their audience"]),
            Tampering(
                testDescription: "a comment's acl", sql: "UPDATE comment SET acl_id = 1",
                found: ["1 restricted texts that search shows to others than their audience"]),
            Tampering(
                testDescription: "a closed issue whose record follows",
                sql: "UPDATE issue SET acl_id = 3 WHERE id = 1; UPDATE comment SET acl_id = 3",
                found: ["1 issues that search shows to others than their audience"]),
            Tampering(
                testDescription: "an issue gone", sql: "DELETE FROM issue WHERE id = 1",
                found: ["1 search records without an issue"]),
            Tampering(
                testDescription: "a record cut", sql: "UPDATE search_issue SET record = x'00' WHERE issue_id = 1",
                found: ["1 search records that cannot be read back"]),
        ])
    func mistakes(_ example: Tampering) async throws {
        let fixture = try await SearchFixture()
        try await fixture.add(
            .init(id: 1, acl: 1, summary: "one", comments: [("open", nil), ("secret", 2)]),
            .init(id: 2, acl: 2, summary: "two"))
        let mistakes = try await fixture.database.write { connection in
            for (id, key) in [(1, [1]), (2, [2]), (3, AclKey.withheld.bytes)] as [(Int, [UInt8])] {
                try connection.execute("INSERT INTO acl (id, source_id, key) VALUES (?, 1, ?)", id, key)
            }
            try connection.execute("INSERT INTO comment VALUES (1, 'c1', 1, 1, 1, 0, 2)")
            try connection.executeScript(example.sql)
            return try SearchIndex.mistakes(in: connection)
        }
        #expect(mistakes == example.found)
    }
}
