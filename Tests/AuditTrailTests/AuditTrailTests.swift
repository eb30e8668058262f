import AuditTrail
import Cryptography
import Database
import FastJSON
import IssueModel
import Store
import Testing
import Workspace

@Suite("The audit trail") struct AuditTrailTests {
    @Test("rows are numbered, chained and listed newest first")
    func chain() async throws {
        let trail = try await TestTrail()
        try await trail.fill(5)
        let found = try await trail.store.read { connection in
            (
                try AuditTrail.list(limit: 2, in: connection), try AuditTrail.list(before: 3, in: connection),
                try AuditTrail.verify(in: connection), try AuditTrail.head(in: connection)
            )
        }
        #expect(found.0.map(\.number) == [5, 4])
        #expect(found.1.map(\.number) == [2, 1])
        #expect(found.2.head == found.3 && found.2.problem == nil)
        let first = try #require(found.1.last)
        #expect(first.actor == "member:7" && first.actorName == "ada@acme.example" && first.via == "session 3")
        #expect(first.action == "test.done" && first.subject == "1" && first.details == #"{"step":1}"#)
    }

    @Test("anybody can compute a row's hash from the documented form")
    func documentedForm() async throws {
        let trail = try await TestTrail()
        try await trail.fill(1)
        let row = try #require(try await trail.store.read { try AuditTrail.list(in: $0) }.first)
        let text =
            #"[1,1790000000000,"member:7","ada@acme.example","session 3","192.0.2.1","test.done","1","{\"step\":1}"]"#
        #expect(row.hash == Digest.sha256([UInt8](repeating: 0, count: 32) + Array(text.utf8)))
    }

    static let refusedStatements = [
        "UPDATE audit_event SET subject = 'other' WHERE number = 2", "DELETE FROM audit_event WHERE number = 3",
        "INSERT OR REPLACE INTO audit_event SELECT * FROM audit_event WHERE number = 1",
        "INSERT INTO audit_event SELECT 9, at, actor, actor_name, via, remote, action, subject, details, hash FROM "
            + "audit_event WHERE number = 1",
    ]

    @Test("the database refuses to change, remove or replace a row", arguments: refusedStatements)
    func refuses(_ statement: String) async throws {
        let trail = try await TestTrail()
        try await trail.fill(3)
        await #expect(throws: DatabaseError.self) {
            try await trail.store.write { try $0.connection.executeScript(statement) }
        }
        let verification = try await trail.store.read { try AuditTrail.verify(in: $0) }
        #expect(verification.problem == nil && verification.head.number == 3)
    }

    struct Forgery: CustomTestStringConvertible, Sendable {
        var testDescription: String
        var sql: String
        var expected: AuditVerification.Problem
    }

    static let forgeries = [
        Forgery(
            testDescription: "another subject", sql: "UPDATE audit_event SET subject = 'x' WHERE number = 3",
            expected: .changed(number: 3)),
        Forgery(
            testDescription: "another time", sql: "UPDATE audit_event SET at = at + 1 WHERE number = 1",
            expected: .changed(number: 1)),
        Forgery(
            testDescription: "text moved between two columns",
            sql: "UPDATE audit_event SET via = via || remote, remote = '' WHERE number = 2",
            expected: .changed(number: 2)),
        Forgery(
            testDescription: "a row taken out", sql: "DELETE FROM audit_event WHERE number = 4",
            expected: .missing(number: 4)),
        Forgery(
            testDescription: "two rows that changed places",
            sql: """
                UPDATE audit_event SET number = 100 WHERE number = 2; UPDATE audit_event SET number = 2 WHERE number = 3;
                UPDATE audit_event SET number = 3 WHERE number = 100
                """, expected: .changed(number: 2)),
        Forgery(
            testDescription: "the end cut off", sql: "DELETE FROM audit_event WHERE number > 3",
            expected: .cutOff(after: 3)),
        Forgery(
            testDescription: "everything gone", sql: "DELETE FROM audit_event", expected: .cutOff(after: 0)),
    ]

    @Test("whoever gets around the database's refusal is found out", arguments: forgeries)
    func finds(_ forgery: Forgery) async throws {
        let trail = try await TestTrail()
        try await trail.fill(6)
        let head = try await trail.store.read { try AuditTrail.head(in: $0) }
        try await trail.store.write { context in
            try context.connection.executeScript(
                """
                DROP TRIGGER audit_event_at_end; DROP TRIGGER audit_event_unchanged; DROP TRIGGER audit_event_kept;
                """ + forgery.sql)
        }
        let found = try await trail.store.read { try AuditTrail.verify(against: head, in: $0) }
        #expect(found.problem == forgery.expected)
    }

    @Test("a trail that was written anew has another head than the one kept elsewhere")
    func rewritten() async throws {
        let (one, other) = (try await TestTrail(), try await TestTrail())
        try await one.fill(3)
        try await other.fill(2)
        try await other.fill(1, subject: "something else")
        let kept = try await one.store.read { try AuditTrail.head(in: $0) }
        let found = try await other.store.read { try AuditTrail.verify(against: kept, in: $0) }
        #expect(found.problem == .otherHead(number: 3))
    }

    @Test("a change that fails leaves no row, and a row that fails leaves no change")
    func together() async throws {
        let trail = try await TestTrail()
        struct Failure: Error {}
        await #expect(throws: Failure.self) {
            try await trail.store.write { context in
                try AuditTrail.append(AuditOrigin.commandLine.event("test.done"), in: context)
                throw Failure()
            }
        }
        let long = JSONValue.string(String(repeating: "x", count: AuditTrail.detailsLimit))
        await #expect(throws: AuditError.self) {
            try await trail.store.write { context in
                try MemberRecords.add(Member(email: "ada@acme.example", added: context.now), in: context)
                try AuditTrail.append(
                    AuditOrigin.commandLine.event("member.added", details: ["long": long]), in: context)
            }
        }
        let left = try await trail.store.read { (try AuditTrail.head(in: $0).number, try MemberRecords.list(in: $0)) }
        #expect(left.0 == 0 && left.1.isEmpty)
    }

    @Test("long texts are cut between characters, and odd ones kept as they are")
    func oddTexts() async throws {
        let trail = try await TestTrail()
        let long = String(repeating: "é", count: 600)
        let odd = "zero\u{0}byte, \"quotes\", \n line, \u{202E}turned"
        try await trail.store.write { context in
            try AuditTrail.append(AuditOrigin.system.event("test.done", subject: long), in: context)
            try AuditTrail.append(AuditOrigin.system.event("test.done", subject: odd), in: context)
        }
        let (rows, verification) = try await trail.store.read { connection in
            (try AuditTrail.list(in: connection), try AuditTrail.verify(in: connection))
        }
        #expect(rows.map(\.subject) == [odd, String(repeating: "é", count: 500)])
        #expect(verification.problem == nil)
    }

    @Test("a head is written and read as one word")
    func headText() {
        let head = AuditHead(number: 12, hash: (0..<32).map { UInt8($0 * 8) })
        #expect(AuditHead(head.description) == head)
        #expect(AuditHead(head.description.uppercased()) == head)
        for wrong in [
            "", "12", "12:", "x:" + String(repeating: "0", count: 64), "-1:" + String(repeating: "0", count: 64),
            "1:" + String(repeating: "g", count: 64), "1:00:00",
        ] {
            #expect(AuditHead(wrong) == nil)
        }
    }
}

/// A store with a trail, in a folder that goes away with the test.
struct TestTrail: Sendable {
    let folder: TemporaryFolder
    let store: Store

    init() async throws {
        folder = try TemporaryFolder()
        store = try await Store(
            folder: DataFolder(path: folder.file("data"), for: .writing),
            options: .init(execution: .threads(readers: 1)), migrations: Workspace.migrations + AuditTrail.migrations,
            clock: { Timestamp(milliseconds: 1_790_000_000_000) })
    }

    func fill(_ count: Int64, subject: String? = nil) async throws {
        try await store.write { context in
            for _ in 0..<count {
                let number = try AuditTrail.head(in: context.connection).number + 1
                try AuditTrail.append(
                    AuditEvent(
                        "test.done", subject: subject ?? String(number), details: ["step": .integer(number)],
                        by: .member(MemberID(7), name: "ada@acme.example"), via: "session 3", remote: "192.0.2.1"),
                    in: context)
            }
        }
    }
}
