internal import CSQLite

/// One connection to the database, lent to the body of `read` and `write`. Never keep it.
public final class Connection {
    /// SQLite's own handle, for registering functions, tokenizers and auxiliary functions.
    public let handle: OpaquePointer
    private var statements: [String: Statement] = [:]

    /// Statements kept prepared at a time. Past it the cache starts anew: only SQL built at run time gets there.
    static let statementLimit = 512

    /// Opens `path` with SQLite's `flags`, without any setting.
    init(path: String, flags: Int32) throws(DatabaseError) {
        var opened: OpaquePointer?
        let result = sqlite3_open_v2(path, &opened, flags | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE, nil)
        guard result == SQLITE_OK, let opened else {
            let error = DatabaseError(handle: opened, result: result)
            sqlite3_close_v2(opened)
            throw error
        }
        handle = opened
    }

    deinit {
        statements.removeAll()
        sqlite3_close_v2(handle)
    }

    /// Runs one statement, discarding any rows.
    public func execute(_ sql: String, _ arguments: (any Value)?...) throws(DatabaseError) {
        let statement = try statement(sql)
        defer { statement.forgetValues() }
        try statement.bind(arguments)
        try statement.run()
    }

    /// Runs several statements without arguments, separated by semicolons.
    public func executeScript(_ sql: String) throws(DatabaseError) {
        let result = sqlite3_exec(handle, sql, nil, nil, nil)
        guard result == SQLITE_OK else { throw DatabaseError(handle: handle, result: result, sql: sql) }
    }

    /// Every row of the result, as `row` reads it.
    public func rows<T>(_ sql: String, _ arguments: (any Value)?..., as row: (Row) throws -> T) throws -> [T] {
        var result: [T] = []
        try each(sql, arguments) { result.append(try row($0)) }
        return result
    }

    /// Hands every row of the result to `body`, in order.
    public func forEach(_ sql: String, _ arguments: (any Value)?..., do body: (Row) throws -> Void) throws {
        try each(sql, arguments, do: body)
    }

    /// The first row of the result, as `row` reads it; `nil` when there is none.
    public func first<T>(_ sql: String, _ arguments: (any Value)?..., as row: (Row) throws -> T) throws -> T? {
        let statement = try statement(sql)
        defer { statement.forgetValues() }
        try statement.bind(arguments)
        return try statement.step() ? try row(statement.row) : nil
    }

    /// The prepared statement of `sql`, from the connection's cache. Its bound values are those of its last use.
    ///
    /// A statement whose rows are still being read is not handed out twice: a second one is prepared.
    public func statement(_ sql: String) throws(DatabaseError) -> Statement {
        if let known = statements[sql] {
            if !known.isBusy { return known }
            return try Statement(sql, on: handle, lasting: false)
        }
        let statement = try Statement(sql, on: handle, lasting: true)
        if statements.count >= Self.statementLimit { statements.removeAll(keepingCapacity: true) }
        statements[sql] = statement
        return statement
    }

    /// Runs `body` so that its changes alone are undone when it throws; the transaction around it goes on.
    public func savepoint<T>(_ body: () throws -> T) throws -> T {
        try execute("SAVEPOINT nested")
        do {
            let result = try body()
            try execute("RELEASE nested")
            return result
        } catch {
            // A full disk or an I/O error may have ended the whole transaction already.
            if isInTransaction {
                try execute("ROLLBACK TO nested")
                try execute("RELEASE nested")
            }
            throw error
        }
    }

    /// The row id of the last row inserted on this connection.
    public var lastInsertedID: Int64 { sqlite3_last_insert_rowid(handle) }

    /// How many rows the last statement inserted, updated or deleted.
    public var changedRows: Int { Int(sqlite3_changes64(handle)) }

    /// Whether this connection has changes that are not committed.
    public var isWriting: Bool { sqlite3_txn_state(handle, nil) == SQLITE_TXN_WRITE }

    var isInTransaction: Bool { sqlite3_get_autocommit(handle) == 0 }

    /// Runs `body` between `begin` and `COMMIT`; undoes everything when it or the commit fails.
    func transaction<T>(_ begin: String, _ body: (Connection) throws -> T) throws -> T {
        try execute(begin)
        do {
            let result = try body(self)
            try execute("COMMIT")
            return result
        } catch {
            if isInTransaction { try? execute("ROLLBACK") }
            throw error
        }
    }

    private func each(_ sql: String, _ arguments: [(any Value)?], do body: (Row) throws -> Void) throws {
        let statement = try statement(sql)
        defer { statement.forgetValues() }
        try statement.bind(arguments)
        while try statement.step() { try body(statement.row) }
    }
}
