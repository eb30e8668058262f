import FastJSON
import HTTPMessages
import JiraSimulator
import SimulatedChanges
import SimulatedData
import SimulatedSite
import SimulatedWebhooks
import Testing

/// What a site does over time: projects that go, addresses that change, limits that refill by the site's clock.
@Suite struct LivingSiteTests {
    private struct Scene {
        let site: SimulatedSite
        let clock: VirtualSiteClock
        let jira: InProcessJira

        init(_ flavour: SiteFlavour = .cloud, _ adjust: (inout SimulatorConfiguration) -> Void = { _ in }) {
            let configuration = SiteConfiguration(flavour: flavour, seed: 7, issueCount: 120)
            clock = VirtualSiteClock(configuration.now)
            site = SimulatedSite(configuration, clock: clock.clock)
            var simulator = SimulatorConfiguration()
            adjust(&simulator)
            jira = InProcessJira(site: site, configuration: simulator)
        }

        var hand: SiteState.Hand { SiteState.Hand(user: 0, now: clock.now) }

        func send(
            _ path: String, _ body: JSONValue? = nil, as token: String? = nil, host: String? = nil
        ) async throws -> HTTPResponse {
            let user = site.current().users[0]
            let isCloud = site.configuration.flavour.isCloud
            let own = isCloud ? "Basic " + Base64.encode("\(user.email):\(user.apiToken)") : "Bearer pat-of-admin"
            return try await jira.send(
                HTTPRequest(
                    body == nil ? .get : .post, (host ?? jira.url) + path, headers: ["Authorization": token ?? own],
                    body: body?.serialized() ?? []))
        }

        func search(_ jql: String, _ members: JSONValue.Member...) async throws -> (HTTPResponse, JSONValue) {
            let isCloud = site.configuration.flavour.isCloud
            let response = try await send(
                isCloud ? "/rest/api/3/search/jql" : "/rest/api/2/search",
                .object([.init("jql", .string(jql)), .init("fields", ["key"])] + members))
            return (response, try JSONValue(parsing: response.body))
        }
    }

    private func keys(_ answer: JSONValue) -> [String] {
        answer["issues"]?.array?.compactMap { $0["key"]?.string } ?? []
    }

    @Test(arguments: [SiteFlavour.cloud, .dataCenter])
    func `a deleted project is a mistake in a query and nowhere else to be found`(_ flavour: SiteFlavour) async throws {
        let scene = Scene(flavour)
        let api = flavour.isCloud ? "/rest/api/3" : "/rest/api/2"
        #expect(try await scene.search("project = OPEN").0.status == 200)
        let state = scene.site.current()
        let open = try #require(state.project(idOrKey: "OPEN"))
        let key = try #require((0..<120).first { Int(state.row($0).project) == open.index }.map { state.key(of: $0) })
        scene.site.change { $0.deleteProject(open.index, by: scene.hand) }
        let (response, answer) = try await scene.search("project in (PAY, OPEN)")
        #expect(response.status == 400)
        #expect(
            answer["errorMessages"]?.array?.first?.string == "The value 'OPEN' does not exist for the field 'project'.")
        #expect(try await scene.send("\(api)/project/OPEN").status == 404)
        #expect(try await scene.send("\(api)/issue/\(key)").status == 404)
        let list = try await scene.send("\(api)/project")
        #expect(!String(decoding: list.body, as: UTF8.self).contains("\"OPEN\""))
        #expect(!keys(try await scene.search("created >= 1970-01-01", .init("maxResults", 1000)).1).contains(key))
    }

    @Test func `the trash is shown to administrators who ask for it`() async throws {
        let scene = Scene()
        let open = try #require(scene.site.current().project(idOrKey: "OPEN"))
        scene.site.change { $0.trashProject(open.index, by: scene.hand) }
        func found(_ query: String) async throws -> Bool {
            let answer = try await scene.send("/rest/api/3/project/search?maxResults=100\(query)")
            return String(decoding: answer.body, as: UTF8.self).contains("\"key\":\"OPEN\"")
        }
        #expect(try await found("") == false)
        #expect(try await found("&status=deleted"))
        #expect(try await found("&status=live") == false)
    }

    @Test func `a site with a new address is the same site, and the old one is gone unless it is kept`() async throws {
        let scene = Scene()
        let old = scene.jira.url
        scene.jira.changeURL(to: "http://other.localhost", keepsOld: true)
        #expect(try await scene.send("/rest/api/3/myself", host: old).status == 200)
        let issue = try await scene.send("/rest/api/3/issue/PAY-1")
        #expect(String(decoding: issue.body, as: UTF8.self).contains("http://other.localhost/rest/api/3/issue/"))
        scene.jira.changeURL(to: "http://third.localhost")
        await #expect(throws: HTTPTransportError.self) { try await scene.send("/rest/api/3/myself", host: old) }
        let tenant = try await scene.send("/_edge/tenant_info")
        #expect(String(decoding: tenant.body, as: UTF8.self).contains(scene.jira.gatewayURL.suffix(36)))
        let info = try JSONValue(parsing: try await scene.send("/rest/api/3/serverInfo").body)
        #expect(info["baseUrl"]?.string == "http://third.localhost")
    }

    @Test func `a bucket refills by the site's clock`() async throws {
        let scene = Scene {
            $0.rateLimit = .init(perSecond: 1, burst: 3)
            $0.limitsFollowSiteClock = true
        }
        var statuses: [Int] = []
        for _ in 0..<5 { statuses.append(try await scene.send("/rest/api/3/myself").status) }
        #expect(statuses == [200, 200, 200, 429, 429])
        // Another endpoint has a bucket of its own.
        #expect(try await scene.send("/rest/api/3/field").status == 200)
        scene.clock.advance(by: 2_000)
        statuses = []
        for _ in 0..<3 { statuses.append(try await scene.send("/rest/api/3/myself").status) }
        #expect(statuses == [200, 200, 429])
    }

    @Test func `Data Center's bucket is the person's`() async throws {
        let scene = Scene(.dataCenter) {
            $0.rateLimit = .init(perSecond: 5, burst: 2)
            $0.limitsFollowSiteClock = true
        }
        #expect(try await scene.send("/rest/api/2/myself").status == 200)
        #expect(try await scene.send("/rest/api/2/field").status == 200)
        let refused = try await scene.send("/rest/api/2/status")
        #expect(refused.status == 429 && refused.headers["X-RateLimit-FillRate"] == "5")
        #expect(try await scene.send("/rest/api/2/status", as: "Bearer pat-of-devi").status == 200)
    }

    @Test func `an app's points last until the next hour`() async throws {
        let scene = Scene { $0.pointsPerHour = 150 }
        let body: JSONValue = ["jql": "created >= 1970-01-01", "maxResults": 100, "fields": ["key"]]
        func ask(_ token: String? = "Bearer oauth-token-of-admin") async throws -> HTTPResponse {
            try await scene.send("/rest/api/3/search/jql", body, as: token, host: scene.jira.gatewayURL)
        }
        let first = try await ask()
        #expect(first.status == 200 && first.headers["X-Simulated-Objects"] == nil)
        #expect(try await ask().status == 200)
        let third = try await ask()
        #expect(third.status == 429 && third.headers["RateLimit-Reason"] == "jira-quota-global-based")
        let wait = try #require(third.headers["Retry-After"].flatMap { Int64($0) })
        // A person's own token has no such limit.
        #expect(try await scene.send("/rest/api/3/myself").status == 200)
        scene.clock.advance(by: wait * 1_000)
        #expect(try await ask().status == 200)
    }

    @Test(arguments: [SiteFlavour.cloud, .dataCenter])
    func `a page may begin later than it should`(_ flavour: SiteFlavour) async throws {
        let scene = Scene(flavour)
        let all = keys(try await scene.search("project = PAY order by created asc", .init("maxResults", 6)).1)
        scene.jira.faults.add(Fault(.shiftedPage(2), path: "search"))
        let shifted = keys(try await scene.search("project = PAY order by created asc", .init("maxResults", 4)).1)
        #expect(shifted == Array(all.dropFirst(2)))
    }

    @Test func `an issue that is edited between two pages takes none of the others along`() async throws {
        let scene = Scene()
        let jql = "updated >= 1970-01-01 order by updated asc"
        let all = keys(try await scene.search(jql, .init("maxResults", 100)).1)
        let (_, first) = try await scene.search(jql, .init("maxResults", 10))
        let last = try #require(keys(first).last)
        let ordinal = try #require(scene.site.current().ordinal(key: last))
        scene.clock.advance(by: 60_000)
        scene.site.change { $0.setSummary(ordinal, to: "Edited", by: scene.hand) }
        let token = try #require(first["nextPageToken"])
        let second = keys(try await scene.search(jql, .init("maxResults", 100), .init("nextPageToken", token)).1)
        #expect(Set(keys(first) + second).isSuperset(of: all))
    }

    @Test func `the door changes names, addresses, deliveries and the index`() async throws {
        let scene = Scene()
        func post(_ door: String, _ body: JSONValue) async throws -> Int {
            try await scene.send("/__simulator/\(door)", body).status
        }
        #expect(try await post("changes", ["change": "renameStatus", "from": "To Do", "to": "Open"]) == 200)
        #expect(scene.site.current().catalogue.statuses.contains { $0.name == "Open" })
        #expect(try await post("changes", ["change": "renameStatus", "from": "Nothing", "to": "Open"]) == 400)
        #expect(try await post("changes", ["change": "setPriority", "issue": "PAY-1", "text": "High"]) == 200)
        #expect(try await post("changes", ["change": "addLink", "issue": "PAY-1", "to": "PAY-2"]) == 200)
        #expect(try await post("changes", ["change": "setTimeZone", "from": "admin", "to": "Asia/Kolkata"]) == 200)
        #expect(try await post("changes", ["change": "createVersion", "project": "PAY", "to": "9.9"]) == 200)
        #expect(try await post("changes", ["change": "trashProject", "project": "OPEN"]) == 200)
        #expect(try await post("changes", ["change": "restoreProject", "project": "OPEN"]) == 200)
        #expect(try await post("deliveries", ["lost": 0.5, "milliseconds": 0]) == 200)
        #expect(scene.jira.webhooks.plan.lost == 0.5 && scene.jira.webhooks.plan.delay == 0...0)
        #expect(try await post("index", ["lags": [0, 5000]]) == 200)
        #expect(scene.site.indexLags == [0, 5_000])
        #expect(try await post("base", ["url": "http://new.localhost"]) == 200)
        #expect(scene.jira.url == "http://new.localhost")
    }
}
