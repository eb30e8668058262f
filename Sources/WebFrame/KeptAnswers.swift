public import Cryptography
public import Database
internal import IssueModel
internal import Store

/// Answers to changes that were asked for with an `Idempotency-Key`, so that a request sent again after a broken connection
/// does nothing a second time.
///
/// Kept for 24 hours, sealed, as an answer may hold a token that is shown once.
public enum KeptAnswers {
    public static let migrations: [Migration] = [
        Migration(
            "web", 1, "answers kept for requests that are sent again",
            sql: """
                CREATE TABLE kept_answer (
                    member_id INTEGER NOT NULL, key TEXT NOT NULL, fingerprint BLOB NOT NULL, at INTEGER NOT NULL,
                    status INTEGER, type TEXT, location TEXT, body BLOB,
                    PRIMARY KEY (member_id, key)) STRICT, WITHOUT ROWID;
                CREATE INDEX kept_answer_at ON kept_answer (at);
                """)
    ]

    /// How long an answer is kept, in milliseconds.
    static let lifetime: Int64 = 86_400_000

    /// Keys one member may have in use; further changes go without.
    static let limit = 10_000

    enum Standing: Sendable {
        /// Nobody asked with this key before; it is taken now.
        case new
        case answered(Kept)
        /// Taken, and not answered: it is being done, or the server ended while it was.
        case open
        /// Taken for another request.
        case otherRequest
        case tooMany
    }

    struct Kept: Sendable {
        let status: Int
        let type: String?
        let location: String?
        let body: [UInt8]
    }

    static func begin(
        _ key: String, member: Int64, fingerprint: [UInt8], at now: Timestamp, with secret: SecretKey,
        in connection: Connection
    ) throws -> Standing {
        try connection.execute("DELETE FROM kept_answer WHERE at < ?", now.rawValue - lifetime)
        let found = try connection.first(
            "SELECT fingerprint, status, type, location, body FROM kept_answer WHERE member_id = ? AND key = ?", member,
            key
        ) { row -> Standing in
            guard row.blob(0) == fingerprint else { return .otherRequest }
            guard let status = row.optionalInt64(1) else { return .open }
            // Sealed with a key that was changed since: what was answered cannot be told any more.
            guard let body = try? secret.open(row.blob(4), context: context(member, key)) else { return .open }
            return .answered(
                Kept(status: Int(status), type: row.optionalText(2), location: row.optionalText(3), body: body))
        }
        if let found { return found }
        let count = try connection.first("SELECT count(*) FROM kept_answer WHERE member_id = ?", member) { $0.int(0) }
        guard (count ?? 0) < limit else { return .tooMany }
        try connection.execute(
            "INSERT INTO kept_answer (member_id, key, fingerprint, at) VALUES (?, ?, ?, ?)", member, key, fingerprint,
            now.rawValue)
        return .new
    }

    static func keep(
        _ answer: Kept, for key: String, member: Int64, with secret: SecretKey, in connection: Connection
    ) throws {
        try connection.execute(
            "UPDATE kept_answer SET status = ?, type = ?, location = ?, body = ? WHERE member_id = ? AND key = ?",
            answer.status, answer.type, answer.location,
            try secret.seal(answer.body, context: context(member, key)), member, key)
    }

    /// Frees a key whose request did nothing.
    static func release(_ key: String, member: Int64, in connection: Connection) throws {
        try connection.execute("DELETE FROM kept_answer WHERE member_id = ? AND key = ?", member, key)
    }

    /// For another key.
    public static let sealed = SealedColumn(table: "kept_answer", column: "body", identity: ["member_id", "key"]) {
        "kept-answer/\($0[0])/\($0[1])"
    }

    private static func context(_ member: Int64, _ key: String) -> String { "kept-answer/\(member)/\(key)" }
}
