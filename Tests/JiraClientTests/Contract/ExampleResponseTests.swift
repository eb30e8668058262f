import AtlassianDocument
import FastJSON
import HTTPMessages
import IssueDecoding
import IssueModel
import JiraClient
import Testing

/// The example answers of Atlassian's own description, and recordings that are meant to fail.
@Suite("Atlassian's examples decode", .enabled(if: SharedData.isAvailable, "needs the shared test data"))
struct ExampleResponseTests {
    struct Example: Sendable, CustomTestStringConvertible {
        let operation: String
        let read: @Sendable (JiraClient) async throws -> Int
        var testDescription: String { operation }

        init(_ operation: String, _ read: @escaping @Sendable (JiraClient) async throws -> Int) {
            (self.operation, self.read) = (operation, read)
        }
    }

    static let examples = [
        Example("GET /rest/api/3/applicationrole") { client in
            let roles = try await client.applicationRoles()
            #expect(roles.first?.groups.first == GroupID("42c8955c-63d7-42c8-9520-63d7aca0625"))
            return roles.count
        },
        Example("GET /rest/api/3/field") { try await $0.fields().count },
        Example("GET /rest/api/3/group/bulk") { try await $0.groups().count },
        Example("GET /rest/api/3/group/member") { try await $0.members(of: Group(id: GroupID("1"), name: "")).count },
        Example("GET /rest/api/3/issueLinkType") { try await $0.linkTypes().count },
        Example("GET /rest/api/3/issue/{issueIdOrKey}/comment") { client in
            let comment = try #require(try await client.comments(of: IssueID(1)).values.first)
            #expect(comment.visibility?.kind == .role)
            #expect(comment.body.plainText().hasPrefix("Lorem ipsum"))
            return 1
        },
        Example("GET /rest/api/3/issue/{issueIdOrKey}/worklog") { try await $0.worklogs(of: IssueID(1)).values.count },
        Example("GET /rest/api/3/issuesecurityschemes") { try await $0.securitySchemes().count },
        Example("GET /rest/api/3/issuesecurityschemes/level") { client in
            try await client.securityLevels(ofScheme: "10010").count
        },
        Example("GET /rest/api/3/auditing/record") { client in
            let record = try #require(try await client.auditRecords(since: Timestamp(milliseconds: 0)).first)
            #expect(record.summary == "User created" && record.object?.type == "USER")
            #expect(record.changedFields == ["email"] && record.associated.first?.type == "GROUP")
            return 1
        },
        Example("POST /rest/api/3/permissions/check") { client in
            let asked = [10_010, 10_011, 10_014].map { IssueID($0) }
            let held = try await client.permissionCheck(account: nil, permission: "EDIT_ISSUES", issues: asked)
            #expect(held == [IssueID(10_010), IssueID(10_014)])
            return held.count
        },
        Example("POST /rest/api/3/comment/list") { client in
            try await client.visibleParts([PartReference(.comment, "10000", of: IssueID(1))]).count
        },
        Example("GET /rest/api/3/project/{projectIdOrKey}/role/{id}") { client in
            let actors = try await client.roleActors(in: "1", role: "10360")
            #expect(actors.groups == [GroupID("952d12c3-5b5b-4d04-bb32-44d383afc4b2")])
            return actors.accounts.count
        },
        Example("GET /rest/api/3/issuetype") { try await $0.issueTypes().count },
        Example("GET /rest/api/3/mypermissions") { try await $0.ownPermissions(["EDIT_ISSUES"]).count + 1 },
        Example("GET /rest/api/3/myself") { client in
            let account = try await client.myself()
            #expect(account.id == AccountID("5b10a2844c20165700ede21g"))
            return 1
        },
        Example("GET /rest/api/3/priority/search") { try await $0.priorities().count },
        Example("GET /rest/api/3/project/search") { try await $0.projects().count },
        Example("GET /rest/api/3/project/{projectIdOrKey}/components") { try await $0.components(of: "1").count },
        Example("GET /rest/api/3/project/{projectIdOrKey}/version") { try await $0.versions(of: "1").count },
        Example("GET /rest/api/3/project/{projectKeyOrId}/issuesecuritylevelscheme") { client in
            let scheme = try await client.securityScheme(ofProject: "1")
            #expect(scheme?.id == "10000")
            return 1
        },
        Example("GET /rest/api/3/resolution/search") { try await $0.resolutions().count },
        Example("GET /rest/api/3/role") { try await $0.roles().count },
        Example("GET /rest/api/3/status") { try await $0.statuses().count },
        Example("GET /rest/api/3/users/search") { try await $0.accounts().count },
        Example("GET /rest/api/3/worklog/updated") { client in
            try await client.updatedWorklogs(since: Timestamp(milliseconds: 0)).ids.count
        },
        Example("GET /rest/api/3/worklog/deleted") { client in
            try await client.deletedWorklogs(since: Timestamp(milliseconds: 0)).ids.count
        },
        Example("POST /rest/api/3/worklog/list") { try await $0.issues(ofWorklogs: ["1"]).count },
        Example("POST /rest/api/3/search/approximate-count") { try await $0.issueCount(IssueQuery()) },
        Example("POST /rest/api/3/changelog/bulkfetch") { client in
            let ids = [10_100, 10_101].map { IssueID($0) }
            let changes = try await client.changelogs(of: ids).values.flatMap(\.changes)
            #expect(changes.allSatisfy { $0.at > Timestamp(milliseconds: 1_000_000_000_000) })
            return changes.count
        },
    ]

    static let document = Result { try SharedData.json("responses/atlassian-openapi-examples/cloud-v3.json") }

    @Test("through the method that asks for them", arguments: examples) func decodes(_ example: Example) async throws {
        let answers = try #require(try Self.document.get()[example.operation])
        let answer = try #require(answers["200"])
        let memberPage: JSONValue = ["values": [], "isLast": true]
        let count = try await example.read(
            .test(
                .cloud,
                CannedTransport { request, number in
                    if Target(request.url).path.hasSuffix("/member"), example.operation.hasSuffix("/level") {
                        return .json(memberPage)
                    }
                    guard number > 0 else { return .json(answer) }
                    let isList = answer.array != nil && !request.url.contains("/field/search")
                    return .json(isList ? JSONValue.array([]) : ["values": [], "isLast": true, "issueChangeLogs": []])
                }))
        #expect(count > 0)
    }

    @Test("a broken page fails and says nothing of its content") func broken() async throws {
        let bytes = try SharedData.bytes("responses/jira-rest-java-client/search/issues-invalid-total.json")
        let time = VirtualTime()
        let transport = CannedTransport { _, _ in
            HTTPResponse(status: 200, headers: ["Content-Type": "application/json"], body: bytes)
        }
        let error = await #expect(throws: JiraError.self) {
            try await JiraClient.test(.dataCenter, time: time, transport).issueIDs(IssueQuery(), after: nil)
        }
        #expect(error?.code == .undecodable)
        #expect(error?.description.contains("TST-7") == false)
        #expect(transport.requests.count == 5, "a torn body is asked for again, four times")
    }

    static let errors = SharedData.files(below: "responses").filter {
        $0.contains("/error/valid") || $0.contains("invalid.put") || $0.contains("links-disabled-error")
            || $0.contains("missing_field")
    }

    @Test("an error's messages reach the person, not the log", arguments: errors) func messages(_ file: String)
        async throws
    {
        let bytes = try SharedData.bytes(file)
        let transport = CannedTransport { _, _ in
            HTTPResponse(status: 400, headers: ["Content-Type": "application/json"], body: bytes)
        }
        let error = try #require(
            await #expect(throws: JiraError.self) { try await JiraClient.test(.dataCenter, transport).statuses() })
        #expect(!error.messages.isEmpty)
        for message in error.messages {
            // One recording's messages are single letters.
            #expect(message.count < 4 || !error.description.contains(message))
            #expect(error.personalDescription.contains(message))
        }
    }
}
