import Database
import IssueModel
import Journal
import Reading
import Store
import Testing

@Suite("How far behind a source is") struct FreshnessTests {
    private static let now = TestSite.verified

    private static func ago(_ seconds: Int64) -> Timestamp { Timestamp(milliseconds: now.rawValue - seconds * 1_000) }

    struct Case: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let state: Freshness.State
        let cause: String?
        let prepare: @Sendable (WriteContext) throws -> Void

        init(
            _ name: String, _ state: Freshness.State, cause: String? = nil,
            _ prepare: @escaping @Sendable (WriteContext) throws -> Void
        ) {
            (testDescription, self.state, self.cause, self.prepare) = (name, state, cause, prepare)
        }
    }

    /// A run that ended well so many seconds ago.
    private static func ran(_ seconds: Int64, kind: String = "changes", _ context: WriteContext) throws {
        let run = try SyncRuns.begin(kind: kind, at: ago(seconds), source: 1, in: context)
        try SyncRuns.update(run, outcome: .done, summary: "{}", ended: ago(seconds), in: context)
    }

    private static func kept(
        _ context: WriteContext, _ change: (inout ScheduleRecord) -> Void = { _ in }
    ) throws {
        var record = ScheduleRecord()
        record.next = .init(job: "changes", at: now)
        change(&record)
        try record.store(at: now, source: 1, in: context)
    }

    private static func webhook(_ context: WriteContext) throws {
        _ = try WebhookRecords.add(
            WebhookRecords.Record(
                source: 1, kind: .admin, publicURL: "https://d.example", pathHash: [1], sealed: [],
                authentication: .address, state: .active, created: ago(9_000)), in: context)
        try context.connection.execute("UPDATE webhook SET last_delivery = ?", ago(100).rawValue)
    }

    static let cases = [
        Case("never read", .partial) { _ in },
        Case("read a minute ago", .polling) { try ran(60, $0) },
        Case("read an hour ago", .behind) { try ran(3_600, $0) },
        Case("only names read lately", .behind) {
            try ran(3_600, $0)
            try ran(10, kind: "catalogue", $0)
            try ran(10, kind: "pending", $0)
        },
        Case("an hour ago, and no more is asked for", .polling) {
            try ran(3_600, $0)
            try SyncSchedule(changes: 7_200).store(source: 1, in: $0)
        },
        Case("a project is being read for the first time", .partial) {
            try ran(60, $0)
            let checkpoint = #"{"covered":["1"],"backfill":{"lanes":[{"projects":["2"]}]}}"#
            try Checkpoints.advance("issues", to: checkpoint, at: now, source: 1, in: $0)
        },
        Case("everything is being read again", .polling) {
            try ran(60, $0)
            let checkpoint = #"{"covered":["1","2"],"backfill":{"lanes":[{"projects":["1","2"]}]}}"#
            try Checkpoints.advance("issues", to: checkpoint, at: now, source: 1, in: $0)
        },
        Case("webhooks tell, and nothing waits", .live) {
            try ran(60, $0)
            try kept($0)
            try webhook($0)
        },
        Case("webhooks tell, and nobody listens", .polling) {
            try ran(60, $0)
            try webhook($0)
        },
        Case("what webhooks told waits for minutes", .polling) {
            try ran(60, $0)
            try kept($0)
            try webhook($0)
            try PendingIssues.add([IssueID(5)], cause: .webhook, at: ago(200), source: 1, in: $0)
        },
        Case("what webhooks told waits for an hour", .behind) {
            try ran(60, $0)
            try kept($0)
            try PendingIssues.add([IssueID(5)], cause: .webhook, at: ago(3_600), source: 1, in: $0)
        },
        Case("paused", .stopped, cause: "source_paused") {
            try ran(60, $0)
            try SourceRecords.setState(.paused, of: 1, in: $0)
        },
        Case("the credential is refused", .stopped, cause: "credential_refused") {
            try ran(60, $0)
            try kept($0) {
                $0.next = nil
                $0.stopped = .init(code: "credential_refused", message: "Give it another.", at: now, credential: "")
            }
        },
        Case("a run failed and nobody tries again", .stopped, cause: "site_unreachable") {
            try ran(60, $0)
            try SourceRecords.setProblem(
                .init(code: "site_unreachable", message: "Nothing listens.", at: now), of: 1, in: $0)
        },
        Case("a run failed and is tried again", .polling, cause: "site_unreachable") {
            try ran(60, $0)
            try kept($0)
            try SourceRecords.setProblem(
                .init(code: "site_unreachable", message: "Nothing listens.", at: now), of: 1, in: $0)
        },
        Case("deletions wait for an answer", .polling) {
            try ran(60, $0)
            try SourceRecords.setProblem(
                .init(code: "deletions_await_confirmation", message: "Look.", at: now), of: 1, in: $0)
        },
    ]

    @Test("is told apart", arguments: cases)
    func state(_ test: Case) async throws {
        let site = try await TestSite()
        let prepare = test.prepare
        try await site.store.write { try prepare($0) }
        let freshness = try await site.store.read { connection in
            try Freshness(of: try SourceRecords.all(in: connection), now: Self.now, in: connection)
        }
        #expect(freshness.state == test.state)
        #expect(freshness.sources.first?.cause?.code == test.cause)
    }

    @Test("an answer from several sources is as good as the worst of them") func worst() async throws {
        let site = try await TestSite(sources: ["one", "two"])
        try await site.store.write { try Self.ran(60, $0) }
        let freshness = try await site.store.read { connection in
            try Freshness(of: try SourceRecords.all(in: connection), now: Self.now, in: connection)
        }
        #expect(freshness.state == .partial && freshness.asOf == nil)
        #expect(freshness.sources.map(\.state) == [.polling, .partial])
    }

    @Test("of projects: one that is read for the first time is told from the others") func projects() async throws {
        let site = try await TestSite()
        try await site.store.write { context in
            try Self.ran(60, context)
            let ids = try ProjectRecords.all(source: 1, in: context.connection).map(\.project.id.rawValue)
            try Checkpoints.advance(
                "issues", to: #"{"covered":["\#(ids[0])"],"backfill":{"lanes":[{"projects":["\#(ids[1])"]}]}}"#,
                at: Self.now, source: 1, in: context)
        }
        let projects = try await site.store.read { connection in
            let source = try #require(try SourceRecords.source(1, in: connection))
            return try ProjectFreshness.all(
                of: source, try SourceFreshness(of: source, now: Self.now, in: connection), in: connection)
        }
        #expect(projects.map(\.state) == [.polling, .partial] && projects.first?.lagSeconds == 60)
    }
}
