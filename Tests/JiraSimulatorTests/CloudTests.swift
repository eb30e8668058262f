import FastJSON
import HTTPMessages
import JiraSimulator
import SimulatedData
import SimulatedSite
import Testing

@Suite("Simulated Cloud") struct CloudTests {
    @Test("the site says what it is, and who asks") func identity() async throws {
        try await Site.with { site in
            let info = try await site.json(.get, "/rest/api/3/serverInfo")
            #expect(info.text("deploymentType") == "Cloud")
            #expect(info.text("baseUrl") == site.server.url)
            let tenant = try await site.json(.get, "/_edge/tenant_info")
            #expect(site.server.gatewayURL.hasSuffix(tenant.text("cloudId") ?? "-"))
            let admin = site.tour.administrator
            let myself = try await site.json(.get, "/rest/api/3/myself", as: admin)
            #expect(myself.text("accountId") == admin.accountID)
            #expect(myself.text("emailAddress") == admin.email)
            #expect(myself.text("timeZone") == admin.timeZone.identifier)
            let outcome1 = try await site.send(.get, "/rest/api/3/myself").status
            #expect(outcome1 == 401)
        }
    }

    @Test("the old search is gone") func oldSearch() async throws {
        try await Site.with { site in
            for path in ["/rest/api/3/search?jql=project=PAY", "/rest/api/2/search", "/rest/api/latest/search"] {
                let answer = try await site.send(.get, path, as: site.tour.administrator)
                #expect(answer.status == 410)
                #expect(String(decoding: answer.body, as: UTF8.self).contains("search/jql"))
            }
        }
    }

    @Test("a search answers ids only unless fields are asked for") func idOnly() async throws {
        try await Site.with { site in
            let body: JSONValue = .object([.init("jql", "project = PAY"), .init("maxResults", 3)])
            let plain = try await site.json(.post, "/rest/api/3/search/jql", as: site.tour.administrator, body: body)
            #expect(plain.values("issues").count == 3)
            guard case .object(let members)? = plain.values("issues").first else { throw CancellationError() }
            #expect(members.map(\.key) == ["id"])
            #expect(plain["total"] == nil)
            #expect(plain["isLast"]?.bool == false)
            let full = try await site.json(
                .get, "/rest/api/3/search/jql?jql=project=PAY&fields=summary,status&maxResults=1",
                as: site.tour.administrator)
            let issue = full.values("issues")[0]
            #expect(issue.text("key")?.hasPrefix("PAY-") == true)
            #expect(issue.text("fields", "status", "statusCategory", "key") != nil)
            #expect(issue["fields"]?["description"] == nil)
        }
    }

    @Test("pages end where isLast says, and hold everything once") func paging() async throws {
        try await Site.with(issues: 400) { site in
            var ids: [String] = []
            var token: JSONValue?
            var pages = 0
            repeat {
                var members: [JSONValue.Member] = [
                    .init("jql", "created >= \"1970-01-01\" order by created asc"), .init("maxResults", 1_000),
                    .init("fields", ["summary"]),
                ]
                if let token { members.append(.init("nextPageToken", token)) }
                let page = try await site.json(
                    .post, "/rest/api/3/search/jql", as: site.tour.administrator, body: .object(members))
                // Jira cuts a page with fields to 100.
                #expect(page.values("issues").count <= 100)
                ids += page.values("issues").compactMap { $0.text("id") }
                token = page["nextPageToken"]
                pages += 1
                #expect(page["isLast"]?.bool == (token == nil))
            } while token != nil && pages < 20
            let truth = site.server.truth(for: .user(site.tour.administrator.index))
            #expect(Set(ids) == Set(truth.issues.map(String.init)))
            #expect(ids.count == truth.issues.count)
        }
    }

    @Test("a search that nothing restricts, and one with unknown members, are refused") func refusedSearches()
        async throws
    {
        try await Site.with { site in
            let unbounded: JSONValue = .object([.init("jql", "order by key")])
            let admin = site.tour.administrator
            let outcome2 = try await site.send(.post, "/rest/api/3/search/jql", as: admin, body: unbounded).status
            #expect(outcome2 == 400)
            let strange: JSONValue = .object([.init("jql", "project = PAY"), .init("startAt", 0)])
            let outcome3 = try await site.send(.post, "/rest/api/3/search/jql", as: admin, body: strange).status
            #expect(outcome3 == 400)
        }
    }

    @Test("bulk fetch answers in order of id, and says what it cannot show") func bulkFetch() async throws {
        try await Site.with { site in
            let key = site.tour.issueKey
            let body: JSONValue = .object([
                .init("issueIdsOrKeys", ["10005", .string(key.lowercased()), "99999999"]), .init("fields", ["*all"]),
            ])
            let answer = try await site.json(
                .post, "/rest/api/3/issue/bulkfetch", as: site.tour.administrator, body: body)
            #expect(answer.values("issues").map { $0.text("key") }.first == key)
            #expect(answer.values("issues").count == 2)
            #expect(answer.values("issueErrors").map { $0.text("id") } == ["99999999"])
            let fields = answer.values("issues")[0]["fields"]
            #expect(fields?.text("description", "type") == "doc")
            #expect(fields?["comment"]?["total"]?.integer == 3)
            let many = JSONValue.array((0..<101).map { .string(String(10_000 + $0)) })
            let tooMany = try await site.send(
                .post, "/rest/api/3/issue/bulkfetch", as: site.tour.administrator,
                body: .object([.init("issueIdsOrKeys", many)]))
            #expect(tooMany.status == 400)
        }
    }

    @Test("version 2 answers the same issue in wiki markup") func wikiTwin() async throws {
        try await Site.with { site in
            let issue = try await site.json(
                .get, "/rest/api/2/issue/\(site.tour.issueKey)", as: site.tour.administrator)
            #expect(issue["fields"]?["description"]?.string?.contains("E4017") == true)
        }
    }

    @Test("histories of many issues come in pages that lose nothing") func histories() async throws {
        try await Site.with { site in
            let ids = JSONValue.array(site.server.truth(for: .user(0)).issues.map { .string(String($0)) })
            var found: [String: [String]] = [:]
            var token: JSONValue?
            repeat {
                var members: [JSONValue.Member] = [.init("issueIdsOrKeys", ids), .init("maxResults", 7)]
                if let token { members.append(.init("nextPageToken", token)) }
                let page = try await site.json(
                    .post, "/rest/api/3/changelog/bulkfetch", as: site.tour.administrator, body: .object(members))
                let logs = page.values("issueChangeLogs")
                #expect(logs.reduce(0) { $0 + $1.values("changeHistories").count } <= 7)
                for log in logs {
                    found[log.text("issueId") ?? "", default: []] += log.values("changeHistories").compactMap {
                        $0.text("id")
                    }
                }
                token = page["nextPageToken"]
            } while token != nil
            for (id, changes) in found {
                let ordinal = try #require(site.state.ordinal(idOrKey: id))
                #expect(changes == site.state.content(of: ordinal).changes.map { String($0.id) })
            }
            #expect(!found.isEmpty)
        }
    }

    @Test("an attachment is a redirect to a signed address that wants no credential") func attachments() async throws {
        try await Site.with { site in
            let ordinal = try #require(site.state.ordinal(key: site.tour.issueKey))
            let file = site.state.content(of: ordinal).attachments[0]
            let admin = site.tour.administrator
            let redirect = try await site.send(.get, "/rest/api/3/attachment/content/\(file.id)", as: admin)
            #expect(redirect.status == 303)
            let location = try #require(redirect.headers["Location"])
            let bytes = try await site.send(.get, "", host: location)
            #expect(bytes.status == 200)
            #expect(bytes.body == site.state.bytes(of: file))
            let outcome4 = try await site.send(.get, "", as: admin, host: location).status
            #expect(outcome4 == 400)
            let outcome5 = try await site.send(.get, "/rest/api/3/attachment/content/\(file.id)").status
            #expect(outcome5 == 404)
            let direct = try await site.send(
                .get, "/rest/api/3/attachment/content/\(file.id)?redirect=false", as: admin)
            #expect(direct.body == bytes.body)
        }
    }
}
