internal import Cryptography
internal import Database
internal import HTTPMessages
internal import IssueModel
internal import Journal
internal import Store
internal import Synchronization

/// The webhooks that this process takes deliveries of, in memory: a delivery waits for no other work of the database.
final class WebhookGate: Sendable {
    private let store: Store
    private let state = Mutex(State())

    private struct State {
        var entries: [[UInt8]: Entry] = [:]
        var counts: [Int64: Count] = [:]
        /// When an unknown address was last looked for.
        var missed: Timestamp?
    }

    struct Entry: Sendable {
        var id: Int64
        var source: Int64
        var authentication: WebhookRecords.Authentication
        var secrets: WebhookSecrets
        /// The path below which this installation is reached.
        var basePath: String
        /// Projects that the source is limited to; empty where it is not.
        var projects: Set<String>
    }

    /// Since the counts were last stored.
    struct Count: Sendable {
        var deliveries = 0
        var refused = 0
        var last: Timestamp?
        var isSigned = false
    }

    init(store: Store) { self.store = store }

    /// The webhook of an address that is registered for this source.
    func entry(_ path: WebhookPath, at now: Timestamp) async throws -> Entry? {
        if let known = known(path) { return known }
        // Registered by another process meanwhile, or not at all; whoever tries addresses does not make us look each time.
        let isLookedUp = state.withLock { state in
            if let last = state.missed, (0..<Self.missPause).contains(now.rawValue - last.rawValue) { return false }
            state.missed = now
            return true
        }
        if isLookedUp { try await load() }
        return known(path)
    }

    /// Milliseconds from one look for an unknown address to the next.
    private static let missPause: Int64 = 200

    private func known(_ path: WebhookPath) -> Entry? {
        let entry = state.withLock { $0.entries[path.hash] }
        return entry?.source == path.source ? entry : nil
    }

    /// Reads which webhooks there are.
    func load() async throws {
        let key = try? store.secretKey()
        let entries = try await store.read { connection in
            let sources = try SourceRecords.all(in: connection, includingRemoved: false)
            let scopes = Dictionary(uniqueKeysWithValues: sources.map { ($0.id, $0.scope) })
            var entries: [[UInt8]: Entry] = [:]
            for record in try WebhookRecords.all(in: connection) {
                guard let key, let scope = scopes[record.source],
                    let secrets = try? WebhookSecrets(opening: record.sealed, with: key, source: record.source)
                else { continue }
                entries[record.pathHash] = Entry(
                    id: record.id, source: record.source, authentication: record.authentication, secrets: secrets,
                    basePath: URLParts(record.publicURL)?.path ?? "",
                    projects: try Self.keys(scope, source: record.source, in: connection))
            }
            return entries
        }
        state.withLock { state in
            state.entries = entries
            // A delivery that was signed a moment ago is in no record yet.
            for (hash, entry) in entries where state.counts[entry.id]?.isSigned == true {
                state.entries[hash]?.authentication = Self.afterSigning(entry.authentication)
            }
        }
    }

    /// Keys of the projects in scope: a project that the scope names by a former key is told of under its present one.
    private static func keys(
        _ scope: Source.Scope, source: Int64, in connection: Connection
    ) throws -> Set<String> {
        var keys = Set(scope.projects.map { $0.uppercased() })
        for key in keys {
            guard let project = try ProjectRecords.find(key: key, source: source, in: connection)?.project else {
                continue
            }
            keys.insert(project.key.uppercased())
        }
        return keys
    }

    func count(_ entry: Entry, at now: Timestamp, isRefused: Bool, isSigned: Bool = false) {
        state.withLock { state in
            var count = state.counts[entry.id] ?? Count()
            if isRefused {
                count.refused += 1
            } else {
                count.deliveries += 1
                count.last = now
            }
            if isSigned, entry.authentication == .signatureOnceSeen {
                count.isSigned = true
                let hash = entry.secrets.pathHash
                state.entries[hash]?.authentication = Self.afterSigning(entry.authentication)
            }
            state.counts[entry.id] = count
        }
    }

    /// Adds what was counted to the records. What cannot be stored is counted on.
    func storeCounts() async throws {
        let counts = state.withLock { state in
            defer { state.counts = [:] }
            return state.counts
        }
        guard !counts.isEmpty else { return }
        do {
            try await store.write { context in
                for (id, count) in counts {
                    try WebhookRecords.count(
                        id, deliveries: count.deliveries, refused: count.refused, last: count.last,
                        signed: count.isSigned, in: context)
                }
            }
        } catch {
            state.withLock { state in
                for (id, count) in counts { state.counts[id, default: Count()].add(count) }
            }
            throw error
        }
    }

    private static func afterSigning(
        _ authentication: WebhookRecords.Authentication
    ) -> WebhookRecords.Authentication {
        authentication == .signatureOnceSeen ? .signature : authentication
    }
}

extension WebhookGate.Count {
    mutating func add(_ other: Self) {
        deliveries += other.deliveries
        refused += other.refused
        last = [last, other.last].compactMap { $0 }.max()
        isSigned = isSigned || other.isSigned
    }
}
