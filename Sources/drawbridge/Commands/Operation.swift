import Console
import Database
import FastJSON
import Foundation
import IssueModel
import Journal
import Reading
import SearchIndex
import SiteConnection
import SourceAdministration
import Store
import SyncEngine
import Verification

extension Command {
    static let operation: [Command] = [status, doctor, verify]

    private static let status = Command(
        words: ["status"], summary: "Show how each source is: fresh, behind, stopped, and what it holds",
        options: [.flag("--json", "print it as JSON")], example: "drawbridge status"
    ) { invocation in
        try await Session.with(invocation, for: .reading) { session in
            let reports = try await StatusReport.all(in: session.store)
            let server = DataFolder.holder(of: invocation.dataFolder).flatMap { $0.role.isEmpty ? nil : $0 }
            if invocation.wantsJSON {
                var json = JSONWriter()
                json.object { json in
                    json.key("server")
                    if let server {
                        json.object {
                            $0.member("process", Int(server.process))
                            $0.member("role", server.role)
                        }
                    } else {
                        json.null()
                    }
                    json.key("sources")
                    json.array { json in reports.forEach { $0.write(to: &json) } }
                }
                Terminal.print(json.bytes)
            } else {
                if let server { Terminal.print("drawbridge \(server.role) runs as process \(server.process).") }
                Terminal.print(
                    reports.isEmpty
                        ? SourceReport.none : reports.map(\.text).joined(separator: "\n"))
            }
            return .done
        }
    }

    private static let verify = Command(
        words: ["verify"], summary: "Check that the stored data is sound and complete in itself",
        options: [.flag("--json", "print the findings as JSON")], example: "drawbridge verify"
    ) { invocation in
        try await Session.with(invocation, for: .reading) { session in
            let (damage, verification, search) = try await Terminal.whileWorking(on: "Checking") {
                (
                    try await session.store.database.integrityProblems(),
                    try await StoreVerification(of: session.store),
                    try await session.store.read { try SearchIndex.mistakes(in: $0) }
                )
            }
            let problems = damage + verification.problems + search
            if invocation.wantsJSON {
                var json = JSONWriter()
                json.object { json in
                    json.member("sound", problems.isEmpty)
                    json.member("issues", verification.issues)
                    json.key("problems")
                    json.array { json in problems.forEach { json.string($0) } }
                }
                Terminal.print(json.bytes)
            } else if problems.isEmpty {
                Terminal.print(
                    verification.issues == 0
                        ? "Sound: there are no issues yet."
                        : "Sound: \(Wording.count(verification.issues, "issue")), each with its audience and Jira's answer."
                )
            } else {
                problems.forEach { Terminal.print($0) }
                Terminal.print("Restore a backup, or run 'drawbridge sync NAME --full'.")
            }
            return problems.isEmpty ? .done : .failed
        }
    }

    private static let doctor = Command(
        words: ["doctor"], summary: "Check this machine and data folder for what Drawbridge needs",
        options: [.flag("--json", "print the checks as JSON")], example: "drawbridge doctor"
    ) { invocation in
        let checks = await Doctor(invocation).checks()
        if invocation.wantsJSON {
            var json = JSONWriter()
            json.object { json in
                json.key("checks")
                json.array { json in checks.forEach { $0.write(to: &json) } }
            }
            Terminal.print(json.bytes)
        } else {
            for check in checks { Terminal.print(check.text) }
        }
        return checks.contains { $0.outcome == .fail } ? .failed : .done
    }
}
