import FastJSON
import IssueModel
import Testing

@testable import SyncEngine

struct LiteralCase: CustomTestStringConvertible, Sendable {
    let zone: String?
    let moment: String
    let literal: String
    var testDescription: String { "\(zone ?? "unknown zone") \(moment)" }
}

@Suite struct SyncValueTests {
    @Test(
        "a moment becomes the account's local minute",
        arguments: [
            LiteralCase(zone: "Etc/UTC", moment: "2026-03-01T10:59:59.999Z", literal: "2026-03-01 10:59"),
            LiteralCase(zone: "Asia/Kathmandu", moment: "2026-03-01T20:00:30Z", literal: "2026-03-02 01:45"),
            LiteralCase(zone: "America/St_Johns", moment: "2026-01-01T01:00:00Z", literal: "2025-12-31 21:30"),
            LiteralCase(zone: "Pacific/Kiritimati", moment: "2026-01-01T10:00:00Z", literal: "2026-01-02 00:00"),
            LiteralCase(zone: "Europe/Berlin", moment: "2026-07-01T12:00:00Z", literal: "2026-07-01 14:00"),
            // The night summer time ends: 02:30 happens twice, and the earlier reading must be safe.
            LiteralCase(zone: "Europe/Berlin", moment: "2026-10-25T00:30:00Z", literal: "2026-10-25 01:30"),
            LiteralCase(zone: nil, moment: "2026-03-01T10:00:00Z", literal: "2026-02-28 22:00"),
            LiteralCase(zone: "Mars/Olympus", moment: "2026-03-01T10:00:00Z", literal: "2026-02-28 22:00"),
        ])
    func literals(_ test: LiteralCase) throws {
        let moment = try #require(Timestamp(test.moment))
        #expect(JQLClock(timeZone: test.zone).literal(atOrBefore: moment) == test.literal)
    }

    @Test("a scope's order is cut off, quoted words are not")
    func order() {
        #expect(SyncScope.withoutOrder("status = Open order  by created") == "status = Open")
        #expect(SyncScope.withoutOrder("(a = 1)ORDER BY x") == "(a = 1)")
        #expect(SyncScope.withoutOrder("text ~ \"put in order by hand\"") == "text ~ \"put in order by hand\"")
        #expect(SyncScope.withoutOrder("ORDER BY created") == "")
        #expect(SyncScope(jql: "order by created").jql == nil)
        let scope = SyncScope(projects: ["pay"], jql: "labels = x OR labels = y ORDER BY key")
        #expect(
            scope.query(projects: ["PAY", "O\"X"], and: "updated >= \"2026-01-01 00:00\"", order: "updated ASC")
                == #"project in ("PAY", "O\"X") AND (labels = x OR labels = y) AND updated >= "2026-01-01 00:00" ORDER BY updated ASC"#
        )
        #expect(SyncScope(json: scope.json) == scope)
    }

    @Test("a checkpoint survives being written and read")
    func checkpoint() throws {
        var checkpoint = SyncCheckpoint(jql: "labels = \"ä\"")
        checkpoint.covered = ["10000", "10001"]
        checkpoint.mark = Timestamp(milliseconds: 1_700_000_000_123)
        checkpoint.backfill = .init(
            started: Timestamp(milliseconds: 1), newest: nil,
            lanes: [.init(projects: ["3"], after: "token=="), .init(projects: ["4"], isDone: true)])
        let read = SyncCheckpoint(json: try JSONValue(parsing: checkpoint.json.serialized()))
        #expect(read == checkpoint)
        #expect(SyncCheckpoint(json: .object([])) == nil)
    }

    @Test("a summary is written as the interface says")
    func summary() {
        var summary = SyncSummary(source: "acme")
        summary.issues.read = 10
        summary.seconds = 4
        summary.warnings = [SyncWarning(.projectGone, "gone")]
        var writer = JSONWriter()
        summary.write(to: &writer)
        #expect(
            writer.text
                == #"{"source":"acme","finished":false,"phase":"identify","issues":{"read":10,"stored":0,"unchanged":0,"deleted":0,"quarantined":0},"comments":0,"changes":0,"attachments":0,"requests":0,"bytes":0,"seconds":4,"issuesPerSecond":2.5,"warnings":[{"code":"project_gone","message":"gone"}]}"#
                || writer.text.contains(#""seconds":4.0"#))
    }
}
