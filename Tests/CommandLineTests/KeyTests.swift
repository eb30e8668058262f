import FastJSON
import Foundation
import JiraSimulator
import SimulatedSite
import Testing

/// The key that seals secrets, and credentials that end.
@Suite("Keys") struct KeyTests {
    @Test("another key takes the old one's place, in the folder and outside of it") func rotates() async throws {
        try await SimulatedJira.lent(.cloud, issues: 12) { jira in
            #expect(try await jira.add(.apiToken).status == 0)
            let rotated = try await jira.program.run("key", "rotate", "--json")
            #expect(try rotated.json["secrets"]?.integer == 1)
            #expect(try await jira.program.run("source", "test", SimulatedJira.source).status == 0)

            let key = String(repeating: "a5", count: 32)
            let file = try jira.program.secretFile(key)
            let moved = try await jira.program.run("key", "rotate", "--new-key-file", file, "--json")
            #expect(try moved.json["secrets"]?.integer == 1)
            #expect(try await jira.program.run("source", "test", SimulatedJira.source).status != 0)
            for given in [["DRAWBRIDGE_SECRET_KEY": key], ["DRAWBRIDGE_SECRET_KEY_FILE": file]] {
                let tested = try await jira.program.run("source", "test", SimulatedJira.source, environment: given)
                #expect(tested.status == 0, "\(tested)")
            }
            let refused = try await jira.program.run("key", "rotate", environment: ["DRAWBRIDGE_SECRET_KEY": key])
            #expect(refused.errors.contains("--new-key-file"))
            let trail = try await jira.program.run("audit", "list", "--json")
            #expect(trail.output.contains("key.rotated"))
            #expect(!trail.output.contains(key))
        }
    }

    @Test("what is given as a key and is none stops the program") func wrongKey() async throws {
        try await SimulatedJira.lent(.cloud, issues: 12) { jira in
            #expect(try await jira.add(.apiToken).status == 0)
            for given in [
                ["DRAWBRIDGE_SECRET_KEY": "short"],
                ["DRAWBRIDGE_SECRET_KEY_FILE": jira.program.dataFolder.path + "/none"],
            ] {
                let outcome = try await jira.program.run("status", environment: given)
                #expect(outcome.status != 0)
                #expect(outcome.errors.contains("key"))
            }
        }
    }

    @Test("status and doctor warn before a credential ends") func expiry() async throws {
        try await SimulatedJira.lent(.cloud, issues: 12) { jira in
            #expect(try await jira.add(.apiToken).status == 0)
            let name = SimulatedJira.source
            func warning(_ date: String) async throws -> String? {
                #expect(try await jira.program.run("source", "credential", name, "--expires", date).status == 0)
                let status = try await jira.program.run("status", "--json")
                return try status.json["sources"]?[0]?["credentialWarning"]?.string
            }
            #expect(try await warning("2999-01-01") == nil)
            #expect(try await warning("2001-01-01")?.contains("is over") == true)
            let soon = Date(timeIntervalSinceNow: 3 * 86_400 + 3_600).formatted(.iso8601)
            #expect(try await warning(soon)?.contains("in 3 days") == true)
            let doctor = try await jira.program.run("doctor")
            #expect(doctor.output.contains("ends in 3 days"))
            let wrong = try await jira.program.run("source", "credential", name, "--expires", "soon")
            #expect(wrong.errors.contains("--expires takes a date"))
        }
    }
}
