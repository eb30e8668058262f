import AccessControl
import AccessEngine
import Database
import IssueModel
import JiraClient
import JiraOAuth
import JiraSimulator
import SimulatedOAuth
import SimulatedSite
import SiteConnection
import Store
import Testing
import Workspace

@Suite("Sources and members by OAuth") struct OAuthSourceTests {
    private func setup(_ scene: OAuthScene) -> SourceSetup {
        SourceSetup(transport: scene.transport, gatewayURL: scene.endpoints.api, time: scene.time)
    }

    private func credential(_ consent: ConsentFlow.Consent) throws -> Credential {
        .oauth(grant: consent.grant, site: try #require(consent.sites.first).id)
    }

    @Test("a source is added with a grant, tried again after the token's hour, and goes on with another grant")
    func source() async throws {
        let scene = try await OAuthScene()
        let consent = try await scene.consent()
        let (source, findings) = try await setup(scene).add(
            .init(name: "work", address: scene.jira.url, credential: try credential(consent)), to: scene.store)
        #expect(findings.isUsable)
        #expect(source.credentialKind == "oauth")
        #expect(source.apiURL == scene.jira.gatewayURL)
        scene.clock.advance(minutes: 61)
        #expect(try await setup(scene).test(source, in: scene.store).isUsable)
        let key = try scene.store.secretKey()
        scene.clock.advance(days: 2)
        try await scene.store.write { try GrantRecords.removeUnused(key: key, in: $0) }
        #expect(try await scene.grant(consent.grant).ended == nil, "a source uses it")

        let again = try await scene.consent()
        let replaced = try await setup(scene).replaceCredential(
            of: source, with: try credential(again), in: scene.store)
        #expect(replaced.isUsable)
        scene.clock.advance(days: 2)
        try await scene.store.write { try GrantRecords.removeUnused(key: key, in: $0) }
        #expect(try await scene.store.read { try GrantRecords.all(in: $0) }.map(\.id) == [again.grant])
    }

    @Test("a grant for another site is refused")
    func otherSite() async throws {
        let scene = try await OAuthScene()
        let consent = try await scene.consent()
        let findings = await setup(scene).test(
            scene.jira.url, .oauth(grant: consent.grant, site: "other-site"), projects: [], jql: nil, mode: nil)
        #expect(!findings.isUsable)
    }

    @Test("a grant that is over hides nothing by mistake: the source says that the credential is refused")
    func endedGrant() async throws {
        let scene = try await OAuthScene()
        let consent = try await scene.consent()
        let (source, _) = try await setup(scene).add(
            .init(name: "work", address: scene.jira.url, credential: try credential(consent)), to: scene.store)
        scene.jira.oauth.revoke(person: scene.jira.site.tour.administrator.index)
        scene.clock.advance(minutes: 61)
        let findings = try await setup(scene).test(source, in: scene.store)
        #expect(!findings.isUsable)
        #expect(findings.failure?.code == .credentialRefused)
    }

    @Test("a member proves an account by an own grant, whatever the address")
    func member() async throws {
        let scene = try await OAuthScene()
        let consent = try await scene.consent()
        let (source, _) = try await setup(scene).add(
            .init(name: "work", address: scene.jira.url, credential: try credential(consent), mode: .linked),
            to: scene.store)
        let member = try await scene.store.write {
            try MemberRecords.add(Member(email: "someone@elsewhere.example", added: Timestamp(milliseconds: 1)), in: $0)
        }
        let own = try await scene.consent(as: scene.person, [], member: member.id)
        #expect(own.member == member.id)
        let link = PersonalLink(
            store: scene.store, transport: scene.transport, gatewayURL: scene.endpoints.api, time: scene.time)
        let account = try await link.link(member, to: source, with: try credential(own))
        #expect(account.id.rawValue == scene.person.accountID)
        let record = try #require(
            try await scene.store.read { try PersonalCredentials.get(of: member.id, source: source.id, in: $0) })
        #expect(record.kind == "oauth")
        let access = PersonalAccess(
            store: scene.store, transport: scene.transport, gatewayURL: scene.endpoints.api, time: scene.time)
        scene.clock.advance(minutes: 61)
        _ = try await access.signIn(record, to: source)
        try await scene.store.write { try MemberRecords.remove(member, in: $0) }
        #expect(try await scene.store.read { try GrantRecords.grant(own.grant, in: $0) } == nil)
    }
}
