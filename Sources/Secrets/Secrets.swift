public import Cryptography
public import Database
public import IssueModel

/// What is sealed and with which key, and when credentials end.
///
/// Lives in the store's database, in tables of its own.
public enum Secrets {
    /// Every step of the tables, oldest first. A step that shipped is never edited; a new one is added.
    public static let migrations: [Migration] = [
        Migration("secrets", 1, "which key seals, and when credentials end", sql: step001)
    ]

    private static let step001 = """
        CREATE TABLE secret_key (id INTEGER PRIMARY KEY CHECK (id = 1), mark TEXT NOT NULL, since INTEGER NOT NULL) STRICT;

        CREATE TABLE credential_expiry (
            source_id INTEGER PRIMARY KEY REFERENCES source (id) ON DELETE CASCADE, expires INTEGER NOT NULL,
            stored INTEGER NOT NULL) STRICT;
        """

    /// Tells keys apart and says nothing of them: the first half of a keyed digest of fixed words, in hexadecimal digits.
    public static func mark(of key: SecretKey) -> String {
        let digest = key.withBytes { Digest.hmacSHA256(Array("drawbridge: mark of a key".utf8), key: $0) }
        return String(Digest.hexadecimal(digest).prefix(16))
    }

    /// Which key sealed what is stored; `nil` where no key was noted yet.
    public static func storedMark(in connection: Connection) throws -> String? {
        try connection.first("SELECT mark FROM secret_key") { $0.text(0) }
    }

    /// Notes the key at the first start, and compares it at each later one.
    ///
    /// - Throws: ``SecretsError`` with `keyDiffers` where the secrets were sealed with another key.
    public static func check(_ key: SecretKey, at now: Timestamp, in connection: Connection) throws {
        let found = mark(of: key)
        guard let known = try storedMark(in: connection) else {
            return try note(found, at: now, in: connection)
        }
        guard known == found else {
            throw SecretsError(
                .keyDiffers,
                "The secrets here were sealed with another key (mark \(known)) than the one given (mark \(found)). Give that key again, or restore its file."
            )
        }
    }

    static func note(_ mark: String, at now: Timestamp, in connection: Connection) throws {
        try connection.execute(
            """
            INSERT INTO secret_key (id, mark, since) VALUES (1, ?, ?)
            ON CONFLICT (id) DO UPDATE SET mark = excluded.mark, since = excluded.since
            """, mark, now.rawValue)
    }
}
