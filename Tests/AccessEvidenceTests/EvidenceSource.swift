import AccessControl
import AccessEngine
import Database
import Foundation
import IssueModel
import JiraClient
import JiraSimulator
import SearchIndex
import SimulatedSite
import SiteConnection
import Store
import SyncEngine
import Synchronization
import Workspace

/// A simulated site, and a data folder with that site as its only source.
final class EvidenceSource: Sendable {
    let site: SimulatedSite
    let jira: InProcessJira
    let store: Store
    let searcher: Searcher
    let clock: VirtualSiteClock
    /// The person whose credential the source reads with.
    let caller: Caller
    let mode: Source.AccessMode
    /// Records that the source's own account could not read at some moment: changes of them may have gone unseen.
    private let unseen = Mutex<Set<RecordID>>([])
    /// People whose own credential is stored, by position in the site's users.
    private let linked = Mutex<Set<Int>>([])
    private let folder: String
    private let options: SyncOptions

    static let name = "sim"

    /// Lends a source, already added, and takes it all down afterwards.
    static func lent<Result>(
        _ configuration: SiteConfiguration, caller: Caller? = nil, mode: Source.AccessMode = .mirror,
        execution: Database.Options.Execution = .inline,
        observing: @escaping @Sendable (Connection) -> Void = { _ in }, _ body: (EvidenceSource) async throws -> Result
    ) async throws -> Result {
        let clock = VirtualSiteClock(configuration.now)
        let site = SimulatedSite(configuration, clock: clock.clock)
        let jira = InProcessJira(site: site, pause: { clock.advance(by: Int64($0 / .milliseconds(1))) })
        let folder = Self.newFolder()
        var result: Swift.Result<Result, any Error>
        do {
            let store = try await open(folder, clock, execution, observing)
            let source = EvidenceSource(jira, store, clock, caller, folder, mode)
            source.observe()
            try await source.add()
            result = .success(try await body(source))
            await store.close()
        } catch {
            result = .failure(error)
        }
        try? FileManager.default.removeItem(atPath: folder)
        return try result.get()
    }

    private init(
        _ jira: InProcessJira, _ store: Store, _ clock: VirtualSiteClock, _ caller: Caller?, _ folder: String,
        _ mode: Source.AccessMode
    ) {
        self.mode = mode
        self.jira = jira
        site = jira.site
        self.store = store
        self.clock = clock
        self.folder = folder
        let administrator = jira.credentials.administrator.map { Caller.user($0.index) }
        self.caller = caller ?? administrator ?? .anonymous
        searcher = Searcher(store.database)
        var options = SyncOptions()
        options.client.pacing.firstBackoff = .milliseconds(1)
        options.client.pacing.longestBackoff = .milliseconds(1)
        self.options = options
    }

    /// In memory where the machine has such a place: the disk is no part of what is tested here.
    private static func newFolder() -> String {
        let shared = "/dev/shm"
        let place = FileManager.default.isWritableFile(atPath: shared) ? shared + "/" : NSTemporaryDirectory()
        return place + "drawbridge-evidence-\(UUID().uuidString)"
    }

    private static func open(
        _ folder: String, _ clock: VirtualSiteClock, _ execution: Database.Options.Execution,
        _ observing: @escaping @Sendable (Connection) -> Void
    ) async throws -> Store {
        var options = Database.Options(
            execution: execution, writerCache: 2_048, readerCache: 2_048, pageSize: 4_096)
        options.onOpen = {
            try SearchIndex.register(on: $0)
            observing($0)
        }
        return try await Store(
            folder: DataFolder(path: folder, for: .writing), options: options,
            migrations: Workspace.migrations + SearchIndex.migrations,
            clock: { .init(milliseconds: clock.now) })
    }

    private func add() async throws {
        let setup = SourceSetup(
            transport: jira, gatewayURL: jira.gatewayHost, options: options.client, time: time)
        _ = try await setup.add(
            .init(name: Self.name, address: jira.url, credential: credential(of: caller), mode: mode), to: store)
        let stranger = Member(email: Oracle.strangersAddress, added: time.now())
        try await store.write { _ = try MemberRecords.add(stranger, in: $0) }
    }

    func credential(of caller: Caller) -> Credential {
        guard case .user(let index) = caller,
            let first = jira.credentials.all(of: site.current().users[index]).first
        else { return .anonymous }
        return first.kind == .apiToken
            ? .apiToken(email: first.user, token: first.secret) : .personalAccessToken(first.secret)
    }

    /// The site's own clock, and waits that are over at once.
    var time: TimeSource {
        let clock = clock
        return TimeSource(
            elapsed: { .milliseconds(clock.now) }, now: { .init(milliseconds: clock.now) },
            sleep: { clock.advance(by: Int64($0 / .milliseconds(1))) })
    }

    /// Reads what changed, five minutes after whatever was last: what decides access is due again.
    @discardableResult
    func synchronise() async throws -> SyncSummary {
        clock.advance(by: 301_000)
        let summary = try await service.synchronise(Self.name)
        try await list()
        return summary
    }

    /// Reads what decides access alone.
    @discardableResult
    func refresh(_ extent: AccessRefresh.Extent = .due) async throws -> AccessRefreshSummary {
        clock.advance(by: 301_000)
        let summary = try await service.refreshAccess(Self.name, extent)
        try await list()
        return summary
    }

    var service: SyncService {
        SyncService(
            store: store, transport: jira, gatewayURL: jira.gatewayHost, options: options,
            extractor: PlainTextReader(), time: time)
    }

    /// Changes the site as its first administrator, a moment later than everything before.
    @discardableResult
    func change<Result>(_ body: (inout SiteState, SiteState.Hand) throws -> Result) rethrows -> Result {
        clock.advance(by: 1_000)
        let hand = SiteState.Hand(user: 0, now: clock.now)
        defer { observe() }
        return try site.change { try body(&$0, hand) }
    }

    /// Notes what the source's account cannot read at this moment.
    func observe() {
        let state = site.current()
        let everything = Sight(everythingOf: state)
        let hidden = everything.records.subtracting(Sight(caller, state).records)
        // Jira's search leaves out what is archived.
        let archived = everything.archived(in: state).records
        unseen.withLock { $0.formUnion(hidden.union(archived)) }
    }

    /// Notes that something was shown only half a lease after Jira did.
    func noteLateness() { Self.late.withLock { $0 += 1 } }
    static let late = Mutex(0)

    var linkedUsers: Set<Int> { linked.withLock { $0 } }

    func noteLink(_ user: Int) { _ = linked.withLock { $0.insert(user) } }

    var unseenAtTimes: Set<RecordID> { unseen.withLock { $0 } }

    func record() async throws -> Source {
        let found = try await store.read { try SourceRecords.find(Self.name, in: $0) }
        guard let found else { throw EvidenceError("The source is gone.") }
        return found
    }
}

/// Reads what is text already.
struct PlainTextReader: AttachmentReading {
    func reads(filename: String, mimeType: String) -> Bool { mimeType == "text/plain" }
    func text(of bytes: [UInt8], filename: String, mimeType: String) async throws -> String {
        String(decoding: bytes, as: UTF8.self)
    }
}

struct EvidenceError: Error, CustomStringConvertible {
    var description: String
    init(_ description: String) { self.description = description }
}
