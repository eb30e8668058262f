import AccessEngine
import FastJSON
import IssueModel
import SiteConnection
import Testing

@testable import SyncEngine

@Suite struct SyncValueTests {
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
