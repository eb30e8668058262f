internal import AccessControl
public import Cryptography
public import Database
internal import FoundationEssentials
public import IssueModel
internal import StoreSchema

/// The records of one data folder: what is read and written about sources, people, projects, access and issues.
///
/// Reads are lent a `Connection`, writes a `WriteContext`. Records are functions on those, grouped by what they are
/// about: `SourceRecords`, `PeopleRecords`, `ProjectRecords`, `AccessRecords`, `CatalogueRecords`, `IssueRecords`, ….
public final class Store: Sendable {
    public let database: Database
    /// Access sets of readers, and the facts they come from.
    public let access: AccessRecords
    /// The stored copies of what Jira returned.
    public let raw = RawRecords()
    private let folder: DataFolder
    private let interned = InternedIDs()

    /// Opens the database of `folder`, bringing its schema up to date where the folder is open for writing.
    ///
    /// - Parameters:
    ///   - options: How the database is opened; `isReadOnly` follows the folder.
    ///   - migrations: Schema steps of other parts that live in the same database, after the store's own.
    ///   - clock: By which leases end.
    public init(
        folder: DataFolder, options: Database.Options = .init(), migrations: [Migration] = [],
        clock: @escaping @Sendable () -> Timestamp = Store.systemClock
    ) async throws {
        access = AccessRecords(clock: clock)
        var options = options
        options.isReadOnly = folder.access == .reading
        // A commit of the process that writes may take seconds.
        if folder.access == .requesting { options.busyTimeout = 60_000 }
        self.folder = folder
        database = try Database(path: folder.databasePath, options: options)
        if folder.access == .writing {
            try await database.migrate(Schema.migrations + migrations)
        } else {
            try await database.requireMigrations(Schema.migrations + migrations)
        }
    }

    /// The machine's clock.
    public static let systemClock: @Sendable () -> Timestamp = {
        Timestamp(milliseconds: Int64((Date().timeIntervalSince1970 * 1_000).rounded(.down)))
    }

    /// The time by the store's clock: by which leases end.
    public var now: Timestamp { access.clock() }

    /// The key that seals credentials.
    public func secretKey() throws(StoreError) -> SecretKey { try folder.secretKey() }

    /// Runs `body` on one consistent snapshot.
    public func read<T: Sendable>(_ body: @escaping @Sendable (Connection) throws -> T) async throws -> T {
        try await database.read(body)
    }

    /// Runs `body` as one transaction: all of it is kept, or nothing when it throws.
    public func write<T: Sendable>(_ body: @escaping @Sendable (WriteContext) throws -> T) async throws -> T {
        let (interned, access) = (interned, access)
        let forget: @Sendable () -> Void = { interned.forget() }
        return try await database.write(undone: forget) { connection in
            let context = WriteContext(
                connection: connection, interned: interned, endedLeases: access.endedLeases, now: access.clock())
            let result = try body(context)
            try context.moveVersions()
            return result
        }
    }

    /// Removes everything of a source, then rewrites the file so that nothing of it can be read from the disk.
    ///
    /// - Parameter also: Removes what other parts keep of the source, in the same transaction.
    public func purge(
        source: Int64, also: @escaping @Sendable (Connection) throws -> Void = { _ in }
    ) async throws {
        try await write { context in
            try also(context.connection)
            try SourceRecords.purge(source, in: context)
        }
        try await database.compact()
    }

    public func close() async { await database.close() }
}

/// What a write is lent: the connection inside its transaction and the identities the store remembers.
///
/// Never keep it: it is valid only until the body of `Store.write` ends.
public final class WriteContext {
    public let connection: Connection
    /// When the transaction began, by the store's clock.
    public let now: Timestamp
    let interned: InternedIDs
    let endedLeases: EndedLeases
    private var accessChanges = 0
    private var contentChanged = false

    init(connection: Connection, interned: InternedIDs, endedLeases: EndedLeases, now: Timestamp) {
        self.connection = connection
        self.interned = interned
        self.endedLeases = endedLeases
        self.now = now
    }

    /// Moves the access version at the end of this transaction: allowed sets computed before it no longer hold.
    public func noteAccessChange() { accessChanges += 1 }

    /// Moves the content version at the end of this transaction: answers computed before it may be out of date.
    public func noteContentChange() { contentChanged = true }

    /// Runs `body` and moves the access version when the rows of `query` then differ.
    func noteAccessChange(in query: String, _ source: Int64, _ body: () throws -> Void) throws {
        func state() throws -> [[UInt8]] {
            try connection.rows(query, source) { row in (0..<row.columnCount).flatMap { Array(row.text($0).utf8) + [0] }
            }
        }
        let before = try state()
        try body()
        if try state() != before { noteAccessChange() }
    }

    /// Runs `body` so that its changes alone are undone when it throws; the transaction around it goes on.
    public func savepoint<T>(_ body: () throws -> T) throws -> T {
        do {
            return try connection.savepoint(body)
        } catch {
            interned.forget()
            throw error
        }
    }

    /// Tells states of what decides access apart, those inside this transaction too.
    struct AccessState: Hashable {
        var version: Int64
        var changes: Int
    }

    /// The rules of a source as they are stored now, in this transaction.
    func rules(of source: Int64) throws -> AudienceRules {
        let state = AccessState(version: try Settings.accessVersion(in: connection), changes: accessChanges)
        if let known = interned.rules[source], known.state == state { return known.rules }
        let rules = AudienceRules(try AccessRecords.facts(source: source, withPeople: false, in: connection))
        interned.rules[source] = (state, rules)
        return rules
    }

    func moveVersions() throws {
        if accessChanges > 0 { try Settings.move("access_version", in: connection) }
        if contentChanged { try Settings.move("content_version", in: connection) }
    }
}
