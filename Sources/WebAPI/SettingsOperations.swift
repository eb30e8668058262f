internal import AuditTrail
internal import Configuration
internal import FastJSON
internal import HTTPMessages
internal import SignIn
internal import Store
internal import WebFrame
internal import WebServer

/// What is set, and setting it: what `drawbridge settings` does, but for paths of the server's machine.
enum SettingsOperations {
    static let all = [list, set, unset]

    private static let name = Parameter.path("name", "the setting's name, as backup.keep", .text(1...80))

    private static let setting: Schema = .object([
        .required("name", .text()), .required("value", .text().orNull),
        .required("origin", .choice(SettingValues.Origin.allCases.map(\.rawValue))),
        .required("default", .text().orNull), .required("variable", .text()), .required("flag", .text().orNull),
        .required("takes", .text()), .required("counts", .text()), .required("summary", .text()),
    ]).named("Setting")

    private static let list = Operation(
        .get, "/api/v1/settings", id: "settings.list", summary: "Every setting, what it is and who says so",
        rule: .admin(.read),
        answers: [200: .json("All settings", .object([.required("settings", .list(of: setting))]))]
    ) { call in
        let values = try await values(call)
        return .json { json in
            json.key("settings")
            json.array { json in SettingsTable.all.forEach { write($0, values, to: &json) } }
        }
    }

    private static let set = Operation(
        .put, "/api/v1/settings/{name}", id: "settings.set", summary: "Keep a setting in the database",
        details: "Flags and variables of the server still win over it. Paths are set on the server's machine alone.",
        rule: .owner(.admin), parameters: [name],
        body: .json(.input([.required("value", .text(1...Setting.byteLimit))])),
        answers: [200: .json("The setting as it is now", setting)], problems: [404]
    ) { call in try await change(call, to: call.given("value")) }

    private static let unset = Operation(
        .delete, "/api/v1/settings/{name}", id: "settings.unset",
        summary: "Forget a setting of the database, so that its default counts again", rule: .owner(.admin),
        parameters: [name], answers: [200: .json("The setting as it is now", setting)], problems: [404]
    ) { call in try await change(call, to: nil) }

    /// Beside paths: whoever may sign in from afar is not to choose where the server writes on its machine, whom it believes
    /// about addresses, and which hosts behind the firewall it calls.
    private static let operatorOnly: Set<String> = [
        SettingsTable.host.setting.name, SettingsTable.trustedProxies.setting.name,
        SettingsTable.webhookHosts.setting.name,
    ]

    private static func change(_ call: Call, to value: String?) async throws -> WebResponse {
        guard let setting = SettingsTable.all.first(where: { $0.name == call.path("name") }) else {
            throw Problem.notFound()
        }
        guard setting.kind != .path, setting.place != .process, !setting.isSecret, !operatorOnly.contains(setting.name)
        else {
            throw Problem(
                403, "operator_only", "Only the operator may do this",
                detail: "Use 'drawbridge settings' or \(setting.variable) on the server's machine.")
        }
        let origin = call.caller.origin
        do {
            try await call.services.store.write { _ = try StoredSettings.set(setting, value, by: origin, in: $0) }
        } catch let error as SettingError {
            throw Problem.badRequest(error.code.rawValue, error.message + ".")
        }
        let values = try await values(call)
        var json = JSONWriter()
        write(setting, values, to: &json)
        return .json(json.bytes)
    }

    private static func values(_ call: Call) async throws -> SettingValues {
        call.services.settings(try await call.services.store.read { try StoredSettings.all(in: $0) })
    }

    private static func write(_ setting: Setting, _ values: SettingValues, to json: inout JSONWriter) {
        json.object { json in
            json.member("name", setting.name)
            json.member("value", values.shown(setting))
            json.member("origin", values.origin(of: setting).rawValue)
            json.member("default", setting.fallback)
            json.member("variable", setting.variable)
            json.member("flag", setting.flag)
            json.member("takes", setting.kind.words)
            json.member("counts", setting.place.words)
            json.member("summary", setting.summary)
        }
    }
}
