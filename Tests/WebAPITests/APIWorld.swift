import Database
import Foundation
import HTTPClient
import HTTPMessages
import IssueModel
import SearchIndex
import SignIn
import SiteConnection
import SourceAdministration
import Store
import SyncEngine
import WebAPI
import WebFrame
import WebServer
import Workspace

/// The API over an installation without sources, on a socket of its own.
final class APIWorld: Sendable {
    let store: Store
    let services: Services
    private let folder: String
    private let web: WebServer
    private let client = CurlTransport()

    /// Somebody who may ask.
    struct Identity: Sendable {
        let name: String
        /// `nil` for nobody: unknown, expired, revoked.
        let role: Member.Role?
        /// The highest scope.
        let scope: Scope?
        let headers: HTTPHeaders
    }

    /// Serves while `body` runs.
    static func serving(_ body: (APIWorld) async throws -> Void) async throws {
        let world = try await APIWorld()
        try world.web.start()
        do {
            try await body(world)
            await world.end()
        } catch {
            await world.end()
            throw error
        }
    }

    private init() async throws {
        folder = NSTemporaryDirectory() + "drawbridge-\(UUID().uuidString)"
        var options = Database.Options()
        options.onOpen = { try SearchIndex.register(on: $0) }
        store = try await Store(
            folder: try DataFolder(path: folder, for: .writing), options: options, migrations: Installation.migrations)
        _ = try store.secretKey()
        let network = NoNetwork()
        services = Services(
            store: store, authenticator: Authenticator(store: store), searcher: Searcher(store.database),
            administration: SourceAdministration(
                store: store, setup: SourceSetup(transport: network, gatewayURL: "http://gateway.example"),
                service: SyncService(store: store, transport: network)))
        let server = API.server(services)
        web = WebServer(WebServerConfiguration(), handler: { server.answer($0) ?? server.notFound($0) })
    }

    private func end() async {
        await web.stop()
        await store.close()
        try? FileManager.default.removeItem(atPath: folder)
    }

    func send(
        _ method: HTTPMethod, _ target: String, _ headers: HTTPHeaders = [:], body: String = ""
    ) async throws -> HTTPResponse {
        try await client.send(HTTPRequest(method, web.url + target, headers: headers, body: Array(body.utf8)))
    }

    func status(_ method: HTTPMethod, _ target: String, _ headers: HTTPHeaders) async throws -> Int {
        try await send(method, target, headers).status
    }

    /// Everybody: nobody, members, admins and owners, with sessions and with tokens of each scope; and what is over.
    func identities() async throws -> [Identity] {
        var found = [
            Identity(name: "nobody", role: nil, scope: nil, headers: [:]),
            Identity(name: "a made-up token", role: nil, scope: nil, headers: Self.bearer("dbt_nobody-has-this")),
        ]
        for (name, role) in [
            ("member", Member.Role.member), ("other member", .member), ("admin", .admin), ("owner", .owner),
        ] {
            let member = try await add(name, role)
            let session = try await session(of: member)
            found.append(
                Identity(name: "\(name)'s session", role: role, scope: .admin, headers: Self.cookie(session.secret)))
            for scope in Scope.allCases where Scope.all(for: role).contains(scope) {
                let token = try await token(of: member, [scope])
                found.append(
                    Identity(
                        name: "\(name)'s \(scope.rawValue) token", role: role, scope: scope,
                        headers: Self.bearer(token.token)))
            }
        }
        return found + (try await ended())
    }

    /// What an owner had, and nobody may use any more.
    private func ended() async throws -> [Identity] {
        let owner = try await add("former", .owner)
        let (session, revoked) = (try await session(of: owner), try await session(of: owner))
        let (token, recalled) = (try await token(of: owner, [.admin]), try await token(of: owner, [.admin]))
        let suspended = try await add("suspended", .owner)
        let idle = try await self.session(of: suspended)
        try await store.write { context in
            let connection = context.connection
            try connection.execute("UPDATE session SET born = 1, touched = 1 WHERE id = ?", session.id.rawValue)
            try connection.execute("UPDATE api_token SET deadline = 1 WHERE id = ?", token.record.id.rawValue)
            _ = try Sessions.revoke(revoked.id, of: owner.id, in: context)
            _ = try ApiTokens.revoke(recalled.record.id, in: context)
            var changed = suspended
            changed.state = .suspended
            try MemberRecords.update(changed, in: context)
        }
        func nobody(_ name: String, _ headers: HTTPHeaders) -> Identity {
            Identity(name: name, role: nil, scope: nil, headers: headers)
        }
        return [
            nobody("an expired session", Self.cookie(session.secret)),
            nobody("a revoked session", Self.cookie(revoked.secret)),
            nobody("an expired token", Self.bearer(token.token)),
            nobody("a revoked token", Self.bearer(recalled.token)),
            nobody("a suspended owner's session", Self.cookie(idle.secret)),
        ]
    }

    func add(_ name: String, _ role: Member.Role) async throws -> Member {
        let email = name.replacingOccurrences(of: " ", with: "-") + "@example.com"
        return try await store.write { context in
            try MemberRecords.add(Member(email: email, role: role, added: context.now), in: context)
        }
    }

    func session(of member: Member) async throws -> Sessions.Started {
        try await store.write {
            try Sessions.start(member, method: "password", remote: "127.0.0.1", agent: "", in: $0)
        }
    }

    func token(of member: Member, _ scopes: Set<Scope>) async throws -> ApiTokens.Created {
        try await store.write {
            try ApiTokens.create(for: member, name: "test", scopes: scopes, days: 1, in: $0)
        }
    }

    static func bearer(_ token: String) -> HTTPHeaders { ["Authorization": "Bearer \(token)"] }

    static func cookie(_ secret: String) -> HTTPHeaders {
        ["Cookie": "drawbridge_session=\(secret)", "X-Drawbridge": "1"]
    }
}

/// Nobody here has a Jira.
struct NoNetwork: HTTPTransport {
    func send(_ request: HTTPRequest) async throws(HTTPTransportError) -> HTTPResponse {
        throw HTTPTransportError(.cannotConnect)
    }
}
