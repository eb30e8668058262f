import FastJSON
import HTTPMessages
import IssueDecoding
import IssueModel
import JiraClient
import Testing

/// Every request the client can send, against Atlassian's own description of the interface.
@Suite("Requests keep to Atlassian's OpenAPI", .enabled(if: SharedData.isAvailable, "needs the shared test data"))
struct ContractTests {
    struct Method: Sendable, CustomTestStringConvertible {
        let testDescription: String
        var flavours: [Flavour] = Flavour.allCases
        let run: @Sendable (JiraClient) async throws -> Void

        init(
            _ name: String, _ flavours: [Flavour] = Flavour.allCases,
            _ run: @escaping @Sendable (JiraClient) async throws -> Void
        ) {
            (testDescription, self.flavours, self.run) = (name, flavours, run)
        }
    }

    static let methods: [Method] = listing + people + access + catalogue

    static let listing: [Method] = [
        Method("issueIDs") { _ = try await $0.issueIDs(IssueQuery(jql: "project = PAY"), after: nil) },
        Method("issueIDs newest first") { _ = try await $0.issueIDs(IssueQuery(order: .newestFirst), after: nil) },
        Method("issueIDs of a delta") {
            _ = try await $0.issueIDs(.updated(since: Timestamp(milliseconds: 1_700_000_000_000)), after: nil)
        },
        Method("issueIDs by token", [.cloud]) {
            let cursor = try #require(IssueCursor(#"{"token":"abc","used":[],"empty":0}"#))
            _ = try await $0.issueIDs(IssueQuery(), after: cursor)
        },
        Method("issueIDs by keyset", [.dataCenter]) {
            let cursor = try #require(IssueCursor(#"{"ascending":true,"minute":1700000000000,"seen":[1],"startAt":0}"#))
            _ = try await $0.issueIDs(IssueQuery(), after: cursor)
        },
        Method("allIssueIDs") { client in
            let ids = try await client.allIssueIDs(IssueQuery(jql: "level is not EMPTY"))
            #expect(ids == [IssueID(10_001)])
        },
        Method("issues of a query") { _ = try await $0.issues(IssueQuery(), after: nil, decoder: .test()) },
        Method("issues by id, completed") { client in
            let batch = try await client.issues(ids: [IssueID(10_001)], decoder: .test(client.flavour))
            #expect(batch.issues.first?.issue.comments.count == 1)
            #expect(batch.issues.first?.issue.worklogs.count == 1)
        },
        Method("250 issues by id") { client in
            _ = try await client.issues(ids: (1...250).map { IssueID(Int64($0)) }, decoder: .test(client.flavour))
        },
        Method("issueCount") { _ = try await $0.issueCount(.updated(since: Timestamp(milliseconds: 0), jql: "x = y")) },
        Method("comments") { _ = try await $0.comments(of: IssueID(10_001)) },
        Method("worklogs") { _ = try await $0.worklogs(of: IssueID(10_001)) },
        Method("changelogs", [.cloud]) { _ = try await $0.changelogs(of: (1...1_001).map { IssueID(Int64($0)) }) },
    ]

    static let people: [Method] = [
        Method("myself") { _ = try await $0.myself() },
        Method("accounts") { _ = try await $0.accounts() },
        Method("listedAccounts") { client in
            let (all, first) = (try await client.listedAccounts(), try await client.firstAccounts())
            #expect(all.elements.isEmpty && all.isComplete && first.isComplete)
        },
        Method("groups") { _ = try await $0.groups() },
        Method("firstGroups") { client in
            let (first, listed) = (try await client.firstGroups(), try await client.listedGroups())
            #expect(first.elements == listed.elements && first.isComplete && listed.isComplete)
        },
        Method("members") { _ = try await $0.members(of: Group(id: GroupID("g1"), name: "devs & ops")) },
        Method("memberPage") { client in
            let page = try await client.memberPage(of: Group(id: GroupID("g1"), name: "devs"))
            #expect(page.accounts.count == 1 && page.total == 1 && page.next == nil)
        },
        Method("applicationRoles") { _ = try await $0.applicationRoles() },
        Method("ownPermissions") { _ = try await $0.ownPermissions(["BROWSE_PROJECTS", "ADMINISTER"]) },
    ]

    static let access: [Method] = [
        Method("projects") { _ = try await $0.projects() },
        Method("archived projects") { _ = try await $0.projects(.archived) },
        Method("roleActors") { _ = try await $0.roleActors(in: "10000") },
        Method("versions") { _ = try await $0.versions(of: "10000") },
        Method("components") { _ = try await $0.components(of: "10000") },
        Method("permissionSchemes") { _ = try await $0.permissionSchemes() },
        Method("permissionScheme of a project") { _ = try await $0.permissionScheme(ofProject: "10000") },
        Method("permissionSchemeID of a project") { _ = try await $0.permissionSchemeID(ofProject: "10000") },
        Method("securitySchemes") { _ = try await $0.securitySchemes() },
        Method("securityLevels") { _ = try await $0.securityLevels(ofScheme: "10000") },
        Method("securityLevels of every scheme") { _ = try await $0.securityLevels() },
        Method("securitySchemeProjects", [.cloud]) { _ = try await $0.securitySchemeProjects() },
        Method("actors of one role") { _ = try await $0.roleActors(in: "10000", role: "10001") },
        Method("permissionCheck", [.cloud]) { client in
            let ids = (1...1_000).map { IssueID($0) }
            let seen = try await client.permissionCheck(account: AccountID("5b10"), issues: ids)
            #expect(seen == [IssueID(1)])
            _ = try await client.permissionCheck(account: nil, permission: "EDIT_ISSUES", issues: [IssueID(1)])
        },
        Method("visibleIssues") { _ = try await $0.visibleIssues((1...1_001).map { IssueID($0) }) },
        Method("projects of issues") { _ = try await $0.projects(ofIssues: (1...201).map { IssueID($0) }) },
        Method("visibleParts") { client in
            let issue = IssueID(10_001)
            let parts = [PartReference(.comment, "1", of: issue), PartReference(.worklog, "1", of: issue)]
            let seen = try await client.visibleParts(parts + [PartReference(.worklog, "2", of: issue)])
            #expect(Set(seen.keys) == Set(parts))
        },
        Method("auditRecords", [.cloud]) { client in
            let records = try await client.auditRecords(since: Timestamp(milliseconds: 1_700_000_000_000))
            #expect(records.count == 1)
            #expect(try await client.newestAuditRecord() == records.first)
        },
        Method("securityScheme of a project") { _ = try await $0.securityScheme(ofProject: "10000") },
    ]

    static let catalogue: [Method] = [
        Method("fields") { _ = try await $0.fields() },
        Method("statuses") { _ = try await $0.statuses() },
        Method("issueTypes") { _ = try await $0.issueTypes() },
        Method("priorities") { _ = try await $0.priorities() },
        Method("resolutions") { _ = try await $0.resolutions() },
        Method("roles") { _ = try await $0.roles() },
        Method("linkTypes") { _ = try await $0.linkTypes() },
        Method("boards") { _ = try await $0.boards() },
        Method("sprints") { _ = try await $0.sprints(ofBoard: "10000") },
        Method("updatedWorklogs") { _ = try await $0.updatedWorklogs(since: Timestamp(milliseconds: 1)) },
        Method("deletedWorklogs") { _ = try await $0.deletedWorklogs(since: Timestamp(milliseconds: 1)) },
        Method("issues of worklogs") { _ = try await $0.issues(ofWorklogs: ["1", "2"]) },
        Method("content of an attachment") {
            let attachment = Attachment(
                id: "10000", filename: "a b.txt", author: nil, created: Timestamp(milliseconds: 0), size: 5,
                mimeType: "text/plain", contentURL: "")
            let bytes = try await $0.content(of: attachment, limit: 1 << 20)
            #expect(bytes == Array("bytes".utf8))
        },
    ]

    static let cloud = Result { OpenAPI(try SharedData.json("openapi/jira-cloud-v3.json")) }
    static let cloudAgile = Result { OpenAPI(try SharedData.json("openapi/jira-software-cloud-2022-07.json")) }
    static let dataCenter = Result { OpenAPI(try SharedData.json("openapi/jira-dc-10.3.json"), prefix: "/rest") }

    @Test("each method on Cloud", arguments: methods.filter { $0.flavours.contains(.cloud) })
    func cloud(_ method: Method) async throws {
        let requests = try await requests(of: method, .cloud)
        for request in requests {
            let target = Target(request.url)
            let document = target.path.hasPrefix("/rest/agile") ? Self.cloudAgile : Self.cloud
            let problems = try problems(request, target.path, document.get())
            #expect(problems == [])
        }
    }

    @Test("each method on Data Center", arguments: methods.filter { $0.flavours.contains(.dataCenter) })
    func dataCenter(_ method: Method) async throws {
        let requests = try await requests(of: method, .dataCenter)
        for request in requests {
            let path = Target(request.url).path
            #expect(path.hasPrefix("/jira/"), "the context path belongs before every path")
            // Served beside the REST interface, so not in its description.
            guard !path.hasPrefix("/jira/secure/attachment/") else { continue }
            let problems = try problems(request, String(path.dropFirst("/jira".count)), Self.dataCenter.get())
            #expect(problems == [])
        }
    }

    private func requests(of method: Method, _ flavour: Flavour) async throws -> [HTTPRequest] {
        let transport = CannedTransport(CannedJira.answer)
        try await method.run(.test(flavour, transport))
        #expect(!transport.requests.isEmpty)
        return transport.requests
    }

    private func problems(_ request: HTTPRequest, _ path: String, _ document: OpenAPI) -> [String] {
        let hasBody = !request.body.isEmpty
        #expect(request.headers["Authorization"] != nil)
        #expect(!hasBody || request.headers["Content-Type"] == "application/json")
        return document.problems(
            method: request.method.rawValue, path: path, query: Target(request.url).query,
            body: hasBody ? .some(request.json) : .none)
    }

    @Test("the checker itself notices what is wrong") func checksTheChecker() throws {
        let document = try Self.cloud.get()
        func problems(_ method: String, _ path: String, _ query: [(String, String)], _ body: JSONValue?) -> Int {
            document.problems(
                method: method, path: path, query: query.map { (name: $0.0, value: $0.1) }, body: body
            ).count
        }
        #expect(problems("GET", "/rest/api/3/nothing", [], nil) == 1)
        #expect(problems("GET", "/rest/api/3/users/search", [("startAt", "a")], nil) == 1)
        #expect(problems("GET", "/rest/api/3/users/search", [("username", "a")], nil) == 1)
        #expect(problems("POST", "/rest/api/3/search/jql", [], ["jql": "x", "startAt": 1]) == 1)
        #expect(problems("POST", "/rest/api/3/search/jql", [], ["jql": 1]) == 1)
        #expect(problems("POST", "/rest/api/3/issue/bulkfetch", [], ["fields": ["*all"]]) == 1)
        #expect(problems("POST", "/rest/api/3/search/jql", [], nil) == 1)
        #expect(problems("POST", "/rest/api/3/changelog/bulkfetch", [], ["issueIdsOrKeys": []]) == 1)
    }
}
