internal import AccessControl
public import Database
internal import FastJSON
public import IssueModel

/// Members of security levels that an administrator declared, where the site does not tell them (Data Center).
///
/// A level whose members the site tells is never decided by a declaration.
public enum DeclaredLevels {
    public struct Declaration: Hashable, Sendable {
        public var level: EntityID
        public var members: [Holder]
        /// Who declared it.
        public var by: String
        public var at: Timestamp
    }

    /// The most members one declaration may have.
    public static let memberLimit = 1_000

    /// Declares a level's members, in place of what was declared before, and derives the acls again.
    ///
    /// - Returns: Its `outdated` acls show less than declared until their issues are written again.
    @discardableResult
    public static func declare(
        _ level: EntityID, members: [Holder], by: String, at: Timestamp, source: Int64, in context: WriteContext
    ) throws -> AccessRecords.Recomputation {
        guard members.count <= memberLimit else {
            throw StoreError(.tooLarge, "A security level may have at most \(memberLimit) declared members")
        }
        var json = JSONWriter()
        json.array { list in
            for member in members {
                let text = member.text
                list.array { pair in
                    pair.string(text.type)
                    if let parameter = text.parameter { pair.string(parameter) }
                }
            }
        }
        try context.connection.execute(
            """
            INSERT INTO declared_level (source_id, level, members, declared_by, declared) VALUES (?, ?, ?, ?, ?)
            ON CONFLICT (source_id, level) DO UPDATE SET members = excluded.members,
                declared_by = excluded.declared_by, declared = excluded.declared
            """, source, level.rawValue, json.text, by, at.rawValue)
        context.noteAccessChange()
        return try AccessRecords.recompute(source: source, in: context)
    }

    /// Takes a declaration back: only those to whom Jira lists the level's issues see them then.
    ///
    /// - Throws: `StoreError` with code `notFound` where nothing was declared of the level.
    @discardableResult
    public static func withdraw(
        _ level: EntityID, source: Int64, in context: WriteContext
    ) throws -> AccessRecords.Recomputation {
        try context.connection.execute(
            "DELETE FROM declared_level WHERE source_id = ? AND level = ?", source, level.rawValue)
        guard context.connection.changedRows == 1 else {
            throw StoreError(.notFound, "Nothing is declared of the security level \(level)")
        }
        context.noteAccessChange()
        return try AccessRecords.recompute(source: source, in: context)
    }

    static func contains(_ level: EntityID, source: Int64, in connection: Connection) throws -> Bool {
        try connection.first(
            "SELECT 1 FROM declared_level WHERE source_id = ? AND level = ?", source, level.rawValue
        ) { $0.bool(0) } ?? false
    }

    /// Every declaration of a source.
    public static func all(source: Int64, in connection: Connection) throws -> [Declaration] {
        try connection.rows(
            """
            SELECT level, members, declared_by, declared FROM declared_level WHERE source_id = ? ORDER BY level
            """, source
        ) { row in
            let members = try JSONValue(parsing: row.text(1)).array ?? []
            return Declaration(
                level: EntityID(row.text(0)),
                members: members.map { Holder(type: $0[0]?.string ?? "", parameter: $0[1]?.string) },
                by: row.text(2), at: Timestamp(milliseconds: row.int64(3)))
        }
    }
}
