/// Why a copy could not be made, read back or put in place. `description` is safe to log.
public struct BackupError: Error, Hashable, Sendable, CustomStringConvertible {
    public var code: Code
    /// What happened, why, and what to do.
    public var message: String

    /// The kind of failure. New kinds may come.
    public struct Code: RawRepresentable, Hashable, Sendable {
        public let rawValue: String
        public init(rawValue: String) { self.rawValue = rawValue }

        /// There is a file of this name already; no copy overwrites one.
        public static let exists = Code(rawValue: "backup_exists")
        /// The disk has not the room that the copy needs.
        public static let noSpace = Code(rawValue: "backup_no_space")
        /// The system refused to read or write a file.
        public static let file = Code(rawValue: "backup_file")
        /// The file is no backup.
        public static let notABackup = Code(rawValue: "not_a_backup")
        /// The backup is not what its manifest says.
        public static let damaged = Code(rawValue: "backup_damaged")
        /// A newer program wrote it.
        public static let newer = Code(rawValue: "written_by_newer")
        /// The folder holds data already.
        public static let notEmpty = Code(rawValue: "folder_not_empty")
    }

    public init(_ code: Code, _ message: String) {
        self.code = code
        self.message = message
    }

    public var description: String { "\(message) [\(code.rawValue)]" }
}
