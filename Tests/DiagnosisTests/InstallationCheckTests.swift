import AccessControl
import Backup
import Configuration
import Cryptography
import Diagnosis
import Foundation
import HTTPMessages
import IssueModel
import SiteConnection
import Store
import Testing

@Suite("Checks of an installation") struct InstallationCheckTests {
    private static let now: Int64 = 1_795_000_000_000

    /// Answers every request alike.
    private struct OneAnswer: HTTPTransport {
        var status: Int?
        var date: String?

        func send(_ request: HTTPRequest) async throws(HTTPTransportError) -> HTTPResponse {
            guard let status else { throw HTTPTransportError(.cannotConnect) }
            var response = HTTPResponse(status: status)
            if let date { response.headers["Date"] = date }
            return response
        }
    }

    private func with(_ body: (String) async throws -> Void) async throws {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("doctor-\(UUID().uuidString)").path
        defer { try? FileManager.default.removeItem(atPath: folder) }
        try await body(folder)
    }

    private func checks(
        _ folder: String, _ environment: [String: String] = [:], _ transport: OneAnswer = OneAnswer()
    ) -> InstallationChecks {
        InstallationChecks(
            dataFolder: folder, environment: environment, settings: SettingValues(environment: environment),
            transport: transport, now: { Self.now })
    }

    private func outcome(_ code: String, _ checks: [SourceCheck]) -> SourceCheck.Outcome? {
        checks.first { $0.code == code }?.outcome
    }

    /// A store with one source, whose credential is sealed.
    private func store(_ folder: String) async throws -> Store {
        let store = try await Store(folder: DataFolder(path: folder, for: .writing))
        let key = try store.secretKey()
        try await store.write { context in
            _ = try SourceRecords.add(
                Source(
                    name: "work", url: "https://work.example", apiURL: "https://work.example", product: .cloud,
                    accessMode: .mirror, credentialKind: "token", principal: AccountID("a"),
                    created: Timestamp(milliseconds: 0)), credential: [1, 2, 3], key: key, in: context)
        }
        return store
    }

    @Test("each check says what was found, and what to do where something is wrong") func complete() async throws {
        try await with { folder in
            let store = try await store(folder)
            let checks = checks(folder, ["DRAWBRIDGE_PROT": "1"])
            let all = checks.ofMachine() + (await checks.ofData(store))
            for check in all {
                #expect(!check.what.isEmpty)
                #expect(check.outcome == .ok || !check.fix.isEmpty, "\(check.code) does not say what to do")
            }
            #expect(Set(all.map(\.code)).count == all.count)
            #expect(all.first { $0.code == "disk_space" }?.what.hasPrefix("0 ") == false)
            for code in [
                "data_folder", "file_modes", "disk_space", "open_files", "libraries", "settings", "program_bwrap",
                "sandbox", "key", "backup", "clock_work",
            ] {
                #expect(outcome(code, all) != nil, "\(code)")
            }
            await store.close()
        }
    }

    @Test("what others may read is told, the key as a failure") func modes() async throws {
        try await with { folder in
            #expect(outcome("data_folder", checks(folder).ofMachine()) == .ok, "not there yet")
            await (try store(folder)).close()
            #expect(outcome("file_modes", checks(folder).ofMachine()) == .ok)
            let manager = FileManager.default
            try manager.setAttributes([.posixPermissions: 0o640], ofItemAtPath: folder + "/drawbridge.sqlite")
            #expect(outcome("file_modes", checks(folder).ofMachine()) == .warn)
            try manager.setAttributes([.posixPermissions: 0o600], ofItemAtPath: folder + "/drawbridge.sqlite")
            try manager.setAttributes([.posixPermissions: 0o644], ofItemAtPath: folder + "/secret.key")
            #expect(outcome("file_modes", checks(folder).ofMachine()) == .fail)
            try manager.setAttributes([.posixPermissions: 0o755], ofItemAtPath: folder)
            #expect(outcome("data_folder", checks(folder).ofMachine()) == .warn)
            #expect(outcome("data_folder", checks(folder + "/secret.key").ofMachine()) == .fail)
        }
    }

    @Test("a wrong setting fails, a misspelt one warns") func settings() {
        #expect(outcome("settings", checks("/nowhere").ofMachine()) == .ok)
        #expect(outcome("settings", checks("/nowhere", ["DRAWBRIDGE_PROT": "1"]).ofMachine()) == .warn)
        #expect(outcome("settings", checks("/nowhere", ["DRAWBRIDGE_PORT": "x"]).ofMachine()) == .fail)
        #expect(outcome("settings", checks("/nowhere", ["DRAWBRIDGE_SEED": "1"]).ofMachine()) == .ok)
    }

    struct Skew: CustomTestStringConvertible {
        let seconds: Int64
        let outcome: SourceCheck.Outcome
        var testDescription: String { "\(seconds) s" }
    }

    @Test(
        "clocks that differ are told",
        arguments: [
            Skew(seconds: 0, outcome: .ok), Skew(seconds: -59, outcome: .ok), Skew(seconds: 62, outcome: .warn),
            Skew(seconds: -290, outcome: .warn), Skew(seconds: 310, outcome: .fail),
        ])
    func clocks(_ skew: Skew) async throws {
        try await with { folder in
            let store = try await store(folder)
            let formatter = DateFormatter()
            formatter.locale = Locale(identifier: "en_US_POSIX")
            formatter.timeZone = TimeZone(identifier: "UTC")
            formatter.dateFormat = "EEE, dd MMM yyyy HH:mm:ss 'GMT'"
            let date = formatter.string(from: Date(timeIntervalSince1970: Double(Self.now / 1_000 + skew.seconds)))
            let checks = checks(folder, [:], OneAnswer(status: 401, date: date))
            #expect(outcome("clock_work", await checks.clocks(store)) == skew.outcome)
            await store.close()
        }
    }

    @Test("a public address that leads nowhere is told", arguments: [200, 502, nil] as [Int?])
    func publicAddress(_ status: Int?) async throws {
        try await with { folder in
            let store = try await store(folder)
            #expect(await checks(folder).publicAddress(store).isEmpty)
            let environment = ["DRAWBRIDGE_PUBLIC_URL": "https://drawbridge.example"]
            let found = await checks(folder, environment, OneAnswer(status: status)).publicAddress(store)
            #expect(outcome("public_url", found) == (status == 200 ? .ok : .fail))
            await store.close()
        }
    }

    @Test("a backup that is missing or old is told") func backups() async throws {
        try await with { folder in
            let store = try await store(folder)
            #expect(await checks(folder).backup(store).outcome == .warn)
            func note(daysAgo: Int64) async throws {
                try await BackupSchedule.note(
                    .init(file: "/b", at: Self.now - daysAgo * 86_400_000, bytes: 1), in: store)
            }
            try await note(daysAgo: 7)
            #expect(await checks(folder).backup(store).outcome == .ok)
            #expect(await checks(folder, ["DRAWBRIDGE_BACKUP_FOLDER": "/b"]).backup(store).outcome == .warn)
            try await note(daysAgo: 9)
            #expect(await checks(folder).backup(store).outcome == .warn)
            await store.close()
        }
    }

    @Test("a key that is missing, or another one, is told") func keys() async throws {
        try await with { folder in
            let store = try await store(folder)
            #expect(await checks(folder).key(store).outcome == .ok)
            let other = try SecretKey()
            try Data(other.withBytes { $0 }).write(to: URL(fileURLWithPath: folder + "/secret.key"))
            #expect(await checks(folder).key(store).outcome == .fail)
            await store.close()
        }
    }
}
