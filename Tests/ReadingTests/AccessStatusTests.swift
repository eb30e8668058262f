import AccessControl
import Database
import FastJSON
import IssueModel
import Journal
import Reading
import Store
import Testing
import Workspace

@Suite("Reading how well access is known")
struct AccessStatusTests {
    private static func status(_ site: TestSite) async throws -> AccessStatus {
        let now = site.store.now
        return try await site.store.read { connection in
            let source = try #require(try SourceRecords.find("demo", in: connection))
            return try AccessStatus(of: source, now: now, in: connection)
        }
    }

    private static func change(_ site: TestSite, _ body: @escaping @Sendable (inout Source) -> Void) async throws {
        try await site.store.write { context in
            var source = try #require(try SourceRecords.find("demo", in: context.connection))
            body(&source)
            try SourceRecords.update(source, in: context)
            try AccessRecords.recompute(source: source.id, in: context)
        }
    }

    @Test("a lease that ends hides, and is named as the reason until the rules are read again") func lease()
        async throws
    {
        let site = try await TestSite()
        let access = AccessReading(store: site.store)
        #expect(try await Self.status(site).hiddenProjects.isEmpty)
        site.clock.advance(seconds: 3_600)
        let status = try await Self.status(site)
        #expect(status.hiddenProjects.map(\.code) == [.leaseEnded, .leaseEnded])
        #expect(status.shownProjects == 0 && status.oldestFact == nil)
        #expect(status.remarks(source: "demo").first?.contains("2 projects hidden") == true)
        let report = try await access.explain("PAY-1", as: "ada")
        #expect(!report.explanation.visible)
        #expect(report.explanation.clauses.first?.because.first?.contains("lease") == true)
        #expect(report.parts.allSatisfy { !$0.explanation.visible })
        #expect(try await access.visible(to: "ada").first?.verifiedAt == nil)
        let now = site.store.now
        try await site.store.write { context in
            try ProjectRecords.setAccess(.verified, verified: now, of: "10000", source: 1, in: context)
        }
        #expect(try await access.explain("PAY-1", as: "ada").explanation.visible)
        #expect(try await access.visible(to: "ada").first?.verifiedAt == now)
    }

    @Test("an issue that was shown too much is an alarm, and hidden with the reason") func withheld() async throws {
        let site = try await TestSite()
        let now = site.store.now
        try await site.store.write { context in
            try AccessAudits.note(
                .init(
                    account: AccountID("bob"), issue: IssueID(1001), kind: .tooMuch, explanation: "Group “Staff”.",
                    at: now),
                source: 1, in: context)
            try AccessAudits.note(
                .init(account: AccountID("zed"), issue: IssueID(1002), kind: .tooLittle, explanation: "None.", at: now),
                source: 1, in: context)
            try Withheld.put(IssueID(1001), reason: "Jira does not show it to bob.", at: now, source: 1, in: context)
        }
        let status = try await Self.status(site)
        let alarm = try #require(status.alarms(source: "demo").first)
        #expect(alarm.contains("1 issue") && alarm.contains("PAY-1") && alarm.contains("bob"), "\(alarm)")
        #expect(status.withheld == 1 && status.tooLittle.map(\.key) == ["PAY-2"])
        #expect(status.remarks(source: "demo").contains { $0.contains("access explain") })
        for who in ["ada", "bob"] {
            let report = try await AccessReading(store: site.store).explain("PAY-1", as: who)
            #expect(!report.explanation.visible && report.parts.isEmpty)
            let because = report.explanation.clauses.first?.because.first ?? ""
            #expect(because.contains("withheld") && because.contains("Jira does not show it to bob."), "\(because)")
        }
        #expect(try await AccessReading(store: site.store).explain("PAY-1", as: nil).explanation.visible)
        try await site.store.write { context in
            _ = try AccessAudits.resolve(AccountID("bob"), IssueID(1001), at: now, source: 1, in: context)
        }
        let resolved = try await Self.status(site)
        #expect(resolved.alarms(source: "demo").isEmpty && resolved.lastMismatch != nil)
    }

    @Test("where accounts list for themselves, the listing decides, dates the answer and ends with its lease")
    func linked() async throws {
        let site = try await TestSite()
        let access = AccessReading(store: site.store)
        try await Self.change(site) { $0.accessMode = .linked }
        #expect(try await Self.status(site).remarks(source: "demo").contains { $0.contains("member link") })
        #expect(try await access.visible(to: "ada").first?.verifiedAt == nil)
        let read = Timestamp(milliseconds: site.store.now.rawValue - 5_000)
        try await site.store.write { context in
            try Listings.put(
                Listing(account: AccountID("ada"), scope: .all, issues: [IssueID(1001)], verified: read), source: 1,
                in: context)
        }
        #expect(try await access.visible(to: "ada").first?.verifiedAt == read)
        let report = try await access.explain("PAY-1", as: "ada")
        #expect(report.verifiedAt == read)
        // The test's issues were written with the keys of a mirrored source, which name no issue to be listed.
        #expect(report.explanation.clauses.first?.because.isEmpty == false)
        let age = try #require(try await Self.status(site).listings.first)
        #expect(age.account.rawValue == "ada" && age.issues == 1 && age.isCurrent)
        site.clock.advance(seconds: 3_600)
        let ended = try await Self.status(site)
        #expect(ended.listings.first?.isCurrent == false)
        #expect(ended.remarks(source: "demo").contains { $0.contains("no longer counts") })
    }

    @Test("a member without an account sees nothing of a mirrored source, and explain says what is missing")
    func unlinked() async throws {
        let site = try await TestSite()
        let now = site.store.now
        try await site.store.write { context in
            _ = try MemberRecords.add(Member(email: "new@example.com", added: now), in: context)
        }
        let report = try await AccessReading(store: site.store).explain("PUB-1", as: "new@example.com")
        #expect(!report.explanation.visible)
        #expect(report.explanation.clauses.first?.because.isEmpty == false)
        let status = try await Self.status(site)
        #expect(status.members.all == 1 && status.members.linked == 0)
        try await Self.change(site) { $0.accessMode = .shared }
        #expect(try await AccessReading(store: site.store).explain("PUB-1", as: "new@example.com").explanation.visible)
        #expect(try await !AccessReading(store: site.store).explain("PUB-1", as: "anonymous").explanation.visible)
    }

    @Test("two people's views differ by what only one of them sees") func difference() async throws {
        let site = try await TestSite()
        let difference = try #require(
            try await AccessReading(store: site.store).difference(between: "ada", and: "anonymous").first)
        #expect(difference.issues.onlyFirst.map(\.issue) == ["PAY-1", "PAY-2"])
        #expect(difference.issues.onlySecond.isEmpty && difference.issues.both == 1)
        #expect(difference.comments.onlyFirst.map(\.id) == ["301", "302"])
        #expect(!difference.isEmpty)
    }

    @Test("the status document says everything that its page says") func document() async throws {
        let site = try await TestSite()
        var json = JSONWriter()
        try await Self.status(site).write(to: &json)
        let document = try JSONValue(parsing: json.text)
        #expect(document["mode"] == "mirror" && document["shownProjects"]?.integer == 2)
        #expect(document["leaseSeconds"]?.integer == 3_600 && document["refreshSeconds"]?.integer == 300)
        #expect(document["oldestFact"]?.string == TestSite.verified.rfc3339)
        #expect(document["audit"]?["tooMuch"]?.integer == 0 && document["audit"]?["coverage"]?.isNull == true)
        let page = try await Self.status(site).summary(now: site.store.now)
        #expect(page.contains("oldest rule read 60 s ago") || page.contains("oldest rule read 1 min ago"), "\(page)")
    }
}
