internal import Cryptography
public import Database
internal import FastJSON
internal import IssueModel
public import Store

/// What was done to this installation, by whom, when and from where: only ever appended to.
///
/// Rows are appended in the transaction of the change they tell of, so that neither is there without the other. Each
/// row's hash covers the hash of the row before: a row that is changed, left out or put in between breaks the chain
/// from there on. Rows cut off the end break nothing; ``head(in:)`` compared with a copy kept elsewhere shows that.
///
/// The hash is SHA-256 over the 32 bytes of the hash before (zeros for the first row) and the UTF-8 text of the JSON
/// array `[number, milliseconds, actor, actorName, via, remote, action, subject, details]`, `details` as a string.
public enum AuditTrail {
    /// The longest text of a row's columns, in bytes; longer ones are cut.
    static let textLimit = 1_000
    /// The longest `details`, in bytes.
    public static let detailsLimit = 16_384
    /// Rows that ``list(before:limit:in:)`` gives at most.
    public static let pageLimit = 1_000

    /// Every step of the trail's tables, oldest first. A step that shipped is never edited; a new one is added.
    public static let migrations: [Migration] = [
        Migration("audit_trail", 1, "what was done, chained by hashes", sql: step001)
    ]

    /// Appends what is done in this transaction.
    ///
    /// - Throws: ``AuditError`` with `tooLarge` where the details exceed ``detailsLimit``.
    public static func append(_ event: AuditEvent, in context: WriteContext) throws {
        let details = String(decoding: event.details.serialized(), as: UTF8.self)
        guard details.utf8.count <= detailsLimit else {
            throw AuditError(.tooLarge, "The details of \(event.action) exceed \(detailsLimit) bytes.")
        }
        let head = try head(in: context.connection)
        var record = AuditRecord(
            number: head.number + 1, at: context.now, actor: event.actor.word, actorName: cut(event.actor.name),
            via: cut(event.via), remote: cut(event.remote), action: cut(event.action), subject: cut(event.subject),
            details: details, hash: [])
        record.hash = hash(of: record, after: head.hash)
        try context.connection.execute(
            """
            INSERT INTO audit_event (number, at, actor, actor_name, via, remote, action, subject, details, hash)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
            """, record.number, record.at.rawValue, record.actor, record.actorName, record.via, record.remote,
            record.action, record.subject, record.details, record.hash)
    }

    /// The newest rows, newest first.
    ///
    /// - Parameters:
    ///   - before: Only rows with a smaller number.
    ///   - limit: How many at most, up to ``pageLimit``.
    public static func list(
        before: Int64? = nil, limit: Int = 100, in connection: Connection
    ) throws -> [AuditRecord] {
        try connection.rows(
            "SELECT \(columns) FROM audit_event WHERE number < ? ORDER BY number DESC LIMIT ?", before ?? Int64.max,
            max(0, min(limit, pageLimit)), as: record)
    }

    /// The newest row's number and hash; number 0 and zeros where nothing was done yet.
    public static func head(in connection: Connection) throws -> AuditHead {
        try connection.first("SELECT number, hash FROM audit_event ORDER BY number DESC LIMIT 1") {
            AuditHead(number: $0.int64(0), hash: $0.blob(1))
        } ?? AuditHead(number: 0, hash: noHash)
    }

    static let noHash = [UInt8](repeating: 0, count: Digest.byteCount)

    static func hash(of record: AuditRecord, after previous: [UInt8]) -> [UInt8] {
        var json = JSONWriter()
        json.array { json in
            json.integer(record.number)
            json.integer(record.at.rawValue)
            for text in [
                record.actor, record.actorName, record.via, record.remote, record.action, record.subject,
                record.details,
            ] {
                json.string(text)
            }
        }
        return Digest.sha256(previous + json.bytes)
    }

    /// Cut between characters, so that what is stored is what was hashed.
    private static func cut(_ text: String) -> String {
        guard text.utf8.count > textLimit else { return text }
        var kept = ""
        for character in text {
            guard kept.utf8.count + character.utf8.count <= textLimit else { break }
            kept.append(character)
        }
        return kept
    }

    static let columns = "number, at, actor, actor_name, via, remote, action, subject, details, hash"

    static func record(_ row: Row) -> AuditRecord {
        AuditRecord(
            number: row.int64(0), at: Timestamp(milliseconds: row.int64(1)), actor: row.text(2),
            actorName: row.text(3), via: row.text(4), remote: row.text(5), action: row.text(6), subject: row.text(7),
            details: row.text(8), hash: row.blob(9))
    }

    /// `REPLACE` would delete a row without its trigger: so a row goes in only at the end.
    private static let step001 = """
        CREATE TABLE audit_event (
            number INTEGER PRIMARY KEY, at INTEGER NOT NULL, actor TEXT NOT NULL, actor_name TEXT NOT NULL,
            via TEXT NOT NULL, remote TEXT NOT NULL, action TEXT NOT NULL, subject TEXT NOT NULL,
            details TEXT NOT NULL, hash BLOB NOT NULL) STRICT;
        CREATE TRIGGER audit_event_at_end BEFORE INSERT ON audit_event
        WHEN NEW.number IS NOT (SELECT coalesce(max(number), 0) + 1 FROM audit_event)
        BEGIN SELECT RAISE(ABORT, 'the audit trail is only appended to'); END;
        CREATE TRIGGER audit_event_unchanged BEFORE UPDATE ON audit_event
        BEGIN SELECT RAISE(ABORT, 'the audit trail is only appended to'); END;
        CREATE TRIGGER audit_event_kept BEFORE DELETE ON audit_event
        BEGIN SELECT RAISE(ABORT, 'the audit trail is only appended to'); END;
        """
}
