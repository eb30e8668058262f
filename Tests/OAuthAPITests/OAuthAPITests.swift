import AuditTrail
import Database
import FastJSON
import Foundation
import HTTPClient
import HTTPMessages
import JiraOAuth
import JiraSimulator
import SearchIndex
import SignIn
import SimulatedOAuth
import SimulatedSite
import SiteConnection
import SourceAdministration
import Store
import Synchronization
import SyncEngine
import Testing
import WebAPI
import WebFrame
import WebServer
import Workspace

/// Our server and a simulated Jira with its sign-in, both on sockets, and a browser between them.
final class OAuthWorld: Sendable {
    let jira: SimulatorServer
    let store: Store
    private let folder: String
    private let web: WebServer
    private let client = CurlTransport()

    static func running(_ body: (OAuthWorld) async throws -> Void) async throws {
        let world = try await OAuthWorld()
        do {
            try await body(world)
            await world.end()
        } catch {
            await world.end()
            throw error
        }
    }

    private init() async throws {
        jira = SimulatorServer(
            site: SimulatedSite(SiteConfiguration(flavour: .cloud, seed: 3, issueCount: 12), clock: .system))
        try jira.start()
        folder = NSTemporaryDirectory() + "drawbridge-\(UUID().uuidString)"
        var options = Database.Options()
        options.onOpen = { try SearchIndex.register(on: $0) }
        store = try await Store(
            folder: try DataFolder(path: folder, for: .writing), options: options, migrations: Installation.migrations)
        let shared = Shared()
        let store = store
        web = WebServer(WebServerConfiguration()) { request in
            let server = shared.handler.withLock { $0 }
            return server?.answer(request) ?? .now(WebResponse(status: 404))
        }
        try web.start()
        let endpoints = OAuthEndpoints(authorization: jira.gatewayHost, api: jira.gatewayHost)
        let keeper = GrantKeeper(store: store, transport: CurlTransport(), endpoints: endpoints)
        let transport = OAuthTransport(CurlTransport(), keeper: keeper)
        var services = Services(
            store: store, authenticator: Authenticator(store: store), searcher: Searcher(store.database),
            administration: SourceAdministration(
                store: store, setup: SourceSetup(transport: transport, gatewayURL: endpoints.api),
                service: SyncService(store: store, transport: transport, gatewayURL: endpoints.api)))
        services.publicURL = web.url
        services.oauth = OAuthService(store: store, transport: transport, endpoints: endpoints)
        let server = API.server(services)
        shared.handler.withLock { $0 = server }
        jira.oauth.register(
            .init(
                clientID: "client", clientSecret: "s3cret", callbacks: [web.url + CallbackCheck.path],
                scopes: Set(OAuthPurpose.allCases.flatMap(\.classicScopes) + [OAuthPurpose.renewal])))
    }

    private final class Shared: Sendable {
        let handler = Mutex<OperationServer<Services>?>(nil)
    }

    private func end() async {
        await web.stop()
        await jira.stop()
        await store.close()
        try? FileManager.default.removeItem(atPath: folder)
    }

    /// Somebody signed in, with what their browser keeps.
    func person(_ name: String, _ role: Member.Role) async throws -> Browser {
        let (member, session) = try await store.write { context in
            let member = try MemberRecords.add(
                Member(email: name + "@elsewhere.example", role: role, added: context.now), in: context)
            return (member, try Sessions.start(member, method: "password", remote: "", agent: "", in: context))
        }
        return Browser(world: self, member: member, session: session.secret)
    }

    struct Browser {
        let world: OAuthWorld
        let member: Member
        let session: String

        func send(
            _ method: HTTPMethod, _ target: String, _ body: JSONValue = .null, cookie: String = ""
        ) async throws -> HTTPResponse {
            var headers: HTTPHeaders = [
                "Cookie": "drawbridge_session=\(session)" + (cookie.isEmpty ? "" : "; " + cookie)
            ]
            if method != .get {
                headers["X-Drawbridge"] = "1"
                headers["Origin"] = world.web.url
                headers["Content-Type"] = "application/json"
            }
            let url = target.hasPrefix("http") ? target : world.web.url + target
            return try await world.client.send(
                HTTPRequest(method, url, headers: headers, body: body == .null ? [] : body.serialized()))
        }

        /// Goes where `begin` says, allows it as `person`, and comes back.
        func consent(_ begin: String, _ body: JSONValue, as person: User) async throws -> HTTPResponse {
            let begun = try await send(.post, begin, body)
            #expect(begun.status == 200, "\(String(decoding: begun.body, as: UTF8.self))")
            let url = try JSONValue(parsing: begun.body)["url"]?.string ?? ""
            let cookie = begun.headers["Set-Cookie"]?.split(separator: ";").first.map(String.init) ?? ""
            let there = try await world.client.send(
                HTTPRequest(.get, url + "&simulated_person=" + PercentEncoding.encode(person.email)))
            #expect(there.status == 302)
            return try await send(.get, there.headers["Location"] ?? "", cookie: cookie)
        }
    }
}

@Suite("Connecting by OAuth over the API") struct OAuthAPITests {
    @Test("an admin connects a site, and a member proves an account there, each by allowing the app")
    func connects() async throws {
        try await OAuthWorld.running { world in
            let admin = try await world.person("admin", .admin)
            let back = try await admin.consent(
                "/api/v1/oauth/jira/consents", ["clientId": "client", "clientSecret": "s3cret"],
                as: world.jira.site.tour.administrator)
            #expect(back.status == 200, "\(String(decoding: back.body, as: UTF8.self))")
            #expect(back.headers["Set-Cookie"]?.contains("Max-Age=0") == true)
            let told = try JSONValue(parsing: back.body)
            let (grant, site) = (told["grant"] ?? .null, told["sites"]?[0]?["id"] ?? .null)
            let added = try await admin.send(
                .post, "/api/v1/sources",
                [
                    "name": "work", "url": .string(world.jira.url), "accessMode": "linked",
                    "credential": ["kind": "oauth", "grant": grant, "site": site],
                ])
            #expect(added.status == 201, "\(String(decoding: added.body, as: UTF8.self))")

            let member = try await world.person("someone", .member)
            let person = world.jira.site.tour.developer
            let linked = try await member.consent("/api/v1/me/jira-consents", ["source": "work"], as: person)
            #expect(linked.status == 200, "\(String(decoding: linked.body, as: UTF8.self))")
            #expect(try JSONValue(parsing: linked.body)["account"]?.string == person.accountID)

            let trail = try await world.store.read { try AuditTrail.list(in: $0).reversed().map(\.action) }
            #expect(
                trail == [
                    "oauth.consent_begun", "oauth.consent_given", "source.added", "oauth.consent_begun",
                    "oauth.consent_given", "identity.proven",
                ])

            // A member's own grant does not become a source's credential.
            let own = try JSONValue(parsing: linked.body)["grant"] ?? .null
            let stolen = try await admin.send(
                .put, "/api/v1/sources/work/credential", ["kind": "oauth", "grant": own, "site": site])
            #expect(stolen.status == 400)
            let grants = try await admin.send(.get, "/api/v1/oauth/jira/grants")
            #expect(try JSONValue(parsing: grants.body)["grants"]?.array?.count == 1)
            let text = String(decoding: grants.body + linked.body + back.body, as: UTF8.self)
            #expect(!text.contains("access-") && !text.contains("refresh-") && !text.contains("s3cret"))
        }
    }

    @Test("a consent that another browser brings back is refused in words")
    func otherBrowser() async throws {
        try await OAuthWorld.running { world in
            let admin = try await world.person("admin", .admin)
            let answer = try await admin.send(.get, CallbackCheck.path + "?code=a&state=b")
            #expect(answer.status == 400)
            #expect(try JSONValue(parsing: answer.body)["code"]?.string == "oauth_not_started_here")
            let member = try await world.person("someone", .member)
            let nothing = try await member.send(.post, "/api/v1/me/jira-consents", ["source": "work"])
            #expect(nothing.status == 404)
        }
    }
}
