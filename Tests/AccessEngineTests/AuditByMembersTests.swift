import AccessControl
import AccessEngine
import Database
import IssueModel
import JiraClient
import JiraSimulator
import Journal
import SimulatedAccess
import SimulatedSite
import SiteConnection
import Store
import Testing

@Suite("Checking what is shown with members' own tokens") struct AuditByMembersTests {
    private func linked(_ flavour: SiteFlavour, _ mode: Source.AccessMode, seed: UInt64) async throws -> ListingScene {
        let scene = try await ListingScene(seed: seed, flavour, mode: mode)
        for person in ListingScene.people { try await scene.link(person) }
        try await scene.refreshListings()
        return scene
    }

    struct Site: CustomTestStringConvertible, Sendable {
        var flavour: SiteFlavour
        var mode: Source.AccessMode
        var testDescription: String { "\(flavour) \(mode)" }

        static let all = [
            Site(flavour: .dataCenter, mode: .mirror), Site(flavour: .dataCenter, mode: .linked),
            Site(flavour: .cloud, mode: .linked),
        ]
    }

    @Test("nothing is shown too much, and issues are told alike", arguments: Site.all, [0, 1, 2, 3])
    func agreement(_ site: Site, _ number: UInt64) async throws {
        let seed = (site.flavour.isCloud ? 2 : 3) + 34 * number
        let scene = try await linked(site.flavour, site.mode, seed: seed)
        let summary = try await scene.audit()
        #expect(summary.totals.tooMuch == 0 && summary.withheld == [] && summary.gone == [])
        #expect(summary.unchecked == [] && summary.totals.pairs > 20 && summary.parts > 0)
        #expect(summary.findings.allSatisfy { $0.kind == .tooLittle && $0.explanation.contains("restricted") })
    }

    @Test("without a member's token nothing is compared, and that is said") func nobody() async throws {
        let scene = try await ListingScene(seed: 3, .dataCenter)
        let summary = try await scene.audit()
        #expect(summary.totals.pairs == 0 && summary.unchecked.map(\.code) == ["nothing_to_ask_with"])
    }

    @Test("a listing that names too much is found", arguments: [SiteFlavour.cloud, .dataCenter])
    func listing(_ flavour: SiteFlavour) async throws {
        let scene = try await linked(flavour, .linked, seed: flavour.isCloud ? 2 : 3)
        let (source, now, account) = (try await scene.source(), scene.time.now(), scene.account(TinySite.developer))
        let everything = try await scene.issues(of: TinySite.administrator)
        let mine = Set(try await scene.issues(of: TinySite.developer))
        let extra = Set(everything).subtracting(mine)
        #expect(!extra.isEmpty)
        let listing = Listing(
            account: account, scope: .all, issues: everything.map { IssueID(Int64($0)) }, verified: now)
        try await scene.store.write { try Listings.put(listing, source: source.id, in: $0) }
        let summary = try await scene.audit()
        #expect(Set(summary.withheld.map { Int($0.rawValue) }) == extra)
        #expect(Set(try await scene.issues(of: TinySite.administrator)).isDisjoint(with: extra))
        try await scene.refreshListings()
        let after = try await scene.audit()
        #expect(Set(after.released.map { Int($0.rawValue) }) == extra)
        #expect(Set(try await scene.issues(of: TinySite.administrator)) == Set(everything))
    }

    @Test("a restricted comment shown to whom Jira does not show it hides its issue", arguments: Site.all)
    func comment(_ site: Site) async throws {
        for number in UInt64(0)..<6 {
            let seed = (site.flavour.isCloud ? 2 : 3) + 34 * number
            let scene = try await linked(site.flavour, site.mode, seed: seed)
            let truth = scene.truth(TinySite.developer)
            guard let leak = try await scene.hiddenComment(from: truth) else { continue }
            let source = try await scene.source()
            try await scene.store.write { context in
                try context.connection.execute(
                    """
                    UPDATE comment SET acl_id = (SELECT acl_id FROM issue WHERE id = comment.issue_id) WHERE jira_id = ?
                    """, String(leak.comment))
                context.noteAccessChange()
            }
            #expect(try await scene.visible(to: TinySite.developer).comments.contains(EntityID(String(leak.comment))))
            let summary = try await scene.audit()
            #expect(summary.withheld == [IssueID(Int64(leak.issue))])
            #expect(try await !scene.issues(of: TinySite.administrator).contains(leak.issue))
            let finding = try #require(summary.findings.first { $0.kind == .tooMuch })
            #expect(finding.explanation.contains("comment \(leak.comment)"))
            // The kept copy knows better than the row: both agree again, and the row is written from the copy.
            let after = try await scene.audit()
            #expect(after.released == [IssueID(Int64(leak.issue))])
            #expect(try await scene.issues(of: TinySite.administrator).contains(leak.issue))
            #expect(try await !scene.visible(to: TinySite.developer).comments.contains(EntityID(String(leak.comment))))
            _ = source
            return
        }
        Testing.Issue.record("no site with a comment hidden on an issue the developer sees")
    }

    @Test("a revoked token is said, and the others go on") func revoked() async throws {
        let scene = try await linked(.dataCenter, .mirror, seed: 3)
        scene.jira.revoke(scene.secret(of: TinySite.developer))
        let summary = try await scene.audit()
        #expect(summary.unchecked.map(\.account) == [scene.account(TinySite.developer)])
        #expect(summary.totals.accounts == ListingScene.people.count - 1)
    }
}

extension ListingScene {
    /// A restricted comment that a person does not see, on an issue they do.
    func hiddenComment(from truth: SiteTruth) async throws -> (issue: Int, comment: Int)? {
        let source = try await source()
        let rows = try await store.read { connection in
            try connection.rows(
                """
                SELECT i.jira_id, c.jira_id FROM comment c JOIN issue i ON i.id = c.issue_id
                WHERE i.source_id = ? AND c.acl_id <> i.acl_id ORDER BY 1, 2
                """, source.id
            ) { (issue: Int($0.int64(0)), comment: Int($0.int64(1))) }
        }
        return rows.first { truth.issues.contains($0.issue) && !truth.comments.contains($0.comment) }
    }
}
