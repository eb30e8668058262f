internal import CSQLite

/// A prepared statement. Belongs to one `Connection` and is used only where that connection was lent.
///
/// A failing `bind` is remembered and thrown by the next `step`.
public final class Statement {
    let handle: OpaquePointer
    private let connection: OpaquePointer
    private var bindingFailure: Int32 = SQLITE_OK

    init(_ sql: String, on connection: OpaquePointer, lasting: Bool) throws(DatabaseError) {
        var prepared: OpaquePointer?
        let flags = lasting ? UInt32(SQLITE_PREPARE_PERSISTENT) : 0
        let result = sqlite3_prepare_v3(connection, sql, -1, flags, &prepared, nil)
        guard result == SQLITE_OK else { throw DatabaseError(handle: connection, result: result, sql: sql) }
        guard let prepared else { throw DatabaseError(.statement, "The statement is empty", sql: sql) }
        handle = prepared
        self.connection = connection
    }

    deinit { sqlite3_finalize(handle) }

    /// The text this statement was prepared from.
    public var sql: String { sqlite3_sql(handle).map { String(cString: $0) } ?? "" }

    /// The number of its parameters.
    public var parameterCount: Int { Int(sqlite3_bind_parameter_count(handle)) }

    /// Whether rows of an earlier use are still being read.
    var isBusy: Bool { sqlite3_stmt_busy(handle) != 0 }

    /// Binds to the parameter at `index`, counted from 1.
    public func bind(_ index: Int, _ value: Int64) {
        note(sqlite3_bind_int64(handle, Int32(truncatingIfNeeded: index), value))
    }

    public func bind(_ index: Int, _ value: Int64?) {
        if let value { bind(index, value) } else { bindNull(index) }
    }

    public func bind(_ index: Int, _ value: Double) {
        note(sqlite3_bind_double(handle, Int32(truncatingIfNeeded: index), value))
    }

    public func bind(_ index: Int, _ value: Double?) {
        if let value { bind(index, value) } else { bindNull(index) }
    }

    public func bind(_ index: Int, _ value: String) {
        var value = value
        value.withUTF8 { bytes in
            let start = UnsafeRawPointer(bytes.baseAddress ?? Self.nothing).assumingMemoryBound(to: CChar.self)
            note(
                sqlite3_bind_text64(
                    handle, Int32(truncatingIfNeeded: index), start, UInt64(bytes.count), Self.copied,
                    UInt8(SQLITE_UTF8)))
        }
    }

    public func bind(_ index: Int, _ value: String?) {
        if let value { bind(index, value) } else { bindNull(index) }
    }

    public func bind(_ index: Int, _ value: [UInt8]) {
        value.withUnsafeBytes { bind(index, $0) }
    }

    public func bind(_ index: Int, _ value: [UInt8]?) {
        if let value { bind(index, value) } else { bindNull(index) }
    }

    /// Binds a copy of `bytes` as a blob.
    public func bind(_ index: Int, _ bytes: UnsafeRawBufferPointer) {
        let start = bytes.baseAddress ?? UnsafeRawPointer(Self.nothing)
        note(sqlite3_bind_blob64(handle, Int32(truncatingIfNeeded: index), start, UInt64(bytes.count), Self.copied))
    }

    public func bindNull(_ index: Int) {
        note(sqlite3_bind_null(handle, Int32(truncatingIfNeeded: index)))
    }

    /// Binds `arguments` to the parameters from the first on.
    ///
    /// - Throws: `DatabaseError` with code `statement` when their number is not that of the parameters.
    func bind(_ arguments: [(any Value)?]) throws(DatabaseError) {
        guard arguments.count == parameterCount else {
            throw DatabaseError(
                .statement, "\(parameterCount) arguments are needed, \(arguments.count) were given", sql: sql)
        }
        for (position, argument) in arguments.enumerated() {
            if let argument { argument.bind(to: self, at: position + 1) } else { bindNull(position + 1) }
        }
    }

    /// Moves to the next row.
    ///
    /// - Returns: `false` after the last row; the statement is then reset.
    public func step() throws(DatabaseError) -> Bool {
        if bindingFailure != SQLITE_OK {
            let failure = bindingFailure
            bindingFailure = SQLITE_OK
            throw DatabaseError(handle: nil, result: failure, sql: sql)
        }
        let result = sqlite3_step(handle)
        switch result {
        case SQLITE_ROW:
            return true
        case SQLITE_DONE:
            sqlite3_reset(handle)
            return false
        default:
            let error = DatabaseError(handle: connection, result: result, sql: sql)
            sqlite3_reset(handle)
            throw error
        }
    }

    /// Runs the statement to its end, discarding any rows.
    public func run() throws(DatabaseError) {
        while try step() {}
    }

    /// Makes the statement ready for its next use. Bound values stay.
    public func reset() { sqlite3_reset(handle) }

    /// Forgets the bound values, so that a cached statement keeps no large or secret value alive.
    func forgetValues() {
        sqlite3_reset(handle)
        sqlite3_clear_bindings(handle)
    }

    /// The current row; valid until the next `step`, `reset` or `run`.
    public var row: Row { Row(statement: handle) }

    private func note(_ result: Int32) {
        if result != SQLITE_OK, bindingFailure == SQLITE_OK { bindingFailure = result }
    }

    /// Tells SQLite to copy the bytes before the call returns.
    private static var copied: sqlite3_destructor_type { unsafeBitCast(-1, to: sqlite3_destructor_type.self) }

    /// An address for empty values: SQLite reads a null pointer as `NULL`, not as an empty value.
    // Sound to share: the byte is never written again and never freed.
    nonisolated(unsafe) private static let nothing: UnsafePointer<UInt8> = {
        let byte = UnsafeMutablePointer<UInt8>.allocate(capacity: 1)
        byte.initialize(to: 0)
        return UnsafePointer(byte)
    }()
}
