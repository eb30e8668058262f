public import Database
public import IssueModel
import Journal
public import Store

/// Projects that Jira no longer lists to the source's account, and what became of them.
public enum AbsentProjects {
    /// Notes that a project is known to be deleted: by a webhook, a row of the audit log, or Jira's own trash.
    public static func noteDeleted(
        _ project: EntityID, because proof: String, at now: Timestamp, source: Int64, in context: WriteContext
    ) throws {
        guard try ProjectRecords.find(project, source: source, in: context.connection) != nil else { return }
        try Checkpoints.advance(deletedPhase + project.rawValue, to: proof, at: now, source: source, in: context)
    }

    /// Projects that are known to be deleted; one that Jira lists again is none of them.
    static func deleted(source: Int64, in connection: Connection) throws -> Set<EntityID> {
        try phases(deletedPhase, source: source, in: connection)
    }

    /// Projects whose removal waits for an administrator.
    public static func held(source: Int64, in connection: Connection) throws -> Set<EntityID> {
        try phases(heldPhase, source: source, in: connection)
    }

    static func hold(_ project: EntityID, at now: Timestamp, source: Int64, in context: WriteContext) throws {
        try Checkpoints.advance(heldPhase + project.rawValue, to: "{}", at: now, source: source, in: context)
    }

    /// Forgets that a project was missed: Jira lists it again, or it is removed.
    static func forget(_ project: EntityID, source: Int64, in context: WriteContext) throws {
        for phase in [deletedPhase, heldPhase, confirmedPhase, rejectedPhase] {
            try Checkpoints.reset(phase + project.rawValue, source: source, in: context)
        }
    }

    static let deletedPhase = "project_deleted:"
    static let heldPhase = "project_held:"
    /// An administrator said that it is deleted.
    static let confirmedPhase = "project_confirmed:"
    /// An administrator said that it is not: it stays, hidden, until Jira lists it again.
    static let rejectedPhase = "project_rejected:"

    static func phases(_ prefix: String, source: Int64, in connection: Connection) throws -> Set<EntityID> {
        Set(
            try connection.rows(
                "SELECT phase FROM checkpoint WHERE source_id = ? AND phase >= ? AND phase < ?", source, prefix,
                prefix + "\u{10FFFF}"
            ) { EntityID(String($0.text(0).dropFirst(prefix.count))) })
    }
}
