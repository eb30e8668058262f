import AuditTrail
import Configuration
import Console
import FastJSON
import Store

extension Command {
    static let settings: [Command] = [settingsList, settingsSet, settingsUnset]

    private static let name = Argument(name: "NAME", help: "the setting's name, as 'settings list' shows it")

    private static let settingsList = Command(
        words: ["settings", "list"], summary: "Show every setting, what it is and who says so",
        options: [.flag("--json", "print it as JSON")], example: "drawbridge settings list"
    ) { invocation in
        // Also where there is no data yet: flags, environment and defaults hold all the same.
        var values = invocation.settings
        do {
            values = try await Session.with(invocation, for: .reading) { try await invocation.settings(in: $0.store) }
        } catch let error as StoreError where error.code == .folderMissing {}
        if invocation.wantsJSON {
            var json = JSONWriter()
            json.object { json in
                json.key("settings")
                json.array { json in
                    for setting in SettingsTable.all {
                        json.object {
                            $0.member("name", setting.name)
                            $0.member("value", values.shown(setting))
                            $0.member("origin", values.origin(of: setting).rawValue)
                            $0.member("flag", setting.flag)
                            $0.member("variable", setting.variable)
                            $0.member("default", setting.fallback)
                            $0.member("summary", setting.summary)
                        }
                    }
                }
            }
            Terminal.print(json.bytes)
            return .done
        }
        let width = SettingsTable.all.map(\.name.count).max() ?? 0
        for setting in SettingsTable.all {
            let value = values.shown(setting).map(Terminal.visible) ?? "–"
            let origin = values.origin(of: setting)
            let place =
                origin == .environment ? setting.variable : origin == .flag ? setting.flag ?? "" : origin.rawValue
            let gap = String(repeating: " ", count: width - setting.name.count)
            Terminal.print("\(setting.name)\(gap)  \(value)  \(Terminal.dim("(\(place)) \(setting.summary)"))")
        }
        return .done
    }

    private static let settingsSet = Command(
        words: ["settings", "set"], summary: "Keep a setting in the database",
        arguments: [name, Argument(name: "VALUE", help: "what it is to be")],
        discussion: "Flags and DRAWBRIDGE_… variables still win over it. Works beside a running server.",
        example: "drawbridge settings set backup.folder /var/backups/drawbridge"
    ) { try await change($0, to: $0.arguments[1]) }

    private static let settingsUnset = Command(
        words: ["settings", "unset"], summary: "Forget a setting of the database, so that its default counts again",
        arguments: [name], example: "drawbridge settings unset backup.folder"
    ) { try await change($0, to: nil) }

    private static func change(_ invocation: Invocation, to value: String?) async throws -> ExitCode {
        let setting = try SettingsTable.named(invocation.arguments[0])
        return try await Control.with(invocation) { control in
            try await control.session.store.write {
                _ = try StoredSettings.set(setting, value, by: .commandLine, in: $0)
            }
            let values = try await invocation.settings(in: control.session.store)
            let isOverruled = ![.database, .default].contains(values.origin(of: setting))
            Terminal.print("\(setting.name) is \(Terminal.visible(values.shown(setting) ?? "not set")).")
            if isOverruled { Terminal.note("warning: \(setting.variable) is set and wins over the database.") }
            if control.server != nil, setting.place == .start {
                Terminal.note("The server follows it when it is started again.")
            }
            return .done
        }
    }
}
