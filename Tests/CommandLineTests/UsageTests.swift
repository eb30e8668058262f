import Foundation
import Testing

@Suite("Command line") struct UsageTests {
    struct Case: CustomTestStringConvertible {
        let words: [String]
        let status: Int32
        let says: String
        var testDescription: String { words.isEmpty ? "(nothing)" : words.joined(separator: " ") }

        init(_ line: String, _ status: Int32, _ says: String) {
            words = line.split(separator: " ").map(String.init)
            self.status = status
            self.says = says
        }
    }

    @Test(
        "wrong usage ends with 2 and says what is wrong",
        arguments: [
            Case("serch x", 2, "did you mean 'search'"),
            Case("search", 2, "'search' needs QUERY"),
            Case("search a b", 2, "quote an argument"),
            Case("search a --limt 3", 2, "did you mean --limit?"),
            Case("search a --limit", 2, "--limit needs a value"),
            Case("search a --limit many", 2, "--limit takes a whole number"),
            Case("search a --json=yes", 2, "--json takes no value"),
            Case("search a --as x --as y", 2, "--as is given twice"),
            Case("source", 2, "goes on with one of"),
            Case("convert --from docx --to text", 2, "--from takes one of adf, wiki"),
            Case("source add https://jira.example.com", 2, "--name"),
        ])
    func wrongUsage(_ example: Case) async throws {
        try await Program.withDataFolder { program in
            let outcome = try await program.run(example.words)
            #expect(outcome.status == example.status, "\(outcome)")
            #expect(outcome.errors.contains(example.says), "\(outcome)")
            #expect(outcome.output.isEmpty)
        }
    }

    @Test(
        "every command of the documented interface has help with an example",
        arguments: [
            "demo", "source add", "source test", "source credential", "source list", "source remove", "source pause",
            "source resume",
            "sync",
            "search", "issue", "access visible", "access explain", "convert", "export issues", "status", "doctor",
            "verify",
            "backup", "restore", "jira-simulator",
        ])
    func help(_ name: String) async throws {
        try await Program.withDataFolder { program in
            let outcome = try await program.run(name.split(separator: " ").map(String.init) + ["--help"])
            #expect(outcome.status == 0)
            #expect(outcome.output.contains("usage: drawbridge \(name)"))
            #expect(outcome.output.contains("example:\n  "))
            let overview = try await program.run("help")
            #expect(overview.output.contains("  \(name) "))
            #expect(
                !FileManager.default.fileExists(atPath: program.dataFolder.path), "help must not make a data folder")
        }
    }

    @Test("convert reads standard input and writes standard output") func convert() async throws {
        try await Program.withDataFolder { program in
            let markdown = try await program.run(
                "convert", "--from", "wiki", "--to", "markdown", input: "h2. Title\n\n* *bold* and _slanted_\n")
            #expect(markdown.status == 0)
            #expect(markdown.output.contains("## Title"))
            #expect(markdown.output.contains("**bold**"))
            let adf =
                #"{"type":"doc","version":1,"content":[{"type":"paragraph","content":[{"type":"text","text":"<b>hi"}]}]}"#
            let html = try await program.run("convert", "--from", "adf", "--to", "html", input: adf)
            #expect(html.output == "<p>&lt;b&gt;hi</p>\n")
            let broken = try await program.run("convert", "--from", "adf", "--to", "text", input: "{")
            #expect(broken.status == 1)
            #expect(broken.errors.contains("not readable"))
            let deep = String(repeating: "{quote}", count: 100_000)
            #expect(try await program.run("convert", "--from", "wiki", "--to", "html", input: deep).status != 139)
        }
    }
}
