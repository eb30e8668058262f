import AccessControl
import AccessEngine
import ChangeFeed
import Database
import Foundation
import IssueModel
import JiraClient
import JiraSimulator
import SearchIndex
import SimulatedAccess
import SimulatedSite
import SiteConnection
import Store
import SyncEngine
import WebAPI

/// A tiny simulated site in process, a data folder with it as the only source, one clock for both, and the feed of it.
final class FeedScene: Sendable {
    let jira: InProcessJira
    let clock: VirtualSiteClock
    let store: Store
    let feed: ChangeFeed
    private let folder: String
    static let name = "sim"

    var site: SimulatedSite { jira.site }

    static func lent<Result>(
        seed: UInt64 = 1, isRead: Bool = true, _ body: (FeedScene) async throws -> Result
    ) async throws -> Result {
        let configuration = SiteConfiguration.tiny(seed: seed, administratorSeesAll: true)
        let clock = VirtualSiteClock(configuration.now)
        let jira = InProcessJira(
            site: SimulatedSite(configuration, clock: clock.clock),
            pause: { clock.advance(by: Int64($0 / .milliseconds(1))) })
        let folder = NSTemporaryDirectory() + "drawbridge-feed-\(UUID().uuidString)"
        var result: Swift.Result<Result, any Error>
        do {
            var options = Database.Options()
            options.onOpen = { try SearchIndex.register(on: $0) }
            let store = try await Store(
                folder: DataFolder(path: folder, for: .writing), options: options, migrations: Installation.migrations,
                clock: { .init(milliseconds: clock.now) })
            let scene = try FeedScene(jira, clock, store, folder)
            _ = try await scene.setup.add(
                .init(name: name, address: jira.url, credential: scene.administrator, mode: .mirror), to: store)
            if isRead { try await scene.synchronise() }
            result = .success(try await body(scene))
            await store.close()
        } catch {
            result = .failure(error)
        }
        try? FileManager.default.removeItem(atPath: folder)
        return try result.get()
    }

    private init(_ jira: InProcessJira, _ clock: VirtualSiteClock, _ store: Store, _ folder: String) throws {
        self.jira = jira
        self.clock = clock
        self.store = store
        self.folder = folder
        feed = ChangeFeed(store: store, key: try store.secretKey())
    }

    private var administrator: Credential {
        guard let person = jira.credentials.administrator, let first = jira.credentials.all(of: person).first else {
            return .anonymous
        }
        return first.kind == .apiToken
            ? .apiToken(email: first.user, token: first.secret) : .personalAccessToken(first.secret)
    }

    private var options: SyncOptions {
        var options = SyncOptions()
        options.client.pacing.firstBackoff = .milliseconds(1)
        options.client.pacing.longestBackoff = .milliseconds(1)
        return options
    }

    var time: TimeSource {
        let clock = clock
        return TimeSource(
            elapsed: { .milliseconds(clock.now) }, now: { .init(milliseconds: clock.now) },
            sleep: { clock.advance(by: Int64($0 / .milliseconds(1))) })
    }

    var setup: SourceSetup {
        SourceSetup(transport: jira, gatewayURL: jira.gatewayHost, options: options.client, time: time)
    }

    var service: SyncService {
        SyncService(store: store, transport: jira, gatewayURL: jira.gatewayHost, options: options, time: time)
    }

    /// Reads what changed, late enough for everything that decides access to be due.
    func synchronise() async throws {
        clock.advance(by: 301_000)
        _ = try await service.synchronise(Self.name)
    }

    func source() async throws -> Source {
        guard let source = try await store.read({ try SourceRecords.find(Self.name, in: $0) }) else {
            throw StoreError(.notFound, "The source is gone")
        }
        return source
    }

    func account(_ user: Int) -> AccountID {
        let person = site.current().users[user]
        return AccountID(site.configuration.flavour.isCloud ? person.accountID : person.key)
    }

    func reader(_ user: Int) async throws -> Reader { .accounts([try await source().id: account(user)]) }

    /// What a reader is shown: `access visible`.
    func visible(to reader: Reader) async throws -> Set<IssueID> {
        let (id, access) = (try await source().id, store.access)
        return try await store.read { connection in
            Set(
                try VisibleRecords(source: id, allowed: try access.allowed(to: reader, in: connection), in: connection)
                    .issues)
        }
    }

    /// Every page from `cursor` to the end.
    func all(after cursor: String?, for reader: Reader, limit: Int = 200) async throws -> ([FeedChange], String) {
        var (changes, cursor) = ([FeedChange](), cursor)
        while true {
            let page = try await feed.changes(after: cursor, for: reader, limit: limit)
            (changes, cursor) = (changes + page.changes, page.cursor)
            if !page.hasMore { return (changes, page.cursor) }
        }
    }

    /// Changes an issue in the store alone.
    func write(_ body: @escaping @Sendable (WriteContext) throws -> Void) async throws { try await store.write(body) }
}

extension FeedChange {
    /// Short: `changed 10001`.
    var short: String {
        switch what {
        case .access(let reason, _): "access \(reason.rawValue)"
        case .changed(let issue), .removed(let issue): "\(kind) \(issue.id)"
        }
    }
}
