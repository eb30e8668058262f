import AccessControl
import Database
import Foundation
import IssueModel
import JiraClient
import JiraSimulator
import SearchIndex
import SimulatedData
import SimulatedSite
import SiteConnection
import Store
import SyncEngine
import Testing
import Verification
import Workspace

/// A small simulated site without sockets, and copies of data folders that hold it, all in this process.
final class InProcessSource: Sendable {
    let jira: InProcessJira
    private let clock: VirtualSiteClock
    private let folder: String
    static let name = "sim"

    static func lent(_ body: (InProcessSource) async throws -> Void) async throws {
        let source = try InProcessSource()
        try await body(source)
    }

    private init() throws {
        let configuration = SiteConfiguration(flavour: .cloud, seed: 3, issueCount: 16, averageIssueBytes: 500)
        let clock = VirtualSiteClock(configuration.now)
        self.clock = clock
        jira = InProcessJira(
            site: SimulatedSite(configuration, clock: clock.clock),
            pause: { clock.advance(by: Int64($0 / .milliseconds(1))) })
        let place = FileManager.default.isWritableFile(atPath: "/dev/shm") ? "/dev/shm/" : NSTemporaryDirectory()
        folder = place + "drawbridge-faulty-\(UUID().uuidString)"
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    }

    deinit { try? FileManager.default.removeItem(atPath: folder) }

    func path(_ name: String) -> String { folder + "/" + name }

    func copy(_ from: String, as to: String) throws {
        try? FileManager.default.removeItem(atPath: path(to))
        try FileManager.default.copyItem(atPath: path(from), toPath: path(to))
    }

    /// Opens a data folder, lends it, and closes it again whatever happens.
    func lend<Value>(_ name: String, _ body: (Store) async throws -> Value) async throws -> Value {
        var options = Database.Options(
            execution: .inline, writerCache: 512, readerCache: 512, checkpointPages: 40, pageSize: 4_096)
        options.onOpen = { try SearchIndex.register(on: $0) }
        let clock = clock
        let store = try await Store(
            folder: DataFolder(path: path(name), for: .writing), options: options,
            migrations: Workspace.migrations + SearchIndex.migrations, clock: { Timestamp(milliseconds: clock.now) })
        do {
            let value = try await body(store)
            await store.close()
            return value
        } catch {
            await store.close()
            throw error
        }
    }

    func add(to name: String) async throws {
        let administrator = try #require(jira.credentials.administrator)
        let first = try #require(jira.credentials.all(of: administrator).first)
        let setup = SourceSetup(transport: jira, gatewayURL: jira.gatewayHost, time: time)
        try await lend(name) { store in
            _ = try await setup.add(
                .init(
                    name: Self.name, address: jira.url,
                    credential: .apiToken(email: first.user, token: first.secret)), to: store)
        }
    }

    @discardableResult
    func synchronise(_ name: String) async throws -> SyncSummary {
        let summary = try await lend(name) { store in
            try await SyncService(store: store, transport: jira, gatewayURL: jira.gatewayHost, time: time)
                .synchronise(Self.name)
        }
        return summary
    }

    /// The site's clock; waits are over at once.
    private var time: TimeSource {
        let clock = clock
        return TimeSource(
            elapsed: { .milliseconds(clock.now) }, now: { Timestamp(milliseconds: clock.now) },
            sleep: { clock.advance(by: Int64($0 / .milliseconds(1))) })
    }

    /// Edits a few issues, so that there is something to read.
    func edit() {
        clock.advance(by: 600_000)
        jira.site.change { state in
            let hand = SiteState.Hand(user: 0, now: clock.now)
            state.setSummary(2, to: "Edited meanwhile", by: hand)
            _ = state.addComment(5, RichText(paragraph: "Said meanwhile"), by: hand)
            state.createIssue(project: 0, summary: "Made meanwhile", by: hand)
        }
    }

    /// What is wrong with a data folder in itself; empty when it is sound.
    func problems(of name: String) async throws -> [String] {
        try await lend(name) { store in
            let damage = try await store.database.integrityProblems()
            let words = try await store.read { try SearchIndex.mistakes(in: $0) }
            return try await damage + StoreVerification(of: store).problems + words
        }
    }

    /// What the operator sees of a data folder.
    func seen(_ name: String) async throws -> Seen {
        try await lend(name) { store in
            let access = store.access
            let records = try await store.read { connection in
                let source = try #require(try SourceRecords.find(Self.name, in: connection))
                return try VisibleRecords(
                    source: source.id, allowed: try access.allowed(to: .operator, in: connection), in: connection)
            }
            return Seen(records)
        }
    }

    /// What Jira shows the source's account.
    var truth: Seen {
        Seen(jira.truth(for: jira.credentials.administrator.map { .user($0.index) } ?? .anonymous))
    }
}

extension Seen {
    init(_ records: VisibleRecords) {
        self.init(
            issues: Set(records.issues.map { Int($0.rawValue) }),
            comments: Set(records.comments.compactMap { Int($0.rawValue) }),
            worklogs: Set(records.worklogs.compactMap { Int($0.rawValue) }),
            attachments: Set(records.attachments.compactMap { Int($0.rawValue) }))
    }
}
