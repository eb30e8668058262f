import FastJSON
import Foundation
import JiraSimulator
import SimulatedSite
import Testing

/// Following a site, and what a person at a terminal sees.
@Suite("Watching") struct WatchTests {
    @Test("sync --watch brings what changes, and outlives a Jira that is away for a moment")
    func watch() async throws {
        try await SimulatedJira.lent(.cloud, issues: 40) { jira in
            #expect(try await jira.add().status == 0)
            let running = try jira.program.start(["sync", "work", "--watch", "--interval", "1", "--json"])
            try await Self.lines(1, of: running)
            let (server, key) = (jira.server, jira.tour.issueKey)
            server.site.change { state in
                guard let issue = state.ordinal(idOrKey: key) else { return }
                state.setSummary(
                    issue, to: "Zanzibar is new here", by: .init(user: 0, now: server.site.clock.now() + 1_000))
            }
            // The run under way may have begun before the change; the one after it has not.
            try await Self.lines(running.outputSoFar.split(separator: "\n").count + 2, of: running)
            let found = try await jira.program.run("search", "zanzibar", "--json")
            #expect(try found.json["hits"]?[0]?["key"]?.string == key, "\(found)")
            // Away: every request of a run fails; the next but one is answered.
            server.faults.add(Fault(.reset(after: nil), path: "serverInfo", count: 20))
            let so = running.outputSoFar.split(separator: "\n").count
            try await Self.lines(so + 2, of: running)
            running.interrupt()
            let outcome = try await running.outcome()
            #expect(try outcome.jsonLines.allSatisfy { Shape.sync.problems($0) == [] }, "\(outcome)")
            try await jira.expectCopyEqualsJira()
            let refused = try await jira.program.run("sync", "work", "--interval", "5")
            #expect(refused.status == 2 && refused.errors.contains("--watch"), "\(refused)")
        }
    }

    /// Waits until the program has printed so many lines.
    private static func lines(_ count: Int, of running: RunningProgram) async throws {
        while running.outputSoFar.split(separator: "\n").count < count {
            try #require(running.isRunning)
            try await Task.sleep(for: .milliseconds(50))
        }
    }

    @Test("a refused credential ends the watch") func refused() async throws {
        try await SimulatedJira.lent(.cloud, issues: 20) { jira in
            try await jira.addAndSync()
            jira.server.revoke(try jira.credential().secret)
            let outcome = try await jira.sync("--watch", "--interval", "1")
            #expect(outcome.status == 3, "\(outcome)")
        }
    }

    @Test("a pipe gets no escape codes, a terminal a progress line that is gone at the end") func terminal()
        async throws
    {
        try await SimulatedJira.lent(.cloud, issues: 300) { jira in
            let name = jira.tour.issueKey
            jira.server.site.change { state in
                guard let issue = state.ordinal(idOrKey: name) else { return }
                state.setSummary(
                    issue, to: "Settlement \u{1B}]0;owned\u{7}\u{1B}[2J of commands",
                    by: .init(user: 0, now: jira.server.site.clock.now()))
            }
            let added = try await jira.add()
            #expect(added.status == 0)
            let onTerminal = try await jira.program.shell(
                "script -qec 'stty cols 60; exec \"$DRAWBRIDGE\" sync work' /dev/null")
            #expect(onTerminal.status == 0, "\(onTerminal)")
            let screen = Screen(onTerminal.output)
            #expect(onTerminal.output.contains("\r\u{1B}[K"), "there was a progress line")
            #expect(screen.lines.first?.hasPrefix("work: ") == true, "\(screen.lines)")
            #expect(screen.widestProgress < 60, "a progress line that wraps cannot be erased")
            let piped = try await jira.sync("--full")
            for outcome in [added, piped, try await jira.program.run("search", jira.tour.word)] {
                #expect(!(outcome.output + outcome.errors).contains("\u{1B}"), "\(outcome)")
            }
            let search = "script -qec '\"$DRAWBRIDGE\" search settlement; \"$DRAWBRIDGE\" issue \(name)' /dev/null"
            let shown = try await jira.program.shell(search, environment: ["TERM": "xterm", "NO_COLOR": ""])
            #expect(shown.output.contains("\u{1B}[1m\(name)\u{1B}[0m"), "keys are bold: \(shown)")
            #expect(!shown.output.contains("\u{1B}]") && !shown.output.contains("\u{1B}[2J"), "\(shown)")
            let plain = try await jira.program.shell(search, environment: ["NO_COLOR": "1"])
            #expect(!plain.output.contains("\u{1B}"), "\(plain)")
        }
    }

    /// What a terminal shows after these bytes; knows carriage return, newline and "erase to the end of the line".
    private struct Screen {
        var lines: [String] = []
        /// The most columns that something took which was later erased.
        var widestProgress = 0

        init(_ output: String) {
            for line in output.replacing("\r\n", with: "\n").split(separator: "\n", omittingEmptySubsequences: false) {
                var shown: [Character] = []
                for part in line.split(separator: "\r", omittingEmptySubsequences: false) {
                    var text = String(part)
                    if text.hasPrefix("\u{1B}[K") {
                        widestProgress = max(widestProgress, shown.count)
                        shown = []
                        text = String(text.dropFirst(3))
                    }
                    let characters = Array(text)
                    shown = characters + shown.dropFirst(characters.count)
                }
                lines.append(String(shown))
            }
        }
    }

    @Test("the secret is in no process's arguments or environment that the program starts") func processes()
        async throws
    {
        try await SimulatedJira.lent(.cloud, issues: 40) { jira in
            #expect(try await jira.add().status == 0)
            let secret = try jira.credential().secret
            let (reached, continuation) = AsyncStream.makeStream(of: Void.self)
            jira.server.faults.add(Fault(.beforeAnswer { continuation.finish() }, skip: 20))
            jira.server.faults.add(Fault(.delay(.milliseconds(500)), skip: 20, count: 3))
            let running = try jira.program.start(["sync", "work"])
            for await _ in reached {}
            for file in ["cmdline", "environ"] {
                let bytes = FileManager.default.contents(atPath: "/proc/\(running.id)/\(file)") ?? Data()
                #expect(!bytes.isEmpty && bytes.range(of: Data(secret.utf8)) == nil, "\(file)")
            }
            #expect(try await running.outcome().status == 0)
        }
    }
}
