import AccessControl
import Database
import Foundation
import HTTPClient
import HTTPMessages
import IssueModel
import JiraClient
import JiraSimulator
import SearchIndex
import SimulatedSite
import SiteConnection
import Store
import SyncEngine
import Testing
import Workspace

/// A simulated site on a port, and a data folder with that site as its only source.
final class SimulatedSource: Sendable {
    let server: SimulatorServer
    let store: Store
    let credential: Credential
    let transport: any HTTPTransport
    let folder: String
    var options: SyncOptions { optionsBox }
    private let optionsBox: SyncOptions

    static let name = "sim"

    /// Lends a source, already added, and takes it all down afterwards.
    static func lent<Result>(
        _ configuration: SiteConfiguration, clock: SiteClock? = nil, server settings: SimulatorConfiguration? = nil,
        anonymous: Bool = false, account: Int? = nil, scope: Source.Scope = .init(), mode: Source.AccessMode? = nil,
        adjust: (inout SyncOptions) -> Void = { _ in }, _ body: (SimulatedSource) async throws -> Result
    ) async throws -> Result {
        let site = SimulatedSite(configuration, clock: clock)
        let server = SimulatorServer(site: site, configuration: settings ?? SimulatorConfiguration())
        try server.start()
        let folder = NSTemporaryDirectory() + "drawbridge-sync-\(UUID().uuidString)"
        var options = SyncOptions()
        options.client.pacing.firstBackoff = .milliseconds(5)
        options.client.pacing.longestBackoff = .milliseconds(20)
        adjust(&options)
        var result: Swift.Result<Result, any Error>
        do {
            let store = try await open(folder)
            let source = SimulatedSource(
                server: server, store: store, credential: anonymous ? .anonymous : credential(server, account),
                folder: folder, options: options)
            let setup = SourceSetup(
                transport: source.transport, gatewayURL: server.gatewayHost, options: options.client)
            _ = try await setup.add(
                .init(
                    name: name, address: server.url, credential: source.credential, projects: scope.projects,
                    jql: scope.jql, mode: mode), to: store)
            result = .success(try await body(source))
            await store.close()
        } catch {
            result = .failure(error)
        }
        await server.stop()
        try? FileManager.default.removeItem(atPath: folder)
        return try result.get()
    }

    private init(
        server: SimulatorServer, store: Store, credential: Credential, folder: String, options: SyncOptions
    ) {
        self.server = server
        self.store = store
        self.credential = credential
        self.folder = folder
        optionsBox = options
        transport = CurlTransport()
    }

    static func open(_ folder: String) async throws -> Store {
        var options = Database.Options()
        options.onOpen = { try SearchIndex.register(on: $0) }
        return try await Store(
            folder: DataFolder(path: folder, for: .writing), options: options,
            migrations: Workspace.migrations + SearchIndex.migrations)
    }

    private static func credential(_ server: SimulatorServer, _ account: Int?) -> Credential {
        let credentials = server.credentials
        let person = account.map { server.site.current().users[$0] } ?? credentials.administrator
        guard let person, let first = credentials.all(of: person).first else { return .anonymous }
        return first.kind == .apiToken
            ? .apiToken(email: first.user, token: first.secret) : .personalAccessToken(first.secret)
    }

    func synchronise(
        isFull: Bool = false, transport: (any HTTPTransport)? = nil, options: SyncOptions? = nil,
        extractor: (any AttachmentReading)? = nil, time: TimeSource = .system,
        report: @escaping @Sendable (SyncProgress) -> Void = { _ in }
    ) async throws(SyncFailure) -> SyncSummary {
        try await SyncService(
            store: store, transport: transport ?? self.transport, gatewayURL: server.gatewayHost,
            options: options ?? self.options, extractor: extractor, time: time
        ).synchronise(Self.name, isFull ? .full : .all, report: report)
    }

    /// The account the source reads with.
    var caller: Caller {
        switch credential {
        case .anonymous, .oauth: .anonymous
        case .apiToken(let email, _): server.site.current().user(email: email).map { .user($0.index) } ?? .anonymous
        case .personalAccessToken(let token):
            server.site.current().users.first { $0.personalAccessToken == token }.map { .user($0.index) } ?? .anonymous
        case .password(let name, _): server.site.current().user(name: name).map { .user($0.index) } ?? .anonymous
        }
    }

    func sourceRecord() async throws -> Source {
        try #require(try await store.read { try SourceRecords.find(Self.name, in: $0) })
    }

    /// What a reader may see of what is stored.
    func visible(to reader: Reader) async throws -> VisibleRecords {
        let (id, access) = (try await sourceRecord().id, store.access)
        return try await store.read { connection in
            try VisibleRecords(source: id, allowed: try access.allowed(to: reader, in: connection), in: connection)
        }
    }
}

/// Ids of what somebody sees, in ascending order.
struct Seen: Hashable, CustomStringConvertible {
    var issues: [Int]
    var comments: [Int]
    var worklogs: [Int]
    var attachments: [Int]

    init(_ truth: SiteTruth) {
        issues = truth.issues.sorted()
        comments = truth.comments.sorted()
        worklogs = truth.worklogs.sorted()
        attachments = truth.attachments.sorted()
    }

    init(_ records: VisibleRecords) {
        issues = records.issues.map { Int($0.rawValue) }.sorted()
        comments = records.comments.compactMap { Int($0.rawValue) }.sorted()
        worklogs = records.worklogs.compactMap { Int($0.rawValue) }.sorted()
        attachments = records.attachments.compactMap { Int($0.rawValue) }.sorted()
    }

    /// What is in both.
    func meeting(_ other: Seen) -> Seen {
        func both(_ left: [Int], _ right: [Int]) -> [Int] { Set(left).intersection(right).sorted() }
        var result = self
        result.issues = both(issues, other.issues)
        result.comments = both(comments, other.comments)
        result.worklogs = both(worklogs, other.worklogs)
        result.attachments = both(attachments, other.attachments)
        return result
    }

    /// Short: how many of each, and the ids that only one of two has.
    var description: String {
        "\(issues.count) issues, \(comments.count) comments, \(worklogs.count) worklogs, \(attachments.count) attachments"
    }

    func difference(_ other: Seen) -> String {
        func text(_ name: String, _ left: [Int], _ right: [Int]) -> String {
            let missing = Set(right).subtracting(left).sorted().prefix(5)
            let extra = Set(left).subtracting(right).sorted().prefix(5)
            return missing.isEmpty && extra.isEmpty ? "" : "\(name): missing \(missing), too many \(extra). "
        }
        return text("issues", issues, other.issues) + text("comments", comments, other.comments)
            + text("worklogs", worklogs, other.worklogs) + text("attachments", attachments, other.attachments)
    }
}
