internal import CSQLite

/// One row of a result, read column by column, counted from 0.
///
/// Lent: valid only until the statement moves on. `NULL` reads as 0, as empty text or as an empty blob unless the
/// optional form is asked for.
public struct Row {
    let statement: OpaquePointer

    public var columnCount: Int { Int(sqlite3_column_count(statement)) }

    public func isNull(_ column: Int) -> Bool { sqlite3_column_type(statement, Int32(column)) == SQLITE_NULL }

    public func int64(_ column: Int) -> Int64 { sqlite3_column_int64(statement, Int32(column)) }

    public func int(_ column: Int) -> Int { Int(int64(column)) }

    public func bool(_ column: Int) -> Bool { int64(column) != 0 }

    public func double(_ column: Int) -> Double { sqlite3_column_double(statement, Int32(column)) }

    public func text(_ column: Int) -> String {
        guard let bytes = sqlite3_column_text(statement, Int32(column)) else { return "" }
        let count = Int(sqlite3_column_bytes(statement, Int32(column)))
        return String(decoding: UnsafeBufferPointer(start: bytes, count: count), as: UTF8.self)
    }

    public func blob(_ column: Int) -> [UInt8] { withBytes(column) { Array($0) } }

    public func optionalInt64(_ column: Int) -> Int64? { isNull(column) ? nil : int64(column) }

    public func optionalInt(_ column: Int) -> Int? { isNull(column) ? nil : int(column) }

    public func optionalText(_ column: Int) -> String? { isNull(column) ? nil : text(column) }

    public func optionalBlob(_ column: Int) -> [UInt8]? { isNull(column) ? nil : blob(column) }

    /// The bytes of a blob or text column without copying them; `nil` for `NULL`. Valid only until the statement moves
    /// on.
    public func unsafeBytes(_ column: Int) -> UnsafeRawBufferPointer? {
        if isNull(column) { return nil }
        let start = sqlite3_column_blob(statement, Int32(column))
        let count = Int(sqlite3_column_bytes(statement, Int32(column)))
        return UnsafeRawBufferPointer(start: start, count: start == nil ? 0 : count)
    }

    /// Lends the bytes of a blob or text column without copying them. They must not outlive `body`.
    public func withBytes<T>(_ column: Int, _ body: (UnsafeRawBufferPointer) throws -> T) rethrows -> T {
        let start = sqlite3_column_blob(statement, Int32(column))
        let count = Int(sqlite3_column_bytes(statement, Int32(column)))
        return try body(UnsafeRawBufferPointer(start: start, count: start == nil ? 0 : count))
    }
}
