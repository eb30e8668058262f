internal import Cryptography
public import Database
public import IssueModel
internal import Synchronization

/// What webhooks said and nobody has acted upon yet, in a small database of its own.
///
/// A delivery is answered when it is stored here. The main database has one writer, whose transactions may take seconds;
/// here nothing but deliveries is written, many in one transaction when many come at once. Hints of one issue are one
/// row. Everything is bounded: what waits to be written, the rows, the file.
public final class WebhookInbox: Sendable {
    public struct Options: Sendable {
        /// How the database runs. Defaults to threads of its own.
        public var execution = Database.Options.Execution.threads(readers: 1)
        /// Deliveries that may wait to be written. Defaults to 8,192; more are refused, and Jira sends them again.
        public var waitingLimit = 8_192
        /// Deliveries written in one transaction. Defaults to 1,024.
        public var batchLimit = 1_024
        /// Issues that may wait to be drained. Defaults to 500,000; what would be more is read by the next delta.
        public var hintLimit = 500_000
        /// Deliveries remembered, so that one that is sent again counts once. Defaults to 2,000,000.
        public var seenLimit = 2_000_000
        /// How long they are remembered: Jira repeats for hours, and tells of failures for three days.
        public var seenFor: Int64 = 3 * 86_400_000
        /// The largest file, in bytes. Defaults to 512 MiB; at it nothing is taken until hints are drained.
        public var sizeLimit = 512 << 20

        public init() {}
    }

    /// What became of a delivery.
    public enum Acceptance: Hashable, Sendable {
        case stored
        /// It came before.
        case duplicate
    }

    /// Yields when something was stored, once for all that was stored since it was last awaited. For one consumer.
    public let arrivals: AsyncStream<Void>
    /// Whether the file was damaged and begun anew: what it held is lost, and every source should read what changed.
    public let wasDamaged: Bool

    let database: Database
    let options: Options
    let state: Mutex<State>
    private let arrived: AsyncStream<Void>.Continuation

    /// One delivery on its way into the database.
    struct Delivery: Sendable {
        var source: Int64
        var identity: [UInt8]
        var subject: WebhookHint.Subject
        var isKnown: Bool
        var isOutside: Bool
        var at: Timestamp
    }

    struct State {
        var queue: [Entry] = []
        var isWriting = false
        /// Rows of hints, and the number of the last transaction.
        var hints: Int
        var sequence: Int64
        /// When deliveries were last forgotten.
        var forgotten: Timestamp?
        var isDamageTold = false
    }

    struct Entry {
        var delivery: Delivery
        var continuation: CheckedContinuation<Turn, Never>
    }

    enum Turn: Sendable {
        /// Write what waits; the first of it is one's own.
        case lead
        case done(Result<Acceptance, WebhookError>)
    }

    /// Opens the inbox at `path`, creating it where it is missing. One that is damaged is put aside as `….damaged` and
    /// begun anew: it held nothing but hints.
    ///
    /// - Throws: `DatabaseError` where the folder or the disk refuses.
    public init(path: String, options: Options = .init()) async throws {
        self.options = options
        (database, wasDamaged) = try await InboxFile.open(path, options)
        let found = try await database.read { connection in
            try connection.first(
                """
                SELECT (SELECT count(*) FROM hint),
                    max((SELECT coalesce(max(sequence), 0) FROM hint), (SELECT coalesce(max(sequence), 0) FROM mark))
                """
            ) { (hints: $0.int(0), sequence: $0.int64(1)) }
        }
        state = Mutex(State(hints: found?.hints ?? 0, sequence: found?.sequence ?? 0))
        (arrivals, arrived) = AsyncStream<Void>.makeStream(bufferingPolicy: .bufferingNewest(1))
        if found.map({ $0.sequence > 0 }) == true || wasDamaged { arrived.yield() }
    }

    /// Stores what a delivery says, unless it came before. Returns once it is stored.
    ///
    /// - Parameters:
    ///   - identity: What is the same when Jira sends a delivery again; see ``identity(of:named:)``.
    ///   - isOutside: Its project is none that the source copies: it counts only for an issue that is in the copy.
    /// - Throws: `cannotStore`; Jira is to send it again.
    public func accept(
        _ source: Int64, _ hint: WebhookHint, identity: [UInt8], at now: Timestamp, isOutside: Bool = false
    ) async throws(WebhookError) -> Acceptance {
        let delivery = Delivery(
            source: source, identity: Self.digest(identity, source), subject: hint.subject, isKnown: hint.isKnown,
            isOutside: isOutside, at: now)
        return try await write(delivery)
    }

    /// Notes that a source's changes must be read, because a delivery was refused that its site will not send again.
    public func noteLost(_ source: Int64, at now: Timestamp) async throws(WebhookError) {
        var bytes: [UInt8] = Array("lost".utf8)
        withUnsafeBytes(of: now.rawValue) { bytes += $0 }
        _ = try await write(
            Delivery(
                source: source, identity: Self.digest(bytes, source), subject: .unlocated, isKnown: true,
                isOutside: false, at: now))
    }

    /// The identity of a delivery: what Jira names it (`X-Atlassian-Webhook-Identifier`), which is the same on every try;
    /// where it does not, the digest of what the delivery tells.
    public static func identity(of hint: WebhookHint, named identifier: String?) -> [UInt8] {
        guard let identifier, !identifier.isEmpty, identifier.utf8.count <= 512 else {
            return [UInt8(ascii: "f")] + hint.fingerprint
        }
        return [UInt8(ascii: "i")] + Array(identifier.utf8)
    }

    /// Sixteen bytes are enough to tell millions of deliveries apart.
    private static func digest(_ identity: [UInt8], _ source: Int64) -> [UInt8] {
        Array(Digest.sha256(Array("\(source) ".utf8) + identity).prefix(16))
    }

    func noteArrival() { arrived.yield() }

    /// Whether the file was damaged, once.
    func takeDamage() -> Bool {
        state.withLock { state in
            defer { state.isDamageTold = true }
            return wasDamaged && !state.isDamageTold
        }
    }

    /// Ends after what was handed in before it.
    public func close() async {
        arrived.finish()
        await database.close()
    }
}
