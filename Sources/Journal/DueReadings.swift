public import Database
public import IssueModel
public import Store

/// Readings of a source that a hint asked for, until they were made: kept over the program's end.
public enum DueReadings {
    public enum Kind: String, Hashable, Sendable, CaseIterable {
        /// Names and lists that change without any issue changing.
        case catalogue
        /// What changed lately, because a hint did not say which issue, or one was lost.
        case changes
    }

    /// Asks for a reading; a later request replaces the earlier.
    public static func ask(_ kind: Kind, at moment: Timestamp, source: Int64, in context: WriteContext) throws {
        try Checkpoints.advance(phase(kind), to: "{}", at: moment, source: source, in: context)
    }

    /// When a reading was last asked for; `nil` where none waits.
    public static func asked(_ kind: Kind, source: Int64, in connection: Connection) throws -> Timestamp? {
        try Checkpoints.updated(phase(kind), source: source, in: connection)
    }

    /// Settles requests made until `began`, when the reading that answers them began.
    public static func settle(_ kind: Kind, readAt began: Timestamp, source: Int64, in context: WriteContext) throws {
        guard let asked = try asked(kind, source: source, in: context.connection), asked <= began else { return }
        try Checkpoints.reset(phase(kind), source: source, in: context)
    }

    private static func phase(_ kind: Kind) -> String { "due \(kind.rawValue)" }
}
