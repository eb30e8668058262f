import Database
import HTTPMessages
import IssueModel
import JiraClient
import JiraOAuth
import JiraSimulator
import SimulatedOAuth
import SimulatedSite
import Store
import Testing

@Suite("Grants") struct GrantTests {
    @Test("however many tasks ask, a grant is renewed once")
    func singleFlight() async throws {
        let scene = try await OAuthScene()
        let consent = try await scene.consent()
        scene.clock.advance(minutes: 61)
        let statuses = try await withThrowingTaskGroup(of: Int.self) { group in
            for _ in 0..<50 { group.addTask { try await scene.myself(consent.grant).status } }
            return try await group.reduce(into: []) { $0.append($1) }
        }
        #expect(statuses == [Int](repeating: 200, count: 50))
        #expect(scene.jira.oauth.renewals == 1)
        #expect(try await scene.grant(consent.grant).generation == 1)
    }

    @Test("two grants are renewed beside each other")
    func independent() async throws {
        let scene = try await OAuthScene()
        let (one, two) = (try await scene.consent(), try await scene.consent(as: scene.person))
        scene.clock.advance(minutes: 61)
        async let first = scene.myself(one.grant)
        async let second = scene.myself(two.grant)
        #expect(try await (first.status, second.status) == (200, 200))
        #expect(scene.jira.oauth.renewals == 2)
    }

    @Test("a token that Jira refuses is renewed once; one that is new and refused is not")
    func refused() async throws {
        let scene = try await OAuthScene()
        let consent = try await scene.consent()
        #expect(try await scene.myself(consent.grant).status == 200)
        scene.jira.oauth.forgetAccessTokens()
        #expect(try await scene.myself(consent.grant).status == 200)
        #expect(scene.jira.oauth.renewals == 1)
        scene.jira.oauth.forgetAccessTokens()
        for _ in 0..<3 { #expect(try await scene.myself(consent.grant).status == 401) }
        #expect(scene.jira.oauth.renewals == 1, "no storm")
        scene.clock.advance(minutes: 1)
        #expect(try await scene.myself(consent.grant).status == 200)
    }

    @Test("the renewed refresh token is stored before its access token is used")
    func storedFirst() async throws {
        let scene = try await OAuthScene()
        let consent = try await scene.consent()
        scene.clock.advance(minutes: 61)
        #expect(try await scene.myself(consent.grant).status == 200)
        // Another process that knows only what is stored goes on without a renewal.
        let other = GrantKeeper(
            store: scene.store, transport: scene.wire, endpoints: scene.endpoints, time: scene.time)
        #expect(try await scene.myself(consent.grant, through: OAuthTransport(scene.wire, keeper: other)).status == 200)
        #expect(scene.jira.oauth.renewals == 1)
    }

    @Test("an answer that is lost on its way costs nothing within Atlassian's ten minutes")
    func lostAnswer() async throws {
        let scene = try await OAuthScene()
        let consent = try await scene.consent()
        scene.clock.advance(minutes: 61)
        scene.wire.losesTokenAnswers = true
        await #expect(throws: HTTPTransportError.self) { try await scene.myself(consent.grant) }
        scene.wire.losesTokenAnswers = false
        scene.clock.advance(minutes: 9)
        #expect(try await scene.myself(consent.grant).status == 200)
        #expect(try await scene.grant(consent.grant).ended == nil)
    }

    @Test("what cannot be stored is not used, and stored as soon as that is possible")
    func diskFull() async throws {
        let scene = try await OAuthScene()
        let consent = try await scene.consent()
        scene.clock.advance(minutes: 61)
        try await scene.store.write {
            try $0.connection.execute(
                "CREATE TRIGGER full BEFORE UPDATE ON oauth_grant BEGIN SELECT RAISE(ABORT, 'full'); END")
        }
        for _ in 0..<2 { await #expect(throws: HTTPTransportError.self) { try await scene.myself(consent.grant) } }
        #expect(scene.jira.oauth.renewals == 1, "the renewed token waits to be stored")
        try await scene.store.write { try $0.connection.execute("DROP TRIGGER full") }
        scene.clock.advance(minutes: 30)
        #expect(try await scene.myself(consent.grant).status == 200)
        #expect(scene.jira.oauth.renewals == 1)
    }

    @Test("a failing sign-in ends no grant")
    func passing() async throws {
        let scene = try await OAuthScene()
        let consent = try await scene.consent()
        scene.clock.advance(minutes: 61)
        for status in [500, 503, 429] {
            scene.jira.oauth.failure = status
            await #expect(throws: HTTPTransportError.self) { try await scene.myself(consent.grant) }
        }
        scene.jira.oauth.failure = nil
        #expect(try await scene.myself(consent.grant).status == 200)
    }

    struct Ending: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let code: OAuthError.Code
        let happen: @Sendable (OAuthScene, Int64) async throws -> Void
    }

    static let endings: [Ending] = [
        Ending(testDescription: "90 days without use", code: .grantInactive) { scene, _ in
            scene.clock.advance(days: 90)
        },
        Ending(testDescription: "365 days with use", code: .grantExpired) { scene, grant in
            for _ in 0..<12 {
                scene.clock.advance(days: 30)
                _ = try await scene.keeper.accessToken(of: grant)
            }
            scene.clock.advance(days: 5)
        },
        Ending(testDescription: "revoked", code: .grantRevoked) { scene, _ in
            scene.jira.oauth.revoke(person: scene.jira.site.tour.administrator.index)
            scene.clock.advance(minutes: 61)
        },
        Ending(testDescription: "renewed elsewhere more than ten minutes ago", code: .grantRevoked) { scene, grant in
            try await GrantTests.renewElsewhere(scene, grant)
            scene.clock.advance(minutes: 61)
        },
    ]

    /// As a second installation does that was restored from the same backup: it renews, and what is stored here stays as it was.
    static func renewElsewhere(_ scene: OAuthScene, _ grant: Int64) async throws {
        scene.clock.advance(minutes: 61)
        let before = try await scene.store.read {
            try $0.first("SELECT tokens FROM oauth_grant WHERE id = ?", grant) { $0.blob(0) }
        }
        let other = GrantKeeper(
            store: scene.store, transport: scene.wire, endpoints: scene.endpoints, time: scene.time)
        _ = try await other.accessToken(of: grant)
        try await scene.store.write {
            try $0.connection.execute(
                "UPDATE oauth_grant SET tokens = ?, generation = 0 WHERE id = ?", before ?? [], grant)
        }
    }

    @Test("a grant that is over says why, is answered as Jira would, and is not tried again", arguments: endings)
    func ends(_ ending: Ending) async throws {
        let scene = try await OAuthScene()
        let consent = try await scene.consent()
        try await ending.happen(scene, consent.grant)
        let response = try await scene.myself(consent.grant)
        #expect(response.status == 401)
        #expect(String(decoding: response.body, as: UTF8.self).contains("Connect again"))
        #expect(try await scene.grant(consent.grant).ended == ending.code)
        let asked = scene.wire.sent.count
        #expect(await OAuthScene.code { _ = try await scene.keeper.accessToken(of: consent.grant) } == ending.code)
        #expect(scene.wire.sent.count == asked)
    }

    @Test("grants that nobody uses are renewed before they end")
    func idle() async throws {
        let scene = try await OAuthScene()
        let consent = try await scene.consent()
        #expect(try await scene.keeper.renewIdle() == 0)
        for _ in 0..<5 {
            scene.clock.advance(days: 31)
            #expect(try await scene.keeper.renewIdle() == 1)
        }
        #expect(try await scene.grant(consent.grant).ended == nil)
    }

    @Test("tokens go to the gateway only, and no transport sends a grant's request without them")
    func gatewayOnly() async throws {
        let scene = try await OAuthScene()
        let consent = try await scene.consent()
        var request = HTTPRequest(.get, scene.jira.gatewayHost + ".evil.example.com/ex/jira/1/rest/api/3/myself")
        request.grant = consent.grant
        let wanted = request
        await #expect(throws: HTTPTransportError.self) { try await scene.transport.send(wanted) }
        #expect(scene.wire.sent.allSatisfy { $0.grant == nil })
    }

    @Test("secrets are kept sealed, and what nobody uses is removed")
    func sealedAndSwept() async throws {
        let scene = try await OAuthScene()
        let consent = try await scene.consent()
        let key = try scene.store.secretKey()
        let kept = try await scene.store.read { connection in
            try connection.rows("SELECT tokens FROM oauth_grant UNION ALL SELECT secret FROM oauth_app") { $0.blob(0) }
        }
        #expect(kept.count == 2)
        for bytes in kept {
            let text = String(decoding: bytes, as: UTF8.self)
            #expect(!text.contains("refresh-") && !text.contains("s3cret"))
        }
        try await scene.store.write { try GrantRecords.removeUnused(key: key, in: $0) }
        #expect(try await scene.grant(consent.grant).ended == nil, "a consent may be on its way to being used")
        scene.clock.advance(minutes: 61)
        try await scene.store.write { try GrantRecords.removeUnused(key: key, in: $0) }
        #expect(try await scene.store.read { try GrantRecords.all(in: $0) }.isEmpty)
        let other = await OAuthScene.code { _ = try await scene.keeper.accessToken(of: consent.grant) }
        #expect(other == .grantUnknown)
    }
}
