import AuditTrail
import CocoCompatibility
import Database
import FastJSON
import HTTPMessages
import IssueModel
import JiraSimulator
import SearchIndex
import SignIn
import SimulatedSite
import SiteConnection
import SourceAdministration
import Store
import SyncEngine
import Testing
import WebAPI
import WebFrame
import WebServer
import Workspace

/// A fresh server's parts, a simulated Jira beside them, and clients that send what Coco's send.
final class CocoScene: Sendable {
    let jira: InProcessJira
    let store: Store
    let signIn: SignInServices
    private let folder: TemporaryFolder
    private let service: SyncService
    private let server: OperationServer<CocoServices>

    static let publicURL = "https://drawbridge.example.com"
    init(_ flavour: SiteFlavour = .cloud, issues: Int = 60) async throws {
        let site = SimulatedSite(
            SiteConfiguration(flavour: flavour, seed: 11, issueCount: issues, averageIssueBytes: 1_000))
        jira = InProcessJira(site: site, pause: { _ in })
        folder = try TemporaryFolder()
        let data = try DataFolder(path: folder.path + "/data", for: .writing)
        _ = try data.secretKey()
        var options = Database.Options()
        options.onOpen = { try SearchIndex.register(on: $0) }
        store = try await Store(folder: data, options: options, migrations: Installation.migrations)
        signIn = SignInServices(store: store)
        service = SyncService(store: store, transport: jira, gatewayURL: jira.gatewayHost)
        let administration = SourceAdministration(
            store: store, setup: SourceSetup(transport: jira, gatewayURL: jira.gatewayHost), service: service)
        var services = CocoServices(
            store: store, searcher: Searcher(store.database), signIn: signIn, administration: administration)
        services.publicURL = Self.publicURL
        services.version = "9.9.9"
        server = Coco.server(services)
    }

    var tour: Tour { jira.site.tour }
    var operations: [WebFrame.Operation<CocoServices>] { server.operations }
    var dataFolder: String { folder.path + "/data" }

    // MARK: Asking

    struct Answer: CustomStringConvertible {
        let status: Int
        let headers: HTTPHeaders
        let text: String
        var json: JSONValue { (try? JSONValue(parsing: text)) ?? .null }
        var hits: [JSONValue] { json["hits"]?["hits"]?.array ?? [] }
        var total: Int? { json["hits"]?["total"]?["value"]?.integer }
        var ids: [String] { hits.compactMap { $0["_id"]?.string } }
        var keys: [String] { hits.compactMap { $0["_source"]?["metadata"]?["issue_key"]?.string } }
        var description: String { "\(status) \(text)" }
    }

    /// Sends a request as curl does: a body claims to be a form unless something else is said.
    func ask(
        _ method: HTTPMethod, _ target: String, _ body: String = "", token: String? = nil,
        headers: HTTPHeaders = [:]
    ) async -> Answer {
        var headers = headers
        headers["Host"] = "localhost:9000"
        if let token { headers["X-API-TOKEN"] = token }
        if !body.isEmpty { headers["Content-Type"] = "application/x-www-form-urlencoded" }
        let message = HTTPRequest(method, target, headers: headers, body: Array(body.utf8))
        let request = WebRequest(message, remoteAddress: "192.0.2.1")
        let response: WebResponse
        switch server.answer(request) ?? server.notFound(request) {
        case .now(let answer): response = answer
        case .later(let answer): response = await answer()
        }
        var bytes: [UInt8] = []
        if case .bytes(let content) = response.content { bytes = content }
        return Answer(status: response.status, headers: response.headers, text: String(decoding: bytes, as: UTF8.self))
    }

    // MARK: People

    @discardableResult
    func member(_ email: String, _ role: Member.Role = .member, password: String? = nil) async throws -> Member {
        try await signIn.members.add(.init(email: email, role: role), password: password, by: .commandLine)
    }

    func token(_ member: Member, _ scopes: Set<Scope> = [.read]) async throws -> String {
        try await signIn.accounts.createToken(for: member, name: "test", scopes: scopes, by: .commandLine).token
    }

    /// The token of an owner who may do everything.
    func ownerToken() async throws -> String {
        try await token(member("owner@example.com", .owner), [.admin])
    }

    /// The token of a member who is this person in every source.
    func readerToken(as person: User) async throws -> String {
        let member = try await member("m\(person.index)@example.com")
        let id = AccountID(jira.site.current().configuration.flavour.isCloud ? person.accountID : person.key)
        let now = store.now
        try await store.write { context in
            for source in try SourceRecords.all(in: context.connection, includingRemoved: false) {
                try IdentityLinks.set(id, for: member, source: source, at: now, in: context)
            }
        }
        return try await token(member)
    }

    // MARK: Jira

    /// The connector's configuration for the site's administrator, as Coco's page has it for this product.
    func configuration(project: String, more: String = "") throws -> String {
        let credential = try #require(jira.credentials.all(of: tour.administrator).first)
        let user = credential.kind == .apiToken ? #""username":"\#(credential.user)","# : ""
        return
            #"{"endpoint":"\#(jira.url)",\#(user)"token":"\#(credential.secret)","project_key":"\#(project)"\#(more)}"#
    }

    func secret() throws -> String { try #require(jira.credentials.all(of: tour.administrator).first?.secret) }

    var project: String { String(tour.issueKey.prefix { $0 != "-" }) }

    /// Creates a data source of the tour's project and returns its id.
    func connect(
        _ token: String, name: String = "My Jira", project: String? = nil, more: String = #","index_comments":true"#,
        sync: Bool = true
    ) async throws -> String {
        let body = """
            {"name":"\(name)","type":"connector","enabled":true,"connector":{"id":"jira",
            "config":\(try configuration(project: project ?? self.project, more: more))},
            "sync":{"enabled":true,"interval":"5m"}}
            """
        let answer = await ask(.post, "/datasource/", body, token: token)
        let id = try #require(answer.json["_id"]?.string, "\(answer)")
        if sync { try await synchronise(name) }
        return id
    }

    func synchronise(_ name: String) async throws { _ = try await service.synchronise(name, .all) }

    /// Keys of the project's issues that Jira shows a person.
    func truth(_ person: User) -> Set<String> {
        let state = jira.site.current()
        let isCloud = state.configuration.flavour.isCloud
        let ordinals = jira.truth(for: .user(person.index)).issues.compactMap { state.ordinal(id: $0) }
            // Data Center tells nobody who is in a level, so what has one is shown to nobody.
            .filter { isCloud || state.row($0).level == 0 }
        return Set(ordinals.map { state.key(of: $0) }.filter { $0.hasPrefix(project + "-") })
    }

    func trail() async throws -> [String] {
        try await store.read { try AuditTrail.list(limit: 1_000, in: $0).reversed().map(\.action) }
    }
}
