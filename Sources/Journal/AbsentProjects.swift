public import Database
public import IssueModel
public import Store

/// Projects that Jira no longer lists to the source's account, or lists as archived, and what is known of why.
public enum AbsentProjects {
    /// Something noted of a project.
    public enum Note: String, Hashable, Sendable, CaseIterable {
        /// Jira said that it was deleted: by a webhook, or in its audit log.
        case deleted
        /// Its removal waits for an administrator.
        case held
        /// An administrator said that it is deleted …
        case confirmed
        /// … or that it is not: it stays, hidden, until Jira lists it again.
        case rejected
        /// Its issues were put away because it is archived.
        case archived

        fileprivate var phase: String { "project_\(rawValue):" }
    }

    /// Notes that a project is known to be deleted. One that is not stored is passed over.
    public static func noteDeleted(
        _ project: EntityID, at now: Timestamp, source: Int64, in context: WriteContext
    ) throws {
        guard try ProjectRecords.find(project, source: source, in: context.connection) != nil else { return }
        try note(.deleted, project, at: now, source: source, in: context)
    }

    public static func note(
        _ note: Note, _ project: EntityID, at now: Timestamp, source: Int64, in context: WriteContext
    ) throws {
        try Checkpoints.advance(note.phase + project.rawValue, to: "{}", at: now, source: source, in: context)
    }

    /// Projects of which this is noted.
    public static func having(_ note: Note, source: Int64, in connection: Connection) throws -> Set<EntityID> {
        Set(
            try connection.rows(
                "SELECT phase FROM checkpoint WHERE source_id = ? AND phase >= ? AND phase < ?", source, note.phase,
                note.phase + "\u{10FFFF}"
            ) { EntityID(String($0.text(0).dropFirst(note.phase.count))) })
    }

    /// Forgets everything noted of a project: Jira lists it again, or it is removed.
    public static func forget(_ project: EntityID, source: Int64, in context: WriteContext) throws {
        for note in Note.allCases {
            try Checkpoints.reset(note.phase + project.rawValue, source: source, in: context)
        }
    }
}
