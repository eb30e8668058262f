import Configuration
import Console
import Store

extension Invocation {
    /// What holds for this process, by its flags and its environment.
    var settings: SettingValues {
        SettingValues(flags: values.compactMapValues(\.last), environment: environment)
    }

    /// What holds once the database is open: what it keeps counts too.
    func settings(in store: Store) async throws -> SettingValues {
        settings(stored: try await store.read { try StoredSettings.all(in: $0) })
    }

    func settings(stored: [String: String]) -> SettingValues {
        SettingValues(flags: values.compactMapValues(\.last), environment: environment, stored: stored)
    }
}
