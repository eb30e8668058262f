import FastJSON
import Foundation
import JiraSimulator
import SimulatedSite
import Testing

/// Members and which accounts they are, as an operator manages them.
@Suite("Members") struct MemberTests {
    @Test("members are added, listed and removed, and wrong usage is told apart") func members() async throws {
        try await Program.withDataFolder { program in
            let none = try await program.run("member", "list")
            #expect(none.status == 1 && none.errors.contains("'drawbridge source add' makes it"), "\(none)")
            let added = try await program.run(
                "member", "add", "Ada@acme.example", "--role", "owner", "--name", "Ada", "--json")
            #expect(added.status == 0, "\(added)")
            #expect(Shape.member.problems(try added.json) == [])
            #expect(try added.json["email"] == "Ada@acme.example" && added.json["role"] == "owner")
            let second = try await program.run("member", "add", "bob@acme.example", "--unverified")
            #expect(second.status == 0 && second.output.contains("not verified"), "\(second)")
            let again = try await program.run("member", "add", "ADA@ACME.example")
            #expect(again.status == 1 && again.errors.contains("member Ada@acme.example already"), "\(again)")
            for wrong in [["ada"], [" ada@acme.example"], ["eve@acme.example", "--role", "king"], []] {
                let outcome = try await program.run(["member", "add"] + wrong)
                #expect(outcome.status == 2, "\(wrong): \(outcome)")
            }
            let list = try await program.run("member", "list", "--json")
            let members = try list.json["members"]?.array ?? []
            #expect(members.flatMap { Shape.member.problems($0) } == [])
            #expect(members.map { $0["email"] } == ["Ada@acme.example", "bob@acme.example"])
            #expect(members.map { $0["emailVerified"] } == [true, false])
            let last = try await program.run("member", "remove", "ada@acme.example")
            #expect(last.status == 1 && last.errors.contains("only active owner"), "\(last)")
            #expect(try await program.run("member", "change", "bob@acme.example", "--role", "owner").status == 0)
            #expect(try await program.run("member", "remove", "ada@acme.example").status == 0)
            let gone = try await program.run("member", "remove", "ada@acme.example")
            #expect(gone.status == 1 && gone.errors.contains("There is no member ada@acme.example"), "\(gone)")
            #expect(try await program.run("member", "list").output.contains("bob@acme.example"))
        }
    }

    @Test("linking says what it lacks") func usage() async throws {
        try await Program.withDataFolder { program in
            #expect(try await program.run("member", "add", "ada@acme.example").status == 0)
            for (words, status, hint) in [
                (["link", "ada@acme.example", "--source", "work"], 2, "either --account or"),
                (["link", "ada@acme.example", "--account", "1"], 2, "--source NAME"),
                (["unlink", "ada@acme.example"], 2, "--source NAME"), (["people"], 2, "--source NAME"),
                (["people", "--source", "work"], 1, "no source named 'work'"),
                (["link", "ada@acme.example", "--source", "work", "--account", "1"], 1, "no source named 'work'"),
                (["link", "ada@acme.example", "--source", "work", "--token-file", "t"], 2, "needs --email"),
            ] {
                let outcome = try await program.run(["member"] + words)
                #expect(outcome.status == status && outcome.errors.contains(hint), "\(words): \(outcome)")
            }
        }
    }

    @Test(
        "a member sees what Jira shows the account with the same address, until it is unlinked",
        arguments: [SiteFlavour.cloud, .dataCenter])
    func byEmail(_ flavour: SiteFlavour) async throws {
        try await SimulatedJira.lent(flavour) { jira in
            try await jira.addAndSync()
            let developer = jira.tour.developer
            let email = developer.email.uppercased()
            let added = try await jira.member("add", email, "--json")
            let link = try added.json["links"]?[0]
            #expect(link?["account"]?.string == jira.identity(developer), "\(added)")
            #expect(link?["proof"] == "email" && link?["state"] == "linked")
            let truth = jira.truth(.user(developer.index))
            let seen = try await jira.seen(as: developer.email)
            #expect(seen == truth, "\(seen.difference(truth))")
            let mine = try await jira.program.run("search", "assignee:me", "--as", email, "--json")
            let his = try await jira.program.run(
                "search", "assignee:me", "--as", jira.identity(developer), "--json")
            #expect(try mine.json["total"] == his.json["total"], "\(mine)")

            #expect(try await jira.member("unlink", email, "--source", SimulatedJira.source).status == 0)
            try await jira.expectNothing(for: email)
            #expect(try await jira.person(email)["state"] == "refused")
            let back = try await jira.member("unlink", email, "--source", SimulatedJira.source, "--forget-refusal")
            #expect(back.status == 0)
            #expect(try await jira.seen(as: email) == truth)
            #expect(try await jira.member("remove", email).status == 0)
            // The address is the account's again, which the operator may look through.
            #expect(try await jira.seen(as: email) == truth)
        }
    }

    @Test("an admin links an account that hides its address by hand; a wrong account is refused")
    func byHand() async throws {
        try await SimulatedJira.lent(.cloud) { jira in
            try await jira.addAndSync()
            func user(_ name: String) throws -> User { try #require(jira.state.users.first { $0.name == name }) }
            let fiona = try user("fiona"), source = SimulatedJira.source
            _ = try await jira.member("add", fiona.email)
            let row = try await jira.person(fiona.email)
            #expect(row["reason"] == "email_hidden" && row["fix"]?.string?.contains("--account ID") == true)
            try await jira.expectNothing(for: fiona.email)
            for (account, hint) in [
                ("nobody", "has no account nobody"), (try user("automation").accountID, "an app's"),
                (try user("ivan").accountID, "inactive"), (try user("carla").accountID, "portal customer"),
            ] {
                let outcome = try await jira.member("link", fiona.email, "--source", source, "--account", account)
                #expect(outcome.status == 1 && outcome.errors.contains(hint), "\(outcome)")
            }
            let linked = try await jira.member(
                "link", fiona.email, "--source", source, "--account", fiona.accountID, "--json")
            #expect(try linked.json["links"]?[0]?["proof"] == "manual", "\(linked)")
            let truth = jira.truth(.user(fiona.index))
            let seen = try await jira.seen(as: fiona.email)
            #expect(seen == truth, "\(seen.difference(truth))")
            _ = try await jira.member("add", "other@acme.example")
            let taken = try await jira.member(
                "link", "other@acme.example", "--source", source, "--account", fiona.accountID)
            #expect(taken.status == 1 && taken.errors.contains("linked to the member \(fiona.email)"), "\(taken)")
        }
    }

    @Test("the people table is complete, in the documented shape", arguments: [SiteFlavour.cloud, .dataCenter])
    func people(_ flavour: SiteFlavour) async throws {
        try await SimulatedJira.lent(flavour, issues: 40) { jira in
            try await jira.addAndSync()
            let ivan = try #require(jira.state.users.first { $0.name == "ivan" })
            for email in [jira.tour.developer.email, ivan.email, "stranger@acme.example"] {
                _ = try await jira.member("add", email)
            }
            let table = try await jira.member("people", "--source", SimulatedJira.source, "--json")
            #expect(Shape.people.problems(try table.json) == [], "\(table)")
            let reasons = try await [jira.person(ivan.email), jira.person("stranger@acme.example")].map { $0["reason"] }
            #expect(reasons == ["inactive", "email_hidden"])
            let listed = Set(try (table.json["accounts"]?.array ?? []).compactMap { $0["account"]?.string })
            let developer = jira.identity(jira.tour.developer)
            let people = jira.state.users.filter { $0.kind == .atlassian && !$0.isDeleted }.map { jira.identity($0) }
            #expect(Set(people).subtracting(listed) == [developer])
            let text = try await jira.member("people", "--source", SimulatedJira.source)
            #expect(text.output.contains("\(jira.tour.developer.email)  linked to"), "\(text)")
            #expect(text.output.contains("Accounts without a member"))
        }
    }

    @Test(
        "a member of a linked source sees what their own token lists, and nothing without it",
        arguments: [SiteFlavour.cloud, .dataCenter])
    func byToken(_ flavour: SiteFlavour) async throws {
        try await SimulatedJira.lent(flavour) { jira in
            let (source, developer) = (SimulatedJira.source, jira.tour.developer)
            #expect(try await jira.add(nil, of: nil, "--access", "linked").status == 0)
            #expect(try await jira.sync().status == 0)
            let email = "d@elsewhere.example"
            _ = try await jira.member("add", email)
            try await jira.expectNothing(for: email)
            let credential = try jira.credential(of: developer)
            let words = ["member", "link", email, "--source", source, "--json"] + (try jira.options(credential))
            jira.server.revoke(credential.secret)
            let refused = try await jira.program.run(words)
            #expect(refused.status == 3 && !refused.errors.contains(credential.secret), "\(refused)")
            jira.server.restore(credential.secret)
            let linked = try await jira.program.run(words)
            #expect(linked.status == 0, "\(linked)")
            #expect(
                try linked.json["links"]?[0]?["proof"] == "token" && linked.json["links"]?[0]?["reason"]?.isNull == true
            )
            #expect(try linked.json["links"]?[0]?["account"]?.string == jira.identity(developer))
            #expect(try !jira.program.dataHolds(credential.secret))
            let issues = Set(jira.server.truth(for: .user(developer.index)).issues)
            #expect(try await jira.issuesSeen(as: email) == issues)
            // The token goes in Jira, and comes back.
            jira.server.revoke(credential.secret)
            let refresh = try await jira.program.run("access", "refresh", source, "--everything")
            #expect(!refresh.output.contains(credential.secret) && !refresh.errors.contains(credential.secret))
            try await jira.expectNothing(for: email)
            #expect(try await jira.person(email)["reason"] == "token_refused")
            jira.server.restore(credential.secret)
            _ = try await jira.program.run("access", "refresh", source, "--everything")
            #expect(try await jira.issuesSeen(as: email) == issues)
            #expect(try await jira.member("unlink", email, "--source", source).status == 0)
            try await jira.expectNothing(for: email)
            // Disconnecting the source destroys the members' credentials with its own.
            #expect(try await jira.program.run(words).status == 0)
            #expect(try await jira.person(email)["tokenStored"]?.string != nil)
            #expect(try await jira.program.run("source", "remove", source).status == 0)
            #expect(try await jira.add(nil, of: nil, "--access", "linked").status == 0)
            let row = try await jira.person(email)
            #expect(row["tokenStored"]?.isNull == true && row["reason"] == "needs_token", "\(row)")
            try await jira.expectNothing(for: email)
        }
    }
}

extension SimulatedJira {
    fileprivate func member(_ words: String...) async throws -> Program.Outcome {
        try await program.run(["member"] + words)
    }

    /// The member's row of the people table.
    fileprivate func person(_ email: String) async throws -> JSONValue {
        let table = try await member("people", "--source", Self.source, "--json")
        return try #require(try table.json["members"]?.array?.first { $0["email"]?.string == email })
    }

    /// Nothing of the source is shown to a member, in any way of reading; that it is there is.
    fileprivate func expectNothing(for who: String, _ location: SourceLocation = #_sourceLocation) async throws {
        let seen = try await seen(as: who)
        #expect(
            seen.issues.isEmpty && seen.comments.isEmpty && seen.worklogs.isEmpty && seen.attachments.isEmpty,
            sourceLocation: location)
        let found = try await program.run("search", tour.word, "--as", who, "--json")
        #expect(try found.json["total"] == 0, "\(found)", sourceLocation: location)
        let issue = try await program.run("issue", tour.issueKey, "--as", who)
        #expect(issue.status == 1 && issue.output.isEmpty, "\(issue)", sourceLocation: location)
    }
}

extension Shape {
    private static let link: [String: Shape] = [
        "state": .oneOf(["linked", "ambiguous", "unmatched", "refused"]), "account": .orNull(.string),
        "displayName": .orNull(.string), "proof": .orNull(.oneOf(["email", "token", "manual"])),
        "since": .orNull(.time), "tokenStored": .orNull(.time), "candidates": .array(.string),
        "reason": .orNull(.string), "message": .string, "fix": .string,
    ]
    private static let person: [String: Shape] = [
        "email": .string, "name": .string, "role": .oneOf(["owner", "admin", "member"]), "emailVerified": .bool,
    ]

    static let member = Shape.object(
        person.merging([
            "added": .time, "state": .oneOf(["active", "suspended"]),
            "links": .array(.object(link.merging(["source": .string]) { first, _ in first })),
        ]) { first, _ in first })

    static let people = Shape.object([
        "source": .string, "accessMode": .oneOf(["mirror", "linked", "public", "shared"]),
        "members": .array(.object(person.merging(link) { first, _ in first })),
        "accounts": .array(
            .object([
                "account": .string, "name": .orNull(.string), "displayName": .string, "email": .orNull(.string),
                "active": .bool, "reason": .orNull(.string), "message": .string, "fix": .string,
            ])),
        "counts": .object([
            "linked": .integer, "ambiguous": .integer, "unmatched": .integer, "refused": .integer,
            "accountsWithoutMember": .integer,
        ]),
    ])
}
