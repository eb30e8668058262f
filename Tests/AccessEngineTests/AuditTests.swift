import AccessControl
import AccessEngine
import Database
import IssueModel
import JiraClient
import JiraSimulator
import Journal
import Observability
import SearchIndex
import SimulatedAccess
import SimulatedSite
import SiteConnection
import Store
import SyncEngine
import Testing

@Suite("Checking what is shown against Jira") struct AuditTests {
    @Test("nothing differs on sites of any kind", arguments: 0..<20) func agreement(_ number: Int) async throws {
        let scene = try await ListingScene(seed: UInt64(2 + 18 * number))
        let summary = try await scene.audit()
        #expect(summary.findings == [] && summary.unchecked == [])
        #expect(summary.totals.tooMuch == 0 && summary.totals.tooLittle == 0 && summary.withheld == [])
        #expect(summary.totals.pairs == summary.coverage?.of && summary.totals.pairs > 20)
        #expect(summary.coverage?.pairs == summary.coverage?.of)
        #expect(summary.lastMismatch == nil && summary.totals.requests > 0)
    }

    /// A site on which some acl is such that `person` wrongly sees an issue, or does not see one.
    private func tampered(_ scene: ListingScene, _ kind: AccessAudits.Kind, person: Int) async throws -> [Int] {
        let before = Set(try await scene.issues(of: person))
        let stored = Set(try await scene.issues(of: TinySite.administrator))
        let chosen = try #require((kind == .tooMuch ? stored.subtracting(before) : before).min())
        try await scene.tamper(
            kind == .tooMuch ? "browse = NULL, level = NULL, visibility = NULL" : "browse = x''", aclOf: chosen)
        let after = Set(try await scene.issues(of: person))
        return before.symmetricDifference(after).sorted()
    }

    @Test("an issue shown to somebody Jira does not show it to is hidden from everybody until both agree")
    func tooMuch() async throws {
        let scene = try await ListingScene()
        let changed = try await tampered(scene, .tooMuch, person: TinySite.developer)
        #expect(!changed.isEmpty)
        let summary = try await scene.audit()
        let withheld = Set(summary.withheld.map { Int($0.rawValue) })
        #expect(withheld.isSuperset(of: changed) && summary.totals.tooMuch >= changed.count)
        for person in ListingScene.people {
            #expect(Set(try await scene.issues(of: person)).isDisjoint(with: withheld))
            #expect(try await scene.issues(of: person) == scene.truth(person).issues.filter { !withheld.contains($0) })
        }
        #expect(try await scene.openToSearch(withheld) == [])
        let finding = try #require(summary.findings.first { $0.account == scene.account(TinySite.developer) })
        #expect(finding.kind == .tooMuch && finding.resolved == nil && !finding.explanation.isEmpty)
        #expect(summary.lastMismatch?.kind == .tooMuch)
        let alarms = scene.log.events("access.audit.too_much")
        #expect(alarms.count == withheld.count && alarms.allSatisfy { $0.level == .error })

        // Still wrong: nothing is let go.
        let again = try await scene.audit()
        #expect(again.released == [] && again.withheld == [] && again.totals.tooMuch > 0)
        #expect(again.findings.contains { $0.found < $0.lastSeen })

        // What a synchronisation writes meanwhile stays closed.
        _ = try await scene.service.synchronise("work", .full)
        for person in ListingScene.people {
            #expect(Set(try await scene.issues(of: person)).isDisjoint(with: withheld))
        }

        try await scene.repair()
        let after = try await scene.audit()
        #expect(Set(after.released.map { Int($0.rawValue) }) == withheld && after.resolved > 0)
        #expect(after.findings == [] && after.totals.tooMuch == 0 && after.lastMismatch?.resolved != nil)
        for person in ListingScene.people {
            #expect(try await scene.issues(of: person) == scene.truth(person).issues)
        }
        #expect(try await scene.openToSearch(withheld) == withheld)
    }

    @Test("an issue that Jira shows and we do not is listed with what decides, and hidden from nobody else")
    func tooLittle() async throws {
        let scene = try await ListingScene()
        let changed = try await tampered(scene, .tooLittle, person: TinySite.developer)
        #expect(!changed.isEmpty)
        let summary = try await scene.audit()
        #expect(summary.withheld == [] && summary.totals.tooMuch == 0 && summary.totals.tooLittle >= changed.count)
        let mine = summary.findings.filter { $0.account == scene.account(TinySite.developer) }
        #expect(Set(mine.map { Int($0.issue.rawValue) }) == Set(changed))
        #expect(mine.allSatisfy { $0.kind == .tooLittle && !$0.explanation.isEmpty })
        try await scene.repair()
        let after = try await scene.audit()
        #expect(after.findings == [] && after.resolved == summary.findings.count)
    }

    struct Silence: CustomTestStringConvertible, Sendable {
        var fault: Fault.Kind
        var testDescription: String
    }

    @Test(
        "a refusal or failure of the question is never agreement",
        arguments: [
            Silence(fault: .status(403), testDescription: "403"), Silence(fault: .status(401), testDescription: "401"),
            Silence(fault: .status(503), testDescription: "503"), Silence(fault: .garbage, testDescription: "garbage"),
            Silence(fault: .reset(after: nil), testDescription: "no answer"),
            Silence(fault: .anonymous, testDescription: "taken for a stranger"),
            Silence(fault: .rateLimited(.burst, retryAfter: 1), testDescription: "429"),
        ])
    func silence(_ silence: Silence) async throws {
        let scene = try await ListingScene()
        _ = try await tampered(scene, .tooMuch, person: TinySite.developer)
        let found = try await scene.audit()
        try await scene.repair()
        scene.jira.faults.add(Fault(silence.fault, path: "permissions/check", count: nil))
        let summary = try await scene.audit()
        #expect(summary.totals.pairs == 0 && summary.unchecked.count == 1)
        #expect(summary.released == [] && summary.resolved == 0 && summary.findings == found.findings)
        scene.jira.faults.removeAll()
        let after = try await scene.audit()
        #expect(after.findings == [] && after.released.count == found.withheld.count)
    }

    @Test("what Jira no longer shows to the source's own account is hidden, without an alarm") func gone() async throws
    {
        let scene = try await ListingScene()
        let issue = try #require(try await scene.issues(of: TinySite.developer).first)
        scene.change { state, hand in
            if let ordinal = state.ordinal(id: issue) { state.deleteIssue(ordinal, by: hand) }
        }
        let summary = try await scene.audit()
        #expect(summary.gone.map { Int($0.rawValue) }.contains(issue) && summary.totals.tooMuch == 0)
        #expect(scene.log.events("access.audit.too_much").isEmpty)
        for person in ListingScene.people { #expect(try await !scene.issues(of: person).contains(issue)) }
        let again = try await scene.audit()
        #expect(again.released == [] && again.gone == [])
    }

    @Test("coverage grows from run to run until every pair was compared, then a new round begins")
    func coverage() async throws {
        let scene = try await ListingScene()
        var shares: [Double] = []
        var accounts = 0
        for _ in 0..<20 {
            let summary = try await scene.audit(pairs: 1)
            let coverage = try #require(summary.coverage)
            accounts = coverage.accounts
            shares.append(coverage.share)
            if coverage.rounds > 0 { break }
        }
        #expect(shares.count == accounts + 1)
        #expect(zip(shares, shares.dropFirst()).prefix(accounts - 1).allSatisfy { $0 < $1 })
        #expect(shares[accounts - 1] == 1)
    }

    @Test("a search that remembers its columns forgets a withheld issue at once") func search() async throws {
        let scene = try await ListingScene()
        let searcher = Searcher(scene.store.database)
        let changed = try await tampered(scene, .tooMuch, person: TinySite.developer)
        let before = try await scene.found(by: searcher, TinySite.developer)
        #expect(before.isSuperset(of: changed))
        let withheld = Set(try await scene.audit().withheld.map { Int($0.rawValue) })
        for person in ListingScene.people {
            let found = try await scene.found(by: searcher, person)
            #expect(found.isDisjoint(with: withheld))
            #expect(found == Set(try await scene.issues(of: person)))
        }
        try await scene.repair()
        _ = try await scene.audit()
        #expect(try await scene.found(by: searcher, TinySite.administrator).isSuperset(of: withheld))
    }

    @Test("issues at risk are compared for everybody asked about, however few pairs a run may compare")
    func risk() async throws {
        let scene = try await ListingScene()
        let changed = try await tampered(scene, .tooMuch, person: TinySite.developer)
        let found = try await scene.audit()
        #expect(Set(found.withheld.map { Int($0.rawValue) }).isSuperset(of: changed))
        try await scene.repair()
        // Whom both differed on is asked about first, so that the issue is back however short the run.
        let summary = try await scene.audit(pairs: 1)
        #expect(summary.released == found.withheld.sorted() && summary.findings == [])
    }

    @Test("modes that do not follow Jira's rules for each person have nothing to compare") func otherModes()
        async throws
    {
        let scene = try await ListingScene(mode: .shared)
        scene.jira.log.reset()
        let summary = try await scene.audit()
        #expect(summary.totals.pairs == 0 && summary.unchecked == [] && summary.findings == [])
        let asked = scene.jira.log.countByRoute.keys.filter { $0.contains("permissions") }
        #expect(asked.isEmpty)
    }
}

extension ListingScene {
    /// Changes the stored acl of an issue behind everybody's back.
    func tamper(_ change: String, aclOf issue: Int) async throws {
        let source = try await source()
        try await store.write { context in
            try context.connection.execute(
                """
                UPDATE acl SET \(change) WHERE id = (SELECT acl_id FROM issue WHERE source_id = ? AND jira_id = ?)
                """, source.id, Int64(issue))
            context.noteAccessChange()
        }
    }

    /// Derives every acl again.
    func repair() async throws {
        let source = try await source()
        try await store.write { context in
            try AccessRecords.recompute(source: source.id, in: context)
            context.noteAccessChange()
        }
    }

    /// What a search for the word of every text gives to a person.
    func found(by searcher: Searcher, _ person: Int) async throws -> Set<Int> {
        let (store, reader) = (store, Reader.accounts([try await source().id: account(person)]))
        let request = SearchRequest(Planted.common, limit: 200, now: time.now())
        let results = try await searcher.search(request) { try store.access.allowed(to: reader, in: $0) }
        #expect(results.total == results.hits.count)
        return Set(results.hits.map { Int($0.jiraID) })
    }

    /// Of some issues, those that search gives to somebody.
    func openToSearch(_ issues: Set<Int>) async throws -> Set<Int> {
        let source = try await source()
        return try await store.read { connection in
            let withheld = AclKey.withheld.bytes
            let open = try connection.rows(
                """
                SELECT i.jira_id FROM issue i JOIN search_restricted r ON r.issue_id = i.id
                    JOIN acl a ON a.id = r.acl_id WHERE i.source_id = ?1 AND a.key <> ?2
                UNION SELECT i.jira_id FROM issue i JOIN acl a ON a.id = i.acl_id
                    WHERE i.source_id = ?1 AND a.key <> ?2
                """, source.id, withheld
            ) { Int($0.int64(0)) }
            return Set(open).intersection(issues)
        }
    }

    @Test(
        "an issue that changed while it was withheld is let go only as it is now",
        arguments: [SiteFlavour.cloud, .dataCenter])
    func changedWhileWithheld(_ flavour: SiteFlavour) async throws {
        let scene = try await ListingScene(flavour)
        let issue = try #require(try await scene.issues(of: TinySite.developer).first { $0 != 0 })
        let source = try await scene.source().id
        _ = try await scene.store.write { context in
            try Withheld.put(IssueID(Int64(issue)), reason: "test", at: context.now, source: source, in: context)
        }
        scene.change { state, hand in
            guard let ordinal = state.ordinal(id: issue) else { return }
            state.setSummary(ordinal, to: "Changed", by: hand)
        }
        // Nobody is asked about, so nothing but the copy's own age speaks against it.
        var limits = AccessAudit.Limits()
        (limits.requests, limits.pairs, limits.members) = (0, 0, 0)
        for round in 0..<2 {
            let summary = try await scene.service.auditAccess("work", limits: limits, seed: 1)
            #expect(summary.released.map { Int($0.rawValue) } == (round == 0 ? [] : [issue]))
            #expect(try await scene.issues(of: TinySite.developer).contains(issue) == (round == 1))
            if round == 0 {
                _ = try await scene.service.synchronise("work")
                #expect(try await !scene.issues(of: TinySite.developer).contains(issue))
            }
        }
    }
}
