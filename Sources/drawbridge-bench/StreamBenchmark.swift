import AccessControl
import ChangeFeed
import Database
import Foundation
import IssueModel
import JiraClient
import JiraSimulator
import SearchIndex
import SignIn
import SimulatedAccess
import SimulatedSite
import SiteConnection
import SourceAdministration
import Store
import SyncEngine
import WebAPI
import WebFrame
import WebServer
import Workspace

/// A thousand open event streams: what they take, and how soon each is told of a change.
struct StreamBenchmark {
    let streams: Int

    init(_ arguments: BenchArguments) { streams = arguments.number("streams", default: 1_000) }

    func run() async throws -> BenchReport {
        let folder = NSTemporaryDirectory() + "drawbridge-bench-\(UUID().uuidString)"
        defer { try? FileManager.default.removeItem(atPath: folder) }
        var options = Database.Options()
        options.onOpen = { try SearchIndex.register(on: $0) }
        let store = try await Store(
            folder: DataFolder(path: folder, for: .writing), options: options, migrations: Installation.migrations)
        let administration = try await read(into: store)
        let feed = try FeedService(store: store)
        var services = Services(
            store: store, authenticator: Authenticator(store: store), searcher: Searcher(store.database),
            administration: administration)
        services.feed = feed
        let api = API.server(services)
        let web = WebServer(WebServerConfiguration()) { api.answer($0) ?? api.notFound($0) }
        try web.start()
        let tokens = try await members(in: store)
        let report = try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { await feed.run() }
            defer { group.cancelAll() }
            return try await measure(web.port, tokens, feed, store)
        }
        await web.stop()
        await store.close()
        return report
    }

    private func measure(
        _ port: Int, _ tokens: [String], _ feed: FeedService, _ store: Store
    ) async throws -> BenchReport {
        var report = BenchReport(name: "streams \(streams)")
        // What the first stream needs once, all have.
        let sockets = StreamSockets()
        defer { sockets.closeAll() }
        try open(1, of: sockets, port, tokens)
        guard sockets.wait(for: "event: source", on: 1, seconds: 10) == 1 else {
            throw BenchFailure("No stream began.")
        }
        let (before, began) = (Self.memory(), ContinuousClock.now)
        try open(streams, of: sockets, port, tokens)
        let told = sockets.wait(for: "retry: 3000", on: streams - 1, seconds: 60)
        guard told == streams - 1, feed.events.count == streams else {
            throw BenchFailure("\(told) of \(streams) streams were opened.")
        }
        report.add("seconds until all are open", (ContinuousClock.now - began) / .seconds(1), "s")
        var slowest = 0.0
        let spent = CPUTime.own()
        for _ in 0..<10 {
            let changed = ContinuousClock.now
            try await store.write { try $0.connection.execute("UPDATE issue SET raw_hash = raw_hash + 1 WHERE id = 1") }
            feed.signal()
            guard sockets.wait(for: "event: change", on: streams, seconds: 60) == streams else {
                throw BenchFailure("Not every stream was told of a change.")
            }
            slowest = max(slowest, (ContinuousClock.now - changed) / .seconds(1))
        }
        report.add("until each is told of a change, the slowest of ten", slowest, "s")
        report.add("  processor time, reading them included", (CPUTime.own() - spent) / 10 * 1_000, "ms a change")
        report.add("memory", Double(Self.memory() - before) / 1e6, "MB", atMost: 100)
        return report
    }

    /// Opens connections up to so many in all.
    private func open(_ count: Int, of sockets: StreamSockets, _ port: Int, _ tokens: [String]) throws {
        while sockets.count < count {
            let token = tokens[sockets.count % tokens.count]
            try sockets.open(
                port: port,
                request: "GET /api/v1/events HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer \(token)\r\n\r\n")
        }
    }

    /// A tiny site whose issues every member may see.
    private func read(into store: Store) async throws -> SourceAdministration {
        let jira = InProcessJira(site: SimulatedSite(.tiny(seed: 1, administratorSeesAll: true), clock: .system))
        guard let person = jira.credentials.administrator, let first = jira.credentials.all(of: person).first else {
            throw BenchFailure("The site has no administrator.")
        }
        let credential: Credential =
            first.kind == .apiToken
            ? .apiToken(email: first.user, token: first.secret) : .personalAccessToken(first.secret)
        let setup = SourceSetup(transport: jira, gatewayURL: jira.gatewayHost)
        _ = try await setup.add(
            .init(name: BenchSource.name, address: jira.url, credential: credential, mode: .shared), to: store)
        let service = SyncService(store: store, transport: jira, gatewayURL: jira.gatewayHost)
        _ = try await service.synchronise(BenchSource.name)
        return SourceAdministration(store: store, setup: setup, service: service)
    }

    /// Members enough for all streams, each with a token.
    private func members(in store: Store) async throws -> [String] {
        let count = (streams + 19) / 20
        return try await store.write { context in
            try (0..<count).map { number in
                let member = try MemberRecords.add(
                    Member(email: "member\(number)@acme.example", added: context.now), in: context)
                return try ApiTokens.create(for: member, name: "bench", scopes: [.read], days: 1, in: context).token
            }
        }
    }

    /// Bytes of this process that are in memory.
    private static func memory() -> Int {
        let text = (try? String(contentsOfFile: "/proc/self/statm", encoding: .utf8)) ?? ""
        let pages = text.split(separator: " ").dropFirst().first.flatMap { Int($0) } ?? 0
        return pages * Int(getpagesize())
    }
}
