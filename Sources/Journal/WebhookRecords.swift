public import Database
public import IssueModel
public import Store

/// The webhooks by which sites tell of changes, as they were registered and as they fare.
///
/// What makes an address unguessable and what signs its deliveries are sealed by whoever adds a record.
public enum WebhookRecords {
    public struct Record: Hashable, Sendable {
        public var id: Int64
        /// `source.id`.
        public var source: Int64
        public var kind: Kind
        /// Jira's number of it; several of a dynamic one, with commas between. `nil` where Jira does not tell.
        public var jiraID: String?
        /// Where this installation is reached from Jira, without the part that is secret.
        public var publicURL: String
        /// SHA-256 of the address' secret part, by which a delivery is recognised.
        public var pathHash: [UInt8]
        /// The sealed secrets.
        public var sealed: [UInt8]
        public var authentication: Authentication
        public var state: State
        /// What keeps it from working, for people.
        public var problem: String?
        public var created: Timestamp
        /// When Jira last said that it is there as it should be.
        public var verified: Timestamp?
        /// When Jira lets it lapse.
        public var expires: Timestamp?
        public var lastDelivery: Timestamp?
        public var deliveries: Int
        /// Deliveries that proved no right to be believed, or could not be read.
        public var refused: Int

        /// - Parameter id: Given by ``WebhookRecords/add(_:in:)``; 0 before.
        public init(
            id: Int64 = 0, source: Int64, kind: Kind, jiraID: String? = nil, publicURL: String, pathHash: [UInt8],
            sealed: [UInt8], authentication: Authentication, state: State, problem: String? = nil, created: Timestamp,
            verified: Timestamp? = nil, expires: Timestamp? = nil, lastDelivery: Timestamp? = nil, deliveries: Int = 0,
            refused: Int = 0
        ) {
            self.id = id
            self.source = source
            self.kind = kind
            self.jiraID = jiraID
            self.publicURL = publicURL
            self.pathHash = pathHash
            self.sealed = sealed
            self.authentication = authentication
            self.state = state
            self.problem = problem
            self.created = created
            self.verified = verified
            self.expires = expires
            self.lastDelivery = lastDelivery
            self.deliveries = deliveries
            self.refused = refused
        }
    }

    public enum Kind: String, Hashable, Sendable {
        /// Registered as an administrator does.
        case admin
        /// Registered as an app does; it lapses.
        case dynamic
        /// To be entered in Jira by a person.
        case manual
    }

    /// How a delivery proves that it is Jira's.
    public enum Authentication: String, Hashable, Sendable {
        /// By its signature (HMAC-SHA256 over the body).
        case signature
        /// By its address, and by its signature once one has come: this site was not seen to sign yet.
        case signatureOnceSeen = "signature_once_seen"
        /// By a signed token (JWT), as apps get it.
        case token
        /// By its address alone: this site cannot sign.
        case address
    }

    public enum State: String, Hashable, Sendable {
        /// In Jira, as far as we know.
        case active
        /// Not in Jira as yet.
        case waiting
        /// In Jira no longer, or not as it should be, and that could not be mended.
        case failed
    }

    private static let columns = """
        id, source_id, kind, jira_id, url, path_hash, secret, authentication, state, problem, created, verified, expires,
        last_delivery, deliveries, refused
        """

    /// Adds a webhook and returns it with its number.
    public static func add(_ record: Record, in context: WriteContext) throws -> Record {
        var added = record
        try context.connection.execute(
            """
            INSERT INTO webhook (source_id, kind, jira_id, url, path_hash, secret, authentication, state, problem,
                created, verified, expires)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
            """, record.source, record.kind.rawValue, record.jiraID, record.publicURL, record.pathHash, record.sealed,
            record.authentication.rawValue, record.state.rawValue, record.problem, record.created.rawValue,
            record.verified?.rawValue, record.expires?.rawValue)
        added.id = context.connection.lastInsertedID
        return added
    }

    /// Stores everything of a webhook but what is counted of its deliveries.
    public static func update(_ record: Record, in context: WriteContext) throws {
        try context.connection.execute(
            """
            UPDATE webhook SET kind = ?, jira_id = ?, url = ?, path_hash = ?, secret = ?, authentication = ?, state = ?,
                problem = ?, verified = ?, expires = ? WHERE id = ?
            """, record.kind.rawValue, record.jiraID, record.publicURL, record.pathHash, record.sealed,
            record.authentication.rawValue, record.state.rawValue, record.problem, record.verified?.rawValue,
            record.expires?.rawValue, record.id)
        guard context.connection.changedRows == 1 else {
            throw StoreError(.notFound, "There is no webhook \(record.id)")
        }
    }

    /// Adds to what is counted of a webhook's deliveries.
    ///
    /// - Parameter signed: A delivery came with a valid signature: from now on every one must.
    public static func count(
        _ id: Int64, deliveries: Int, refused: Int, last: Timestamp?, signed: Bool = false, in context: WriteContext
    ) throws {
        try context.connection.execute(
            """
            UPDATE webhook SET deliveries = deliveries + ?1, refused = refused + ?2,
                last_delivery = max(coalesce(last_delivery, ?3), coalesce(?3, last_delivery)),
                authentication = CASE WHEN ?4 AND authentication = ?5 THEN ?6 ELSE authentication END,
                state = CASE WHEN ?1 > 0 AND state = ?7 THEN ?8 ELSE state END WHERE id = ?9
            """, deliveries, refused, last?.rawValue, signed, Authentication.signatureOnceSeen.rawValue,
            Authentication.signature.rawValue, State.waiting.rawValue, State.active.rawValue, id)
    }

    public static func remove(_ id: Int64, in context: WriteContext) throws {
        try context.connection.execute("DELETE FROM webhook WHERE id = ?", id)
    }

    /// The webhooks of a source, oldest first.
    public static func all(source: Int64, in connection: Connection) throws -> [Record] {
        try connection.rows("SELECT \(columns) FROM webhook WHERE source_id = ? ORDER BY id", source, as: record)
    }

    /// Every webhook of every source.
    public static func all(in connection: Connection) throws -> [Record] {
        try connection.rows("SELECT \(columns) FROM webhook ORDER BY id", as: record)
    }

    private static func record(_ row: Row) throws -> Record {
        guard let kind = Kind(rawValue: row.text(2)), let authentication = Authentication(rawValue: row.text(7)),
            let state = State(rawValue: row.text(8))
        else { throw StoreError(.damaged, "Webhook \(row.int64(0)) has a value this version does not know") }
        func moment(_ column: Int) -> Timestamp? { row.optionalInt64(column).map { Timestamp(milliseconds: $0) } }
        return Record(
            id: row.int64(0), source: row.int64(1), kind: kind, jiraID: row.optionalText(3), publicURL: row.text(4),
            pathHash: row.blob(5), sealed: row.blob(6), authentication: authentication, state: state,
            problem: row.optionalText(9), created: Timestamp(milliseconds: row.int64(10)), verified: moment(11),
            expires: moment(12), lastDelivery: moment(13), deliveries: row.int(14), refused: row.int(15))
    }
}
