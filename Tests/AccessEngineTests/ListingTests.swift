import AccessControl
import AccessEngine
import Database
import IssueModel
import JiraClient
import JiraSimulator
import Observability
import SimulatedAccess
import SimulatedSite
import SiteConnection
import Store
import Testing
import Workspace

@Suite("Personal listings") struct ListingTests {
    struct Site: CustomTestStringConvertible, Sendable {
        var seed: UInt64
        var flavour: SiteFlavour
        var testDescription: String { "\(flavour) \(seed)" }

        static let several =
            (0..<6).map { Site(seed: 2 + 34 * $0, flavour: .cloud) }
            + (0..<6).map { Site(seed: 3 + 34 * $0, flavour: .dataCenter) }
    }

    @Test(
        "in linked mode everybody sees the issues that Jira lists to them, before and after a change",
        arguments: Site.several)
    func linked(_ site: Site) async throws {
        let scene = try await ListingScene(seed: site.seed, site.flavour, mode: .linked)
        for person in ListingScene.people { try await scene.link(person) }
        #expect(try await scene.issues(of: TinySite.developer).isEmpty, "nothing before the first listing")
        let first = try await scene.refreshListings()
        #expect(first.problems == [] && first.read == ListingScene.people.count && first.requests > 0)
        for person in ListingScene.people {
            #expect(try await scene.issues(of: person) == scene.truth(person).issues)
        }
        scene.change { state, hand in
            for group in state.groups.indices.dropFirst() {
                state.setMembers(group, to: state.groups[group].members.filter { $0 != TinySite.developer }, by: hand)
            }
        }
        try await scene.refreshListings()
        for person in ListingScene.people {
            #expect(try await scene.issues(of: person) == scene.truth(person).issues)
        }
    }

    @Test("restricted comments are shown to whom Jira shows their like, and never to others", arguments: Site.several)
    func restrictions(_ site: Site) async throws {
        let scene = try await ListingScene(seed: site.seed, site.flavour, mode: .linked)
        for person in ListingScene.people { try await scene.link(person) }
        try await scene.refreshListings()
        for person in ListingScene.people {
            let truth = Set(scene.truth(person).comments)
            let shown = Set(try await scene.visible(to: person).comments.compactMap { Int($0.rawValue) })
            #expect(shown.isSubset(of: truth), "person \(person)")
            let open = Set(try await scene.openComments())
            #expect(shown.isSuperset(of: truth.intersection(open)), "person \(person)")
        }
        let all = try await scene.visible(to: TinySite.administrator).comments.count
        #expect(all == scene.truth(TinySite.administrator).comments.count, "who sees everything is shown everything")
    }

    @Test(
        "on Data Center, linked people see the issues with a level that Jira lists to them",
        arguments: Site.several.filter { !$0.flavour.isCloud })
    func levels(_ site: Site) async throws {
        let scene = try await ListingScene(seed: site.seed, site.flavour)
        let state = scene.jira.site.current()
        let levelled = Set((0..<state.issueCount).filter { state.row($0).level != 0 }.map { state.row($0).id })
        for person in ListingScene.people {
            #expect(Set(try await scene.issues(of: person)).isDisjoint(with: levelled))
            try await scene.link(person)
        }
        try await scene.refreshListings()
        for person in ListingScene.people {
            #expect(try await scene.issues(of: person) == scene.truth(person).issues, "person \(person)")
            let listing = try await scene.listing(person)
            #expect(listing?.scope == .levelled)
        }
    }

    @Test("where levels' members are told, nothing is listed") func unneeded() async throws {
        let scene = try await ListingScene()
        try await scene.link(TinySite.developer)
        scene.jira.log.reset()
        let summary = try await scene.refreshListings()
        #expect(summary == ListingSummary() && scene.jira.log.count == 0)
        let listing = try await scene.listing(TinySite.developer)
        #expect(listing == nil)
    }

    // MARK: Failing

    private func listed(_ flavour: SiteFlavour = .cloud) async throws -> ListingScene {
        let scene = try await ListingScene(seed: flavour.isCloud ? 2 : 3, flavour, mode: .linked)
        try await scene.link(TinySite.administrator)
        try await scene.refreshListings()
        #expect(try await !scene.issues(of: TinySite.administrator).isEmpty)
        return scene
    }

    @Test("a revoked token ends the listing at once", arguments: [SiteFlavour.cloud, .dataCenter])
    func revoked(_ flavour: SiteFlavour) async throws {
        let scene = try await listed(flavour)
        scene.jira.revoke(scene.secret(of: TinySite.administrator))
        let summary = try await scene.refreshListings()
        #expect(summary.problems.map(\.isRefused) == [true] && summary.read == 0)
        #expect(try await scene.issues(of: TinySite.administrator).isEmpty)
        let record = try #require(try await scene.listing(TinySite.administrator))
        #expect(record.verified == nil && record.problem != nil)
        scene.jira.restore(scene.secret(of: TinySite.administrator))
        try await scene.refreshListings(.due)
        #expect(try await !scene.issues(of: TinySite.administrator).isEmpty, "a listing with a problem is due")
    }

    struct Outage: CustomTestStringConvertible, Sendable {
        var fault: Fault.Kind
        var path: String
        var isRefused: Bool
        var testDescription: String
    }

    static let outages = [
        Outage(fault: .status(503), path: "myself", isRefused: false, testDescription: "myself answers 503"),
        Outage(fault: .status(503), path: "search", isRefused: false, testDescription: "the search answers 503"),
        Outage(fault: .garbage, path: "search", isRefused: false, testDescription: "the search answers garbage"),
        Outage(fault: .truncatedJSON, path: "search", isRefused: false, testDescription: "the search is cut short"),
        Outage(fault: .reset(after: nil), path: "", isRefused: false, testDescription: "nothing answers"),
        Outage(fault: .status(401), path: "search", isRefused: true, testDescription: "the search answers 401"),
        Outage(fault: .status(403), path: "search", isRefused: true, testDescription: "the search answers 403"),
        Outage(fault: .anonymous, path: "", isRefused: true, testDescription: "the credential is ignored"),
        Outage(fault: .expiredCredential, path: "", isRefused: true, testDescription: "the credential has expired"),
        Outage(fault: .loginPage, path: "search", isRefused: true, testDescription: "a login page comes"),
    ]

    @Test("a refusal ends a listing at once, a failure when its lease ends", arguments: outages)
    func outage(_ outage: Outage) async throws {
        let scene = try await listed()
        let before = try await scene.issues(of: TinySite.administrator)
        scene.jira.faults.add(Fault(outage.fault, path: outage.path, count: nil))
        let summary = try await scene.refreshListings()
        #expect(summary.problems.map(\.isRefused) == [outage.isRefused])
        #expect(try await scene.issues(of: TinySite.administrator) == (outage.isRefused ? [] : before))
        scene.clock.advance(by: 3_600_000)
        #expect(try await scene.issues(of: TinySite.administrator).isEmpty)
        scene.jira.faults.removeAll()
        try await scene.refreshListings()
        #expect(try await scene.issues(of: TinySite.administrator) == before)
        let events = scene.log.events("access.listing.failed")
        #expect(events.count == 1 && events[0]["refused"] == .bool(outage.isRefused))
    }

    @Test("an empty search of a credential that Jira ignores is not an empty listing") func ignored() async throws {
        let scene = try await listed()
        let before = try await scene.issues(of: TinySite.administrator)
        scene.jira.faults.add(Fault(.missingFromSearch(before), path: "search", count: nil))
        try await scene.refreshListings()
        #expect(try await scene.issues(of: TinySite.administrator).isEmpty, "what Jira does not list is not shown")
    }

    @Test("another account's and another site's token list nothing") func strangers() async throws {
        let scene = try await ListingScene(mode: .linked)
        try await scene.plant(scene.credential(of: TinySite.administrator), as: scene.account(TinySite.developer))
        let other = try await scene.refreshListings()
        #expect(other.problems.map(\.code) == ["other_account"] && other.problems.map(\.isRefused) == [true])
        #expect(try await scene.issues(of: TinySite.developer).isEmpty)
        #expect(try await scene.issues(of: TinySite.administrator).isEmpty)

        let elsewhere = try await ListingScene(mode: .linked)
        let source = try await elsewhere.source()
        try await elsewhere.link(TinySite.administrator)
        try await elsewhere.store.write { context in
            var moved = source
            moved.siteID = "99999999-8888-7777-6666-555555555555"
            try SourceRecords.update(moved, in: context)
            try context.connection.execute("UPDATE source SET site_id = ? WHERE id = ?", moved.siteID, source.id)
        }
        let summary = try await elsewhere.refreshListings()
        #expect(summary.problems.map(\.code) == ["other_site"] && summary.read == 0)
    }

    @Test("unlinking while a listing is read keeps nothing of it") func unlinkedMeanwhile() async throws {
        let scene = try await ListingScene(mode: .linked)
        let member = try await scene.link(TinySite.administrator)
        let (source, store) = (try await scene.source(), scene.store)
        let transport = InterruptingTransport(transport: scene.jira, word: "search/jql") {
            try? await store.write { try PersonalCredentials.remove(of: member.id, source: source.id, in: $0) }
        }
        let access = PersonalAccess(
            store: store, transport: transport, gatewayURL: scene.jira.gatewayHost, time: scene.time)
        let summary = try await ListingRefresh(store: store, source: source, access: access, time: scene.time).run()
        #expect(summary.read == 0 && summary.problems == [] && summary.requests > 3)
        let listing = try await scene.listing(TinySite.administrator)
        #expect(listing == nil)
        #expect(try await scene.issues(of: TinySite.administrator).isEmpty)
    }

    @Test("a listing that is recent is not read again, the oldest are read first") func schedule() async throws {
        let scene = try await listed()
        try await scene.link(TinySite.developer)
        let due = try await scene.refreshListings(.due)
        #expect(due.read == 1 && due.postponed == 1)
        scene.clock.advance(by: 300_000)
        let later = try await scene.refreshListings(.due)
        #expect(later.read == 2 && later.postponed == 0)
    }

    @Test("another mode takes the listings away") func otherMode() async throws {
        let scene = try await listed()
        var source = try await scene.source()
        source.accessMode = .shared
        let changed = source
        try await scene.store.write { try SourceRecords.update(changed, in: $0) }
        let summary = try await scene.refreshListings()
        #expect(summary.removed == 1)
        let listing = try await scene.listing(TinySite.administrator)
        #expect(listing == nil)
    }
}

extension ListingScene {
    /// Stored comments without a restriction.
    func openComments() async throws -> [Int] {
        let source = try await source()
        return try await store.read { connection in
            try connection.rows(
                """
                SELECT c.jira_id FROM comment c JOIN issue i ON i.id = c.issue_id
                WHERE i.source_id = ? AND c.acl_id = i.acl_id
                """, source.id
            ) { Int($0.int64(0)) }
        }
    }
}
