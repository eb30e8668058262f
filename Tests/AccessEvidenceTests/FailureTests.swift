import AccessEngine
import JiraSimulator
import Reading
import SimulatedAccess
import SimulatedData
import SimulatedSite
import SiteConnection
import Store
import SyncEngine
import Testing

/// When Jira refuses or fails, nobody is shown more.
@Suite struct FailureTests {
    struct Failure: CustomTestStringConvertible, Sendable {
        var name: String
        var fault: Fault
        var flavour = SiteFlavour.cloud
        /// Whether it hides everything at once; otherwise what was known holds until the lease ends.
        var hidesAll = false
        /// Whether it hides what depends on it at once, and some of the rest stays.
        var hidesSome = false

        var testDescription: String { "\(name), \(flavour.rawValue)" }
    }

    static let failures: [Failure] = [SiteFlavour.cloud, .dataCenter].flatMap { flavour in
        [
            Failure(
                name: "permission schemes refused (403)",
                fault: Fault(.status(403), path: "permissionscheme", count: nil),
                flavour: flavour, hidesAll: true),
            Failure(
                name: "permission schemes refused (401)",
                fault: Fault(.status(401), path: "permissionscheme", count: nil),
                flavour: flavour, hidesAll: true),
            Failure(
                name: "permission schemes fail (500)", fault: Fault(.status(500), path: "permissionscheme", count: nil),
                flavour: flavour),
            Failure(
                name: "permission schemes garbled", fault: Fault(.truncatedJSON, path: "permissionscheme", count: nil),
                flavour: flavour),
            Failure(
                name: "roles refused (403)", fault: Fault(.status(403), path: "/role/", count: nil), flavour: flavour,
                hidesSome: true),
            Failure(
                name: "roles fail (503)", fault: Fault(.status(503), path: "/role/", count: nil), flavour: flavour,
                // On Cloud the audit log vouches for roles beyond the lease.
                hidesSome: flavour.isCloud),
            Failure(
                name: "members refused (403)", fault: Fault(.status(403), path: "group/member", count: nil),
                flavour: flavour, hidesSome: true),
            Failure(
                name: "members fail (502)", fault: Fault(.status(502), path: "group/member", count: nil),
                flavour: flavour),
            Failure(
                name: "the credential expires", fault: Fault(.expiredCredential, count: nil), flavour: flavour,
                hidesAll: true),
            Failure(name: "taken for nobody", fault: Fault(.anonymous, count: nil), flavour: flavour, hidesSome: true),
        ]
    }

    @Test("a failure or refusal shows nobody more, ends with the lease, and mends by itself", arguments: failures)
    func failing(_ failure: Failure) async throws {
        try await EvidenceSource.lent(.tiny(seed: 21, flavour: failure.flavour, administratorSeesAll: true)) { source in
            try await source.synchronise()
            let before = source.site.current()
            source.change { state, _ in
                // Tighter for many: what was shown before may stay for the lease, and nothing else.
                let scheme = state.projects[0].permissionScheme
                state.setGrants(scheme, "BROWSE_PROJECTS", to: [.user(TinySite.administrator), .user(TinySite.lead)])
            }
            source.jira.faults.add(failure.fault)
            try await Self.tolerating { try await source.synchronise() }
            let during = try await source.comparison(
                hidden: failure.hidesAll ? .everything : .nothing, isThorough: false, since: [before])
            try await Self.expectNoLeak(during, "at once")
            // The clock of a lease runs on, whatever was tried meanwhile.
            for _ in 0..<13 { try await Self.tolerating { try await source.refresh() } }
            if !failure.hidesSome {
                try await Self.expectNoLeak(
                    source.comparison(hidden: .everything, isThorough: false), "after the lease")
            }
            source.jira.faults.removeAll()
            try await source.refresh(.everything)
            try await source.synchronise()
            for finding in try await source.comparison(isThorough: false).findings().prefix(3) {
                Testing.Issue.record("mended: \(finding)")
            }
        }
    }

    @Test(
        "an e-mail address that is nearly somebody's is nobody's",
        arguments: [
            "devi@acme.exampl", "devi@acme.example.org", "evi@acme.example", "devi", "Devi Raman",
            "devi@acme.example ü",
            "devi@acme.example.", "devi+jira@acme.example", "d\u{435}vi@acme.example",
        ])
    func nearMisses(_ address: String) async throws {
        // On Cloud nobody has a login name.
        try await EvidenceSource.lent(.tiny(seed: 32, flavour: .cloud, administratorSeesAll: true)) { source in
            try await source.synchronise()
            let listing = AccessReading(store: source.store)
            do {
                let found = try await listing.visible(to: address)
                #expect(found.allSatisfy { $0.records.issues.isEmpty }, "\(found.map(\.account))")
            } catch let error as ReadingError {
                #expect(error.code == .unknownReader)
            }
        }
    }

    @Test(
        "a role that takes another's former name takes nothing of what was restricted to it",
        arguments: [SiteFlavour.cloud, .dataCenter])
    func roleNames(_ flavour: SiteFlavour) async throws {
        try await EvidenceSource.lent(.tiny(seed: 33, flavour: flavour, administratorSeesAll: true)) { source in
            source.change { state, hand in
                state.setGrants(
                    state.projects[0].permissionScheme, "BROWSE_PROJECTS",
                    to: [.user(TinySite.developer), .user(TinySite.lead), .user(TinySite.administrator)])
                state.setActors(0, role: 10_001, to: [.user(TinySite.developer), .user(TinySite.administrator)])
                state.setActors(0, role: 10_002, to: [.user(TinySite.lead), .user(TinySite.administrator)])
                let issue = state.createIssue(
                    project: 0, summary: "Roles \(PlantedTokens.word(920_001))", by: hand)
                state.addComment(
                    issue, .init(paragraph: "For developers \(PlantedTokens.word(920_002))"), visibility: .role(10_001),
                    by: hand)
            }
            try await source.synchronise()
            source.change { state, hand in
                let names = [10_001, 10_002].map { id in state.catalogue.roles.first { $0.id == id }?.name ?? "" }
                state.renameRole(10_001, to: "Makers", by: hand)
                state.renameRole(10_002, to: names[0], by: hand)
            }
            try await source.synchronise()
            try await Self.expectNoLeak(source.comparison(isThorough: false), "renamed")
        }
    }

    private static func tolerating(_ body: () async throws -> some Any) async throws {
        do { _ = try await body() } catch is SyncFailure {}
    }

    private static func expectNoLeak(_ comparison: AccessComparison, _ when: String) async throws {
        for finding in try await comparison.findings().filter(\.isLeak).prefix(3) {
            Testing.Issue.record("\(when): \(finding)")
        }
    }
}
