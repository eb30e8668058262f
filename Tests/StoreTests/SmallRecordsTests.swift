import Database
import Foundation
import IssueModel
import Journal
import Store
import Testing

@Suite struct SmallRecordsTests {
    @Test("a checkpoint is replaced, read and reset phase by phase")
    func checkpoints() async throws {
        let test = try await TestStore()
        let (store, id) = (test.store, test.source)
        try await store.write { context in
            for (phase, data) in [("a", "1"), ("b", "2"), ("a", "3")] {
                try Checkpoints.advance(phase, to: data, at: Timestamp(milliseconds: 7), source: id, in: context)
            }
        }
        #expect(try await store.read { try Checkpoints.data("a", source: id, in: $0) } == "3")
        #expect(try await store.read { try Checkpoints.updated("a", source: id, in: $0) }?.rawValue == 7)
        try await store.write { try Checkpoints.reset("a", source: id, in: $0) }
        #expect(try await store.read { try Checkpoints.data("a", source: id, in: $0) } == nil)
        #expect(try await store.read { try Checkpoints.data("b", source: id, in: $0) } == "2")
        try await store.write { try Checkpoints.reset(nil, source: id, in: $0) }
        #expect(try await store.read { try Checkpoints.data("b", source: id, in: $0) } == nil)
    }

    @Test("a record set aside twice is one entry with two attempts, until it is released")
    func quarantine() async throws {
        let test = try await TestStore()
        let (store, id) = (test.store, test.source)
        for time in [1, 2] as [Int64] {
            try await store.write { context in
                try Quarantine.put(
                    kind: "issue", ref: "7", reason: "undecodable", message: "no status", raw: [1, 2],
                    at: Timestamp(milliseconds: time), source: id, in: context)
            }
        }
        let entries = try await store.read { try Quarantine.entries(source: id, in: $0) }
        #expect(entries.map(\.attempts) == [2])
        #expect(entries.first?.at.rawValue == 2)
        #expect(try await store.read { try Quarantine.raw(of: entries[0].id, in: $0) } == [1, 2])
        try await store.write { try Quarantine.release(kind: "issue", ref: "7", source: id, in: $0) }
        #expect(try await store.read { try Quarantine.count(source: id, in: $0) } == 0)
    }

    @Test("a run that never ended is found interrupted, and old runs go")
    func runs() async throws {
        let test = try await TestStore()
        let (store, id) = (test.store, test.source)
        try await store.write { context in
            for time in 0..<Int64(SyncRuns.keptRuns + 10) {
                let run = try SyncRuns.begin(
                    kind: "full", at: Timestamp(milliseconds: time), source: id, in: context)
                guard time % 2 == 0 else { continue }
                try SyncRuns.update(
                    run, outcome: .done, summary: #"{"issues":1}"#, ended: Timestamp(milliseconds: time + 1),
                    in: context)
            }
        }
        let runs = try await store.read { try SyncRuns.latest(source: id, limit: 1_000, in: $0) }
        #expect(runs.count == SyncRuns.keptRuns)
        #expect(runs[0].outcome == .running)
        #expect(runs[1].outcome == .done)
        #expect(runs[2].outcome == .interrupted)
    }

    @Test("a failed extraction is told, and a later success takes its place")
    func attachmentFailure() async throws {
        let test = try await TestStore()
        try await test.addProject()
        let (store, source, issue) = (test.store, test.source, try await test.put(.sample(1)).id)
        try await store.write { try AttachmentTexts.store(.failed, problem: "broken", of: "10", issue: issue, in: $0) }
        #expect(try await store.read { try AttachmentTexts.counts(source: source, in: $0) } == [.failed: 1])
        #expect(try await store.read { try AttachmentTexts.text(of: "10", issue: issue, in: $0) } == nil)
        try await store.write { try AttachmentTexts.store("found", of: "10", issue: issue, in: $0) }
        #expect(try await store.read { try AttachmentTexts.text(of: "10", issue: issue, in: $0) } == "found")
    }

    @Test("the parts of the database add up")
    func size() async throws {
        let test = try await TestStore()
        try await test.addProject()
        for number in 1...50 { try await test.put(.sample(Int64(number))) }
        let size = try await test.store.read { try DatabaseSize(in: $0) }
        #expect(size.total > 0)
        #expect(size.parts.isEmpty || size.parts.reduce(0) { $0 + $1.bytes } + size.free <= size.total)
        #expect(size.parts.isEmpty || size.parts.contains { $0.name == "issue_raw" })
    }
}

@Suite struct StoreFaultTests {
    @Test("issues and checkpoint of a page are kept together or not at all")
    func allOrNothing() async throws {
        struct Stop: Error {}
        let test = try await TestStore()
        try await test.addProject()
        let (store, id) = (test.store, test.source)
        await #expect(throws: Stop.self) {
            try await store.write { context in
                for number in 1...5 as ClosedRange<Int64> { _ = try TestStore.put(.sample(number), store, id, context) }
                try Checkpoints.advance("issues", to: "5", at: Timestamp(milliseconds: 1), source: id, in: context)
                throw Stop()
            }
        }
        for table in ["issue", "comment", "catalogue", "acl", "checkpoint", "issue_raw"] {
            #expect(try await test.number("SELECT count(*) FROM \(table)") == 0, "\(table)")
        }
        // What was remembered of the undone rows is forgotten: everything is written again, with valid references.
        try await test.put(.sample(1))
        #expect(try await danglingReferences(test) == 0)
    }

    @Test("one issue that fails in its savepoint leaves no reference to what was undone")
    func savepoint() async throws {
        struct Stop: Error {}
        let test = try await TestStore()
        try await test.addProject()
        let (store, id) = (test.store, test.source)
        try await store.write { context in
            do {
                try context.savepoint {
                    _ = try TestStore.put(.sample(1), store, id, context)
                    throw Stop()
                }
            } catch is Stop {}
            try context.savepoint { _ = try TestStore.put(.sample(2), store, id, context) }
        }
        #expect(try await test.number("SELECT count(*) FROM issue") == 1)
        #expect(try await danglingReferences(test) == 0)
    }

    @Test("a full disk loses nothing that was stored, and work goes on when there is space")
    func fullDisk() async throws {
        let test = try await TestStore()
        try await test.addProject()
        let (store, id) = (test.store, test.source)
        try await test.put(.sample(1))
        try await store.database.maintain { connection in
            let pages = try connection.first("PRAGMA page_count") { $0.int(0) } ?? 0
            try connection.executeScript("PRAGMA max_page_count = \(pages + 4)")
        }
        let error = await #expect(throws: DatabaseError.self) {
            try await store.write { context in
                for number in 2...400 as ClosedRange<Int64> {
                    _ = try TestStore.put(.sample(number), store, id, context)
                }
            }
        }
        #expect(error?.code == .full)
        #expect(try await test.number("SELECT count(*) FROM issue") == 1)
        try await store.database.maintain { try $0.executeScript("PRAGMA max_page_count = 100000") }
        try await test.put(.sample(2))
        #expect(try await test.number("SELECT count(*) FROM issue") == 2)
        #expect(try await danglingReferences(test) == 0)
    }

    @Test("whatever moment the process dies at, the checkpoint tells exactly what is stored")
    func killed() async throws {
        let test = try await TestStore(execution: .inline)
        try await test.addProject()
        let (store, id, folder) = (test.store, test.source, test.folder)
        for page in 1...8 as ClosedRange<Int64> {
            try await store.write { context in
                for number in 1...10 as ClosedRange<Int64> {
                    _ = try TestStore.put(.sample(page * 10 + number), store, id, context)
                    if number == page { Self.copy(folder, "mid\(page)") }
                }
                try Checkpoints.advance(
                    "issues", to: "\(page)", at: Timestamp(milliseconds: 1), source: id, in: context)
            }
            Self.copy(folder, "end\(page)")
            for (name, stored) in [("mid\(page)", page - 1), ("end\(page)", page)] {
                let copied = try await Store(
                    folder: DataFolder(path: folder.file(name), for: .writing), options: .init(execution: .inline))
                let (checkpoint, issues, verdict) = try await copied.read { connection in
                    (
                        try Checkpoints.data("issues", source: id, in: connection),
                        try IssueRecords.counts(source: id, in: connection).issues,
                        try connection.rows("PRAGMA integrity_check") { $0.text(0) }
                    )
                }
                #expect(checkpoint == (stored == 0 ? nil : "\(stored)"))
                #expect(issues == Int(stored) * 10)
                #expect(verdict == ["ok"])
            }
        }
    }

    private static func copy(_ folder: TemporaryFolder, _ name: String) {
        try? FileManager.default.createDirectory(atPath: folder.file(name), withIntermediateDirectories: true)
        for suffix in ["", "-wal"] {
            let file = "drawbridge.sqlite\(suffix)"
            try? FileManager.default.copyItem(
                atPath: folder.file("data/\(file)"), toPath: folder.file("\(name)/\(file)"))
        }
    }

    /// References to rows that do not exist.
    private func danglingReferences(_ test: TestStore) async throws -> Int {
        let references = [
            ("issue", "acl_id", "acl"), ("issue", "project_id", "project"), ("issue", "status_id", "catalogue"),
            ("issue", "type_id", "catalogue"), ("issue", "reporter_id", "account"), ("comment", "acl_id", "acl"),
            ("comment", "author_id", "account"), ("comment", "issue_id", "issue"), ("worklog", "acl_id", "acl"),
            ("attachment", "acl_id", "acl"), ("issue_value", "catalogue_id", "catalogue"),
            ("issue_link", "linktype_id", "catalogue"), ("issue_key", "issue_id", "issue"),
            ("issue_raw", "issue_id", "issue"),
        ]
        var count = 0
        for (table, column, target) in references {
            count +=
                try await test.number(
                    """
                    SELECT count(*) FROM \(table) WHERE \(column) IS NOT NULL
                        AND \(column) NOT IN (SELECT id FROM \(target))
                    """) ?? 0
        }
        return count
    }
}
