import Backup
import ChangeFeed
import Configuration
import Console
import Cryptography
import Database
import FastJSON
import Foundation
import IssueModel
import SearchIndex
import SignIn
import Store
import StoreSchema
import WebAPI

extension Command {
    static let copies: [Command] = [backup, restore, migrate]

    private static let backup = Command(
        words: ["backup"], summary: "Write a consistent copy of all data, also while it is in use, or check one",
        arguments: [Argument(name: "FILE", help: "the copy; must not exist yet, unless it is to be checked")],
        options: [
            .flag("--verify", "check FILE instead: every byte, and the databases in it"),
            .flag("--json", "print what it holds as JSON"),
        ],
        discussion: "The copy holds credentials sealed. Keep secret.key of the data folder apart from it.",
        example: "drawbridge backup drawbridge-2026-11-21.backup"
    ) { invocation in
        let file = invocation.arguments[0]
        if invocation.has("--verify") {
            let reader = reader(of: file)
            let finding = try await Terminal.whileWorking(on: "Checking \(file)") {
                try await reader.verify(.everything(temporary: FileManager.default.temporaryDirectory.path))
            }
            report(finding.manifest, finding.counts, "\(file) is whole", invocation)
            return .done
        }
        let now = Session.now.rawValue
        let manifest = try await Session.with(invocation, for: .reading) { session in
            let key = try? session.store.secretKey()
            let writer = BackupWriter(dataFolder: invocation.dataFolder, program: Drawbridge.version)
            return try await Terminal.whileWorking(on: "Writing \(file)") {
                try await writer.write(to: file, key: key, at: now)
            }
        }
        // For 'doctor'. A folder that cannot be written, or that another command holds, keeps no word of it.
        let made = BackupSchedule.Made(
            file: URL(fileURLWithPath: file).standardizedFileURL.path, at: now, bytes: manifest.bytes)
        try? await Control.with(invocation) { try await BackupSchedule.note(made, in: $0.session.store) }
        report(manifest, manifest.counts, "Wrote \(file)", invocation)
        return .done
    }

    private static let restore = Command(
        words: ["restore"], summary: "Make a data folder from a backup",
        arguments: [Argument(name: "FILE", help: "the copy that 'backup' wrote")],
        options: [.flag("--json", "print what it holds as JSON")],
        discussion:
            "The data folder must not hold data yet. Without the folder's old secret.key the sources need their credentials again.",
        example: "drawbridge restore drawbridge-2026-11-21.backup --data restored"
    ) { invocation in
        let file = invocation.arguments[0]
        guard FileManager.default.isReadableFile(atPath: file) else {
            throw UsageError("cannot read '\(file)'; check the path and its permissions")
        }
        // Held for writing meanwhile.
        let folder = try DataFolder(path: invocation.dataFolder, for: .writing)
        let isKeyThere = FileManager.default.fileExists(atPath: invocation.dataFolder + "/secret.key")
        let key = isKeyThere ? try folder.secretKey() : nil
        let reader = reader(of: file)
        let finding = try await Terminal.whileWorking(on: "Restoring \(file)") {
            try await reader.restore(into: folder.path, key: key) {
                try ChangeFeed.beginAnew(in: $0)
                try SignInUpkeep.beginAnew(in: $0)
            }
        }
        report(finding.manifest, finding.counts, "Restored to \(invocation.dataFolder)", invocation)
        if finding.isKeyRight == false {
            Terminal.note(
                "warning: secret.key of this folder is not the one its credentials are sealed with; put the old one back, or enter them again with 'drawbridge source credential'."
            )
        } else if key == nil {
            Terminal.note(
                "Put the old secret.key into the folder; without it the sources need their credentials again.")
        }
        return .done
    }

    private static let migrate = Command(
        words: ["migrate"], summary: "Bring the tables of the data folder up to this version, or rehearse it",
        options: [
            .flag("--dry-run", "do it on a copy, say how long it took, and leave the data as they are"),
            .value("--temporary", "DIR", "where the copy of a rehearsal is made; the data folder without it"),
        ],
        discussion: """
            Every command that writes does this by itself; 'migrate' does it at a time of your choosing. A backup of what was is kept
            in the data folder first (before-upgrade-….backup), unless DRAWBRIDGE_UPGRADE_COPY is no.
            """,
        example: "drawbridge migrate --dry-run"
    ) { invocation in
        let folder = invocation.dataFolder
        _ = try DataFolder(path: folder, for: .reading)
        let upgrade = Session.upgrade(of: folder)
        let plan = try await upgrade.plan()
        guard plan.isNeeded else {
            Terminal.print("The tables are those of this version, \(Drawbridge.version). There is nothing to do.")
            return .done
        }
        if invocation.has("--dry-run") {
            let place = invocation.value("--temporary") ?? folder
            let result = try await Terminal.whileWorking(on: "Rehearsing on a copy") {
                try await upgrade.rehearse(in: place)
            }
            for step in result.steps { Terminal.print("\(step.name): \(seconds(step.took))") }
            Terminal.print(
                "It would work: \(Wording.count(result.steps.count, "step")), from \(Wording.size(bytes: Int(result.size.before))) to \(Wording.size(bytes: Int(result.size.after))). Copying took \(seconds(result.copying)), checking \(seconds(result.checking)). The data are as they were."
            )
            return .done
        }
        return try await Session.with(invocation, for: .writing) { _ in
            for step in plan.steps { Terminal.print("\(step.component) \(step.number): \(step.name)") }
            Terminal.print("The tables are those of this version, \(Drawbridge.version).")
            return .done
        }
    }

    private static func reader(of file: String) -> BackupReader {
        BackupReader(path: file, migrations: Schema.migrations + Installation.migrations) {
            try SearchIndex.register(on: $0)
        }
    }

    private static func seconds(_ duration: Duration) -> String {
        duration.formatted(.units(allowed: [.minutes, .seconds, .milliseconds], width: .narrow))
    }

    private static func report(
        _ manifest: BackupManifest?, _ counts: [String: Int], _ words: String, _ invocation: Invocation
    ) {
        guard !invocation.wantsJSON else {
            var json = JSONWriter()
            if let manifest { manifest.write(to: &json) } else { json.null() }
            return Terminal.print(json.bytes)
        }
        let issues = Wording.count(counts["issue"] ?? 0, "issue")
        let sources = Wording.count(counts["source"] ?? 0, "source")
        guard let manifest else {
            return Terminal.print("\(words): \(issues) of \(sources). It is a plain database, without a manifest.")
        }
        Terminal.print(
            "\(words): \(issues) of \(sources), \(Wording.size(bytes: Int(manifest.bytes))), by drawbridge \(manifest.program)."
        )
    }
}
