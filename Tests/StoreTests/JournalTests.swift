import Database
import IssueModel
import Journal
import Store
import Testing

@Suite struct JournalTests {
    @Test("a fact keeps when it last succeeded while it fails, and its own data")
    func facts() async throws {
        let test = try await TestStore()
        let id = test.source
        let (early, late) = (Timestamp(milliseconds: 1), Timestamp(milliseconds: 2))
        let facts = try await test.store.write { context in
            try AccessFactRecords.note(.auditLog, verified: early, data: "cursor 1", source: id, in: context)
            try AccessFactRecords.note(.auditLog, verified: nil, problem: "HTTP 503", source: id, in: context)
            try AccessFactRecords.note(.group, ref: "g1", verified: early, source: id, in: context)
            try AccessFactRecords.note(.group, ref: "g1", verified: late, source: id, in: context)
            try AccessFactRecords.note(.group, ref: "g2", verified: nil, problem: "HTTP 403", source: id, in: context)
            try AccessFactRecords.note(.project, ref: "g2", verified: early, source: id, in: context)
            try AccessFactRecords.remove(.project, ref: "g2", source: id, in: context)
            return try AccessFactRecords.all(source: id, in: context.connection)
        }
        #expect(facts.map { "\($0.kind) \($0.ref)" } == ["audit_log ", "group g1", "group g2"])
        #expect(facts.map(\.verified) == [early, late, nil])
        #expect(facts.map(\.problem) == ["HTTP 503", nil, "HTTP 403"])
        #expect(facts[0].data == "cursor 1")
        let one = try await test.store.read { try AccessFactRecords.record(.group, ref: "g1", source: id, in: $0) }
        #expect(one == facts[1])
    }

    @Test("audits are kept with their totals, newest first")
    func runs() async throws {
        let test = try await TestStore()
        let id = test.source
        let runs = try await test.store.write { context in
            let first = try AccessAudits.begin(at: Timestamp(milliseconds: 1), source: id, in: context)
            _ = try AccessAudits.begin(at: Timestamp(milliseconds: 5), source: id, in: context)
            var totals = AccessAudits.Totals()
            (totals.pairs, totals.accounts, totals.issues, totals.requests) = (1_000, 10, 100, 3)
            (totals.tooMuch, totals.tooLittle) = (1, 2)
            try AccessAudits.update(first, totals, problem: "stopped", ended: Timestamp(milliseconds: 4), in: context)
            return try AccessAudits.latest(source: id, in: context.connection)
        }
        #expect(runs.map(\.started.rawValue) == [5, 1])
        #expect(runs[0].ended == nil)
        #expect(runs[1].totals.pairs == 1_000)
        #expect(runs[1].totals.tooLittle == 2)
        #expect(runs[1].problem == "stopped")
    }

    @Test("a finding keeps when it was first seen, is resolved once both agree, and opens again")
    func findings() async throws {
        let test = try await TestStore()
        let id = test.source
        let (ann, issue) = (AccountID("ann"), IssueID(7))
        func finding(_ kind: AccessAudits.Kind, _ at: Int64) -> AccessAudits.Finding {
            .init(account: ann, issue: issue, kind: kind, explanation: "at \(at)", at: Timestamp(milliseconds: at))
        }
        func open() async throws -> [AccessAudits.Finding] {
            try await test.store.read { try AccessAudits.findings(source: id, in: $0) }
        }
        let findings = [finding(.tooMuch, 1), finding(.tooLittle, 2), finding(.tooMuch, 3)]
        try await test.store.write { context in
            for finding in findings { try AccessAudits.note(finding, source: id, in: context) }
        }
        #expect(try await open().map(\.lastSeen.rawValue) == [3, 2])
        #expect(try await open().map(\.found.rawValue) == [1, 2])
        #expect(try await open().first?.explanation == "at 3")
        let differed = try await test.store.write { context in
            try [4, 5].map {
                try AccessAudits.resolve(ann, issue, at: Timestamp(milliseconds: $0), source: id, in: context)
            }
        }
        #expect(differed == [true, false])
        #expect(try await open().isEmpty)
        let all = try await test.store.read { try AccessAudits.findings(open: false, source: id, in: $0) }
        #expect(all.map(\.resolved?.rawValue) == [4, 4])
        let again = finding(.tooMuch, 9)
        try await test.store.write { try AccessAudits.note(again, source: id, in: $0) }
        #expect(try await open().map(\.found.rawValue) == [1])
    }
}
