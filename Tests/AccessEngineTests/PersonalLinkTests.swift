import AccessControl
import AccessEngine
import Database
import HTTPMessages
import IssueModel
import JiraClient
import JiraSimulator
import SimulatedSite
import SiteConnection
import Store
import Testing
import Workspace

/// Members who prove an account by signing in as it.
@Suite("Links by token") struct PersonalLinkTests {
    /// A source of a simulated site, and a member without an account there.
    private struct Scene {
        let folder: TemporaryFolder
        let jira: InProcessJira
        let store: Store
        let source: Source
        let member: Member

        init(_ flavour: SiteFlavour, sourceSite: String? = nil) async throws {
            folder = try TemporaryFolder()
            let configuration = SimulatorConfiguration()
            jira = InProcessJira(
                site: SimulatedSite(SiteConfiguration(flavour: flavour, seed: 3, issueCount: 12)),
                configuration: configuration)
            store = try await Store(
                folder: DataFolder(path: folder.path + "/data", for: .writing), migrations: Workspace.migrations)
            let key = try store.secretKey()
            let added = Source(
                name: "work", url: jira.url, apiURL: jira.url, product: flavour.isCloud ? .cloud : .dataCenter,
                siteID: sourceSite ?? (flavour.isCloud ? configuration.cloudID : nil), accessMode: .linked,
                credentialKind: "anonymous", created: Timestamp(milliseconds: 1))
            (source, member) = try await store.write { context in
                (
                    try SourceRecords.add(added, credential: nil, key: key, in: context),
                    try MemberRecords.add(
                        Member(email: "member@elsewhere.example", added: Timestamp(milliseconds: 1)), in: context)
                )
            }
        }

        var user: User { jira.site.tour.developer }

        func id(_ user: User) -> AccountID {
            AccountID(jira.site.configuration.flavour.isCloud ? user.accountID : user.key)
        }

        func credential(_ kind: SimulatedCredential.Kind, of user: User? = nil) throws -> Credential {
            let all = jira.credentials.all(of: user ?? self.user)
            let credential = try #require(all.first { $0.kind == kind })
            return switch kind {
            case .apiToken, .scopedToken: .apiToken(email: credential.user, token: credential.secret)
            case .personalAccessToken: .personalAccessToken(credential.secret)
            case .password: .password(username: credential.user, password: credential.secret)
            }
        }

        @discardableResult
        func link(_ credential: Credential, _ member: Member? = nil) async throws -> Account {
            try await PersonalLink(store: store, transport: jira, gatewayURL: jira.gatewayHost)
                .link(member ?? self.member, to: source, with: credential)
        }

        func state() async throws -> LinkState {
            try await store.read { try IdentityLinks.link(of: member, source: source.id, in: $0) }
        }

        func kept() async throws -> PersonalCredentials.Record? {
            try await store.read { try PersonalCredentials.get(of: member.id, source: source.id, in: $0) }
        }
    }

    struct Way: CustomTestStringConvertible, Sendable {
        var flavour: SiteFlavour
        var kind: SimulatedCredential.Kind
        var testDescription: String { "\(flavour) \(kind)" }
    }

    @Test(
        "every kind of token links to the account it signs in as, and is kept sealed",
        arguments: [
            Way(flavour: .cloud, kind: .apiToken), Way(flavour: .cloud, kind: .scopedToken),
            Way(flavour: .dataCenter, kind: .personalAccessToken), Way(flavour: .dataCenter, kind: .password),
        ])
    func kinds(_ way: Way) async throws {
        let scene = try await Scene(way.flavour)
        let credential = try scene.credential(way.kind)
        let account = try await scene.link(credential)
        #expect(account.id == scene.id(scene.user))
        guard case .linked(account.id, .token, _) = try await scene.state() else {
            Testing.Issue.record("not linked: \(try await scene.state())")
            return
        }
        let record = try #require(try await scene.kept())
        #expect(record.account == account.id && record.kind == credential.kind)
        #expect(record.apiURL == (way.kind == .scopedToken ? scene.jira.gatewayURL : scene.jira.url))
        let bytes = try PersonalCredentials.open(record, key: scene.store.secretKey())
        #expect(try CredentialRecord.credential(kind: record.kind, bytes) == credential)
        let stored = try await scene.store.read {
            try PeopleRecords.account(account.id, source: scene.source.id, in: $0)?.account
        }
        #expect(stored?.isActive == true && stored?.email == nil, "one's own view of an address is not the site's")
    }

    @Test("a wrong, revoked or deactivated person's token links nothing", arguments: [SiteFlavour.cloud, .dataCenter])
    func refused(_ flavour: SiteFlavour) async throws {
        let scene = try await Scene(flavour)
        let good = try scene.credential(flavour.isCloud ? .apiToken : .personalAccessToken)
        let wrong: Credential =
            flavour.isCloud ? .apiToken(email: scene.user.email, token: "wrong") : .personalAccessToken("wrong")
        await #expect(throws: JiraError.self) { try await scene.link(wrong) }
        await #expect(throws: WorkspaceError.self) { try await scene.link(.anonymous) }
        scene.jira.faults.add(Fault(.status(503), path: "myself", count: nil))
        await #expect(throws: JiraError.self) { try await scene.link(good) }
        scene.jira.faults.removeAll()
        let index = scene.user.index
        scene.jira.site.change { $0.setActive(index, false) }
        await #expect(throws: JiraError.self) { try await scene.link(good) }
        #expect(try await scene.state().account == nil)
        #expect(try await scene.kept() == nil)
    }

    @Test("a token proves nothing where another site answers at the source's address") func otherSite() async throws {
        let scene = try await Scene(.cloud, sourceSite: "00000000-0000-0000-0000-000000000001")
        await #expect {
            try await scene.link(try scene.credential(.apiToken))
        } throws: {
            ($0 as? WorkspaceError)?.code == .otherSite
        }
        #expect(try await scene.kept() == nil)
    }

    @Test("the token of an account that is another member's links nothing, and that member stays linked")
    func otherMember() async throws {
        let scene = try await Scene(.cloud)
        try await scene.link(try scene.credential(.apiToken))
        let second = try await scene.store.write {
            try MemberRecords.add(Member(email: "b@elsewhere.example", added: Timestamp(milliseconds: 1)), in: $0)
        }
        await #expect {
            try await scene.link(try scene.credential(.scopedToken), second)
        } throws: {
            ($0 as? WorkspaceError)?.code == .accountTaken
        }
        #expect(try await scene.state().account == scene.id(scene.user))
        let all = try await scene.store.read { try PersonalCredentials.all(source: scene.source.id, in: $0) }
        #expect(all.map(\.member) == [scene.member.id])
    }

    @Test("a token of another account of the same person replaces link and credential") func replaced() async throws {
        let scene = try await Scene(.cloud)
        try await scene.link(try scene.credential(.apiToken))
        let other = scene.jira.site.tour.administrator
        try await scene.link(try scene.credential(.apiToken, of: other))
        #expect(try await scene.state().account == scene.id(other))
        #expect(try await scene.kept()?.account == scene.id(other))
    }
}
