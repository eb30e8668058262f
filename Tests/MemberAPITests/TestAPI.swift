import Cryptography
import Database
import AuditTrail
import Database
import FastJSON
import HTTPMessages
import IssueModel
import SearchIndex
import SignIn
import SiteConnection
import SourceAdministration
import Store
import SyncEngine
import Synchronization
import Testing
import WebAPI
import WebFrame
import WebServer
import Workspace

/// The API over an empty installation, asked without a socket, with a clock that a test sets.
final class TestAPI: Sendable {
    let folder: TemporaryFolder
    let store: Store
    let services: Services
    let server: OperationServer<Services>
    private let clock: Clock

    private final class Clock: Sendable {
        let milliseconds = Mutex<Int64>(1_790_000_000_000)
    }

    static let password = "a long enough phrase"

    /// - Parameter provider: Makes a sign-in provider with the installation's key.
    init(provider: (SecretKey) throws -> ProviderSignIn? = { _ in nil }) async throws {
        folder = try TemporaryFolder()
        let clock = Clock()
        self.clock = clock
        var options = Database.Options(execution: .threads(readers: 2))
        options.onOpen = { try SearchIndex.register(on: $0) }
        store = try await Store(
            folder: DataFolder(path: folder.file("data"), for: .writing), options: options,
            migrations: Workspace.migrations + AuditTrail.migrations + SignIn.migrations + KeptAnswers.migrations
                + SearchIndex.migrations,
            clock: { Timestamp(milliseconds: clock.milliseconds.withLock { $0 }) })
        var services = Services(
            store: store,
            authenticator: Authenticator(
                store: store, configuration: .init(publicOrigin: "http://drawbridge.example", isSecure: false)),
            searcher: Searcher(store.database),
            administration: SourceAdministration(
                store: store, setup: SourceSetup(transport: NoNetwork(), gatewayURL: "http://gateway.example"),
                service: SyncService(store: store, transport: NoNetwork())))
        services.provider = try provider(try store.secretKey())
        services.publicURL = "http://drawbridge.example/"
        self.services = services
        server = API.server(services)
    }

    func advance(seconds: Int64) { clock.milliseconds.withLock { $0 += seconds * 1_000 } }

    var now: Timestamp { Timestamp(milliseconds: clock.milliseconds.withLock { $0 }) }

    /// An answer, read.
    struct Reply: Sendable {
        var status: Int
        var headers: HTTPHeaders
        var json: JSONValue

        subscript(_ key: String) -> JSONValue? { json[key] }
        var code: String? { json["code"]?.string }
        /// The secret of the session that the answer sets.
        var session: String? {
            headers["Set-Cookie"]?.split(separator: ";").first?.split(separator: "=").last.map(String.init)
        }
    }

    /// How a request is sent.
    enum Way: Sendable {
        case session(String), token(String), nobody
    }

    func ask(
        _ method: HTTPMethod, _ path: String, _ body: JSONValue? = nil, as way: Way = .nobody,
        headers more: [String: String] = [:]
    ) async throws -> Reply {
        var headers: HTTPHeaders = ["Host": "drawbridge.example", "X-Drawbridge": "1"]
        switch way {
        case .session(let secret): headers["Cookie"] = "drawbridge_session=\(secret)"
        case .token(let token): headers["X-API-TOKEN"] = token
        case .nobody: break
        }
        if body != nil { headers["Content-Type"] = "application/json" }
        for (name, value) in more { headers[name] = value }
        let request = WebRequest(
            HTTPRequest(
                method, path.hasPrefix("/") ? path : "/api/v1/" + path, headers: headers, body: body?.serialized() ?? []
            ),
            remoteAddress: "192.0.2.1")
        let answer = try #require(server.answer(request))
        let response: WebResponse
        switch answer {
        case .now(let ready): response = ready
        case .later(let job): response = await job()
        }
        guard case .bytes(let bytes) = response.content else {
            return Reply(status: response.status, headers: response.headers, json: .null)
        }
        return Reply(
            status: response.status, headers: response.headers,
            json: bytes.isEmpty ? .null : try JSONValue(parsing: bytes))
    }

    @discardableResult
    func member(_ email: String, _ role: Member.Role = .member, password: String? = nil) async throws -> Member {
        try await services.signIn.members.add(
            .init(email: email, role: role), password: password, by: .commandLine)
    }

    /// A session of a new member, without the work of a password.
    func session(_ email: String, _ role: Member.Role = .member) async throws -> Way {
        let member = try await member(email, role)
        return try await session(of: member)
    }

    func session(of member: Member) async throws -> Way {
        .session(
            try await store.write {
                try Sessions.start(member, method: "password", remote: "192.0.2.1", agent: "", in: $0)
            }.secret)
    }

    func trail() async throws -> [String] {
        try await store.read { try AuditTrail.list(limit: 1_000, in: $0).reversed().map(\.action) }
    }
}

/// Members need no Jira.
struct NoNetwork: HTTPTransport {
    func send(_ request: HTTPRequest) async throws(HTTPTransportError) -> HTTPResponse {
        throw HTTPTransportError(.cannotConnect)
    }
}
