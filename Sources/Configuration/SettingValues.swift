/// What every setting is, and who said so.
///
/// A value that a setting does not take is reported by ``problems`` and does not count: the next place is asked.
public struct SettingValues: Sendable {
    /// Where a value comes from, the nearest first.
    public enum Origin: String, Hashable, Sendable, CaseIterable {
        case flag, environment, database, `default`
    }

    private var said: [String: (value: String, origin: Origin)] = [:]
    /// What was said and cannot be; empty where all is well.
    public private(set) var problems: [SettingError] = []

    /// - Parameters:
    ///   - flags: By the option's name with its dashes.
    ///   - environment: The process's environment, or a part of it. An empty variable counts as none.
    ///   - stored: By the setting's name, as ``StoredSettings`` keeps them.
    public init(flags: [String: String] = [:], environment: [String: String] = [:], stored: [String: String] = [:]) {
        for setting in SettingsTable.all {
            var said: [(text: String, origin: Origin, place: String)] = []
            if let flag = setting.flag, let text = flags[flag] { said.append((text, .flag, flag)) }
            if let text = environment[setting.variable], !text.isEmpty {
                said.append((text, .environment, setting.variable))
            }
            if setting.place != .process, let text = stored[setting.name] {
                said.append((text, .database, "the database"))
            }
            for (text, origin, place) in said {
                do throws(SettingError) {
                    let value = try setting.checked(text)
                    if self.said[setting.name] == nil { self.said[setting.name] = (value, origin) }
                } catch {
                    problems.append(SettingError(error.code, "\(place): \(error.message)"))
                }
            }
        }
    }

    public subscript<Value>(key: SettingKey<Value>) -> Value {
        key.read(said[key.setting.name]?.value)
    }

    /// Who decides the setting.
    public func origin(of setting: Setting) -> Origin { said[setting.name]?.origin ?? .default }

    /// What may be shown of the setting's value: a secret only whether there is one.
    public func shown(_ setting: Setting) -> String? {
        guard let said = said[setting.name] else { return setting.fallback }
        return setting.isSecret ? "(set)" : said.value
    }

    /// Variables that look like settings and are none, sorted: a spelling mistake would else go unnoticed.
    ///
    /// - Parameter known: Variables with a meaning that no setting has.
    public static func unknownVariables(
        in environment: [String: String], besides known: Set<String> = []
    ) -> [String] {
        let names = Set(SettingsTable.all.map(\.variable)).union(known)
        return environment.keys.filter { $0.hasPrefix("DRAWBRIDGE_") && !names.contains($0) }.sorted()
    }
}
