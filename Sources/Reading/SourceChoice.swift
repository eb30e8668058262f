public import Database
public import Store

/// The sources a command is about.
public enum SourceChoice {
    /// The source of this name, or every source that is not removed.
    ///
    /// - Throws: ``ReadingError`` for a name no source has.
    public static func sources(named name: String?, in connection: Connection) throws -> [Source] {
        guard let name else { return try SourceRecords.all(in: connection, includingRemoved: false) }
        guard let source = try SourceRecords.find(name, in: connection), source.state != .removed else {
            throw ReadingError(
                .unknownSource,
                "There is no source named \(ReadingError.quoted(name)). `drawbridge source list` shows the sources.")
        }
        return [source]
    }
}
