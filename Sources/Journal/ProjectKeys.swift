internal import Database
internal import FastJSON
public import IssueModel
public import Store

/// The keys that stored issues carry, kept in step with their projects': Jira renames a project without updating its
/// issues.
public enum ProjectKeys {
    private static let phase = "project_keys"

    /// Gives the stored issues of projects that have another key than when this was called last keys under the new one. A
    /// key they had goes on finding them.
    ///
    /// - Returns: How many issues have another key now.
    @discardableResult
    public static func follow(source: Int64, at now: Timestamp, in context: WriteContext) throws -> Int {
        let connection = context.connection
        let stored = try Checkpoints.data(phase, source: source, in: connection)
        let known = try stored.map { try JSONValue(parsing: $0) }
        var changed = 0
        var isNew = known == nil
        var writer = JSONWriter()
        let projects = try ProjectRecords.all(source: source, in: connection)
        for record in projects where known?[record.project.id.rawValue]?.string != record.project.key {
            isNew = true
            changed += try rewrite(record.id, to: record.project.key, source: source, in: connection)
        }
        guard isNew else { return 0 }
        writer.object { for record in projects { $0.member(record.project.id.rawValue, record.project.key) } }
        try Checkpoints.advance(phase, to: writer.text, at: now, source: source, in: context)
        if changed > 0 { context.noteContentChange() }
        return changed
    }

    private static func rewrite(
        _ project: Int64, to key: String, source: Int64, in connection: Connection
    ) throws -> Int {
        let others = "source_id = ?1 AND project_id = ?2 AND substr(key, 1, instr(key, '-') - 1) <> ?3"
        // Where two projects exchange their keys, the other one's issues may have this one's keys already.
        try connection.execute(
            """
            UPDATE issue_key SET former = 1
            WHERE source_id = ?1 AND key IN (SELECT key FROM issue WHERE \(others))
                AND issue_id IN (SELECT id FROM issue WHERE \(others))
            """, source, project, key)
        try connection.execute(
            """
            INSERT INTO issue_key (source_id, key, issue_id, former)
            SELECT source_id, ?3 || substr(key, instr(key, '-')), id, 0 FROM issue WHERE \(others)
            ON CONFLICT (source_id, key) DO UPDATE SET issue_id = excluded.issue_id, former = 0
            """, source, project, key)
        try connection.execute(
            "UPDATE issue SET key = ?3 || substr(key, instr(key, '-')) WHERE \(others)", source, project, key)
        return connection.changedRows
    }
}
