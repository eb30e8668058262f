internal import Backup
internal import Configuration
internal import Database
internal import HTTPMessages
internal import IssueModel
internal import Pacing
public import SiteConnection
public import Store

extension InstallationChecks {
    /// Whether the key is there and opens what is sealed with it.
    public func key(_ store: Store) async -> SourceCheck {
        do {
            let sealed = try await store.read { connection in
                try SourceRecords.all(in: connection, includingRemoved: false).filter { $0.principal != nil }
            }
            guard !sealed.isEmpty else {
                return SourceCheck("key", .ok, "No credential is sealed yet.")
            }
            let key = try store.secretKey()
            try await store.read { connection in
                for source in sealed { _ = try SourceRecords.credential(of: source.id, key: key, in: connection) }
            }
            return SourceCheck("key", .ok, "The key opens the credentials of all sources.")
        } catch {
            return SourceCheck(
                "key", .fail, "The key does not open the credentials.",
                why: (error as? StoreError)?.message ?? "The key could not be read.",
                fix:
                    "Put back the key that belongs to this data, or enter the credentials again with 'source credential'."
            )
        }
    }

    /// When a backup was last made.
    public func backup(_ store: Store) async -> SourceCheck {
        let values = await settings(with: store)
        let isScheduled = values[SettingsTable.backupFolder] != nil
        let fix =
            isScheduled
            ? "See the event backup.failed in the server's log."
            : "Run 'drawbridge backup FILE', or 'drawbridge settings set backup.folder DIR' and let the server do it."
        guard let last = try? await BackupSchedule.last(in: store) else {
            return SourceCheck(
                "backup", .warn, "No backup was made yet.",
                why:
                    "What is lost with the disk must be copied from Jira again; members, links and settings are in no other place.",
                fix: fix)
        }
        let hours = max(0, (now() - last.at) / 3_600_000)
        let words = "The last backup is \(hours < 48 ? "\(hours) hours" : "\(hours / 24) days") old."
        let limit = isScheduled ? 2 * Int64(values[SettingsTable.backupEvery]) + 1 : 24 * 8
        guard hours > limit else { return SourceCheck("backup", .ok, words) }
        return SourceCheck(
            "backup", .warn, words,
            why: isScheduled ? "The server is to make one every \(values[SettingsTable.backupEvery]) hours." : "",
            fix: fix)
    }

    /// Compares this machine's clock with that of each site.
    ///
    /// A signature's time, a token's end and the lease of what decides access all rest on it.
    public func clocks(_ store: Store) async -> [SourceCheck] {
        let sources = (try? await store.read { try SourceRecords.all(in: $0, includingRemoved: false) }) ?? []
        var checks: [SourceCheck] = []
        for source in sources where source.state == .active {
            let request = HTTPRequest(
                .get, source.url + "/rest/api/2/serverInfo", responseBodyLimit: 1 << 20, timeout: .seconds(10))
            guard let answer = try? await transport.send(request),
                let theirs = answer.headers["Date"].flatMap({ HTTPDate.parse($0) })
            else {
                checks.append(
                    SourceCheck(
                        "clock_\(source.name)", .warn, "The clock of '\(source.name)' could not be asked.",
                        why: "It did not answer, or without a date.",
                        fix: "Run 'drawbridge source test \(source.name)'."))
                continue
            }
            let seconds = (theirs.rawValue - now()) / 1_000
            let words = "This machine's clock and that of '\(source.name)' are \(abs(seconds)) seconds apart."
            checks.append(
                abs(seconds) <= 60
                    ? SourceCheck("clock_\(source.name)", .ok, words)
                    : SourceCheck(
                        "clock_\(source.name)", abs(seconds) > 300 ? .fail : .warn, words,
                        why:
                            "Signatures and tokens are refused when clocks differ, and leases end too late or too soon.",
                        fix: "Let this machine follow a time server (systemd-timesyncd, chrony)."))
        }
        return checks
    }

    /// Whether the address that Jira and people are given leads to this server.
    public func publicAddress(_ store: Store) async -> [SourceCheck] {
        guard let address = await settings(with: store)[SettingsTable.publicURL] else { return [] }
        let request = HTTPRequest(.get, address + "/healthz", responseBodyLimit: 1 << 16, timeout: .seconds(10))
        let fix =
            "Start the server, and let the proxy pass this address on to it; try '\(address)/healthz' from outside."
        do throws(HTTPTransportError) {
            let answer = try await transport.send(request)
            guard answer.status == 200 else {
                return [
                    SourceCheck(
                        "public_url", .fail, "\(address) answers with status \(answer.status).",
                        why: "Webhooks and sign-in links lead there.", fix: fix)
                ]
            }
            return [SourceCheck("public_url", .ok, "\(address) answers.")]
        } catch {
            return [
                SourceCheck(
                    "public_url", .fail, "\(address) does not answer: \(error.code.rawValue).",
                    why: "Webhooks and sign-in links lead there.", fix: fix)
            ]
        }
    }

    /// What the server would go by.
    private func settings(with store: Store) async -> SettingValues {
        SettingValues(
            environment: environment, stored: (try? await store.read { try StoredSettings.all(in: $0) }) ?? [:])
    }
}
