import FastJSON
import Foundation
import HTTPMessages
import JiraSimulator
import SimulatedSite
import Testing

/// What the simulated site answers is what Atlassian's own OpenAPI documents describe.
@Suite(
    "Answers follow Atlassian's OpenAPI documents",
    .enabled(if: Python.isPresent && Python.hasSchemas, "needs Python and the OpenAPI documents"))
struct SchemaTests {
    struct Question: Sendable {
        var method = HTTPMethod.get
        /// The path in the document, with its captures.
        var path: String
        /// What stands for the captures, and the query.
        var target: String
        var body: JSONValue?
        var status = 200
    }

    @Test("Cloud, version 3") func cloud() async throws {
        try await Site.with(issues: 150) { site in
            site.server.site.change { state in
                // Something for the audit log to tell.
                state.setMembers(1, to: [0, 1])
                state.setActors(0, role: 10_001, to: [.user(1)])
                state.setGrants(1, "BROWSE_PROJECTS", to: [.group(1), .reporter])
            }
            try await check(Self.cloudQuestions(site), of: site, document: "jira-cloud-v3.json", prefix: "")
        }
    }

    @Test("Data Center") func dataCenter() async throws {
        try await Site.with(.dataCenter, issues: 150) { site in
            try await check(Self.dataCenterQuestions(site), of: site, document: "jira-dc-10.3.json", prefix: "/rest")
        }
    }

    private func check(_ questions: [Question], of site: Site, document: String, prefix: String) async throws {
        var lines: [UInt8] = []
        for question in questions {
            let answer = try await site.send(
                question.method, prefix + question.target, as: site.tour.administrator, body: question.body)
            #expect(answer.status == question.status, "\(question.target)")
            let body = try JSONValue(parsing: answer.body)
            let line: JSONValue = .object([
                .init("method", .string(question.method.rawValue.lowercased())), .init("path", .string(question.path)),
                .init("status", .integer(Int64(answer.status))), .init("body", body),
            ])
            lines += line.serialized() + [UInt8(ascii: "\n")]
        }
        let outcome = try await Python.run(
            "check_schemas.py", [Python.shared.appendingPathComponent("data/openapi/\(document)").path],
            input: Data(lines))
        #expect(outcome.status == 0, "\(outcome.output.prefix(6_000))\(outcome.errors.suffix(2_000))")
    }

    /// Fills the captures of a path, in order, and adds a query.
    private static func get(_ path: String, _ captures: String..., query: String = "") -> Question {
        var captures = captures[...]
        let segments = path.split(separator: "/").map { segment in
            segment.hasPrefix("{") ? captures.popFirst() ?? "" : String(segment)
        }
        return Question(path: path, target: "/" + segments.joined(separator: "/") + query)
    }

    private static func post(_ path: String, _ members: JSONValue.Member...) -> Question {
        Question(method: .post, path: path, target: path, body: .object(members))
    }

    private static func cloudQuestions(_ site: Site) -> [Question] {
        let api = "/rest/api/3"
        let issue = site.tour.issueKey
        let state = site.state
        let content = state.ordinal(key: issue).map { state.content(of: $0) }
        let comment = String(content?.comments.first?.id ?? 0)
        let file = String(content?.attachments.first?.id ?? 0)
        let role = String(state.catalogue.roles[0].id)
        let group = state.groups[1].id
        let everything = JSONValue.array((0..<100).map { .string(String(10_000 + $0)) })
        let ids = JSONValue.array((0..<100).map { .integer(Int64(10_000 + $0)) })
        return [
            get("\(api)/serverInfo"), get("\(api)/myself"), get("\(api)/field"), get("\(api)/status"),
            get("\(api)/priority"), get("\(api)/priority/search"), get("\(api)/resolution"),
            get("\(api)/resolution/search"), get("\(api)/issuetype"), get("\(api)/issueLinkType"), get("\(api)/label"),
            get("\(api)/statuscategory"), get("\(api)/statuses/search"), get("\(api)/field/search"),
            get("\(api)/project"), get("\(api)/project/search", query: "?expand=description,lead,issueTypes"),
            get("\(api)/project/{projectIdOrKey}", "PAY"), get("\(api)/project/{projectIdOrKey}/versions", "PAY"),
            get("\(api)/project/{projectIdOrKey}/version", "PAY"),
            get("\(api)/project/{projectIdOrKey}/components", "PAY"),
            get("\(api)/project/{projectIdOrKey}/component", "PAY"),
            get("\(api)/project/{projectIdOrKey}/statuses", "PAY"), get("\(api)/role"),
            get("\(api)/role/{id}", role), get("\(api)/applicationrole/{key}", "jira-software"),
            get("\(api)/project/{projectIdOrKey}/role", "PAY"),
            get("\(api)/project/{projectIdOrKey}/role/{id}", "PAY", role),
            get("\(api)/permissionscheme", query: "?expand=all"),
            get("\(api)/project/{projectKeyOrId}/permissionscheme", "PAY", query: "?expand=all"),
            get("\(api)/project/{projectKeyOrId}/issuesecuritylevelscheme", "PAY"),
            get("\(api)/project/{projectKeyOrId}/securitylevel", "PAY"), get("\(api)/issuesecurityschemes"),
            get("\(api)/issuesecurityschemes/level"), get("\(api)/issuesecurityschemes/level/member"),
            get("\(api)/issuesecurityschemes/project"), get("\(api)/applicationrole"), get("\(api)/group/bulk"),
            get("\(api)/group/member", query: "?groupId=\(group)"), get("\(api)/groups/picker"),
            get("\(api)/users/search"), get("\(api)/user/search", query: "?query=a"),
            get("\(api)/user", query: "?accountId=\(site.tour.developer.accountID)&expand=groups"),
            get("\(api)/mypermissions", query: "?permissions=BROWSE_PROJECTS&projectKey=PAY"),
            get("\(api)/issue/{issueIdOrKey}", issue, query: "?expand=names,schema,changelog"),
            get("\(api)/issue/{issueIdOrKey}/comment", issue),
            get("\(api)/issue/{issueIdOrKey}/comment/{id}", issue, comment),
            get("\(api)/issue/{issueIdOrKey}/worklog", issue), get("\(api)/issue/{issueIdOrKey}/changelog", issue),
            get("\(api)/issue/{issueIdOrKey}/votes", issue), get("\(api)/issue/{issueIdOrKey}/watchers", issue),
            get("\(api)/issue/{issueIdOrKey}/remotelink", "10008"), get("\(api)/attachment/{id}", file),
            get("\(api)/attachment/meta"), get("\(api)/auditing/record"), get("\(api)/worklog/updated"),
            get("\(api)/worklog/deleted"),
            post(
                "\(api)/search/jql", .init("jql", "created >= 1970-01-01"), .init("fields", ["*all"]),
                .init("maxResults", 100)),
            get("\(api)/search/jql", query: "?jql=project=PAY&fields=*navigable"),
            post("\(api)/search/approximate-count", .init("jql", "project = PAY")),
            post("\(api)/issue/bulkfetch", .init("issueIdsOrKeys", everything), .init("fields", ["*all"])),
            post("\(api)/changelog/bulkfetch", .init("issueIdsOrKeys", everything)),
            post("\(api)/comment/list", .init("ids", [.integer(Int64(comment) ?? 0)])),
            post("\(api)/worklog/list", .init("ids", worklogs(state))),
            post("\(api)/jql/match", .init("issueIds", ids), .init("jqls", ["project = PAY", "nonsense ="])),
            post(
                "\(api)/permissions/check",
                .init(
                    "projectPermissions",
                    [
                        .object([
                            .init("permissions", ["BROWSE_PROJECTS"]), .init("issues", ids),
                            .init("projects", [10_000]),
                        ])
                    ])),
            post("\(api)/permissions/project", .init("permissions", ["BROWSE_PROJECTS"])),
        ]
    }

    private static func worklogs(_ state: SiteState) -> JSONValue {
        .array(
            (0..<state.issueCount).flatMap { state.content(of: $0).worklogs }.prefix(50).map { .integer(Int64($0.id)) })
    }

    private static func dataCenterQuestions(_ site: Site) -> [Question] {
        let api = "/api/2"
        let issue = site.tour.issueKey
        let state = site.state
        let role = String(state.catalogue.roles[0].id)
        let group = state.groups[1].name
        return [
            get("\(api)/serverInfo"), get("\(api)/myself"), get("\(api)/field"), get("\(api)/status"),
            get("\(api)/priority"), get("\(api)/resolution"), get("\(api)/issuetype"), get("\(api)/issueLinkType"),
            get("\(api)/project"), get("\(api)/project/{projectIdOrKey}", "PAY"),
            get("\(api)/project/{projectIdOrKey}/versions", "PAY"),
            get("\(api)/project/{projectIdOrKey}/components", "PAY"),
            get("\(api)/project/{projectIdOrKey}/role/{id}", "PAY", role), get("\(api)/role"),
            get("\(api)/role/{id}", role), get("\(api)/applicationrole/{key}", "jira-software"),
            get("\(api)/permissionscheme", query: "?expand=all"),
            get("\(api)/project/{projectKeyOrId}/permissionscheme", "PAY", query: "?expand=all"),
            get("\(api)/issuesecurityschemes"),
            get("\(api)/project/{projectKeyOrId}/issuesecuritylevelscheme", "PAY"),
            get("\(api)/project/{projectKeyOrId}/securitylevel", "PAY"), get("\(api)/applicationrole"),
            get("\(api)/group/member", query: "?groupname=\(group)"), get("\(api)/groups/picker"),
            get("\(api)/user/list"), get("\(api)/user/search", query: "?username=."),
            get("\(api)/user", query: "?username=\(site.tour.developer.name)"),
            get("\(api)/mypermissions", query: "?projectKey=PAY"),
            get("\(api)/issue/{issueIdOrKey}", issue, query: "?expand=changelog"),
            get("\(api)/issue/{issueIdOrKey}/comment", issue), get("\(api)/issue/{issueIdOrKey}/worklog", issue),
            get("\(api)/search", query: "?jql=project=PAY&fields=*all&maxResults=100"),
            get("\(api)/worklog/updated"), get("\(api)/worklog/deleted"), get("/agile/1.0/board"),
            get("/agile/1.0/board/{boardId}", String(state.boards[0].id)),
        ]
    }
}
