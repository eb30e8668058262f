import FastJSON
import Foundation
import HTTPClient
import HTTPMessages
import Testing

/// Passwords, links, tokens and the trail, as an operator manages them beside a server and without one.
@Suite("Looking after members") struct MemberUpkeepTests {
    static let password = "a long enough phrase"

    /// Lends the address of a running server.
    private static func serving(_ program: Program, body: (String) async throws -> Void) async throws {
        let running = try program.start(["serve", "--port", "0"])
        defer { if running.isRunning { running.kill() } }
        while !running.outputSoFar.contains("Listening on ") {
            try #require(running.isRunning)
            try await Task.sleep(for: .milliseconds(20))
        }
        try await body(
            running.outputSoFar.split(separator: "\n").first?.split(separator: " ").last.map(String.init) ?? "")
    }

    @Test("links and tokens are printed once, and wrong usage is told apart") func usage() async throws {
        try await Program.withDataFolder { program in
            let file = try program.secretFile(Self.password)
            let weak = try program.secretFile("password1234")
            let refused = try await program.run("member", "add", "eve@acme.example", "--password-file", weak)
            #expect(refused.status == 2 && !refused.errors.contains("password1234"), "\(refused)")
            let owner = ["member", "add", "ada@acme.example", "--role", "owner", "--password-file", file]
            #expect(try await program.run(owner).status == 0)
            let invited = try await program.run(
                "member", "invite", "bob@acme.example", "--public-url", "https://drawbridge.example/", "--json")
            let url = try invited.json["url"]?.string
            #expect(url?.hasPrefix("https://drawbridge.example/welcome#dbl_") == true, "\(invited)")
            let reset = try await program.run("member", "reset-link", "ada@acme.example")
            #expect(reset.output.hasPrefix("/new-password#dbl_") && reset.errors.contains("Good once"), "\(reset)")
            for (words, status, hint) in [
                (["member", "change", "ada@acme.example", "--role", "member"], 1, "only active owner"),
                (["member", "change", "ada@acme.example", "--suspend", "--resume"], 2, "contradict"),
                (["member", "invite", "bob@acme.example"], 1, "already"),
                (["member", "reset-link", "nobody@acme.example"], 1, "no member"),
                (["token", "create"], 2, "--member"),
                (["token", "create", "--member", "bob@acme.example", "--scope", "all"], 2, "--scope takes"),
                (["token", "create", "--member", "bob@acme.example", "--scope", "admin"], 2, "may have the scopes"),
                (["token", "create", "--member", "bob@acme.example", "--days", "1000"], 2, "--days"),
                (["token", "revoke", "dbt_x"], 2, "not the token itself"),
                (["token", "revoke", "9"], 1, "no such token"),
                (["audit", "verify", "--head", "x"], 2, "NUMBER:HASH"),
            ] {
                let outcome = try await program.run(words)
                #expect(outcome.status == status && outcome.errors.contains(hint), "\(words): \(outcome)")
            }
        }
    }

    @Test("a token works beside a running server until it is revoked, and a suspended member's rest")
    func besideServer() async throws {
        try await Program.withDataFolder { program in
            let file = try program.secretFile(Self.password)
            for (email, role) in [("ada@acme.example", "owner"), ("bob@acme.example", "member")] {
                let words = ["member", "add", email, "--role", role, "--password-file", file]
                #expect(try await program.run(words).status == 0)
            }
            try await Self.serving(program) { url in
                let client = CurlTransport()
                func me(_ token: String) async throws -> Int {
                    try await client.send(
                        HTTPRequest(.get, url + "/api/v1/me", headers: ["Authorization": "Bearer \(token)"])
                    ).status
                }
                let made = try await program.run("token", "create", "--member", "bob@acme.example", "--json")
                let (token, id) = (try made.json["token"]?.string ?? "", try made.json["id"]?.string ?? "")
                #expect(try await me(token) == 200, "\(made)")
                #expect(try await program.run("member", "change", "bob@acme.example", "--suspend").status == 0)
                #expect(try await me(token) == 401)
                #expect(try await program.run("member", "change", "bob@acme.example", "--resume").status == 0)
                #expect(try await me(token) == 200)
                let listed = try await program.run("token", "list", "--member", "bob@acme.example", "--json")
                #expect(try listed.json["tokens"]?[0]?["lastUsed"]?.string != nil && !listed.output.contains(token))
                #expect(try await program.run("token", "revoke", id).status == 0)
                #expect(try await me(token) == 401)
            }
        }
    }

    @Test("what the operator does stands on the trail, and a trail that was changed does not hold")
    func audit() async throws {
        try await Program.withDataFolder { program in
            #expect(try await program.run("member", "add", "ada@acme.example", "--role", "owner").status == 0)
            #expect(try await program.run("token", "create", "--member", "ada@acme.example").status == 0)
            #expect(try await program.run("member", "change", "ada@acme.example", "--name", "Ada").status == 0)
            let rows = try await program.run("audit", "list", "--json").jsonLines
            #expect(rows.map { $0["action"] } == ["member.changed", "token.created", "member.added"])
            #expect(rows.allSatisfy { $0["actor"] == "operator" && $0["via"] == "command line" })
            let verified = try await program.run("audit", "verify", "--json")
            let head = try #require(try verified.json["head"]?.string)
            #expect(try verified.status == 0 && verified.json["holds"] == true && head.hasPrefix("3:"))
            #expect(try await program.run("member", "change", "ada@acme.example", "--name", "A").status == 0)
            #expect(try await program.run("audit", "verify", "--head", head).status == 0)
            let other = head.replacingOccurrences(of: "3:", with: "9:")
            let cut = try await program.run("audit", "verify", "--head", other)
            #expect(cut.status == 1 && cut.errors.contains("cut off"), "\(cut)")
        }
    }
}
