public import AccessControl
public import Cryptography
public import Database
internal import IssueModel
public import Store

/// What changed, for those who keep a copy of their own in step: in order, from any point on, and only what the reader
/// may see.
///
/// An issue that changes takes a place at the end of the feed and gives up the one it had. An issue that left an audience
/// leaves a trace for those who are in that audience, for ``keptDays`` days. Both are written by triggers, in the
/// transaction of the change. New issues are found by their numbers.
///
/// Told at least once, in order for each issue. Nothing is told of what a reader may not see, neither that it exists nor
/// how much of it: where the reader's permissions changed, the feed says so and begins again.
///
/// Lives in the store's database, in tables of its own behind those of `Workspace`.
public struct ChangeFeed: Sendable {
    /// Days after which the traces of what is gone are forgotten, and cursors older than that are told to begin again.
    public static let keptDays = 30
    /// Entries of one page at most.
    public static let pageLimit = 1_000

    let store: Store
    let key: SecretKey

    /// - Parameter key: Seals cursors. They are worth nothing under another one.
    public init(store: Store, key: SecretKey) {
        self.store = store
        self.key = key
    }

    /// Where a reader without a cursor begins.
    public enum Start: String, Hashable, Sendable, CaseIterable {
        /// With everything that the reader may see now, and what changes from then on.
        case beginning
        /// With what changes from now on.
        case now
    }

    /// The next entries for a reader, after what an earlier page's cursor stands for.
    ///
    /// - Parameters:
    ///   - limit: Entries at most, up to ``pageLimit``.
    /// - Throws: ``FeedError`` with `invalidCursor` for a text that is no cursor of this feed.
    public func changes(
        after cursor: String?, start: Start = .beginning, for reader: Reader, limit: Int = 200
    ) async throws -> ChangePage {
        let position = try cursor.map { try FeedPosition(sealed: $0, key: key) }
        let reading = FeedReading(reader: reader, access: store.access, limit: min(max(1, limit), Self.pageLimit))
        let page = try await store.read { connection in
            try reading.page(after: position, orFrom: start, in: connection)
        }
        return try ChangePage(page, key: key)
    }

    /// Forgets traces that are older than ``keptDays``.
    ///
    /// - Returns: How many went.
    @discardableResult
    public static func purge(in context: WriteContext) throws -> Int {
        let before = context.now.rawValue - Int64(keptDays) * 86_400_000
        let connection = context.connection
        try connection.execute(
            """
            UPDATE change_feed SET purged = max(purged, coalesce(
                (SELECT max(seq) FROM change WHERE issue_id IS NULL AND at < ?), 0))
            """, before)
        try connection.execute("DELETE FROM change WHERE issue_id IS NULL AND at < ?", before)
        return connection.changedRows
    }

    /// Makes every cursor begin again: for a database that was put back to an earlier state, whose places are then given
    /// to other changes than before. Does nothing where there is no feed yet.
    public static func beginAnew(in connection: Connection) throws {
        let isThere = try connection.first("SELECT 1 FROM sqlite_schema WHERE name = 'change_feed'") { _ in true }
        if isThere != nil { try connection.execute("UPDATE change_feed SET epoch = random()") }
    }

    /// The largest of our numbers of issues.
    static func lastIssue(in connection: Connection) throws -> Int64 {
        try connection.first("SELECT max(id) FROM issue") { $0.int64(0) } ?? 0
    }

    /// The last place given so far.
    static func head(in connection: Connection) throws -> Int64 {
        try connection.first("SELECT seq FROM sqlite_sequence WHERE name = 'change'") { $0.int64(0) } ?? 0
    }
}
