/// Why the store could not do what it was asked. `description` is safe to log.
public struct StoreError: Error, Hashable, Sendable, CustomStringConvertible {
    public var code: Code
    /// What happened and what to do.
    public var message: String

    /// The kind of failure. New kinds may come.
    public struct Code: RawRepresentable, Hashable, Sendable, CustomStringConvertible {
        public let rawValue: String
        public init(rawValue: String) { self.rawValue = rawValue }
        public var description: String { rawValue }

        /// The data folder does not exist and reading needs one.
        public static let folderMissing = Code(rawValue: "folder_missing")
        /// The data folder can't be created or written to.
        public static let folderReadOnly = Code(rawValue: "folder_read_only")
        /// Another process writes to the data folder.
        public static let folderInUse = Code(rawValue: "folder_in_use")
        /// Something in the data folder is not what it should be.
        public static let folderInvalid = Code(rawValue: "folder_invalid")
        /// No space is left.
        public static let diskFull = Code(rawValue: "disk_full")
        /// The key file is missing while sealed credentials need it, or it has another key.
        public static let keyMissing = Code(rawValue: "key_missing")
        /// Another source has this name.
        public static let nameTaken = Code(rawValue: "name_taken")
        /// What is kept of a removed source was read differently from how it is to be read now.
        public static let keptDiffers = Code(rawValue: "kept_differs")
        /// There is no such record.
        public static let notFound = Code(rawValue: "not_found")
        /// A stored record can't be read back.
        public static let damaged = Code(rawValue: "record_damaged")
        /// The value is larger than the store takes.
        public static let tooLarge = Code(rawValue: "too_large")
    }

    public init(_ code: Code, _ message: String) {
        self.code = code
        self.message = message
    }

    public var description: String { "\(message) [\(code.rawValue)]" }
}
