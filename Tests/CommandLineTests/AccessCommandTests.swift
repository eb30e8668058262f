import FastJSON
import Foundation
import JiraSimulator
import SimulatedSite
import Testing

/// What those who run the installation ask about who sees what, and how they change it.
@Suite("Access commands") struct AccessCommandTests {
    @Test(
        "explain tells of the issue and of each restricted part, as the part is shown",
        arguments: [SiteFlavour.cloud, .dataCenter])
    func explainParts(_ flavour: SiteFlavour) async throws {
        try await SimulatedJira.lent(flavour) { jira in
            try await jira.addAndSync()
            let (program, tour) = (jira.program, jira.tour)
            for person in [tour.administrator, tour.developer] {
                let who = jira.identity(person)
                let told = try await program.run("access", "explain", tour.commentIssueKey, "--as", who, "--json")
                #expect(Shape.accessExplain.problems(try told.json) == [], "\(told)")
                let comments = (try told.json["parts"]?.array ?? []).filter { $0["kind"]?.string == "comment" }
                #expect(!comments.isEmpty, "\(told)")
                let shown = try await jira.seen(as: who).comments
                for comment in comments {
                    let id = try #require(comment["id"]?.string.flatMap { Int($0) })
                    #expect(comment["visible"]?.bool == shown.contains(id), "\(told)")
                    let clause = comment["clauses"]?.array?.first { $0["clause"]?.string == "visibility" }
                    #expect(clause?["because"]?[0]?.string?.contains(tour.roleName) == true, "\(told)")
                }
            }
            let page = try await program.run(
                "access", "explain", tour.commentIssueKey, "--as", jira.identity(tour.developer))
            #expect(page.output.contains("hidden") && page.output.contains("It would hold if"), "\(page)")
        }
    }

    @Test("diff counts what only one of two people sees", arguments: [SiteFlavour.cloud, .dataCenter])
    func diff(_ flavour: SiteFlavour) async throws {
        try await SimulatedJira.lent(flavour) { jira in
            try await jira.addAndSync()
            let (one, other) = (jira.tour.administrator, jira.tour.developer)
            let (first, second) = (jira.truth(.user(one.index)), jira.truth(.user(other.index)))
            let words = ["access", "diff", "--as", jira.identity(one), "--as", jira.identity(other)]
            let told = try await jira.program.run(words + ["--json"])
            #expect(Shape.accessDiff.problems(try told.json) == [], "\(told)")
            func ids(_ side: String, _ kind: String) throws -> Set<Int> {
                Set((try told.json[kind]?[side]?.array ?? []).compactMap { $0["id"]?.string.flatMap { Int($0) } })
            }
            #expect(try ids("onlyA", "issues") == first.issues.subtracting(second.issues))
            #expect(try ids("onlyB", "issues") == second.issues.subtracting(first.issues))
            #expect(try told.json["issues"]?["both"]?.integer == first.issues.intersection(second.issues).count)
            #expect(try ids("onlyA", "comments") == first.comments.subtracting(second.comments))
            #expect(try ids("onlyA", "attachments") == first.attachments.subtracting(second.attachments))
            #expect(try ids("onlyA", "worklogs") == first.worklogs.subtracting(second.worklogs))
            let page = try await jira.program.run(words)
            #expect(page.output.contains("only A") && page.output.contains("Only A sees"), "\(page)")
            let same = try await jira.program.run(
                "access", "diff", "--as", jira.identity(one), "--as", jira.identity(one))
            #expect(same.output.contains("Both see the same."), "\(same)")
            #expect(try await jira.program.run("access", "diff").status == 2)
        }
    }

    @Test("a mode decides at once, and back again without asking Jira", arguments: [SiteFlavour.cloud, .dataCenter])
    func configure(_ flavour: SiteFlavour) async throws {
        try await SimulatedJira.lent(flavour, issues: 60) { jira in
            try await jira.addAndSync()
            let (program, name) = (jira.program, SimulatedJira.source)
            let who = jira.identity(jira.tour.developer)
            let before = try await jira.seen(as: who)
            #expect(!before.issues.isEmpty)
            let asked = jira.server.log.entries.count
            let linked = try await program.run("access", "configure", name, "--mode", "linked", "--json")
            #expect(try linked.status == 0 && linked.json["mode"]?.string == "linked", "\(linked)")
            #expect(try await jira.issuesSeen(as: who).isEmpty)
            let status = try await program.run("status")
            #expect(status.output.contains("member link"), "\(status)")
            let shared = try await program.run("access", "configure", name, "--mode", "shared")
            #expect(shared.output.contains("every member sees everything"), "\(shared)")
            #expect(try await jira.seen(as: who) == Seen(jira.server.truth(for: .user(jira.tour.administrator.index))))
            #expect(try await jira.issuesSeen(as: "anonymous").isEmpty, "shared is for members")
            let open = try await program.run("access", "configure", name, "--mode", "public")
            #expect(open.status == 2 && open.errors.contains("without signing in"), "\(open)")
            #expect(try await jira.issuesSeen(as: "anonymous").isEmpty, "an account's view is not everybody's")
            #expect(try await program.run("access", "configure", name, "--mode", "mirror").status == 0)
            #expect(try await jira.seen(as: who) == before)
            #expect(jira.server.log.entries.count == asked, "a change of mode asks Jira nothing")

            let set = try await program.run(
                ["access", "configure", name, "--refresh", "120", "--lease", "900", "--audit-share", "25", "--json"])
            #expect(try set.json["refresh"]?.integer == 120 && set.json["lease"]?.integer == 900, "\(set)")
            let told = try await program.run("status", "--json")
            let access = try told.json["sources"]?[0]?["access"]
            #expect(access?["leaseSeconds"]?.integer == 900 && access?["auditShare"]?.integer == 25, "\(told)")
            let senseless = try await program.run("access", "configure", name, "--lease", "60")
            #expect(senseless.status == 2 && senseless.errors.contains("lease"), "\(senseless)")
            #expect(try await program.run("access", "configure", "nobody").status == 1)
        }
    }

    @Test("members of Data Center's levels, once declared, make every reader's view equal Jira's") func declare()
        async throws
    {
        try await SimulatedJira.lent(.dataCenter) { jira in
            try await jira.addAndSync()
            let (program, name) = (jira.program, SimulatedJira.source)
            let asked = jira.server.log.entries.count
            for level in jira.state.securitySchemes.flatMap(\.levels) {
                let members = level.members.compactMap { typed($0.holder, jira.state) }.flatMap { ["--member", $0] }
                // A level that admits nobody whom Drawbridge knows stays as it is: hidden.
                guard !members.isEmpty else { continue }
                let declared = try await program.run(["access", "declare-level", name, String(level.id)] + members)
                #expect(declared.status == 0, "\(declared)")
            }
            #expect(jira.server.log.entries.count == asked, "declaring asks Jira nothing")
            for person in jira.state.users.filter(\.isActive).prefix(12) {
                let (seen, truth) = (
                    try await jira.seen(as: jira.identity(person)), Seen(jira.server.truth(for: .user(person.index)))
                )
                #expect(seen == truth, "\(person.displayName): \(seen.difference(truth))")
            }
            let levels = try await program.run("access", "levels", name, "--json")
            #expect(Shape.accessLevels.problems(try levels.json) == [], "\(levels)")
            let tour = jira.tour
            let explained = try await program.run("access", "explain", tour.levelIssueKey, "--as", "admin")
            #expect(explained.output.contains("declared them"), "\(explained)")
            // By name, until it is taken back.
            let level = tour.levelName
            let withdrawn = try await program.run("access", "declare-level", name, level, "--withdraw")
            #expect(withdrawn.status == 0 && withdrawn.output.contains("nobody again"), "\(withdrawn)")
            let hidden = try await program.run("access", "explain", tour.levelIssueKey, "--as", "admin", "--json")
            #expect(try hidden.json["visible"]?.bool == false, "\(hidden)")
            #expect(try await program.run("access", "declare-level", name, level, "--withdraw").status == 1)
            let listed = try await program.run("access", "levels", name)
            #expect(listed.output.contains("hidden") && listed.output.contains("declared by"), "\(listed)")
            try await checkMistakes(program, name, level)
        }
    }

    private func checkMistakes(_ program: Program, _ name: String, _ level: String) async throws {
        for (member, hint) in [
            ("rolle:Developers", "role:"), ("role:Develpers", "Developers"), ("group:", "group:NAME"),
            ("user:nobody-of-this-name-at-all", "no account"), ("user-field:customfield_0", "no field"),
        ] {
            let refused = try await program.run("access", "declare-level", name, level, "--member", member)
            #expect(refused.status == 1 && refused.errors.contains(hint), "\(member): \(refused)")
        }
        let unknown = try await program.run("access", "declare-level", name, "Incident respnse", "--member", "anyone")
        #expect(unknown.status == 1 && unknown.errors.contains("Incident response"), "\(unknown)")
        #expect(try await program.run("access", "declare-level", name, level).status == 2)
    }

    /// A member of a level as the command takes it; `nil` for what it cannot say.
    private func typed(_ holder: Holder, _ state: SiteState) -> String? {
        switch holder {
        case .anyone: "anyone"
        case .applicationRole(let key): key.map { "application:\($0)" } ?? "logged-in"
        case .group(let index): "group:\(state.groups[index].name)"
        case .user(let index): "user:\(state.users[index].key)"
        case .projectRole(let id): "role:\(id)"
        case .projectLead: "lead"
        case .reporter: "reporter"
        case .assignee: "assignee"
        case .userCustomField(let field): "user-field:\(field)"
        case .groupCustomField(let field): "group-field:\(field)"
        case .portalOnly, .unknown: nil
        }
    }

    @Test("Jira decides about a level whose members it tells") func cloudLevels() async throws {
        try await SimulatedJira.lent(.cloud, issues: 40) { jira in
            try await jira.addAndSync()
            let (program, name) = (jira.program, SimulatedJira.source)
            let levels = try await program.run("access", "levels", name, "--json")
            #expect(Shape.accessLevels.problems(try levels.json) == [], "\(levels)")
            #expect(try levels.json["levels"]?.array?.allSatisfy { $0["membersFrom"]?.string == "jira" } == true)
            let refused = try await program.run(
                "access", "declare-level", name, jira.tour.levelName, "--member", "anyone")
            #expect(refused.status == 1 && refused.errors.contains("Jira itself"), "\(refused)")
        }
    }

    @Test(
        "where tokens list for themselves, explain and status tell of the listing, its age and its end",
        arguments: [SiteFlavour.cloud, .dataCenter])
    func linked(_ flavour: SiteFlavour) async throws {
        try await SimulatedJira.lent(flavour) { jira in
            let (program, tour, name) = (jira.program, jira.tour, SimulatedJira.source)
            #expect(try await jira.add(nil, of: nil, "--access", "linked").status == 0)
            #expect(try await jira.sync().status == 0)
            let who = "kim@elsewhere.example"
            _ = try await program.run("member", "add", who, "--role", "member")
            let credential = try jira.credential(of: tour.developer)
            let link = ["member", "link", who, "--source", name] + (try jira.options(credential))
            #expect(try await program.run(link).status == 0)
            let truth = Seen(jira.server.truth(for: .user(tour.developer.index)))
            #expect(try await jira.issuesSeen(as: who) == truth.issues)
            let visible = try await program.run("access", "visible", "--as", who, "--json")
            #expect(Shape.accessVisible.problems(try visible.json) == [], "\(visible)")

            let hidden = try await program.run("access", "explain", tour.levelIssueKey, "--as", who, "--json")
            #expect(Shape.accessExplain.problems(try hidden.json) == [], "\(hidden)")
            #expect(try hidden.json["visible"]?.bool == false && hidden.output.contains("does not list"), "\(hidden)")
            let shown = try await program.run("access", "explain", tour.commentIssueKey, "--as", who, "--json")
            #expect(try shown.json["visible"]?.bool == true, "\(shown)")
            let parts = try shown.json["parts"]?.array ?? []
            #expect(!parts.isEmpty)
            for part in parts where part["kind"]?.string == "comment" {
                let id = try #require(part["id"]?.string.flatMap { Int($0) })
                #expect(part["visible"]?.bool == truth.comments.contains(id), "\(shown)")
            }
            let access = try await program.run("status", "--json").json["sources"]?[0]?["access"]
            #expect(access?["listings"]?[0]?["issues"]?.integer == truth.issues.count)
            #expect(access?["listings"]?[0]?["current"]?.bool == true && access?["members"]?["linked"]?.integer == 1)

            jira.server.revoke(credential.secret)
            _ = try await program.run("access", "refresh", name, "--everything")
            let status = try await program.run("status")
            #expect(status.output.contains("no longer counts"), "\(status)")
            let ended = try await program.run("access", "explain", tour.commentIssueKey, "--as", who)
            #expect(ended.output.contains("is not known here"), "\(ended)")
        }
    }
}
