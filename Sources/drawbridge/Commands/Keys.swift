import AuditTrail
import Console
import FastJSON
import Secrets
import Store
import WebAPI

extension Command {
    static let keyRotate = Command(
        words: ["key", "rotate"], summary: "Seal every stored secret anew under another key",
        options: [
            .value("--new-key-file", "F", "seal under the key in this file, which the program is given from then on"),
            .flag("--json", "print what was sealed as JSON"),
        ],
        discussion: """
            Without a file a new key is made in the data folder's secret.key. All secrets are sealed anew in one transaction; if the
            command is killed, the next start goes on or goes back. Stop the server first. Backups made before open with the
            key of then: keep a copy of it with them, or make a new backup.
            """,
        example: "drawbridge key rotate"
    ) { invocation in
        let given = try invocation.value("--new-key-file").map { try KeySource.read($0) }
        let isGiven = try KeySource.key(invocation.environment) != nil
        guard given != nil || !isGiven else {
            throw UsageError(
                "The key is given from outside the data folder, so say where the new one is: --new-key-file F")
        }
        return try await Session.with(invocation, for: .writing) { session in
            let rotation = KeyRotation(
                store: session.store, folder: invocation.dataFolder, columns: Installation.sealed)
            let note: @Sendable (KeyRotation.Report, WriteContext) throws -> Void = { report, context in
                let details: JSONValue = .object([
                    .init("mark", .string(report.mark)), .init("secrets", .integer(Int64(report.total))),
                ])
                try AuditTrail.append(
                    AuditOrigin.commandLine.event("key.rotated", subject: "", details: details), in: context)
            }
            let done: KeyRotation.Report
            if let given {
                done = try await rotation.move(to: given, also: note)
            } else {
                done = try await rotation.renewFile(also: note)
            }
            if invocation.wantsJSON {
                var json = JSONWriter()
                json.object { json in
                    json.member("mark", done.mark)
                    json.member("secrets", done.total)
                }
                Terminal.print(json.bytes)
            } else {
                Terminal.print("\(Wording.count(done.total, "secret")) sealed under another key (mark \(done.mark)).")
                if given != nil { Terminal.print("Start the program with that key from now on.") }
            }
            return .done
        }
    }
}
