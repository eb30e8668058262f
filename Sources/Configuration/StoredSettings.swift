public import AuditTrail
public import Database
internal import FastJSON
public import Store

/// The settings that are kept in the database.
public enum StoredSettings {
    /// Beside the counters that live in the same table.
    private static let prefix = "option."

    /// What is kept, by the settings' names. Names that this program does not know are left out.
    public static func all(in connection: Connection) throws -> [String: String] {
        var values: [String: String] = [:]
        for setting in SettingsTable.all where setting.place != .process {
            values[setting.name] = try Settings.value(prefix + setting.name, in: connection)
        }
        return values
    }

    /// Keeps a value; `nil` forgets it, so that the default counts again. The audit trail tells who did it.
    ///
    /// - Returns: What was kept before.
    /// - Throws: ``SettingError`` where the setting takes no such value, or may not be kept here.
    @discardableResult
    public static func set(
        _ setting: Setting, _ value: String?, by origin: AuditOrigin, in context: WriteContext
    ) throws -> String? {
        guard setting.place != .process, !setting.isSecret else {
            let flag = setting.flag.map { " or \($0)" } ?? ""
            throw SettingError(
                .notStored, "\(setting.name) is not kept in the database; say it with \(setting.variable)\(flag)")
        }
        let before = try Settings.value(prefix + setting.name, in: context.connection)
        let after = try value.map { try setting.checked($0) }
        try Settings.set(prefix + setting.name, after, in: context)
        if before != after {
            let details: JSONValue = .object([
                .init("from", before.map { .string($0) } ?? .null), .init("to", after.map { .string($0) } ?? .null),
            ])
            try AuditTrail.append(
                origin.event("settings.changed", subject: setting.name, details: details), in: context)
        }
        return before
    }
}
