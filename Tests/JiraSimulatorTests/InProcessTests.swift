import FastJSON
import HTTPClient
import HTTPMessages
import JiraSimulator
import SimulatedSite
import Testing

@Suite struct InProcessTests {
    private func jira(
        _ flavour: SiteFlavour = .cloud, _ adjust: (inout SimulatorConfiguration) -> Void = { _ in }
    ) -> InProcessJira {
        var configuration = SimulatorConfiguration()
        adjust(&configuration)
        return InProcessJira(
            site: SimulatedSite(SiteConfiguration(flavour: flavour, seed: 7, issueCount: 40)),
            configuration: configuration)
    }

    private func request(_ jira: InProcessJira, _ path: String, timeout: Duration = .seconds(60)) -> HTTPRequest {
        let admin = jira.site.current().users[0]
        let authorization =
            jira.site.configuration.flavour.isCloud
            ? "Basic " + Base64.encode("\(admin.email):\(admin.apiToken)") : "Bearer \(admin.personalAccessToken)"
        return HTTPRequest(.get, jira.url + path, headers: ["Authorization": authorization], timeout: timeout)
    }

    @Test(arguments: SiteFlavour.allCases) func `answers as the site on a port does`(_ flavour: SiteFlavour)
        async throws
    {
        let version = flavour.isCloud ? 3 : 2
        let paths = ["myself", "project/search", "issue/PAY-1", "field"].filter {
            flavour.isCloud || $0 != "project/search"
        }
        let jira = jira(flavour)
        let server = SimulatorServer(site: jira.site)
        try server.start()
        for name in paths {
            let path = "/rest/api/\(version)/\(name)"
            let near = try await jira.send(request(jira, path))
            var far = request(jira, path)
            far.url = server.url + path
            let answer = try await CurlTransport().send(far)
            #expect(near.status == 200 && answer.status == 200)
            let text = String(decoding: near.body, as: UTF8.self).replacing(jira.url, with: server.url)
            #expect(text == String(decoding: answer.body, as: UTF8.self))
        }
        await server.stop()
        #expect(jira.log.count == paths.count)
    }

    @Test func `plays faults without a socket`() async throws {
        let jira = jira()
        let path = "/rest/api/3/myself"
        jira.faults.add(Fault(.reset(after: nil)))
        await #expect(throws: HTTPTransportError(.connectionLost, detail: "the simulated site hung up")) {
            try await jira.send(request(jira, path))
        }
        jira.faults.add(Fault(.status(403), path: "myself"))
        #expect(try await jira.send(request(jira, path)).status == 403)
        jira.faults.add(Fault(.delay(.seconds(90))))
        await #expect(throws: HTTPTransportError(.timedOut)) { try await jira.send(request(jira, path)) }
        jira.faults.add(Fault(.truncatedJSON))
        let torn = try await jira.send(request(jira, path))
        #expect(throws: (any Error).self) { try JSONValue(parsing: torn.body) }
        jira.revoke(jira.site.current().users[0].apiToken)
        #expect(try await jira.send(request(jira, path)).status == 401)
    }

    @Test func `knows only its own address, and keeps to limits`() async throws {
        let jira = jira()
        await #expect(throws: HTTPTransportError(.cannotConnect, detail: "elsewhere.example")) {
            try await jira.send(HTTPRequest(.get, "https://elsewhere.example/rest/api/3/myself"))
        }
        var small = request(jira, "/rest/api/3/field")
        small.responseBodyLimit = 10
        await #expect(throws: HTTPTransportError(.bodyTooLarge)) { try await jira.send(small) }
    }

    @Test func `many tasks may ask at once`() async throws {
        let jira = jira()
        let found = try await withThrowingTaskGroup(of: Int.self) { group in
            for _ in 0..<64 {
                let request = request(jira, "/rest/api/3/issue/PAY-1")
                group.addTask { try await jira.send(request).status }
            }
            return try await group.reduce(into: []) { $0.append($1) }
        }
        #expect(found == [Int](repeating: 200, count: 64))
        #expect(jira.log.count == 64)
    }

    @Test func `redirects to a file's signed address, and answers at the gateway`() async throws {
        let jira = jira()
        let state = jira.site.current()
        let issue = try #require(state.ordinal(key: jira.site.tour.issueKey))
        let file = try #require(state.content(of: issue).attachments.first)
        let answer = try await jira.send(request(jira, "/rest/api/3/attachment/content/\(file.id)"))
        let address = try #require(answer.headers["Location"])
        #expect(answer.status == 303 && address.hasPrefix(jira.gatewayHost))
        let bytes = try await jira.send(HTTPRequest(.get, address)).body
        #expect(bytes == state.bytes(of: file))
        let account = try #require(jira.credentials.serviceAccount)
        var scoped = HTTPRequest(.get, jira.gatewayURL + "/rest/api/3/myself")
        scoped.headers["Authorization"] = "Basic " + Base64.encode("\(account.user):\(account.secret)")
        #expect(try await jira.send(scoped).status == 200)
    }
}
