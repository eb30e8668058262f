import AccessControl
import Database
import IssueModel
import Store
import Testing

@Suite struct LeaseTests {
    private func site() async throws -> TestStore {
        let test = try await TestStore()
        try await test.addProject()
        try await test.addDevelopers(["alice"])
        try await test.put(.sample(1))
        return test
    }

    private func verify(_ test: TestStore, _ project: EntityID = "10000") async throws {
        let id = test.source
        try await test.store.write {
            try ProjectRecords.setAccess(.verified, verified: $0.now, of: project, source: id, in: $0)
        }
    }

    @Test("a project is shown up to the last millisecond of its lease, and again once it is verified")
    func toTheMillisecond() async throws {
        let test = try await site()
        let end = Timestamp(milliseconds: test.clock.now.rawValue + 3_600_000)
        #expect(try await test.allowed("alice").validUntil == end)
        test.clock.advance(minutes: 60, milliseconds: -1)
        #expect(try await test.visible("alice").issues.count == 1)
        test.clock.advance(milliseconds: 1)
        #expect(try await test.visible("alice").issues.isEmpty)
        #expect(try await test.visible("alice").comments.isEmpty)
        try await verify(test)
        #expect(try await test.visible("alice").issues.count == 1)
    }

    @Test("a clock that is set back revives no lease that has ended, and verifying does")
    func clockSetBack() async throws {
        let test = try await site()
        #expect(try await test.visible("alice").issues.count == 1)
        test.clock.advance(minutes: 61)
        #expect(try await test.visible("alice").issues.isEmpty)
        test.clock.advance(minutes: -30)
        #expect(try await test.visible("alice").issues.isEmpty)
        try await verify(test)
        #expect(try await test.visible("alice").issues.count == 1)
    }

    @Test("a fact from the future holds no lease, one of a clock a little ahead does")
    func future() async throws {
        let test = try await site()
        test.clock.advance(milliseconds: -60_000)
        #expect(try await test.visible("alice").issues.count == 1)
        test.clock.advance(milliseconds: -1)
        #expect(try await test.visible("alice").issues.isEmpty)
    }

    @Test("a longer lease in the source's options counts at once")
    func options() async throws {
        let test = try await site()
        test.clock.advance(minutes: 60)
        #expect(try await test.visible("alice").issues.isEmpty)
        let id = test.source
        try await test.store.write { context in
            var source = try #require(try SourceRecords.source(id, in: context.connection))
            #expect(source.accessOptions == AccessOptions())
            source.accessOptions = AccessOptions(lease: 7_200, refresh: 60, auditShare: 0.5)
            try SourceRecords.update(source, in: context)
            #expect(try SourceRecords.source(id, in: context.connection) == source)
            try ProjectRecords.setAccess(.verified, verified: context.now, of: "10000", source: id, in: context)
        }
        test.clock.advance(minutes: 119)
        #expect(try await test.visible("alice").issues.count == 1)
    }

    @Test("the set is valid until the first lease ends that something in it rests on")
    func earliest() async throws {
        let test = try await site()
        let first = test.clock.now
        test.clock.advance(minutes: 10)
        try await test.addProject("OPS", id: "20000")
        try await test.addProject("PAY")
        var issue = Issue.sample(2)
        issue.project = Entity(id: "20000", name: "Ops")
        issue.key = IssueKey("OPS-2")!
        try await test.put(issue)
        let set = try await test.allowed("alice")
        #expect(set.count == 2)
        #expect(set.validUntil == Timestamp(milliseconds: first.rawValue + 70 * 60_000))
        test.clock.advance(minutes: 5)
        try await verify(test)
        test.clock.advance(minutes: 55)
        #expect(try await test.visible("alice").issues == [IssueID(10_001)])
    }

    struct State: CustomTestStringConvertible {
        var state: ProjectRecords.AccessState
        var mode: Source.AccessMode
        var verified: Int64? = 0
        /// `nil` where it is shown.
        var code: ProjectAccess.HiddenReason?
        var testDescription: String { "\(mode) \(state) \(verified.map(String.init) ?? "never")" }
    }

    @Test(
        "why a project is hidden is told",
        arguments: [
            State(state: .verified, mode: .mirror), State(state: .verified, mode: .public),
            State(state: .verified, mode: .mirror, verified: nil, code: .rulesUnread),
            State(state: .verified, mode: .shared, verified: -60, code: .leaseEnded),
            State(state: .unknown, mode: .public, code: .rulesUnread),
            State(state: .hidden, mode: .mirror, code: .refused), State(state: .gone, mode: .mirror, code: .gone),
            State(state: .gone, mode: .linked, code: .gone), State(state: .hidden, mode: .linked),
        ])
    func decision(_ example: State) async throws {
        let test = try await TestStore(mode: example.mode)
        let (id, now) = (test.source, test.clock.now)
        let access = try await test.store.write { context in
            try ProjectRecords.store(Project(id: "1", key: "P", name: "P"), source: id, in: context)
            try ProjectRecords.setAccess(
                example.state,
                verified: example.verified.map { Timestamp(milliseconds: now.rawValue + $0 * 60_000) },
                problem: "HTTP 403", of: "1", source: id, in: context)
            let record = try #require(try ProjectRecords.find("1", source: id, in: context.connection))
            let source = try #require(try SourceRecords.source(id, in: context.connection))
            return ProjectRecords.access(of: record, source: source, now: now)
        }
        guard case .hidden(let code, let message, let since) = access else {
            #expect(example.code == nil)
            return
        }
        #expect(code == example.code)
        #expect(message.hasSuffix("HTTP 403"))
        #expect(since == now || example.state == .unknown || example.verified == nil)
    }

    @Test("verifying moves no version while the lease lasts, refusing and its end do")
    func versions() async throws {
        let test = try await site()
        let (store, id) = (test.store, test.source)
        func version() async throws -> Int64 { try await store.read { try Settings.accessVersion(in: $0) } }
        let before = try await version()
        test.clock.advance(minutes: 5)
        try await verify(test)
        #expect(try await version() == before)
        try await store.write {
            try ProjectRecords.setAccess(.hidden, verified: nil, problem: "403", of: "10000", source: id, in: $0)
        }
        #expect(try await version() == before + 1)
        try await verify(test)
        #expect(try await version() == before + 2)
        test.clock.advance(minutes: 60)
        try await verify(test)
        #expect(try await version() == before + 3)
    }
}
