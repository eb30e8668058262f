import FastJSON
import Foundation
import JiraSimulator
import SimulatedSite
import Testing

/// Every way of signing in, and where the secrets go.
@Suite("Signing in") struct CredentialTests {
    struct Way: CustomTestStringConvertible {
        var flavour: SiteFlavour
        var kind: SimulatedCredential.Kind
        var testDescription: String { "\(flavour) \(kind)" }
    }

    @Test(
        "every kind of credential reads the whole site, and none is found in clear",
        arguments: [
            Way(flavour: .cloud, kind: .apiToken), Way(flavour: .cloud, kind: .scopedToken),
            Way(flavour: .dataCenter, kind: .personalAccessToken), Way(flavour: .dataCenter, kind: .password),
            Way(flavour: .server, kind: .password),
        ])
    func everyKind(_ way: Way) async throws {
        try await SimulatedJira.lent(way.flavour, issues: 60) { jira in
            let added = try await jira.add(way.kind)
            #expect(added.status == 0, "\(added)")
            let synced = try await jira.sync()
            #expect(synced.status == 0, "\(synced)")
            try await jira.expectCopyEqualsJira()
            let list = try await jira.program.run("source", "list", "--json")
            #expect(try list.json["sources"]?[0]?["accessMode"]?.string == "mirror")
            let secret = try jira.credential(way.kind).secret
            for outcome in [added, synced, list, try await jira.program.run("status", "--json")] {
                #expect(!outcome.output.contains(secret) && !outcome.errors.contains(secret))
            }
            #expect(try !jira.program.dataHolds(secret))
            let basic = Data("\(try jira.credential(way.kind).user):\(secret)".utf8).base64EncodedString()
            #expect(try !jira.program.dataHolds(basic))
            if way.kind == .scopedToken {
                #expect(jira.server.log.entries.contains { $0.status == 401 }, "the site's own address is asked first")
            }
        }
    }

    @Test("a service account signs in at the gateway") func serviceAccount() async throws {
        try await SimulatedJira.lent(.cloud, issues: 40) { jira in
            let account = try #require(jira.server.credentials.serviceAccount)
            let words = ["source", "add", jira.server.url, "--name", SimulatedJira.source]
            let added = try await jira.program.run(words + jira.options(account))
            #expect(added.status == 0, "\(added)")
            #expect(try await jira.sync().status == 0)
            try await jira.expectCopyEqualsJira()
        }
    }

    @Test("a public site is read without signing in", arguments: [SiteFlavour.cloud, .dataCenter])
    func anonymous(_ flavour: SiteFlavour) async throws {
        try await SimulatedJira.lent(flavour) { jira in
            let added = try await jira.addAnonymously("--access", "public")
            #expect(added.status == 0, "\(added)")
            #expect(try await jira.sync().status == 0)
            try await jira.expectCopyEqualsJira(of: .anonymous)
            #expect(try await jira.seen(as: "anonymous") == Seen(jira.server.truth(for: .anonymous)))
        }
    }

    @Test("an account that may not read the rules shows its content to nobody, and says so") func narrow() async throws
    {
        try await SimulatedJira.lent(.cloud) { jira in
            let developer = jira.tour.developer
            let added = try await jira.add(.apiToken, of: developer, "--json")
            #expect(added.status == 0, "\(added)")
            #expect(try added.json["source"]?["accessMode"]?.string == "linked")
            let checks = try added.json["checks"]?.array ?? []
            #expect(checks.contains { $0["outcome"]?.string == "warn" && $0["fix"]?.string?.isEmpty == false })
            let synced = try await jira.sync("--json")
            let codes = try synced.json["warnings"]?.array?.compactMap { $0["code"]?.string } ?? []
            #expect(codes.contains("access_mode_hides_all"), "\(synced)")
            try await jira.expectCopyEqualsJira(of: .user(developer.index))
            #expect(try await jira.issuesSeen(as: developer.email).isEmpty)
            #expect(try await jira.issuesSeen(as: "anonymous").isEmpty)
        }
    }

    @Test("an operator may show everybody what the account sees, or nobody") func chosenModes() async throws {
        try await SimulatedJira.lent(.cloud, issues: 60) { jira in
            let developer = jira.tour.developer
            let truth = Seen(jira.server.truth(for: .user(developer.index)))
            #expect(try await jira.add(.apiToken, of: developer, "--access", "shared").status == 0)
            let synced = try await jira.sync()
            #expect(synced.status == 0 && synced.errors.contains("Everybody"), "\(synced)")
            let member = try await jira.program.run("member", "add", "kim@acme.example", "--role", "member")
            #expect(member.status == 0, "\(member)")
            let seen = try await jira.seen(as: "kim@acme.example")
            #expect(seen == truth, "\(seen.difference(truth))")
            #expect(try await jira.issuesSeen(as: "anonymous").isEmpty, "who is nobody here is no member")
            let nonsense = try await jira.add(nil, of: nil, "--access", "everyone")
            #expect(nonsense.status == 2 && nonsense.errors.contains("mirror, linked, public, shared"), "\(nonsense)")
        }
    }

    @Test("a token whose scopes are too few is told what it lacks") func fewScopes() async throws {
        try await SimulatedJira.lent(.cloud, issues: 40) { jira in
            let all = jira.server.credentials.all(of: jira.tour.administrator)
            let narrow = try #require(all.first { $0.scopes?.count == 1 })
            let words = ["source", "add", jira.server.url, "--name", SimulatedJira.source]
            let added = try await jira.program.run(words + jira.options(narrow))
            #expect([0, 3].contains(added.status), "\(added)")
            #expect((added.output + added.errors).contains("scope"), "\(added)")
        }
    }

    @Test("a secret comes from a file, standard input or the environment, never from an argument")
    func whereSecretsComeFrom() async throws {
        try await SimulatedJira.lent(.cloud, issues: 20) { jira in
            let (program, credential) = (jira.program, try jira.credential(.apiToken))
            let words = ["source", "test", jira.server.url, "--email", credential.user]
            let piped = try await program.run(words + ["--token-file", "-"], input: credential.secret + "\n")
            #expect(piped.status == 0, "\(piped)")
            let set = try await program.run(words, environment: ["DRAWBRIDGE_SECRET": credential.secret])
            #expect(set.status == 0, "\(set)")
            let missing = try await program.run(words)
            #expect(missing.status == 2 && missing.errors.contains("secret is missing"), "\(missing)")
            let noFile = try await program.run(words + ["--token-file", "/nonexistent/token"])
            #expect(noFile.status == 2 && noFile.errors.contains("cannot read"), "\(noFile)")
            let both = try await program.run(words + ["--anonymous"])
            #expect(both.status == 2 && both.errors.contains("two ways"), "\(both)")
            // In the address it is taken out, and is not repeated anywhere.
            let address = jira.server.url.replacing("://", with: "://ada:hunter2hunter2@")
            let outcome = try await program.run("source", "add", address, "--name", "x", "--anonymous", "--json")
            #expect(!outcome.output.contains("hunter2") && !outcome.errors.contains("hunter2"), "\(outcome)")
        }
    }

    @Test("a refused credential is replaced, and nothing is read twice", arguments: [SiteFlavour.cloud, .dataCenter])
    func replaced(_ flavour: SiteFlavour) async throws {
        try await SimulatedJira.lent(flavour, issues: 60) { jira in
            try await jira.addAndSync()
            let old = try jira.credential(), new = try jira.credential(flavour == .cloud ? .scopedToken : .password)
            jira.server.revoke(old.secret)
            let refused = try await jira.sync()
            #expect(refused.status == 3 && refused.errors.contains("source credential"), "\(refused)")
            let words = ["source", "credential", SimulatedJira.source]
            let stillOld = try await jira.program.run(words + jira.options(old))
            #expect(stillOld.status == 3, "\(stillOld)")
            #expect(try await jira.program.run(words + jira.options(new)).status == 0)
            let synced = try await jira.sync("--json")
            #expect(synced.status == 0, "\(synced)")
            #expect(try synced.json["issues"]?["stored"]?.integer == 0)
            try await jira.expectCopyEqualsJira()
        }
    }
}
