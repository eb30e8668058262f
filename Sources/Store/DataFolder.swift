public import Cryptography

#if canImport(Glibc)
    internal import Glibc
#elseif canImport(Musl)
    internal import Musl
#endif

// The system's functions, where a method of the same name would hide them.
private func systemRead(_ descriptor: Int32, _ buffer: UnsafeMutableRawBufferPointer) -> Int {
    read(descriptor, buffer.baseAddress, buffer.count)
}
private func systemWrite(_ descriptor: Int32, _ bytes: [UInt8]) -> Int { write(descriptor, bytes, bytes.count) }
private func isThere(_ path: String) -> Bool { access(path, F_OK) == 0 }

/// The folder that holds everything of one installation: the database and the key that seals its secrets.
///
/// Only its owner may enter it (mode 0700). One process at a time may write; any number may read meanwhile.
public final class DataFolder: Sendable {
    public let path: String
    public let access: Access
    /// Held open, and so locked, as long as this value lives; the system lets go of it when the process dies.
    private let lock: Int32?
    /// In the place of the folder's own key file.
    private let givenKey: SecretKey?

    public enum Access: Hashable, Sendable {
        case reading, writing
        /// Beside a process that writes: for short writes of settings and requests to it, never of what is copied.
        case requesting
    }

    /// Opens the folder, creating it for `writing` where it is missing.
    ///
    /// - Parameter key: Seals secrets in the place of the folder's own key file, which is then neither read nor made.
    /// - Throws: `StoreError` that tells a missing folder, one that can't be written to, a full disk and another
    ///   writing process apart.
    public init(path: String, for access: Access, key: SecretKey? = nil) throws(StoreError) {
        self.path = path
        givenKey = key
        self.access = access
        switch access {
        case .reading, .requesting:
            try Self.requireFolder(path)
            guard Self.exists(path + "/" + Self.databaseName) else {
                throw StoreError(.folderMissing, "\(path) holds no Drawbridge data. Add a source first")
            }
            lock = nil
        case .writing:
            try Self.create(path)
            lock = try Self.takeLock(path + "/" + Self.lockName)
            try Self.createDatabaseFile(path + "/" + Self.databaseName)
        }
    }

    deinit { if let lock { close(lock) } }

    /// Tells other processes what this one does with the folder, such as `serve`; see ``holder(of:)``.
    public func announce(role: String) {
        guard let lock else { return }
        Self.write(Holder(process: getpid(), role: role), to: lock)
    }

    public var databasePath: String { path + "/" + Self.databaseName }

    /// The key that seals secrets, made on first use.
    ///
    /// - Throws: `keyMissing` where it is missing and the folder is open for reading; `folderInvalid` where the key
    ///   file is not a key.
    public func secretKey() throws(StoreError) -> SecretKey {
        if let givenKey { return givenKey }
        let file = path + "/" + Self.keyName
        if access == .writing, !Self.exists(file) { try createKey(file) }
        let descriptor = open(file, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else {
            if errno == ENOENT { throw StoreError(.keyMissing, "\(file) is missing; restore it from a backup") }
            throw Self.failure(errno, "read", file)
        }
        defer { close(descriptor) }
        // Nobody else may read it, whatever a restored backup made of its mode.
        if access == .writing { fchmod(descriptor, 0o600) }
        var bytes = [UInt8](repeating: 0, count: SecretKey.byteCount + 1)
        let count = bytes.withUnsafeMutableBytes { systemRead(descriptor, $0) }
        guard count == SecretKey.byteCount, let key = try? SecretKey(bytes: Array(bytes.prefix(count))) else {
            throw StoreError(.folderInvalid, "\(file) is not a key; restore it from a backup")
        }
        return key
    }

    static let databaseName = "drawbridge.sqlite"
    static let keyName = "secret.key"
    static let lockName = "drawbridge.lock"

    private func createKey(_ file: String) throws(StoreError) {
        let key: SecretKey
        do { key = try SecretKey() } catch { throw StoreError(.folderInvalid, "No key could be made: \(error)") }
        // Written beside and linked into place: a kill in between leaves no half key, and an existing key wins.
        let draft = file + ".new"
        unlink(draft)
        let descriptor = open(draft, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw Self.failure(errno, "create", draft) }
        let written = key.withBytes { bytes in systemWrite(descriptor, bytes) }
        let failed = written != SecretKey.byteCount || fsync(descriptor) != 0
        let reason = written >= 0 && !failed ? 0 : errno
        close(descriptor)
        defer { unlink(draft) }
        if failed { throw Self.failure(reason == 0 ? ENOSPC : reason, "write", draft) }
        if link(draft, file) != 0, errno != EEXIST { throw Self.failure(errno, "create", file) }
    }

    private static func create(_ path: String) throws(StoreError) {
        var prefix = path.hasPrefix("/") ? "/" : ""
        for part in path.split(separator: "/") {
            prefix += prefix.isEmpty || prefix.hasSuffix("/") ? "\(part)" : "/\(part)"
            if exists(prefix) { continue }
            if mkdir(prefix, 0o700) != 0, errno != EEXIST { throw failure(errno, "create", prefix) }
        }
        try requireFolder(path)
    }

    /// Makes the database file readable for its owner only, before SQLite makes it by the process's own mask; the log
    /// beside it takes the same mode. SQLite takes an empty file for an empty database.
    private static func createDatabaseFile(_ file: String) throws(StoreError) {
        let descriptor = open(file, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw failure(errno, "create", file) }
        close(descriptor)
    }

    private static func requireFolder(_ path: String) throws(StoreError) {
        var status = stat()
        guard stat(path, &status) == 0 else { throw failure(errno, "open", path) }
        guard status.st_mode & S_IFMT == S_IFDIR else {
            throw StoreError(.folderInvalid, "\(path) is a file, not a folder. Choose another data folder")
        }
    }

    private static func exists(_ path: String) -> Bool { isThere(path) }

    /// Says what the system's error number means here.
    static func failure(_ number: Int32, _ verb: String, _ path: String) -> StoreError {
        switch number {
        case ENOENT:
            StoreError(.folderMissing, "\(path) does not exist")
        case ENOSPC, EDQUOT:
            StoreError(.diskFull, "The disk of \(path) is full. Free some space and try again; nothing stored is lost")
        case EACCES, EPERM, EROFS:
            StoreError(
                .folderReadOnly,
                "This user may not \(verb) \(path). Allow it, or choose another data folder with --data")
        case ENOTDIR:
            StoreError(.folderInvalid, "A part of \(path) is a file, not a folder. Choose another data folder")
        default:
            StoreError(.folderInvalid, "The system could not \(verb) \(path): \(String(cString: strerror(number)))")
        }
    }
}
