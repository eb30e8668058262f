import HTTPMessages
import IssueModel
import JiraClient
import JiraSimulator
import Journal
import SimulatedChanges
import SimulatedData
import SimulatedSite
import Store
import SyncEngine
import Testing

@testable import Reconciliation

/// Listings that do not end as they should: nothing may be concluded from them.
struct CensusFaultTests {
    struct Trouble: CustomTestStringConvertible, Sendable {
        var testDescription: String
        var fault: Fault
        /// Whether the census fails, as opposed to saying that a listing was not clean.
        var fails = true
    }

    static let troubles = [
        Trouble(testDescription: "a page fails", fault: Fault(.status(500), path: "search/jql", skip: 1, count: nil)),
        Trouble(
            testDescription: "a page comes again and again",
            fault: Fault(.repeatedPage, path: "search/jql", skip: 1, count: nil)),
        Trouble(
            testDescription: "a page is cut short",
            fault: Fault(.truncatedJSON, path: "search/jql", skip: 1, count: nil)),
        Trouble(
            testDescription: "the connection breaks",
            fault: Fault(.reset(after: nil), path: "search/jql", skip: 1, count: nil)),
        Trouble(
            testDescription: "the credential has expired",
            fault: Fault(.expiredCredential, path: "search/jql", skip: 1, count: nil)),
        Trouble(
            testDescription: "the credential is taken for nobody's",
            fault: Fault(.anonymous, path: "", skip: 0, count: nil)),
    ]

    @Test("a listing that does not end cleanly deletes and hides nothing", arguments: troubles)
    func concludesNothing(_ trouble: Trouble) async throws {
        try await CensusScene.lent { scene in
            var census = try await scene.makeCensus()
            census.sliceLimit = 30
            let listing = census
            let before = try await scene.shown()
            scene.jira.faults.add(trouble.fault)
            await #expect(throws: JiraError.self) { try await listing.run() }
            scene.jira.faults.removeAll()
            #expect(try await scene.shown() == before)
            #expect(try await scene.count("SELECT count(*) FROM absence") == 0)
            // It goes on and ends well.
            let summary = try await scene.census()
            #expect(summary.isComplete && summary.absent == 0)
            #expect(try await scene.shown() == before)
        }
    }

    @Test("a census whose pages follow one another by time begins anew where the account's time zone was changed")
    func followsZone() async throws {
        try await CensusScene.lent(.dataCenter, issues: 20, page: 5) { scene in
            for _ in 0..<9 {
                scene.clock.advance(by: 600_000)
                scene.change { state, hand in state.createIssue(project: 0, summary: "New", by: hand) }
            }
            let service = scene.service
            _ = try await service.synchronise(CensusScene.name)
            let before = try await scene.shown()
            let user = try #require(scene.jira.credentials.administrator).index
            for name in ["Australia/Sydney", "Asia/Kolkata", "America/New_York"] {
                let zone = try #require(SiteTimeZone(identifier: name))
                scene.change { state, hand in state.setTimeZone(user, to: zone, by: hand) }
                let summary = try await service.takeCensus(CensusScene.name)
                #expect(summary.isComplete && summary.absent == 0 && summary.unclean == 0, "\(name)")
                #expect(try await scene.shown() == before, "\(name)")
            }
        }
    }

    @Test("issues that search leaves out are not missed: they are asked for by their ids", arguments: [5, 60])
    func knowsTheIndexIsBehind(_ count: Int) async throws {
        try await CensusScene.lent { scene in
            let ids = scene.issues(of: "WEB").prefix(count).map { Int(scene.id($0).rawValue) }
            scene.jira.faults.add(Fault(.missingFromSearch(Array(ids)), path: "search/jql", count: nil))
            let summary = try await scene.census()
            #expect(summary.deleted == 0 && summary.hidden == 0)
            for id in ids { #expect(try await scene.row(IssueID(Int64(id)))?.state != .unseen) }
            scene.jira.faults.removeAll()
            try await scene.census()
            #expect(try await scene.shown() == scene.truth())
        }
    }

    @Test("an issue that is deleted while the listing is under way is found, now or next time")
    func deletedMeanwhile() async throws {
        try await CensusScene.lent(levels: false) { scene in
            let ordinal = try #require(scene.issues(of: "WEB").last)
            let issue = scene.id(ordinal)
            var census = try await scene.makeCensus()
            census.sliceLimit = 30
            let change = Fault.Kind.beforeAnswer {
                scene.site.change { state in
                    state.deleteIssue(ordinal, by: SiteState.Hand(user: 0, now: scene.clock.now))
                }
            }
            scene.jira.faults.add(Fault(change, path: "search/jql", skip: 2))
            _ = try await census.run()
            try await scene.read(.pending)
            try await scene.census()
            try await scene.pass(minutes: 11)
            #expect(try await scene.row(issue) == nil)
            #expect(try await scene.shown() == scene.truth())
        }
    }

    @Test("a census goes on in another process where it was stopped, slice by slice")
    func goesOn() async throws {
        try await CensusScene.lent { scene in
            var first = try await scene.makeCensus()
            first.sliceLimit = 20
            let part = try await first.run(CensusSlice(requests: 1))
            #expect(!part.isComplete && part.listed > 0)
            var second = try await scene.makeCensus()
            second.sliceLimit = 1
            let whole = try await second.run()
            #expect(whole.isComplete)
            #expect(whole.listed == scene.truth().count)
            #expect(whole.began == part.began)
            let source = try await scene.source().id
            let runs = try await scene.store.read { try CensusRuns.latest(source: source, in: $0) }
            #expect(runs.map(\.outcome) == [.done])
        }
    }

    @Test("a census takes a request for each page of ids, and little else")
    func isCheap() async throws {
        try await CensusScene.lent(issues: 11_000, reads: false) { scene in
            let census = try await scene.makeCensus()
            scene.jira.log.reset()
            let summary = try await census.run()
            #expect(summary.listed > 10_000 && summary.unknown == summary.listed)
            #expect(summary.requests <= (summary.listed + 4_999) / 5_000 + 1)
            #expect(scene.jira.log.entries.count == summary.requests)
            #expect(try await scene.count("SELECT count(*) FROM pending_issue") == summary.unknown)
        }
    }

    @Test("what is in Jira and not stored is read")
    func findsUnknown() async throws {
        try await CensusScene.lent { scene in
            let ordinal = try #require(scene.issues(of: "OPEN").first)
            let issue = scene.id(ordinal)
            let source = try await scene.source().id
            let now = Timestamp(milliseconds: scene.clock.now)
            try await scene.store.write { context in
                try Burial(source: source, at: now, policy: DeletionPolicy())
                    .bury([issue], because: .lostSight, in: context)
            }
            let summary = try await scene.census()
            #expect(summary.unknown == 1 && summary.absent == 0)
            #expect(try await scene.row(issue)?.state == .live)
        }
    }
}
