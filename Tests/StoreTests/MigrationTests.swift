import AccessControl
import Database
import IssueModel
import Store
import StoreSchema
import Testing
import Verification

@Suite struct MigrationTests {
    /// What the first version of the schema held of a small site, as it was written then.
    private static let content = """
        INSERT INTO source (id, name, url, api_url, product, access_mode, credential_kind, created)
            VALUES (1, 'old', 'https://a.example', 'https://a.example', 'cloud', 'mirror', 'none', 5);
        INSERT INTO account (id, source_id, jira_id, display_name, kind, active, listed)
            VALUES (1, 1, 'alice', 'Alice', 'atlassian', 1, 1);
        INSERT INTO person_group (id, source_id, jira_id, name) VALUES (1, 1, 'g-dev', 'developers');
        INSERT INTO membership VALUES (1, 1);
        INSERT INTO permission_scheme (id, source_id, jira_id, name) VALUES (1, 1, '1', 'Default');
        INSERT INTO permission_grant VALUES (1, 'BROWSE_PROJECTS', 'group', 'g-dev');
        INSERT INTO project (id, source_id, jira_id, key, name, type, style, private, archived, scheme_id, access_state,
            access_verified) VALUES (1, 1, '10000', 'PAY', 'Pay', 'software', 'company', 0, 0, 1, 'verified', 1000);
        INSERT INTO project_key VALUES (1, 'PAY', 1);
        INSERT INTO principal (id, source_id, kind, value) VALUES (1, 1, 'group', 'g-dev');
        INSERT INTO catalogue (id, source_id, kind, jira_id, name) VALUES (1, 1, 'type', '1', 'Bug');
        INSERT INTO issue (id, source_id, jira_id, key, project_id, type_id, status_id, created, updated, acl_id, summary,
            fetched, raw_hash) VALUES (1, 1, 10001, 'PAY-1', 1, 1, 1, 1, 2, 1, 'Old', 3, 4);
        INSERT INTO issue_key VALUES (1, 'PAY-1', 1, 0);
        INSERT INTO comment VALUES (1, '10', 1, 1, 1, 0, 1);
        """

    @Test("a database of the first version is taken up with everything in it")
    func fromTheFirst() async throws {
        let folder = try TemporaryFolder()
        let data = try DataFolder(path: folder.file("data"), for: .writing)
        let old = try Database(path: data.databasePath)
        let first = try #require(Schema.migrations.first)
        try await old.migrate([first])
        try await old.write { connection in
            try connection.executeScript(Self.content)
            let key = AclKey(AclInputs(project: "10000"))
            try connection.execute(
                "INSERT INTO acl (id, source_id, key, project_id, browse) VALUES (1, 1, ?, 1, ?)", key.bytes,
                AllowedSet.clauseBytes([1]))
        }
        await old.close()
        let store = try await Store(folder: data, clock: { Timestamp(milliseconds: 3_600_999) })
        let source = try #require(try await store.read { try SourceRecords.find("old", in: $0) })
        #expect(source.accessOptions == AccessOptions())
        let project = try #require(try await store.read { try ProjectRecords.find("10000", source: 1, in: $0) })
        #expect(project.accessProblem == nil)
        #expect(project.accessVerified == Timestamp(milliseconds: 1_000))
        let seen = try await store.read { connection in
            let allowed = try store.access.allowed(to: .accounts([1: AccountID("alice")]), in: connection)
            return try VisibleRecords(source: 1, allowed: allowed, in: connection)
        }
        #expect(seen.issues == [IssueID(10_001)])
        #expect(seen.comments == ["10"])
        let problems = try await StoreVerification(of: store).problems
        #expect(problems == ["1 issues without Jira's answer"])
        await store.close()
    }

    struct Tampering: CustomTestStringConvertible, Sendable {
        var testDescription: String
        var sql: String
    }

    @Test(
        "verification finds what somebody changed by hand",
        arguments: [
            Tampering(testDescription: "an audience opened", sql: "UPDATE acl SET browse = NULL WHERE id = 1"),
            Tampering(
                testDescription: "a principal added", sql: "UPDATE acl SET browse = x'0100000002000000' WHERE id = 1"),
            Tampering(testDescription: "another audience", sql: "UPDATE issue SET acl_id = 99"),
            Tampering(testDescription: "a withheld issue", sql: "UPDATE issue SET acl_id = 1"),
            Tampering(
                testDescription: "a withheld comment",
                sql: "UPDATE comment SET acl_id = 1 WHERE issue_id = (SELECT id FROM issue WHERE jira_id = 10002)"),
            Tampering(testDescription: "a listing cut", sql: "UPDATE listing SET issues = x'ff'"),
            Tampering(testDescription: "a listing emptied", sql: "UPDATE listing SET issues = x''"),
            Tampering(
                testDescription: "a grant",
                sql: "UPDATE permission_grant SET holder_type = 'anyone', holder_parameter = NULL"),
            Tampering(testDescription: "another project", sql: "UPDATE acl SET project_id = 7 WHERE id = 1"),
            Tampering(testDescription: "a source gone", sql: "UPDATE withheld SET source_id = 9"),
            Tampering(testDescription: "a principal's issue", sql: "UPDATE principal SET issue = 5"),
        ])
    func tampering(_ example: Tampering) async throws {
        let test = try await TestStore()
        try await test.addProject()
        try await test.addDevelopers(["alice"])
        try await test.put(.sample(1))
        try await test.put(.sample(2))
        try await test.list("alice", [10_001, 10_002])
        let id = test.source
        _ = try await test.store.write {
            try Withheld.put(IssueID(10_002), reason: "r", at: $0.now, source: id, in: $0)
        }
        #expect(try await StoreVerification(of: test.store).problems == [])
        try await test.store.write { try $0.connection.executeScript(example.sql) }
        #expect(try await StoreVerification(of: test.store).problems.count >= 1)
    }
}
