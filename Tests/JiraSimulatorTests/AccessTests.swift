import FastJSON
import HTTPMessages
import JiraSimulator
import SimulatedData
import SimulatedSite
import Testing

@Suite("Who sees what, over HTTP") struct AccessTests {
    /// Every kind of person, and nobody.
    static func callers(_ state: SiteState) -> [User?] {
        [nil] + state.users.filter { $0.isActive && !$0.isDeleted && $0.kind == .atlassian }.prefix(12).map { $0 }
    }

    @Test(
        "a listing of everything shows each person what the site's rules say",
        arguments: [SiteFlavour.cloud, .dataCenter])
    func listingsAreTrue(flavour: SiteFlavour) async throws {
        try await Site.with(flavour, issues: 250) { site in
            for person in Self.callers(site.state) {
                let caller = person.map { Caller.user($0.index) } ?? .anonymous
                let truth = site.server.truth(for: caller)
                let seen = try await Self.readAll(site, as: person)
                #expect(seen.issues == Set(truth.issues))
                #expect(seen.comments == Set(truth.comments))
                #expect(seen.attachments == Set(truth.attachments))
                // A worklog beyond the first twenty is not embedded.
                #expect(seen.worklogs.isSubset(of: truth.worklogs))
            }
        }
    }

    struct Seen {
        var issues: Set<Int> = []
        var comments: Set<Int> = []
        var worklogs: Set<Int> = []
        var attachments: Set<Int> = []
    }

    /// Reads every issue the way the flavour lets one read them.
    static func readAll(_ site: Site, as person: User?) async throws -> Seen {
        var issues: [JSONValue] = []
        let jql = "created >= \"1970-01-01\" order by created asc"
        if site.state.configuration.flavour.isCloud {
            let body: JSONValue = .object([.init("jql", .string(jql)), .init("maxResults", 5_000)])
            let ids = try await site.json(.post, "/rest/api/3/search/jql", as: person, body: body).values("issues")
            for start in stride(from: 0, to: ids.count, by: 100) {
                let names = ids[start..<min(start + 100, ids.count)].compactMap { $0["id"] }
                let page = try await site.json(
                    .post, "/rest/api/3/issue/bulkfetch", as: person,
                    body: .object([.init("issueIdsOrKeys", .array(names)), .init("fields", ["*all"])]))
                #expect(page.values("issueErrors").isEmpty)
                issues += page.values("issues")
            }
        } else {
            let body: JSONValue = .object([
                .init("jql", .string(jql)), .init("maxResults", 1_000), .init("fields", ["*all"]),
            ])
            issues = try await site.json(.post, "/rest/api/2/search", as: person, body: body).values("issues")
        }
        var seen = Seen()
        func ids(_ values: [JSONValue]) -> [Int] { values.compactMap { $0.text("id").flatMap { Int($0) } } }
        seen.issues = Set(ids(issues))
        for fields in issues.compactMap({ $0["fields"] }) {
            seen.comments.formUnion(ids(fields["comment"]?.values("comments") ?? []))
            seen.worklogs.formUnion(ids(fields["worklog"]?.values("worklogs") ?? []))
            seen.attachments.formUnion(ids(fields.values("attachment")))
        }
        return seen
    }

    @Test("what somebody may not see is answered as what does not exist") func invisibleIsAbsent() async throws {
        try await Site.with { site in
            let hidden = try await site.send(
                .get, "/rest/api/3/issue/\(site.tour.levelIssueKey)", as: site.tour.developer)
            let absent = try await site.send(.get, "/rest/api/3/issue/PAY-999999", as: site.tour.developer)
            #expect(hidden.status == 404)
            #expect(absent.status == 404)
            #expect(hidden.body == absent.body)
        }
    }

    @Test("links to issues somebody may not see are left out") func linksAreFiltered() async throws {
        try await Site.with(issues: 250) { site in
            let truth = Set(site.server.truth(for: .anonymous).issues)
            for id in truth {
                let fields = try await site.json(.get, "/rest/api/3/issue/\(id)?fields=issuelinks,subtasks")["fields"]
                let others =
                    (fields?.values("issuelinks") ?? []).compactMap { $0["outwardIssue"] ?? $0["inwardIssue"] }
                    + (fields?.values("subtasks") ?? [])
                let strangers = others.compactMap { $0.text("id").flatMap { Int($0) } }.filter { !truth.contains($0) }
                #expect(strangers.isEmpty)
            }
        }
    }

    @Test("the bulk check agrees with the listing, for anybody the administrator asks about") func bulkCheck()
        async throws
    {
        try await Site.with(issues: 200) { site in
            let all = site.server.truth(for: .user(site.tour.administrator.index)).issues
            let question: JSONValue = .object([
                .init("permissions", ["BROWSE_PROJECTS"]), .init("issues", .array(all.map { .integer(Int64($0)) })),
                .init("projects", []),
            ])
            for person in Self.callers(site.state).compactMap({ $0 }) {
                let body: JSONValue = .object([
                    .init("accountId", .string(person.accountID)), .init("projectPermissions", .array([question])),
                ])
                let answer = try await site.json(
                    .post, "/rest/api/3/permissions/check", as: site.tour.administrator, body: body)
                let seen = answer.values("projectPermissions")[0].values("issues").compactMap(\.integer)
                let truth = Set(site.server.truth(for: .user(person.index)).issues).intersection(all)
                #expect(Set(seen) == truth)
                let other = person.index == site.tour.developer.index ? site.tour.administrator : site.tour.developer
                guard other.index == site.tour.developer.index else { continue }
                let refused = try await site.send(.post, "/rest/api/3/permissions/check", as: other, body: body)
                #expect(refused.status == 403)
            }
        }
    }

    @Test("rules of who may see what are for administrators") func schemesAreGuarded() async throws {
        try await Site.with { site in
            for path in [
                "permissionscheme?expand=all", "issuesecurityschemes", "issuesecurityschemes/level/member",
                "applicationrole",
                "auditing/record",
            ] {
                let allowed = try await site.send(.get, "/rest/api/3/\(path)", as: site.tour.administrator)
                let refused = try await site.send(.get, "/rest/api/3/\(path)", as: site.tour.developer)
                let nobody = try await site.send(.get, "/rest/api/3/\(path)")
                #expect([allowed.status, refused.status, nobody.status] == [200, 403, 401], "\(path)")
            }
        }
    }

    @Test("Data Center does not say who belongs to a security level") func dataCenterHidesMembers() async throws {
        try await Site.with(.dataCenter) { site in
            let answer = try await site.send(
                .get, "/rest/api/2/issuesecurityschemes/level/member", as: site.tour.administrator)
            #expect(answer.status == 404)
        }
    }
}
