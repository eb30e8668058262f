import CSQLite
public import Database
import Synchronization

/// A disk whose writes fail on request: full, cut short in the middle of a page, or gone with the process.
///
/// Takes the place of the write functions of SQLite's own files, connection by connection.
public final class FaultyDisk: Sendable {
    public enum Fault: String, Hashable, Sendable, CaseIterable {
        /// Nothing of it is written.
        case full
        /// Half of it is written.
        case short
    }

    private struct State {
        var isGone = false
        var fault: Fault?
        /// Writes that still succeed before the fault.
        var skip = 0
        /// Writes that then fail.
        var count = 0
        var failed = 0
    }

    private let state = Mutex(State())

    public init() {}

    /// Lets `skip` more writes succeed, then `count` of them fail.
    public func fail(_ fault: Fault, after skip: Int, count: Int) {
        state.withLock { state in
            state.fault = fault
            state.skip = skip
            state.count = count
        }
    }

    /// Ends all faults but that the disk is gone.
    public func heal() { state.withLock { $0.fault = nil } }

    /// From now on nothing that is written arrives: the process was killed.
    public func leave() { state.withLock { $0.isGone = true } }

    /// Writes that failed so far.
    public var failures: Int { state.withLock { $0.failed } }

    /// Makes the writes of a connection pass through here. For `Database.Options.onOpen`, after all settings.
    public func install(on connection: Connection) throws {
        // Opening is lazy: without a read the write-ahead log is not there yet.
        try connection.forEach("SELECT count(*) FROM sqlite_schema") { _ in }
        for code in [SQLITE_FCNTL_FILE_POINTER, SQLITE_FCNTL_JOURNAL_POINTER] {
            var file: UnsafeMutablePointer<sqlite3_file>?
            let result = withUnsafeMutablePointer(to: &file) {
                sqlite3_file_control(connection.handle, "main", code, $0)
            }
            if result == SQLITE_OK, let file, file.pointee.pMethods != nil { Patched.install(self, on: file) }
        }
    }

    /// What becomes of one write.
    fileprivate func verdict() -> Verdict {
        state.withLock { state in
            if state.isGone { return .gone }
            guard let fault = state.fault else { return .written }
            if state.skip > 0 {
                state.skip -= 1
                return .written
            }
            guard state.count > 0 else {
                state.fault = nil
                return .written
            }
            state.count -= 1
            state.failed += 1
            return fault == .full ? .full : .short
        }
    }

    fileprivate enum Verdict { case written, full, short, gone }
}

/// SQLite's files with other write functions.
private enum Patched {
    struct Entry: Sendable {
        var disk: FaultyDisk
        /// Address of the methods the file had: SQLite's own constants, which live for ever.
        var original: UInt
    }

    /// By address of the file, which is alive as long as its entry.
    static let files = Mutex<[UInt: Entry]>([:])
    /// Copies of SQLite's method tables by the original's address. Never freed: a handful in a process.
    static let tables = Mutex<[UInt: UInt]>([:])

    static func install(_ disk: FaultyDisk, on file: UnsafeMutablePointer<sqlite3_file>) {
        let address = UInt(bitPattern: file)
        guard let methods = file.pointee.pMethods, files.withLock({ $0[address] }) == nil else { return }
        let original = UInt(bitPattern: methods)
        let table = tables.withLock { tables in
            if let known = tables[original] { return known }
            let copy = UnsafeMutablePointer<sqlite3_io_methods>.allocate(capacity: 1)
            copy.initialize(to: methods.pointee)
            copy.pointee.xWrite = { Patched.write($0, $1, $2, $3) }
            copy.pointee.xTruncate = { Patched.truncate($0, $1) }
            copy.pointee.xSync = { Patched.sync($0, $1) }
            copy.pointee.xClose = { Patched.close($0) }
            tables[original] = UInt(bitPattern: copy)
            return UInt(bitPattern: copy)
        }
        files.withLock { $0[address] = Entry(disk: disk, original: original) }
        file.pointee.pMethods = UnsafePointer(bitPattern: table)
    }

    private static func entry(
        _ file: UnsafeMutablePointer<sqlite3_file>?
    ) -> (FaultyDisk, UnsafePointer<sqlite3_io_methods>)? {
        guard let entry = files.withLock({ $0[UInt(bitPattern: file)] }),
            let methods = UnsafePointer<sqlite3_io_methods>(bitPattern: entry.original)
        else { return nil }
        return (entry.disk, methods)
    }

    static func write(
        _ file: UnsafeMutablePointer<sqlite3_file>?, _ bytes: UnsafeRawPointer?, _ count: Int32, _ offset: Int64
    ) -> Int32 {
        guard let (disk, methods) = entry(file) else { return SQLITE_IOERR }
        switch disk.verdict() {
        case .written: return methods.pointee.xWrite(file, bytes, count, offset)
        case .full: return SQLITE_FULL
        case .gone: return SQLITE_IOERR
        case .short:
            _ = methods.pointee.xWrite(file, bytes, count / 2, offset)
            return SQLITE_FULL
        }
    }

    static func truncate(_ file: UnsafeMutablePointer<sqlite3_file>?, _ size: Int64) -> Int32 {
        guard let (disk, methods) = entry(file) else { return SQLITE_IOERR }
        return disk.verdict() == .written ? methods.pointee.xTruncate(file, size) : SQLITE_IOERR
    }

    static func sync(_ file: UnsafeMutablePointer<sqlite3_file>?, _ flags: Int32) -> Int32 {
        guard let (disk, methods) = entry(file) else { return SQLITE_IOERR }
        return disk.verdict() == .written ? methods.pointee.xSync(file, flags) : SQLITE_IOERR
    }

    static func close(_ file: UnsafeMutablePointer<sqlite3_file>?) -> Int32 {
        guard let (_, methods) = entry(file) else { return SQLITE_OK }
        _ = files.withLock { $0.removeValue(forKey: UInt(bitPattern: file)) }
        return methods.pointee.xClose(file)
    }
}
