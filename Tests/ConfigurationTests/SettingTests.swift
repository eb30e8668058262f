import AuditTrail
import Configuration
import Database
import Foundation
import Store
import Testing
import Workspace

@Suite("Settings") struct SettingTests {
    @Test("a flag wins over the environment, the environment over the database, the database over the default")
    func precedence() {
        let port = SettingsTable.port
        let all = SettingValues(
            flags: ["--port": "1"], environment: ["DRAWBRIDGE_PORT": "2"], stored: ["server.port": "3"])
        #expect(all[port] == 1 && all.origin(of: port.setting) == .flag)
        let two = SettingValues(environment: ["DRAWBRIDGE_PORT": "2"], stored: ["server.port": "3"])
        #expect(two[port] == 2 && two.origin(of: port.setting) == .environment)
        let one = SettingValues(stored: ["server.port": "3"])
        #expect(one[port] == 3 && one.origin(of: port.setting) == .database)
        #expect(SettingValues()[port] == 8_080 && SettingValues().origin(of: port.setting) == .default)
    }

    @Test("an empty variable counts as none") func emptyVariable() {
        let values = SettingValues(environment: ["DRAWBRIDGE_PUBLIC_URL": ""])
        #expect(values[SettingsTable.publicURL] == nil && values.problems.isEmpty)
    }

    @Test("what is needed before the database is open is not taken from it") func processSettings() {
        let values = SettingValues(stored: ["log.level": "debug", "atlassian.api-url": "https://evil.example"])
        #expect(values[SettingsTable.logLevel] == "error")
        #expect(values[SettingsTable.atlassianAPI] == "https://api.atlassian.com")
    }

    struct Case: CustomTestStringConvertible {
        let name: String
        let text: String
        let kept: String?
        var testDescription: String { "\(name) = \(text.prefix(30))" }
        init(_ name: String, _ text: String, _ kept: String?) {
            (self.name, self.text, self.kept) = (name, text, kept)
        }
    }

    @Test(
        "a setting takes what it says and nothing else",
        arguments: [
            Case("server.port", "8081", "8081"), Case("server.port", "65536", nil), Case("server.port", "-1", nil),
            Case("server.port", "80 ", nil), Case("upgrade.copy", "TRUE", "yes"), Case("upgrade.copy", "off", "no"),
            Case("upgrade.copy", "maybe", nil), Case("log.level", "Debug", "debug"), Case("log.level", "loud", nil),
            Case("server.public-url", "https://a.example/", "https://a.example"),
            Case("server.public-url", "http://a.example:8080/jira", "http://a.example:8080/jira"),
            Case("server.public-url", "ftp://a.example", nil), Case("server.public-url", "https://", nil),
            Case("server.public-url", "https:///path", nil), Case("server.public-url", "https://u:p@a.example", nil),
            Case("server.public-url", "https://a.example/?q", nil), Case("server.public-url", "https://a b", nil),
            Case("backup.folder", "/var/backups", "/var/backups"), Case("backup.folder", "", nil),
            Case("backup.folder", "/var\n/backups", nil),
            Case("backup.folder", String(repeating: "x", count: 5_000), nil),
        ])
    func values(_ value: Case) throws {
        let setting = try SettingsTable.named(value.name)
        let kept = try? setting.checked(value.text)
        #expect(kept == value.kept)
    }

    @Test("a wrong value is named with the place it came from, and the next place counts") func problems() {
        let values = SettingValues(
            environment: ["DRAWBRIDGE_PORT": "many", "DRAWBRIDGE_LOG": "info"], stored: ["server.port": "9"])
        #expect(values[SettingsTable.port] == 9)
        #expect(values[SettingsTable.logLevel] == "info")
        #expect(values.problems.map(\.code) == [.invalid])
        #expect(values.problems.first?.message.hasPrefix("DRAWBRIDGE_PORT: server.port takes a whole number") == true)
    }

    @Test("a secret is in no message and is not shown") func secrets() throws {
        let values = SettingValues(environment: ["DRAWBRIDGE_SECRET": "hunter2hunter2"])
        #expect(values[SettingsTable.secret] == "hunter2hunter2")
        #expect(values.shown(SettingsTable.secret.setting) == "(set)")
        let wrong = SettingValues(environment: ["DRAWBRIDGE_SECRET": "hunter2\u{1}"])
        #expect(wrong.problems.count == 1 && !wrong.problems.contains { "\($0)".contains("hunter2") })
    }

    @Test("a variable that is misspelt is found") func misspelt() {
        let environment = ["DRAWBRIDGE_PROT": "1", "DRAWBRIDGE_PORT": "1", "PATH": "/bin", "DRAWBRIDGE_TEST": "x"]
        #expect(SettingValues.unknownVariables(in: environment, besides: ["DRAWBRIDGE_TEST"]) == ["DRAWBRIDGE_PROT"])
    }

    @Test("names, flags and variables are each there once") func unique() {
        let all = SettingsTable.all
        #expect(Set(all.map(\.name)).count == all.count)
        #expect(Set(all.map(\.variable)).count == all.count)
        #expect(Set(all.compactMap(\.flag)).count == all.compactMap(\.flag).count)
        for setting in all {
            if let fallback = setting.fallback { #expect((try? setting.checked(fallback)) == fallback) }
            #expect(setting.place == .process || !setting.isSecret, "a secret is not kept among settings")
        }
    }

    /// `DRAWBRIDGE_RECORD=1` writes the table anew.
    @Test("docs/settings.md shows the table that the program has") func documented() throws {
        let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent()
        let file = root.appendingPathComponent("docs/settings.md")
        let lines = try String(contentsOf: file, encoding: .utf8).components(separatedBy: "\n")
        let rows = lines.filter { $0.hasPrefix("|") }.joined(separator: "\n")
        if ProcessInfo.processInfo.environment["DRAWBRIDGE_RECORD"] == "1", rows != SettingsTable.markdown {
            let start = lines.firstIndex { $0.hasPrefix("|") } ?? lines.count
            let rest = lines[start...].drop { $0.hasPrefix("|") }
            let text = (lines[..<start] + [SettingsTable.markdown] + rest).joined(separator: "\n")
            try text.write(to: file, atomically: true, encoding: .utf8)
        } else {
            #expect(rows == SettingsTable.markdown, "DRAWBRIDGE_RECORD=1 writes the table anew")
        }
    }
}

@Suite("Stored settings") struct StoredSettingTests {
    private static let migrations = Workspace.migrations + AuditTrail.migrations

    @Test("what is set is there after opening again; what is unset is the default again") func roundTrip() async throws
    {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("drawbridge-\(UUID().uuidString)")
        defer { try? FileManager.default.removeItem(at: folder) }
        let keep = SettingsTable.backupKeep
        do {
            let store = try await Store(
                folder: DataFolder(path: folder.path, for: .writing), migrations: Self.migrations)
            try await store.write {
                _ = try StoredSettings.set(keep.setting, "3", by: .commandLine, in: $0)
            }
            await store.close()
        }
        let store = try await Store(folder: DataFolder(path: folder.path, for: .writing), migrations: Self.migrations)
        let stored = try await store.read { try StoredSettings.all(in: $0) }
        #expect(stored == ["backup.keep": "3"])
        #expect(SettingValues(stored: stored)[keep] == 3)
        let trail = try await store.read { try AuditTrail.list(in: $0) }
        #expect(trail.map(\.action) == ["settings.changed"] && trail.first?.subject == "backup.keep")
        let before = try await store.write { try StoredSettings.set(keep.setting, nil, by: .commandLine, in: $0) }
        #expect(before == "3")
        #expect(try await store.read { try StoredSettings.all(in: $0) }.isEmpty)
        await #expect(throws: SettingError.self) {
            try await store.write { _ = try StoredSettings.set(keep.setting, "none", by: .commandLine, in: $0) }
        }
        await #expect(throws: SettingError.self) {
            try await store.write {
                _ = try StoredSettings.set(SettingsTable.secret.setting, "x", by: .commandLine, in: $0)
            }
        }
        #expect(try await store.read { try StoredSettings.all(in: $0) }.isEmpty)
        await store.close()
    }
}
