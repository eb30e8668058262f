import AccessControl
import Database
import IssueModel
import Store
import Testing

@Suite struct IssueRecordsTests {
    @Test("an issue is inserted, recognised as unchanged, updated and found again")
    func lifecycle() async throws {
        let test = try await TestStore()
        try await test.addProject()
        let first = try await test.put(.sample(1))
        #expect(first.outcome == .inserted)
        let second = try await test.put(.sample(1), fetched: 5_000)
        #expect(second.outcome == .unchanged)
        #expect(second.id == first.id)
        let third = try await test.put(.sample(1, summary: "Changed", updated: 3_000))
        #expect(third.outcome == .updated)
        #expect(third.id == first.id)
        let row = try await test.store.read { [id = test.source] in
            try IssueRecords.row(IssueID(10_001), source: id, in: $0)
        }
        #expect(row?.summary == "Changed")
        #expect(row?.updated == Timestamp(milliseconds: 3_000))
        #expect(row?.key == "PAY-1")
    }

    @Test("an unchanged issue changes no row but its time of reading")
    func unchanged() async throws {
        let test = try await TestStore()
        try await test.addProject()
        try await test.put(.sample(1), fetched: 1)
        let before = try await test.store.read { try Settings.contentVersion(in: $0) }
        try await test.put(.sample(1), fetched: 2)
        let id = test.source
        let (after, stamp) = try await test.store.read { connection in
            (
                try Settings.contentVersion(in: connection),
                try IssueRecords.stamps(of: [IssueID(10_001), IssueID(5)], source: id, in: connection)
            )
        }
        #expect(after == before)
        #expect(stamp.count == 1)
        #expect(stamp[IssueID(10_001)]?.fetched == Timestamp(milliseconds: 2))
        #expect(try await test.put(.sample(1), force: true).outcome == .updated)
    }

    @Test("what one run read earlier does not replace what it read later", arguments: [false, true])
    func order(_ force: Bool) async throws {
        let test = try await TestStore()
        try await test.addProject()
        let (id, _) = try await test.put(.sample(1, summary: "Later", updated: 9_000), fetched: 500, began: 400)
        let earlier = try await test.put(.sample(1, summary: "Earlier", updated: 3_000), force: force, began: 400)
        #expect(earlier.id == id && earlier.outcome == .unchanged)
        // In another run it is what Jira says now.
        let next = try await test.put(.sample(1, summary: "Restored", updated: 3_000), force: force, began: 600)
        #expect(next.id == id && next.outcome == .updated)
    }

    @Test("parts that an issue no longer has go")
    func partsGo() async throws {
        let test = try await TestStore()
        try await test.addProject()
        let (id, _) = try await test.put(.sample(1))
        let store = test.store
        try await store.write { try AttachmentTexts.store("text", of: "10", issue: id, in: $0) }
        var less = Issue.sample(1, updated: 9_000)
        less.comments.removeFirst()
        less.worklogs = []
        less.attachments = [.sample(77)]
        less.labels = ["urgent"]
        less.links = []
        try await test.put(less)
        let parts = try await store.read { try IssueRecords.partAcls(of: id, in: $0) }
        #expect(Set(parts.comments.keys) == ["11"])
        #expect(parts.worklogs.isEmpty)
        #expect(Set(parts.attachments.keys) == ["77"])
        #expect(try await test.number("SELECT count(*) FROM issue_value WHERE kind = 1") == 1)
        #expect(try await test.number("SELECT count(*) FROM issue_link") == 0)
        #expect(try await test.number("SELECT count(*) FROM attachment_text") == 0)
    }

    @Test("a changed issue keeps the text of its attachments")
    func textStays() async throws {
        let test = try await TestStore()
        try await test.addProject()
        let (id, _) = try await test.put(.sample(1))
        let (store, source) = (test.store, test.source)
        #expect(try await store.read { try AttachmentTexts.pending(source: source, limit: 9, in: $0) }.count == 1)
        try await store.write { try AttachmentTexts.store("grüße", of: "10", issue: id, in: $0) }
        try await test.put(.sample(1, updated: 9_000))
        #expect(try await store.read { try AttachmentTexts.text(of: "10", issue: id, in: $0) } == "grüße")
        #expect(try await store.read { try AttachmentTexts.pending(source: source, limit: 9, in: $0) }.isEmpty)
        #expect(try await store.read { try AttachmentTexts.counts(source: source, in: $0) } == [.extracted: 1])
    }

    @Test("an issue is found by every key it had: moved, seen before, or of a renamed project")
    func keys() async throws {
        let test = try await TestStore()
        try await test.addProject()
        let (id, source) = (try await test.put(.sample(1)).id, test.source)
        var moved = Issue.sample(1, updated: 9_000)
        moved.key = try #require(IssueKey("OPS-7"))
        moved.changes = [
            Change(
                id: "1", author: nil, at: Timestamp(milliseconds: 1),
                items: [.init(field: "Key", fromText: "OLD-3", toText: "PAY-1")])
        ]
        try await test.put(moved)
        try await test.store.write {
            _ = try ProjectRecords.store(
                Project(id: "20", key: "OPS", name: "Ops"), formerKeys: ["RUN"], source: source, in: $0)
        }
        for key in ["OPS-7", "pay-1", "OLD-3", "RUN-7"] {
            let wanted = try #require(IssueKey(key))
            let rows = try await test.store.read { try IssueRecords.rows(key: wanted, in: $0) }
            #expect(rows.map(\.id) == [id], "\(key)")
        }
        #expect(try await test.store.read { try IssueRecords.formerKeys(of: id, in: $0) } == ["OLD-3", "PAY-1"])
        // Another issue takes the old key: it is that one's from then on.
        let other = try await test.put(.sample(1, summary: "New PAY-1").with(id: 555))
        let key = try #require(IssueKey("PAY-1"))
        #expect(try await test.store.read { try IssueRecords.rows(key: key, in: $0) }.map(\.id) == [other.id])
    }

    @Test("a removed issue leaves its number only, and may come back")
    func removal() async throws {
        let test = try await TestStore()
        try await test.addProject()
        let (id, source) = (try await test.put(.sample(1)).id, test.source)
        try await test.put(.sample(2))
        let removed = try await test.store.write { context in
            try IssueRecords.remove(
                IssueID(10_001), because: .deleted, at: Timestamp(milliseconds: 1), source: source, in: context)
        }
        #expect(removed == id)
        for table in ["issue", "issue_key", "issue_raw", "attachment", "worklog"] {
            #expect(try await test.number("SELECT count(*) FROM \(table)") == 1, "\(table)")
        }
        #expect(try await test.number("SELECT count(*) FROM tombstone") == 1)
        #expect(try await test.store.read { try IssueRecords.identities(source: source, in: $0) } == [IssueID(10_002)])
        try await test.put(.sample(1))
        #expect(try await test.number("SELECT count(*) FROM tombstone") == 0)
    }

    @Test("pages hold only what is allowed, and all of it")
    func pages() async throws {
        let test = try await TestStore()
        try await test.addProject()
        try await test.addDevelopers(["alice"])
        for number in 1...25 {
            var issue = Issue.sample(Int64(number))
            if number % 3 == 0 { issue.securityLevel = Entity(id: "5", name: "Secret") }
            try await test.put(issue)
        }
        let (store, source) = (test.store, test.source)
        let keys = try await store.read { connection in
            let allowed = try store.access.allowed(to: .accounts([source: AccountID("alice")]), in: connection)
            var keys: [String] = []
            var last: Int64 = 0
            while case let page = try IssueRecords.page(after: last, limit: 4, allowed: allowed, in: connection),
                let end = page.last
            {
                keys += page.map(\.key)
                last = end.id
            }
            return keys
        }
        #expect(keys == (1...25).filter { $0 % 3 != 0 }.map { "PAY-\($0)" })
        #expect(try await store.read { try IssueRecords.counts(source: source, in: $0) }.comments == 50)
    }

    @Test("an issue of a project nobody listed is stored, hidden")
    func unknownProject() async throws {
        let test = try await TestStore()
        try await test.addDevelopers(["alice"])
        try await test.put(.sample(1))
        #expect(try await test.visible("alice").issues.isEmpty)
        #expect(try await test.number("SELECT count(*) FROM issue") == 1)
    }

    @Test("renamed statuses and sprints change their one row")
    func catalogue() async throws {
        let test = try await TestStore()
        try await test.addProject()
        try await test.put(.sample(1))
        var issue = Issue.sample(2)
        issue.status = Status(id: "3", name: "To do", category: .indeterminate)
        issue.sprints = [Sprint(id: "s1", name: "Sprint 1", state: "closed", goal: "Ship")]
        try await test.put(issue)
        let source = test.source
        let (statuses, sprints) = try await test.store.read { connection in
            (
                try CatalogueRecords.all(.status, source: source, in: connection),
                try CatalogueRecords.all(.sprint, source: source, in: connection)
            )
        }
        #expect(statuses.map(\.name) == ["To do"])
        #expect(statuses.first?.data == #"{"category":"indeterminate"}"#)
        #expect(sprints.first?.data?.contains(#""state":"closed""#) == true)
    }
}

extension Issue {
    func with(id: Int64) -> Issue {
        var copy = self
        copy.id = IssueID(id)
        return copy
    }
}
