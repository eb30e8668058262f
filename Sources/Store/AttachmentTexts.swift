public import Database
public import IssueModel
internal import Packing

/// The text extracted from attachments, and which still wait for it.
public enum AttachmentTexts {
    /// What is known of an attachment's text, as stored.
    public enum State: Int64, Hashable, Sendable {
        case pending = 0
        case extracted = 1
        /// Nothing to extract: an image, an archive, a file over the limit.
        case skipped = 2
        /// Tried and failed; `problem` says why.
        case failed = 3
    }

    /// An attachment that waits for its text.
    public struct Pending: Hashable, Sendable {
        /// `issue.id`.
        public var issue: Int64
        public var id: EntityID
        public var filename: String
        public var mimeType: String
        /// Bytes.
        public var size: Int64
        public var contentURL: String
    }

    /// Bytes of text kept of one attachment.
    public static let textLimit = 4 << 20

    private static let codec = Zstd()

    /// Attachments that wait, newest issue first.
    public static func pending(source: Int64, limit: Int, in connection: Connection) throws -> [Pending] {
        try connection.rows(
            """
            SELECT a.issue_id, a.jira_id, a.filename, a.mime_type, a.size, a.url FROM attachment a
            JOIN issue i ON i.id = a.issue_id WHERE a.text_state = 0 AND i.source_id = ? ORDER BY a.issue_id LIMIT ?
            """, source, limit
        ) { row in
            Pending(
                issue: row.int64(0), id: EntityID(row.text(1)), filename: row.text(2), mimeType: row.text(3),
                size: row.int64(4), contentURL: row.text(5))
        }
    }

    /// Stores an attachment's text. Text past the limit is cut.
    public static func store(_ text: String, of attachment: EntityID, issue: Int64, in context: WriteContext) throws {
        let bytes = try StoreError.packing { () throws(PackingError) in
            try codec.compress(Array(text.utf8.prefix(textLimit)))
        }
        try context.connection.execute(
            """
            INSERT INTO attachment_text (issue_id, jira_id, text) VALUES (?, ?, ?)
            ON CONFLICT (issue_id, jira_id) DO UPDATE SET text = excluded.text, problem = NULL
            """, issue, attachment.rawValue, bytes)
        try setState(.extracted, of: attachment, issue: issue, in: context)
        context.noteContentChange()
    }

    /// Notes that an attachment has no text, and why where that is a failure.
    public static func store(
        _ state: State, problem: String?, of attachment: EntityID, issue: Int64, in context: WriteContext
    ) throws {
        if let problem {
            try context.connection.execute(
                """
                INSERT INTO attachment_text (issue_id, jira_id, problem) VALUES (?, ?, ?)
                ON CONFLICT (issue_id, jira_id) DO UPDATE SET text = NULL, problem = excluded.problem
                """, issue, attachment.rawValue, problem)
        } else {
            try context.connection.execute(
                "DELETE FROM attachment_text WHERE issue_id = ? AND jira_id = ?", issue, attachment.rawValue)
        }
        try setState(state, of: attachment, issue: issue, in: context)
    }

    /// The text of an attachment; `nil` where there is none.
    public static func text(
        of attachment: EntityID, issue: Int64, in connection: Connection
    ) throws -> String? {
        try connection.first(
            "SELECT text FROM attachment_text WHERE issue_id = ? AND jira_id = ? AND text IS NOT NULL", issue,
            attachment.rawValue
        ) { row in
            try text(row, 0)
        }
    }

    /// The texts of an issue's attachments, by Jira's id.
    public static func texts(ofIssue issue: Int64, in connection: Connection) throws -> [String: String] {
        let texts = try connection.rows(
            "SELECT jira_id, text FROM attachment_text WHERE issue_id = ? AND text IS NOT NULL", issue
        ) { row in
            (row.text(0), try text(row, 1))
        }
        return Dictionary(texts) { first, _ in first }
    }

    private static func text(_ row: Row, _ column: Int) throws -> String {
        let bytes = try row.withBytes(column) { bytes in
            try StoreError.packing { () throws(PackingError) in try codec.decompress(bytes) }
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    /// How many attachments of a source are in each state.
    public static func counts(source: Int64, in connection: Connection) throws -> [State: Int] {
        let rows = try connection.rows(
            """
            SELECT a.text_state, count(*) FROM attachment a JOIN issue i ON i.id = a.issue_id WHERE i.source_id = ?
            GROUP BY a.text_state
            """, source
        ) { (State(rawValue: $0.int64(0)), $0.int(1)) }
        return Dictionary(rows.compactMap { state, count in state.map { ($0, count) } }) { $0 + $1 }
    }

    private static func setState(
        _ state: State, of attachment: EntityID, issue: Int64, in context: WriteContext
    ) throws {
        try context.connection.execute(
            "UPDATE attachment SET text_state = ? WHERE issue_id = ? AND jira_id = ?", state.rawValue, issue,
            attachment.rawValue)
    }
}
