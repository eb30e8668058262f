import HTTPMessages
import IssueModel
import JiraClient
import JiraOAuth
import JiraSimulator
import SimulatedOAuth
import SimulatedSite
import Store
import Testing
import Workspace

@Suite("Consenting") struct ConsentTests {
    @Test("a consent gives a grant for every site the person chose, with what was asked for")
    func consents() async throws {
        let scene = try await OAuthScene()
        scene.jira.oauth.resources.append(.init(id: "other-site", url: "https://other.example.net", name: "Other"))
        let consent = try await scene.consent()
        #expect(consent.sites.map(\.id) == [scene.jira.oauth.resources[0].id, "other-site"])
        #expect(consent.note == "work")
        #expect(consent.missing.isEmpty)
        let grant = try await scene.grant(consent.grant)
        #expect(grant.sites == consent.sites)
        #expect(Set(grant.scopes).isSuperset(of: ["read:jira-work", "manage:jira-configuration"]))
        #expect(grant.ended == nil)
        #expect(grant.lifetime(at: scene.time.now()).daysLeft == 90)
        #expect(try await scene.myself(consent.grant).status == 200)
    }

    @Test("only what the purposes need is asked for, the least first")
    func leastScopes() async throws {
        let scene = try await OAuthScene()
        let begun = try await scene.flow.begin(scene.request([]))
        let query = OAuthScene.query(begun.url)
        #expect(query.first { $0.name == "scope" }?.value == "read%3Ajira-work%20read%3Ajira-user%20offline_access")
        #expect(query.first { $0.name == "audience" }?.value == "api.atlassian.com")
        #expect(query.first { $0.name == "prompt" }?.value == "consent")
        #expect(!begun.url.contains("s3cret"))
        #expect(
            OAuthPurpose.scopes(for: [.webhooks, .mirroring]) == [
                "read:jira-work", "read:jira-user", "manage:jira-configuration", "manage:jira-webhook",
                "offline_access",
            ])
    }

    @Test("a consent ends only in the browser and for the member it began with, within ten minutes, and once")
    func binding() async throws {
        let scene = try await OAuthScene()
        let begun = try await scene.flow.begin(scene.request())
        let back = try await scene.visit(begun.url, as: scene.person)
        func finish(_ query: [(name: String, value: String)], _ ticket: String?) async -> OAuthError.Code? {
            await OAuthScene.code {
                _ = try await scene.flow.finish(arrived: back, query: query, ticket: ticket, member: nil)
            }
        }
        let query = OAuthScene.query(back)
        #expect(await finish(query, nil) == .notStartedHere)
        #expect(await finish(query, begun.ticket + "A") == .notStartedHere)
        #expect(await finish(query.filter { $0.name != "state" }, begun.ticket) == .notStartedHere)
        let other = try await scene.flow.begin(scene.request())
        #expect(await finish(query, other.ticket) == .notStartedHere)
        let members = try await scene.flow.begin(scene.request(member: .init(1)))
        let theirs = try await scene.visit(members.url, as: scene.person)
        #expect(await finish(OAuthScene.query(theirs), members.ticket) == .notStartedHere)
        #expect(await finish(query, begun.ticket) == nil)
        #expect(await finish(query, begun.ticket) == .codeRefused, "the code was used")
        scene.clock.advance(minutes: 10)
        #expect(await finish(query, begun.ticket) == .tooLate)
    }

    @Test("a refusal and an app that does not work say what is wrong")
    func refusals() async throws {
        let scene = try await OAuthScene()
        let begun = try await scene.flow.begin(scene.request())
        let back = try await scene.visit(begun.url, as: scene.person, refusing: true)
        let refused = await OAuthScene.code {
            _ = try await scene.flow.finish(
                arrived: back, query: OAuthScene.query(back), ticket: begun.ticket, member: nil)
        }
        #expect(refused == .refused)
        let wrong = try await scene.flow.begin(
            scene.request(app: .init(clientID: "client", clientSecret: "wrong")))
        let there = try await scene.visit(wrong.url, as: scene.person)
        let appRefused = await OAuthScene.code {
            _ = try await scene.flow.finish(
                arrived: there, query: OAuthScene.query(there), ticket: wrong.ticket, member: nil)
        }
        #expect(appRefused == .appRefused)
        let empty = await OAuthScene.code {
            _ = try await scene.flow.begin(scene.request(app: .init(clientID: "client", clientSecret: "")))
        }
        #expect(empty == .misconfigured)
    }

    @Test("a grant without a Jira site, or one that cannot be renewed, is not kept")
    func unusable() async throws {
        let scene = try await OAuthScene()
        let resources = scene.jira.oauth.resources
        scene.jira.oauth.resources = []
        #expect(await OAuthScene.code { _ = try await scene.consent() } == .noSite)
        scene.jira.oauth.resources = resources
        scene.wire.isDown = true
        #expect(await OAuthScene.code { _ = try await scene.consent() } == .unavailable)
        scene.wire.isDown = false
        #expect(try await scene.store.read { try GrantRecords.all(in: $0) }.isEmpty)
    }

    @Test("what the person did not allow is told, and does not keep the rest from working")
    func missingScopes() async throws {
        let scene = try await OAuthScene()
        let begun = try await scene.flow.begin(scene.request([.mirroring, .webhooks]))
        let less = begun.url.replacing("manage%3Ajira-webhook%20", with: "")
        #expect(less != begun.url)
        let back = try await scene.visit(less, as: scene.person)
        let consent = try await scene.flow.finish(
            arrived: back, query: OAuthScene.query(back), ticket: begun.ticket, member: nil)
        #expect(consent.missing == [.webhooks])
    }

    @Test(
        "where the browser came back to another address, the part that is wrong is named",
        arguments: [
            ("https://drawbridge.example.com/oauth/jira/callback?code=1", nil),
            ("https://DRAWBRIDGE.example.com:443/oauth/jira/callback", nil),
            ("http://drawbridge.example.com/oauth/jira/callback", "X-Forwarded-Proto"),
            ("https://drawbridge.example.org/oauth/jira/callback", "the host is drawbridge.example.org"),
            ("https://drawbridge.example.com:8443/oauth/jira/callback", "the port is 8443 and 443 is registered"),
            ("https://drawbridge.example.com/oauth/jira/callback/", "ends with a slash"),
            ("https://drawbridge.example.com/OAuth/jira/callback", "capital and small letters"),
            ("https://drawbridge.example.com/base/oauth/jira/callback", "the path is /base/oauth/jira/callback"),
            ("ftp://drawbridge.example.com/oauth/jira/callback", "not an http"),
        ] as [(String, String?)])
    func callbackMistakes(_ arrived: String, _ words: String?) {
        let mistake = CallbackCheck.mistake(arrived: arrived, registered: OAuthScene.callback)
        #expect((mistake == nil) == (words == nil))
        #expect(words.map { mistake?.contains($0) ?? false } ?? true, "\(mistake ?? "")")
    }

    @Test("another address is refused before the code is redeemed")
    func callbackChecked() async throws {
        let scene = try await OAuthScene()
        let begun = try await scene.flow.begin(scene.request())
        let back = try await scene.visit(begun.url, as: scene.person)
        let code = await OAuthScene.code {
            _ = try await scene.flow.finish(
                arrived: back.replacing("https://", with: "http://"), query: OAuthScene.query(back),
                ticket: begun.ticket, member: nil)
        }
        #expect(code == .callbackMismatch)
        #expect(!scene.wire.sent.contains { $0.url.hasSuffix("/oauth/token") })
    }

    @Test(
        "the address to register follows from the public URL",
        arguments: [
            ("https://drawbridge.acme.com", "https://drawbridge.acme.com/api/v1/oauth/jira/callback"),
            ("https://acme.com/drawbridge/", "https://acme.com/drawbridge/api/v1/oauth/jira/callback"),
            ("http://localhost:8090", "http://localhost:8090/api/v1/oauth/jira/callback"),
            ("http://drawbridge.acme.com", nil), ("https://a@acme.com", nil), ("https://acme.com?x", nil),
            ("acme.com", nil),
        ] as [(String, String?)])
    func callbackAddress(_ publicURL: String, _ address: String?) {
        #expect((try? CallbackCheck.address(publicURL: publicURL)) == address)
    }
}
