public import Database

/// Named values of the installation, and the counters that tell whether something changed.
public enum Settings {
    public static func value(_ name: String, in connection: Connection) throws -> String? {
        try connection.first("SELECT value FROM setting WHERE name = ?", name) { $0.text(0) }
    }

    /// Sets a value; `nil` removes it.
    public static func set(_ name: String, _ value: String?, in context: WriteContext) throws {
        if let value {
            try context.connection.execute(
                """
                INSERT INTO setting (name, value) VALUES (?, ?)
                ON CONFLICT (name) DO UPDATE SET value = excluded.value
                """, name, value)
        } else {
            try context.connection.execute("DELETE FROM setting WHERE name = ?", name)
        }
    }

    /// Moves with every change of who may see what.
    public static func accessVersion(in connection: Connection) throws -> Int64 {
        try counter("access_version", in: connection)
    }

    /// Moves with every change of issues.
    public static func contentVersion(in connection: Connection) throws -> Int64 {
        try counter("content_version", in: connection)
    }

    static func move(_ name: String, in connection: Connection) throws {
        try connection.execute(
            "UPDATE setting SET value = CAST(CAST(value AS INTEGER) + 1 AS TEXT) WHERE name = ?", name)
    }

    private static func counter(_ name: String, in connection: Connection) throws -> Int64 {
        guard let value = try value(name, in: connection), let number = Int64(value) else {
            throw StoreError(.damaged, "The counter \(name) is missing")
        }
        return number
    }
}
