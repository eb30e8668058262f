import FastJSON
import HTTPClient
import HTTPMessages
import JiraSimulator
import SimulatedData
import SimulatedSite
import Testing

@Suite("Simulated Data Center") struct DataCenterTests {
    @Test("the server says what it is; the old Server does not say it is one") func identity() async throws {
        try await Site.with(.dataCenter) { site in
            let info = try await site.json(.get, "/rest/api/2/serverInfo")
            #expect(info.text("deploymentType") == "Data Center")
            let myself = try await site.json(.get, "/rest/api/latest/myself", as: site.tour.administrator)
            #expect(myself.text("name") == site.tour.administrator.name)
            #expect(myself["accountId"] == nil)
            let newer = try await site.send(.get, "/rest/api/3/serverInfo")
            #expect(newer.status == 404)
        }
        try await Site.with(.server) { site in
            let info = try await site.json(.get, "/rest/api/2/serverInfo")
            #expect(info["deploymentType"] == nil)
            let wrong = try await site.send(.get, "/rest/api/2/myself", authorization: site.basic("admin", "wrong"))
            #expect(wrong.headers["Content-Type"]?.hasPrefix("text/html") == true)
        }
    }

    @Test("Jira may hang below a path") func contextPath() async throws {
        try await Site.with(.dataCenter) {
            $0.contextPath = "/jira"
        } _: { site in
            #expect(site.server.url.hasSuffix("/jira"))
            let info = try await site.json(.get, "/rest/api/2/serverInfo")
            #expect(info.text("baseUrl") == site.server.url)
            let outside = try await site.send(.get, "/rest/api/2/serverInfo", host: site.server.gatewayHost)
            #expect(outside.status == 404)
            let issue = try await site.json(
                .get, "/rest/api/2/issue/\(site.tour.issueKey)", as: site.tour.administrator)
            #expect(issue.text("self")?.hasPrefix(site.server.url + "/rest/api/2/issue/") == true)
        }
    }

    @Test("a page is cut to what the instance allows, without a word") func pageCap() async throws {
        try await Site.with(.dataCenter, issues: 300) {
            $0.issuePageLimit = 50
        } _: { site in
            var keys: [String] = []
            var total = Int.max
            while keys.count < total {
                let page = try await site.json(
                    .get, "/rest/api/2/search?jql=order%20by%20created&maxResults=5000&startAt=\(keys.count)",
                    as: site.tour.administrator)
                #expect(page["maxResults"]?.integer == 50)
                #expect(page.values("issues").count <= 50)
                total = page["total"]?.integer ?? 0
                keys += page.values("issues").compactMap { $0.text("key") }
            }
            #expect(Set(keys).count == site.server.truth(for: .user(0)).issues.count)
        }
    }

    @Test("a query that is wrong is refused, or answered with nothing when asked not to check it") func validation()
        async throws
    {
        try await Site.with(.dataCenter) { site in
            let admin = site.tour.administrator
            let path = "/rest/api/2/search?jql=project=NOSUCH"
            let refused = try await site.send(.get, path, as: admin)
            #expect(refused.status == 400)
            #expect(String(decoding: refused.body, as: UTF8.self).contains("does not exist for the field 'project'"))
            let unchecked = try await site.json(.get, path + "&validateQuery=false", as: admin)
            #expect(unchecked["total"]?.integer == 0)
        }
    }

    @Test("texts are wiki markup, sprints are old strings, people have names") func shapes() async throws {
        try await Site.with(.dataCenter, issues: 400) { site in
            let page = try await site.json(
                .get, "/rest/api/2/search?jql=sprint%20is%20not%20empty&fields=*all&maxResults=5&expand=changelog",
                as: site.tour.administrator)
            let issue = try #require(page.values("issues").first)
            let sprint = issue["fields"]?.values("customfield_10010").first?.string
            #expect(sprint?.hasPrefix("com.atlassian.greenhopper.service.sprint.Sprint@") == true)
            #expect(issue.text("fields", "reporter", "name") != nil)
            #expect(issue["changelog"]?["total"]?.integer == issue["changelog"]?.values("histories").count)
            #expect(issue["fields"]?["statusCategory"] == nil)
            #expect(issue["fields"]?["customfield_10015"]?.string?.hasPrefix("0|") == true)
        }
    }

    @Test("groups name the people of the groups inside them, for administrators only") func groups() async throws {
        try await Site.with(.dataCenter) { site in
            let outer = try #require(site.state.groups.first { !$0.subgroups.isEmpty })
            let path = "/rest/api/2/group/member?includeInactiveUsers=true&groupname=\(outer.name)"
            var names: [String] = []
            var isLast = false
            while !isLast {
                let page = try await site.json(.get, path + "&startAt=\(names.count)", as: site.tour.administrator)
                names += page.values("values").compactMap { $0.text("name") }
                isLast = page["isLast"]?.bool ?? true
            }
            #expect(names == site.state.members(of: outer.index, nested: true).map { site.state.users[$0].name })
            let refused = try await site.send(.get, path, as: site.tour.developer)
            #expect(refused.status == 403)
        }
    }

    @Test("attachments want a login: without one they show a login page") func attachments() async throws {
        try await Site.with(.dataCenter) { site in
            let ordinal = try #require(site.state.ordinal(key: site.tour.issueKey))
            let file = site.state.content(of: ordinal).attachments[0]
            let path = "/secure/attachment/\(file.id)/\(file.fileName)"
            let allowed = try await site.send(.get, path, as: site.tour.administrator)
            #expect(allowed.body == site.state.bytes(of: file))
            let nobody = try await site.send(.get, path)
            #expect(nobody.status == 302)
            let part = HTTPHeaders(dictionaryLiteral: ("Range", "bytes=1-4"))
            var request = HTTPRequest(.get, site.server.url + path, headers: part)
            request.headers["Authorization"] = site.authorize(site.tour.administrator)
            let slice = try await site.transport.send(request)
            #expect(slice.status == 206)
            #expect(slice.body == Array(site.state.bytes(of: file)[1...4]))
        }
    }
}

@Suite("Simulated parts of issues") struct PartTests {
    @Test("the worklog feed gives every worklog once, and list gives them in full") func worklogFeed() async throws {
        try await Site.with(issues: 300) { site in
            let admin = site.tour.administrator
            var found: [Int] = []
            var since = 0
            var isLast = false
            while !isLast {
                let page = try await site.json(.get, "/rest/api/3/worklog/updated?since=\(since)", as: admin)
                found += page.values("values").compactMap { $0["worklogId"]?.integer }
                since = page["until"]?.integer ?? 0
                isLast = page["lastPage"]?.bool ?? true
            }
            let truth = site.server.truth(for: .user(admin.index)).worklogs
            #expect(Set(found).isSuperset(of: truth))
            #expect(Set(found).count == found.count)
            let ids = JSONValue.array(truth.prefix(1_000).map { .integer(Int64($0)) })
            let full = try await site.json(
                .post, "/rest/api/3/worklog/list", as: admin, body: .object([.init("ids", ids)]))
            #expect(full.array?.count == min(truth.count, 1_000))
        }
    }

    @Test("boards and sprints show to those who see their project") func boards() async throws {
        try await Site.with { site in
            let boards = try await site.json(.get, "/rest/agile/1.0/board", as: site.tour.administrator)
            #expect(boards.values("values").count == min(50, site.state.boards.count))
            let scrum = try #require(site.state.boards.first { $0.type != "kanban" })
            let sprints = try await site.json(
                .get, "/rest/agile/1.0/board/\(scrum.id)/sprint", as: site.tour.administrator)
            #expect(sprints.values("values").count == min(50, site.state.sprints.filter { $0.board == scrum.id }.count))
            let anonymous = try await site.json(.get, "/rest/agile/1.0/board")
            #expect(anonymous.values("values").count < boards.values("values").count)
        }
    }

    @Test("a change made through the control door shows at once, and moves keep their old key") func changes()
        async throws
    {
        try await Site.with { site in
            let admin = site.tour.administrator
            let key = site.tour.issueKey
            let comment: JSONValue = .object([
                .init("change", "addComment"), .init("issue", .string(key)), .init("text", "Only for administrators."),
                .init("role", .string(site.tour.roleName)),
            ])
            let made = try await site.json(.post, "/__simulator/changes", body: comment)
            let id = try #require(made.text("id"))
            let shown = try await site.send(.get, "/rest/api/3/issue/\(key)/comment/\(id)", as: admin)
            let hidden = try await site.send(.get, "/rest/api/3/issue/\(key)/comment/\(id)", as: site.tour.developer)
            #expect([shown.status, hidden.status] == [200, 404])
            let move: JSONValue = .object([
                .init("change", "moveIssue"), .init("issue", .string(key)), .init("project", "WEB"),
            ])
            _ = try await site.json(.post, "/__simulator/changes", body: move)
            let moved = try await site.json(.get, "/rest/api/3/issue/\(key)", as: admin)
            #expect(moved.text("key")?.hasPrefix("WEB-") == true)
            #expect(moved.text("id") == "10000")
        }
    }

    @Test("a cached answer never outlives the change that made it wrong") func cacheFollowsChanges() async throws {
        try await Site.with { site in
            let key = site.tour.issueKey
            for text in ["first wording", "second wording"] {
                let ordinal = try #require(site.state.ordinal(key: key))
                site.server.site.change {
                    $0.setSummary(ordinal, to: text, by: .init(user: 0, now: $0.row(ordinal).updated + 1))
                }
                let issue = try await site.json(.get, "/rest/api/3/issue/\(key)", as: site.tour.administrator)
                #expect(issue.text("fields", "summary") == text)
            }
        }
    }

    @Test("an index that lags finds what was, and lists nothing of what is hidden now") func laggingIndex() async throws
    {
        try await Site.with(lag: 3_600_000) { site in
            let admin = site.tour.administrator
            let ordinal = try #require(site.state.ordinal(key: "PAY-4"))
            site.server.site.change { $0.deleteIssue(ordinal, by: .init(user: 0, now: $0.row(ordinal).updated + 1)) }
            let search = try await site.json(.get, "/rest/api/3/search/jql?jql=project=PAY&maxResults=5000", as: admin)
            #expect(search.values("issues").contains { $0.text("id") == String(10_000 + ordinal) })
            let gone = try await site.send(.get, "/rest/api/3/issue/\(10_000 + ordinal)", as: admin)
            #expect(gone.status == 404)
        }
    }
}
