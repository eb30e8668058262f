public import AuditTrail
public import Cryptography
public import Database
internal import FastJSON
internal import HTTPMessages
internal import IssueModel
internal import Store
public import Workspace

/// Members' subscriptions: made, listed, changed and removed, each act on the trail.
///
/// The secret with which webhooks are signed is shown once and sealed under the store's key.
public struct Subscriptions: Sendable {
    let feed: ChangeFeed
    public let target: WebhookTarget

    public init(feed: ChangeFeed, target: WebhookTarget) {
        self.feed = feed
        self.target = target
    }

    /// A subscription that was just made, or got another secret.
    public struct Issued: Hashable, Sendable {
        public var subscription: Subscription
        /// Shown this once.
        public var secret: String
    }

    /// Makes a subscription, which is told of what changes from now on.
    ///
    /// - Throws: ``FeedError`` with `addressRefused`, `invalidName`, `nameTaken` or `tooManySubscriptions`.
    public func create(_ name: String, url: String, for member: Member, by origin: AuditOrigin) async throws -> Issued {
        try target.check(url)
        let name = try Self.checked(name)
        let secret = try Self.newSecret()
        let feed = feed
        return try await feed.store.write { context in
            let connection = context.connection
            let owned = try Self.list(of: member.id, in: connection)
            guard owned.count < Subscription.limitPerMember else {
                throw FeedError(
                    .tooManySubscriptions, "A member has at most \(Subscription.limitPerMember) subscriptions.")
            }
            guard !owned.contains(where: { $0.name == name }) else { throw Self.taken(name) }
            let reader = try MemberReader.reader(for: member, in: connection)
            let start = try FeedReading(reader: reader, access: feed.store.access, limit: 1)
                .page(after: nil, orFrom: .now, in: connection)
            try connection.execute(
                """
                INSERT INTO subscription (member_id, name, url, secret, state, created, position)
                VALUES (?, ?, ?, x'', 'active', ?, ?)
                """, member.id.rawValue, name, url, context.now.rawValue, start.position.bytes)
            let id = connection.lastInsertedID
            try Self.seal(secret, of: id, feed.key, in: connection)
            try AuditTrail.append(
                origin.event("subscription.created", subject: name, details: Self.details(id, url)), in: context)
            return Issued(subscription: try Self.require(id, of: member.id, in: connection), secret: secret)
        }
    }

    /// What may be changed of a subscription; `nil` leaves it as it is.
    public struct Revision: Hashable, Sendable {
        public var name: String?
        public var url: String?
        public var isPaused: Bool?

        public init(name: String? = nil, url: String? = nil, isPaused: Bool? = nil) {
            (self.name, self.url, self.isPaused) = (name, url, isPaused)
        }
    }

    /// Changes a subscription. One that is active again, or has another address, is tried at once.
    ///
    /// - Parameter member: Its owner; `nil` for the operator, who may change everybody's.
    /// - Throws: ``FeedError`` with `notFound`, also where it is somebody else's.
    public func update(
        _ id: Int64, of member: MemberID?, _ change: Revision, by origin: AuditOrigin
    ) async throws -> Subscription {
        if let url = change.url { try target.check(url) }
        let name = try change.name.map { try Self.checked($0) }
        return try await feed.store.write { context in
            let connection = context.connection
            let known = try Self.require(id, of: member, in: connection)
            if let name, name != known.name,
                try Self.list(of: known.member, in: connection).contains(where: { $0.name == name })
            {
                throw Self.taken(name)
            }
            let state = change.isPaused.map { $0 ? Subscription.State.paused : .active } ?? known.state
            try connection.execute(
                "UPDATE subscription SET name = ?, url = ?, state = ? WHERE id = ?", name ?? known.name,
                change.url ?? known.url, state.rawValue, id)
            if state == .active, known.state != .active || change.url != nil {
                try connection.execute(
                    "UPDATE subscription SET failing = NULL, attempts = 0, due = 0, problem = NULL WHERE id = ?", id)
            }
            let result = try Self.require(id, of: member, in: connection)
            try AuditTrail.append(
                origin.event(
                    "subscription.changed", subject: result.name,
                    details: Self.details(id, result.url, state: result.state)), in: context)
            return result
        }
    }

    /// Gives a subscription another secret; the old one signs nothing from then on.
    public func renewSecret(_ id: Int64, of member: MemberID?, by origin: AuditOrigin) async throws -> Issued {
        let (secret, key) = (try Self.newSecret(), feed.key)
        return try await feed.store.write { context in
            let known = try Self.require(id, of: member, in: context.connection)
            try Self.seal(secret, of: id, key, in: context.connection)
            try AuditTrail.append(
                origin.event(
                    "subscription.secret_renewed", subject: known.name, details: Self.details(id, known.url)),
                in: context)
            return Issued(subscription: known, secret: secret)
        }
    }

    /// Removes a subscription with the record of what was sent.
    public func remove(_ id: Int64, of member: MemberID?, by origin: AuditOrigin) async throws {
        try await feed.store.write { context in
            let known = try Self.require(id, of: member, in: context.connection)
            try context.connection.execute("DELETE FROM subscription WHERE id = ?", id)
            try AuditTrail.append(
                origin.event("subscription.removed", subject: known.name, details: Self.details(id, known.url)),
                in: context)
        }
    }

    /// Has a delivery, and whatever came after it, sent again: what of it the owner may still see.
    ///
    /// - Throws: ``FeedError`` with `notFound`.
    public func redeliver(
        _ delivery: Int64, of id: Int64, of member: MemberID?, by origin: AuditOrigin
    ) async throws -> Subscription {
        try await feed.store.write { context in
            let connection = context.connection
            let known = try Self.require(id, of: member, in: connection)
            let position = try connection.first(
                "SELECT position FROM delivery WHERE id = ? AND subscription_id = ? AND kind = 'changes'", delivery, id
            ) { $0.blob(0) }
            guard let position else { throw Self.unknown }
            try connection.execute(
                "UPDATE subscription SET position = ?, attempts = 0, due = 0 WHERE id = ?", position, id)
            try AuditTrail.append(
                origin.event("subscription.redelivered", subject: known.name, details: Self.details(id, known.url)),
                in: context)
            return try Self.require(id, of: member, in: connection)
        }
    }
}

// MARK: Records

extension Subscriptions {
    /// Subscriptions by number.
    ///
    /// - Parameter member: Only this one's; `nil` for everybody's.
    public static func list(of member: MemberID?, in connection: Connection) throws -> [Subscription] {
        try connection.rows(
            "SELECT \(columns) FROM subscription WHERE ?1 IS NULL OR member_id = ?1 ORDER BY id", member?.rawValue,
            as: record)
    }

    /// - Parameter member: Its owner; `nil` for the operator, who may see everybody's.
    /// - Throws: ``FeedError`` with `notFound`, also where it is somebody else's.
    public static func require(
        _ id: Int64, of member: MemberID?, in connection: Connection
    ) throws -> Subscription {
        let found = try connection.first("SELECT \(columns) FROM subscription WHERE id = ?", id, as: record)
        guard let found, member == nil || found.member == member else { throw unknown }
        return found
    }

    /// The latest deliveries of a subscription, newest first.
    public static func deliveries(
        of id: Int64, of member: MemberID?, limit: Int = Delivery.kept, in connection: Connection
    ) throws -> [Delivery] {
        _ = try require(id, of: member, in: connection)
        return try connection.rows(
            """
            SELECT id, kind, state, started, ended, attempts, status, problem, entries FROM delivery
            WHERE subscription_id = ? ORDER BY id DESC LIMIT ?
            """, id, min(max(1, limit), Delivery.kept)
        ) { row in
            guard let kind = Delivery.Kind(rawValue: row.text(1)), let state = Delivery.State(rawValue: row.text(2))
            else { throw FeedError(.damaged, "Delivery \(row.int64(0)) has a value this version does not know.") }
            return Delivery(
                id: row.int64(0), kind: kind, state: state, started: Timestamp(milliseconds: row.int64(3)),
                ended: row.optionalInt64(4).map { Timestamp(milliseconds: $0) }, attempts: row.int(5),
                status: row.optionalInt(6), problem: row.optionalText(7), entries: row.int(8))
        }
    }

    static let columns =
        "id, member_id, name, url, state, problem, created, failing, attempts, due, delivered"

    static func record(_ row: Row) throws -> Subscription {
        guard let state = Subscription.State(rawValue: row.text(4)) else {
            throw FeedError(.damaged, "Subscription \(row.int64(0)) has a state this version does not know.")
        }
        return Subscription(
            id: row.int64(0), member: MemberID(row.int64(1)), name: row.text(2), url: row.text(3), state: state,
            problem: row.optionalText(5), created: Timestamp(milliseconds: row.int64(6)),
            failing: row.optionalInt64(7).map { Timestamp(milliseconds: $0) }, attempts: row.int(8),
            due: Timestamp(milliseconds: row.int64(9)),
            delivered: row.optionalInt64(10).map { Timestamp(milliseconds: $0) })
    }

    /// The secret that signs, of a stored subscription.
    static func secret(of id: Int64, _ key: SecretKey, in connection: Connection) throws -> [UInt8] {
        let sealed = try connection.first("SELECT secret FROM subscription WHERE id = ?", id) { $0.blob(0) }
        guard let sealed else { throw unknown }
        return try key.open(sealed, context: sealContext(id))
    }

    private static func seal(_ secret: String, of id: Int64, _ key: SecretKey, in connection: Connection) throws {
        let sealed = try key.seal(Array(secret.utf8), context: sealContext(id))
        try connection.execute("UPDATE subscription SET secret = ? WHERE id = ?", sealed, id)
    }

    /// For another key.
    public static let sealed = SealedColumn(table: "subscription", column: "secret", identity: ["id"]) {
        "secret of subscription \($0[0])"
    }

    private static func sealContext(_ id: Int64) -> String { "secret of subscription \(id)" }

    private static func newSecret() throws -> String { "dbs_" + Base64URL.encode(try Random.bytes(32)) }

    private static func checked(_ name: String) throws(FeedError) -> String {
        guard (1...Subscription.nameLimit).contains(name.unicodeScalars.count),
            name.unicodeScalars.allSatisfy({ $0.value >= 0x20 && $0.value != 0x7F }),
            name.contains(where: { $0 != " " })
        else {
            throw FeedError(
                .invalidName, "A name has 1 to \(Subscription.nameLimit) characters, without line ends.")
        }
        return name
    }

    static let unknown = FeedError(.notFound, "There is no such subscription, or it is not yours.")

    private static func taken(_ name: String) -> FeedError {
        FeedError(.nameTaken, "There is a subscription of this name already.")
    }

    /// What the trail says of a subscription. An address may hold a secret after its host.
    static func details(_ id: Int64, _ url: String, state: Subscription.State? = nil) -> JSONValue {
        var members: [JSONValue.Member] = [
            .init("subscription", .integer(id)), .init("origin", .string(URLParts(url)?.origin ?? "")),
        ]
        if let state { members.append(.init("state", .string(state.rawValue))) }
        return .object(members)
    }
}
