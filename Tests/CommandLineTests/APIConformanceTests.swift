import FastJSON
import SimulatedSite
import Foundation
import Testing

/// The real server against its own OpenAPI document, by a program that knows nothing of ours.
///
/// Schemathesis makes requests from the document, fitting ones and ones that are wrong in every way it documents, and looks at
/// each answer: no server error, no status, type or body that is not documented.
@Suite("The API and its document") struct APIConformanceTests {
    static let schemathesis: String? = {
        let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent()
        let environment = ProcessInfo.processInfo.environment
        let python =
            environment["DRAWBRIDGE_PYTHON"].map { URL(fileURLWithPath: $0) }
            ?? root.appendingPathComponent(".build/python/bin/python3")
        let program = python.deletingLastPathComponent().appendingPathComponent("schemathesis").path
        if FileManager.default.isExecutableFile(atPath: program) { return program }
        print("skipping: no schemathesis at \(program); run scripts/bootstrap")
        return environment["DRAWBRIDGE_REQUIRE_SHARED"] == "1" ? program : nil
    }()

    @Test(
        "every answer is documented, and none is a server's failure", .enabled(if: schemathesis != nil),
        .timeLimit(.minutes(10)))
    func conforms() async throws {
        try await SimulatedJira.lent(.cloud, issues: 60) { jira in
            let added = try await jira.program.run("member", "add", "owner@example.com", "--role", "owner")
            #expect(added.status == 0, "\(added)")
            let made = try await jira.program.run(
                "token", "create", "--member", "owner@example.com", "--scope", "admin", "--json")
            let token = try #require(try made.json["token"]?.string)
            _ = try await jira.add()
            let synced = try await jira.sync()
            #expect(synced.status == 0, "\(synced)")
            try await ServeTests.serving(jira) { server, url in
                let words = [
                    "run", "\(url)/api/openapi.json", "--header", "X-API-TOKEN: \(token)", "--checks",
                    "not_a_server_error,status_code_conformance,content_type_conformance,response_schema_conformance",
                    "--max-examples", "4", "--phases", "examples,coverage,fuzzing", "--generation-deterministic",
                    "--continue-on-failure", "--no-shrink", "--suppress-health-check", "all", "--no-color",
                    // An event stream does not end; a source that is removed leaves nothing to ask for.
                    "--exclude-path-regex", "events", "--exclude-operation-id", "sources.remove",
                ]
                let outcome = try await jira.program.start(
                    words, program: URL(fileURLWithPath: Self.schemathesis ?? "")
                ).outcome()
                #expect(
                    outcome.status == 0,
                    "\(outcome.output.split(separator: "\n").map { $0.prefix(300) }.joined(separator: "\n").suffix(8_000))\(outcome.errors.suffix(2_000))"
                )
                #expect(server.isRunning)
            }
        }
    }
}
