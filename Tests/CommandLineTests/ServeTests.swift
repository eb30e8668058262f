import FastJSON
import Foundation
import HTTPClient
import HTTPMessages
import JiraSimulator
import SimulatedSite
import SimulatedWebhooks
import Testing

/// The server, and the commands that work beside it.
@Suite("Serving") struct ServeTests {
    /// Lends a running server.
    static func serving(
        _ jira: SimulatedJira, _ more: String..., body: (RunningProgram, String) async throws -> Void
    ) async throws {
        let running = try jira.program.start(["serve", "--port", "0"] + more)
        defer { if running.isRunning { running.kill() } }
        while !running.outputSoFar.contains("Listening on ") {
            try #require(running.isRunning)
            try await Task.sleep(for: .milliseconds(20))
        }
        let url = running.outputSoFar.split(separator: "\n").first?.split(separator: " ").last.map(String.init) ?? ""
        try await body(running, url)
    }

    /// Waits until the source's status is as wanted.
    static func status(
        _ jira: SimulatedJira, where isWanted: (JSONValue) -> Bool
    ) async throws -> JSONValue {
        var last: JSONValue = .null
        for _ in 0..<600 {
            let outcome = try await jira.program.run("status", "--json")
            last = try outcome.json["sources"]?[0] ?? .null
            if isWanted(last) { return last }
            try await Task.sleep(for: .milliseconds(100))
        }
        throw Program.NotJSON(outcome: "it never came to that: \(last)")
    }

    @Test(
        "keeps a source in step, answers commands beside it, and stops in good order",
        arguments: [SiteFlavour.cloud, .dataCenter])
    func serve(_ flavour: SiteFlavour) async throws {
        try await SimulatedJira.lent(flavour, issues: 60) { jira in
            try await Self.serving(jira) { running, url in
                let added = try await jira.add()
                #expect(added.status == 0, "\(added)")
                let fresh = try await Self.status(jira) {
                    $0["state"]?.string == "polling" && !($0["nextRun"]?.isNull ?? true)
                }
                #expect(fresh["issues"]?.integer ?? 0 > 0 && fresh["pendingEvents"]?.integer == 0)
                #expect(fresh["projects"]?[0]?["state"]?.string == "polling")

                // Beside the server, with the result as if it had run here.
                let synced = try await jira.sync("--json")
                #expect(synced.status == 0, "\(synced)")
                #expect(Shape.sync.problems(try synced.json) == [])
                let key = jira.tour.issueKey
                let now = jira.server.site.clock.now()
                jira.server.site.change { state in
                    guard let issue = state.ordinal(idOrKey: key) else { return }
                    state.setSummary(issue, to: "Zanzibar is new here", by: .init(user: 0, now: now))
                }
                let one = try await jira.program.run("sync", "work", key)
                #expect(one.status == 0, "\(one)")
                let found = try await jira.program.run("search", "zanzibar", "--json")
                #expect(try found.json["hits"]?[0]?["key"]?.string == key, "\(found)")
                #expect(try found.json["freshness"]?["sources"]?[0]?["state"]?.string == "polling")

                let scheduled = try await jira.program.run(
                    "source", "schedule", "work", "--every", "300", "--quiet", "22:00-06:00", "--zone", "Europe/Berlin",
                    "--budget", "50", "--json")
                #expect(try scheduled.json["schedule"]?["changes"]?.integer == 300, "\(scheduled)")
                #expect(try await jira.program.run("source", "pause", "work").status == 0)
                let paused = try await Self.status(jira) { $0["state"]?.string == "stopped" }
                #expect(paused["cause"]?["code"]?.string == "source_paused")
                let refused = try await jira.sync()
                #expect(refused.status == 1 && refused.errors.contains("paused"), "\(refused)")
                #expect(try await jira.program.run("source", "resume", "work").status == 0)
                #expect(try await jira.sync("--full").status == 0)
                try await jira.expectCopyEqualsJira()

                try await Self.expectFaces(url)
                running.terminate()
                let outcome = try await running.outcome()
                #expect(outcome.status == 0, "\(outcome)")
            }
            let left = try await Self.status(jira) { $0["nextRun"]?.isNull == true }
            #expect(left["now"]?.isNull == true && left["state"]?.string == "polling")
            #expect(try await jira.sync().status == 0, "alone again")
        }
    }

    /// What the server answers to anybody.
    private static func expectFaces(_ url: String) async throws {
        let transport = CurlTransport()
        let health = try await transport.send(HTTPRequest(.get, url + "/health"))
        #expect(health.status == 200 && String(decoding: health.body, as: UTF8.self) == #"{"status":"ok"}"#)
        let metrics = try await transport.send(HTTPRequest(.get, url + "/metrics"))
        let text = String(decoding: metrics.body, as: UTF8.self)
        #expect(text.contains(#"drawbridge_freshness_lag_seconds{source="work"}"#))
        #expect(text.contains(#"drawbridge_jobs_total{job="everything",outcome="done",source="work"}"#), "\(text)")
        let proxied = HTTPRequest(.get, url + "/metrics", headers: ["X-Forwarded-For": "203.0.113.9"])
        #expect(try await transport.send(proxied).status == 404)
        let hook = HTTPRequest(.post, url + "/webhooks/1/nothing", body: Array("{}".utf8))
        #expect(try await transport.send(hook).status == 404)
    }

    @Test("a refused credential stops the source with its cause; a new one starts it, beside the server")
    func credential()
        async throws
    {
        try await SimulatedJira.lent(.cloud, issues: 20) { jira in
            try await jira.addAndSync()
            let first = try jira.credential()
            try await Self.serving(jira) { running, _ in
                #expect(try await jira.program.run("source", "schedule", "work", "--every", "1").status == 0)
                jira.server.revoke(first.secret)
                let stopped = try await Self.status(jira) { $0["state"]?.string == "stopped" }
                #expect(stopped["cause"]?["code"]?.string == "credential_refused", "\(stopped)")
                #expect(stopped["cause"]?["message"]?.string?.contains("source credential") == true)
                #expect(stopped["nextRun"]?.isNull == true)
                jira.server.restore(first.secret)
                let changed = try await jira.program.run(["source", "credential", "work"] + jira.options(first))
                #expect(changed.status == 0, "\(changed)")
                _ = try await Self.status(jira) { $0["state"]?.string == "polling" }
                running.terminate()
                #expect(try await running.outcome().status == 0)
            }
        }
    }

    @Test("a second server is refused; a command that needs the folder for itself says so") func second() async throws {
        try await SimulatedJira.lent(.cloud, issues: 20) { jira in
            try await jira.addAndSync()
            try await Self.serving(jira) { running, _ in
                let second = try await jira.program.run("serve", "--port", "0")
                #expect(second.status == 1 && second.errors.contains("in use"), "\(second)")
                let purge = try await jira.program.run("source", "remove", "work", "--purge")
                #expect(purge.status == 1 && purge.errors.contains("server"), "\(purge)")
                running.kill()
                _ = try await running.outcome()
            }
            #expect(try await jira.sync().status == 0, "a killed server holds nothing")
        }
    }

    @Test(
        "a webhook makes a change searchable at once, and the source live", arguments: [SiteFlavour.cloud, .dataCenter])
    func webhook(_ flavour: SiteFlavour) async throws {
        try await SimulatedJira.lent(flavour, issues: 40) { jira in
            try await jira.addAndSync()
            #expect(try await jira.program.run("source", "schedule", "work", "--every", "86400").status == 0)
            try await Self.serving(jira) { running, url in
                let registered = try await jira.program.run("webhook", "register", "work", "--public-url", url)
                #expect(registered.status == 0, "\(registered)")
                jira.server.webhooks.plan = .prompt
                let delivering = Task { [webhooks = jira.server.webhooks] in
                    await webhooks.run(through: CurlTransport())
                }
                defer { delivering.cancel() }
                // The server takes up a new webhook within seconds.
                try await Task.sleep(for: .seconds(2))
                let key = jira.tour.issueKey
                let now = jira.server.site.clock.now()
                jira.server.site.change { state in
                    guard let issue = state.ordinal(idOrKey: key) else { return }
                    state.setSummary(issue, to: "Zanzibar is new here", by: .init(user: 0, now: now))
                }
                var found = ""
                for _ in 0..<200 where !found.contains(key) {
                    found = try await jira.program.run("search", "zanzibar", "--json").output
                    try await Task.sleep(for: .milliseconds(50))
                }
                let state = try await jira.program.run("status", "--json")
                #expect(found.contains(key), "\(state)")
                _ = try await Self.status(jira) {
                    $0["state"]?.string == "live" && $0["pendingEvents"]?.integer == 0
                }
                running.terminate()
                #expect(try await running.outcome().status == 0)
            }
        }
    }
}
