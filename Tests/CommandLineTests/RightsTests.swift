import FastJSON
import JiraSimulator
import SimulatedSite
import Testing

/// What connecting a site finds out about the credential's rights, and what is said of it ever after.
@Suite("Rights") struct RightsTests {
    @Test("an administrator's credential has every right, each tried", arguments: [SiteFlavour.cloud, .dataCenter])
    func administrator(_ flavour: SiteFlavour) async throws {
        try await SimulatedJira.lent(flavour, issues: 20) { jira in
            let words = ["source", "test", jira.server.url, "--json"] + (try jira.options(try jira.credential()))
            let tested = try await jira.program.run(words)
            #expect(tested.status == 0, "\(tested)")
            let checks = try self.checks(tested)
            var wanted: Set<String> = [
                "signed_in", "projects", "own_permissions", "permission_schemes", "project_scheme", "roles", "groups",
                "group_members", "accounts", "emails", "application_roles", "security_schemes", "security_levels",
                "access_mode",
            ]
            if jira.isCloud { wanted.formUnion(["audit_log", "permissions_check"]) }
            #expect(wanted.subtracting(checks.keys).isEmpty, "\(tested)")
            #expect(checks["access_mode"]?["what"]?.string?.contains("mirror") == true)
            let level = checks["security_levels"]
            #expect(level?["outcome"]?.string == (jira.isCloud ? "ok" : "warn"))
            #expect(jira.isCloud || level?["fix"]?.string?.contains("declare-level") == true, "\(tested)")
        }
    }

    @Test(
        "for a right that is missing it says what is lost and which right restores it",
        arguments: [SiteFlavour.cloud, .dataCenter])
    func developer(_ flavour: SiteFlavour) async throws {
        try await SimulatedJira.lent(flavour, issues: 20) { jira in
            let added = try await jira.add(nil, of: jira.tour.developer, "--json")
            #expect(added.status == 0, "\(added)")
            #expect(try added.json["source"]?["accessMode"]?.string == "linked")
            let checks = try self.checks(added)
            for code in ["permission_schemes", "project_scheme", "roles", "application_roles", "security_schemes"] {
                #expect(checks[code]?["outcome"]?.string == "warn", "\(code): \(added)")
                #expect(checks[code]?["why"]?.string?.isEmpty == false)
                #expect(checks[code]?["fix"]?.string?.contains("Administer") == true)
            }
            #expect(checks["access_mode"]?["fix"]?.string?.contains("member link") == true)
        }
    }

    struct Refusal: CustomTestStringConvertible {
        var path: String
        var code: String
        var mode: String
        var testDescription: String { path }
    }

    @Test(
        "one refused endpoint is named, and decides between mirror and linked",
        arguments: [
            Refusal(path: "group/member", code: "group_members", mode: "linked"),
            Refusal(path: "users/search", code: "accounts", mode: "linked"),
            Refusal(path: "applicationrole", code: "application_roles", mode: "mirror"),
            Refusal(path: "issuesecurityschemes", code: "security_schemes", mode: "mirror"),
            Refusal(path: "auditing/record", code: "audit_log", mode: "mirror"),
            Refusal(path: "permissions/check", code: "permissions_check", mode: "mirror"),
        ])
    func oneRefusal(_ refusal: Refusal) async throws {
        try await SimulatedJira.lent(.cloud, issues: 20) { jira in
            jira.server.faults.add(Fault(.status(403), path: refusal.path, count: nil))
            let added = try await jira.add(nil, of: nil, "--json")
            #expect(added.status == 0, "\(added)")
            let check = try self.checks(added)[refusal.code]
            #expect(check?["outcome"]?.string == "warn" && check?["fix"]?.string?.isEmpty == false, "\(added)")
            #expect(try added.json["source"]?["accessMode"]?.string == refusal.mode, "\(added)")
        }
    }

    @Test("a hiccup of the site chooses no mode") func hiccup() async throws {
        try await SimulatedJira.lent(.cloud, issues: 20) { jira in
            jira.server.faults.add(Fault(.status(503), path: "group/member", count: nil))
            let refused = try await jira.add()
            #expect(refused.status == 4, "\(refused)")
            jira.server.faults.removeAll()
            #expect(try await jira.add().status == 0)
        }
    }

    @Test("that a source is shared is said when it is added and whenever it is shown") func shared() async throws {
        try await SimulatedJira.lent(.cloud, issues: 20) { jira in
            let words = "every member sees everything that"
            let added = try await jira.add(nil, of: nil, "--access", "shared")
            #expect(added.status == 0 && added.output.contains(words), "\(added)")
            _ = try await jira.sync()
            for command in [["status"], ["source", "list"], ["doctor"], ["source", "test", SimulatedJira.source]] {
                let told = try await jira.program.run(command)
                #expect(told.output.contains(words), "\(told)")
            }
            let json = try await jira.program.run("status", "--json")
            #expect(try json.json["sources"]?[0]?["access"]?["mode"]?.string == "shared")
        }
    }

    @Test("a project whose rules Jira refuses is hidden, and status, doctor and explain say why") func hidden()
        async throws
    {
        try await SimulatedJira.lent(.cloud, issues: 40) { jira in
            try await jira.addAndSync()
            let (program, tour) = (jira.program, jira.tour)
            let project = String(tour.issueKey.prefix { $0 != "-" })
            let id = try #require(jira.state.projects.first { $0.key == project }).id
            jira.server.faults.add(Fault(.status(403), path: "project/\(id)/permissionscheme", count: nil))
            _ = try await jira.sync("--full")
            let status = try await program.run("status", "--json")
            let hidden = try status.json["sources"]?[0]?["access"]?["hiddenProjects"]?.array ?? []
            #expect(
                hidden.contains { $0["key"]?.string == project && $0["code"]?.string == "rules_refused" }, "\(status)")
            let page = try await program.run("status")
            #expect(page.output.contains("hidden from everybody"), "\(page)")
            #expect(try await program.run("doctor").output.contains("hidden from everybody"))
            let told = try await program.run("access", "explain", tour.issueKey, "--as", jira.identity(tour.developer))
            #expect(told.output.contains("Project \(project) is hidden from everybody"), "\(told)")
            jira.server.faults.removeAll()
            _ = try await jira.sync("--full")
            let back = try await program.run(
                "access", "explain", tour.issueKey, "--as", jira.identity(tour.developer), "--json")
            #expect(try back.json["visible"]?.bool == true, "\(back)")
        }
    }

    private func checks(_ outcome: Program.Outcome) throws -> [String: JSONValue] {
        let checks = try outcome.json["checks"]?.array ?? []
        #expect(Shape.checks.problems(try outcome.json["checks"]) == [])
        return Dictionary(checks.map { ($0["code"]?.string ?? "", $0) }) { first, _ in first }
    }
}
