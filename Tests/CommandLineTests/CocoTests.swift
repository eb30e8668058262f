import FastJSON
import JiraSimulator
import SimulatedSite
import Testing

/// Coco's commands for Jira against the real program: curl, a fresh server and a simulated site, with a token added.
@Suite("Coco's commands") struct CocoTests {
    @Test(
        "connect a project to a fresh server, which synchronises it and shows two people what Jira shows them",
        arguments: [SiteFlavour.cloud, .dataCenter])
    func commands(_ flavour: SiteFlavour) async throws {
        try await SimulatedJira.lent(flavour) { jira in
            try await ServeTests.serving(jira) { _, url in
                let token = try await Self.token(jira, "owner@example.com", role: "owner", scope: "admin")
                func curl(_ words: String, token: String = token) async throws -> JSONValue {
                    let environment = ["URL": url, "TOKEN": token]
                    let script = #"curl -sS -H "X-API-TOKEN: $TOKEN" "# + words
                    return try await jira.program.shell(script, environment: environment).json
                }
                let connector = """
                    '{"name":"Jira Connector","category":"project_management","tags":["project","agile"],
                    "processor":{"enabled":true,"name":"jira"}}'
                    """
                let registered = try await curl(#"-XPUT "$URL/connector/" -d "# + connector)
                #expect(registered["_id"] == "jira", "\(registered)")
                let again = try await curl(#"-XPOST "$URL/connector/" -d "# + connector)
                #expect(again["result"] == "created", "\(again)")
                let made = try await curl(
                    #"-H 'Content-Type: application/json' -XPOST "$URL/datasource/" -d "# + Self.dataSource(jira))
                let id = try #require(made["_id"]?.string, "\(made)")
                #expect(made["result"] == "created")
                _ = try await ServeTests.status(jira) { $0["state"]?.string == "polling" }

                var keys: [Set<String>] = []
                for person in [jira.tour.administrator, jira.tour.developer] {
                    let reader = try await Self.token(jira, person.email, role: "member", scope: "read")
                    let found = try await curl(
                        #""$URL/query/_search?query=settlement&size=100&datasource="# + id + #"""#, token: reader)
                    let hits = found["hits"]?["hits"]?.array ?? []
                    #expect(found["hits"]?["total"]?["value"]?.integer == hits.count)
                    keys.append(Set(hits.compactMap { $0["_source"]?["metadata"]?["issue_key"]?.string }))
                }
                #expect(keys[1].isSubset(of: keys[0]) && !keys[1].isEmpty, "\(keys)")
                #expect(!keys[1].contains(jira.tour.levelIssueKey))
                if flavour.isCloud { #expect(keys[0].contains(jira.tour.levelIssueKey)) }

                let synced = try await curl(#"-XPOST "$URL/datasource/"# + id + #"/_reset_sync""#)
                #expect(synced == ["acknowledged": true])
                let removed = try await curl(#"-XDELETE "$URL/datasource/"# + id + #"""#)
                #expect(removed["result"] == "deleted", "\(removed)")
                let left = try await jira.program.run("source", "list", "--json")
                #expect(try left.json["sources"] == [])
            }
        }
    }

    private static func token(
        _ jira: SimulatedJira, _ email: String, role: String, scope: String
    ) async throws -> String {
        let added = try await jira.program.run("member", "add", email, "--role", role)
        try #require(added.status == 0, "\(added)")
        let made = try await jira.program.run("token", "create", "--member", email, "--scope", scope, "--json")
        return try #require(try made.json["token"]?.string, "\(made)")
    }

    private static func dataSource(_ jira: SimulatedJira) throws -> String {
        let credential = try jira.credential()
        let user = credential.kind == .apiToken ? #""username":"\#(credential.user)","# : ""
        let project = jira.tour.issueKey.prefix { $0 != "-" }
        return """
            '{"name":"Payments","type":"connector","enabled":true,"connector":{"id":"jira","config":{
            "endpoint":"\(jira.server.url)",\(user)"token":"\(credential.secret)","project_key":"\(project)",
            "index_comments":true,"index_attachments":true}},"sync":{"enabled":true,"interval":"5m"}}'
            """
    }
}
