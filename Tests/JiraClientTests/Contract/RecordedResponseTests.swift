import FastJSON
import HTTPMessages
import IssueDecoding
import IssueModel
import JiraClient
import Testing

/// What real sites answered, as recorded by other projects, through the client's own methods.
@Suite("Recorded responses decode", .enabled(if: SharedData.isAvailable, "needs the shared test data"))
struct RecordedResponseTests {
    /// One endpoint's recordings and the method that reads them; the count it returns is what was decoded.
    struct Kind: Sendable {
        let name: String
        let files: [String]
        let flavour: Flavour
        let read: @Sendable (JiraClient) async throws -> Int
        /// Makes of a recorded object the list in which the endpoint gives it.
        var wrap: @Sendable (String) -> String = { $0 }
    }

    static let kinds: [Kind] = catalogue + people + issues

    static let catalogue: [Kind] = [
        Kind(
            name: "boards", files: ["go-jira/all_boards", "ankitpokhrel-jira-cli/boards", "jira-ruby/board/1.json"],
            flavour: .cloud, read: { try await $0.boards().count }),
        Kind(
            name: "sprints", files: ["go-jira/sprints", "ankitpokhrel-jira-cli/sprints"], flavour: .cloud,
            read: { try await $0.sprints(ofBoard: "1").count }),
        Kind(
            name: "one sprint", files: ["ankitpokhrel-jira-cli/sprint-get", "jira-ruby/sprint/1.json"], flavour: .cloud,
            read: { try await $0.sprints(ofBoard: "1").count }, wrap: { #"{"isLast":true,"values":[\#($0)]}"# }),
        Kind(
            name: "fields",
            files: [
                "go-jira/all_fields", "ankitpokhrel-jira-cli/fields", "jira-ruby/field.json",
                "jira-rest-java-client/field/valid-multiple-fields",
            ], flavour: .dataCenter, read: { try await $0.fields().count }),
        Kind(
            name: "one field",
            files: [
                "jira-ruby/field/1.json", "jira-rest-java-client/field/valid-custom-field",
                "jira-rest-java-client/field/valid-system-field", "jira-rest-java-client/field/invalid-field",
            ], flavour: .dataCenter, read: { try await $0.fields().count }, wrap: { "[\($0)]" }),
        Kind(
            name: "link types",
            files: [
                "ankitpokhrel-jira-cli/issue-link-types", "jira-ruby/issueLinkType.json",
                "jira-rest-java-client/issueLinks/issue-links-5.0",
            ], flavour: .dataCenter, read: { try await $0.linkTypes().count }),
        Kind(
            name: "link types without their envelope", files: ["go-jira/all_issuelinktypes"], flavour: .dataCenter,
            read: { try await $0.linkTypes().count }, wrap: { #"{"issueLinkTypes":\#($0)}"# }),
        Kind(
            name: "one link type", files: ["jira-ruby/issueLinkType/10000"], flavour: .dataCenter,
            read: { try await $0.linkTypes().count }, wrap: { #"{"issueLinkTypes":[\#($0)]}"# }),
        Kind(
            name: "statuses", files: ["go-jira/all_statuses", "jira-ruby/status.json"], flavour: .cloud,
            read: { try await $0.statuses().count }),
        Kind(
            name: "one status", files: ["jira-rest-java-client/status/", "jira-ruby/status/1.json"], flavour: .cloud,
            read: { try await $0.statuses().count }, wrap: { "[\($0)]" }),
        Kind(
            name: "priorities", files: ["go-jira/all_priorities", "jira-ruby/priority.json"], flavour: .dataCenter,
            read: { try await $0.priorities().count }),
        Kind(
            name: "one priority", files: ["jira-rest-java-client/priority/", "jira-ruby/priority/1.json"],
            flavour: .dataCenter, read: { try await $0.priorities().count }, wrap: { "[\($0)]" }),
        Kind(
            name: "resolutions", files: ["go-jira/all_resolutions", "jira-ruby/resolution.json"], flavour: .dataCenter,
            read: { try await $0.resolutions().count }),
        Kind(
            name: "one resolution", files: ["jira-rest-java-client/resolution/", "jira-ruby/resolution/1.json"],
            flavour: .dataCenter, read: { try await $0.resolutions().count }, wrap: { "[\($0)]" }),
        Kind(
            name: "issue types", files: ["jira-ruby/issuetype.json"], flavour: .cloud,
            read: { try await $0.issueTypes().count }),
        Kind(
            name: "one issue type", files: ["jira-rest-java-client/issueType/", "jira-ruby/issuetype/5.json"],
            flavour: .cloud, read: { try await $0.issueTypes().count }, wrap: { "[\($0)]" }),
        Kind(
            name: "versions", files: ["ankitpokhrel-jira-cli/releases"], flavour: .dataCenter,
            read: { try await $0.versions(of: "1").count }),
        Kind(
            name: "one version",
            files: [
                "jira-rest-java-client/version/", "jira-ruby/version/10000.json", "jira-ruby/version/10000.put",
                "jira-ruby/version.post",
            ], flavour: .dataCenter, read: { try await $0.versions(of: "1").count }, wrap: { "[\($0)]" }),
        Kind(
            name: "one component",
            files: [
                "jira-rest-java-client/component/", "jira-ruby/component/10000.json", "jira-ruby/component/10000.put",
                "jira-ruby/component.post", "go-jira/component_get",
            ], flavour: .dataCenter, read: { try await $0.components(of: "1").count }, wrap: { "[\($0)]" }),
        Kind(
            name: "projects",
            files: ["go-jira/all_projects", "jira-ruby/project.json", "jira-rest-java-client/project/projects.json"],
            flavour: .dataCenter, read: { try await $0.projects().count }),
        Kind(
            name: "one project",
            files: [
                "go-jira/project.json", "jira-rest-java-client/project/valid.json",
                "jira-rest-java-client/project/project-jira-5-0", "jira-ruby/project/SAMPLEPROJECT.json",
            ], flavour: .dataCenter, read: { try await $0.projects().count }, wrap: { "[\($0)]" }),
    ]

    static let people: [Kind] = [
        Kind(
            name: "audit log", files: ["jira-rest-java-client/auditRecord/"], flavour: .cloud,
            read: { client in
                let records = try await client.auditRecords(since: Timestamp(milliseconds: 0))
                #expect(records.first?.summary == "User added to group" && records.first?.object?.type == "GROUP")
                return records.count
            }),
        Kind(
            name: "accounts", files: ["ankitpokhrel-jira-cli/users", "jira-rest-java-client/users/valid"],
            flavour: .dataCenter, read: { try await $0.accounts().count }),
        Kind(
            name: "one account",
            files: ["jira-rest-java-client/user/", "jira-ruby/user_accountId", "jira-rest-java-client/userInput/"],
            flavour: .dataCenter,
            read: { client in
                let account = try await client.myself()
                #expect(!account.id.rawValue.isEmpty && !account.displayName.isEmpty)
                return 1
            }),
        Kind(
            name: "groups", files: ["jira-rest-java-client/groups/"], flavour: .dataCenter,
            read: { try await $0.groups().count }),
        Kind(
            name: "own permissions", files: ["jira-rest-java-client/mypermission/"], flavour: .dataCenter,
            read: { try await $0.ownPermissions(["EDIT_ISSUE", "ADMINISTER"]).count }),
        Kind(
            name: "permission schemes", files: ["go-jira/all_permissionschemes"], flavour: .cloud,
            read: { try await $0.permissionSchemes().map(\.grants.count).reduce(0, +) }),
        Kind(
            name: "one permission scheme", files: ["go-jira/permissionscheme.json"], flavour: .cloud,
            read: { client in
                let scheme = try await client.permissionScheme(ofProject: "1")
                let unknown = scheme.grants.filter { if case .unknown = $0.holder { true } else { false } }
                #expect(unknown.isEmpty)
                return scheme.grants.count
            }),
        Kind(
            name: "role actors",
            files: [
                "go-jira/role.json", "jira-rest-java-client/role/valid-role-m",
                "jira-rest-java-client/role/valid-role-s",
                "jira-rest-java-client/role/valid-role-w",
            ],
            flavour: .dataCenter,
            read: { client in
                let roles = try await client.roleActors(in: "1")
                return roles.map { $0.accounts.count + $0.groups.count }.reduce(0, +)
            }),
        Kind(
            name: "roles", files: ["go-jira/all_roles"], flavour: .cloud, read: { try await $0.roles().count }),
        Kind(
            name: "security levels", files: ["jira-rest-java-client/securitylevel/"], flavour: .dataCenter,
            read: { try await $0.securityLevels(ofScheme: "1").count }, wrap: { #"{"levels":[\#($0)]}"# }),
    ]

    static let issues: [Kind] = [
        Kind(
            name: "issues",
            files: [
                "jira-rest-java-client/issue/issue-with", "jira-rest-java-client/issue/jrjc49",
                "jira-rest-java-client/issue/subtasks", "jira-rest-java-client/issue/valid-5.0",
                "jira-rest-java-client/issue/valid-a", "jira-rest-java-client/issue/valid-n",
                "jira-rest-java-client/issue/valid-u", "jira-rest-java-client/issue/valid-v",
                "php-jira-rest-client/issue.json", "jira-ruby/issue/10002.json",
            ], flavour: .dataCenter, read: decodedIssues, wrap: { #"{"total":1,"issues":[\#($0)]}"# }),
        Kind(
            name: "pages of issues",
            files: [
                "jira-rest-java-client/search/issues1", "jira-rest-java-client/search/many-issues",
                "go-jira/issues_in_sprint", "jira-ruby/issue.json", "jira-ruby/project/SAMPLEPROJECT.issues",
                "jira-ruby/rapidview/SAMPLEPROJECT.issues.full",
            ], flavour: .dataCenter, read: decodedIssues),
        Kind(
            name: "a page without issues", files: ["jira-ruby/empty_issues"], flavour: .dataCenter,
            read: { client in
                let batch = try await client.issues(ids: [IssueID(1)], decoder: .test(.dataCenter))
                #expect(batch.missing == [IssueID(1)])
                return 1
            }),
        Kind(
            name: "comments", files: ["jira-ruby/issue/10002/comment.json"], flavour: .dataCenter,
            read: { try await $0.comments(of: IssueID(1)).values.count }),
        Kind(
            name: "one comment",
            files: [
                "jira-ruby/issue/10002/comment/", "jira-ruby/issue/10002/comment.post",
                "php-jira-rest-client/comment",
            ],
            flavour: .dataCenter, read: { try await $0.comments(of: IssueID(1)).values.count },
            wrap: { #"{"total":1,"comments":[\#($0)]}"# }),
        Kind(
            name: "worklogs", files: ["jira-ruby/issue/10002/worklog.json"], flavour: .dataCenter,
            read: { try await $0.worklogs(of: IssueID(1)).values.count }),
        Kind(
            name: "one worklog", files: ["jira-ruby/issue/10002/worklog/", "jira-ruby/issue/10002/worklog.post"],
            flavour: .dataCenter, read: { try await $0.worklogs(of: IssueID(1)).values.count },
            wrap: { #"{"worklogs":[\#($0)]}"# }),
    ]

    @Sendable static func decodedIssues(_ client: JiraClient) async throws -> Int {
        let batch = try await client.issues(ids: [IssueID(-1)], decoder: .test(client.flavour))
        #expect(batch.quarantined.map(\.description) == [])
        return batch.issues.count
    }

    struct Recording: Sendable, CustomTestStringConvertible {
        let file: String
        let kind: Int
        var testDescription: String { file }
    }

    static let files = SharedData.files(below: "responses").map { String($0.dropFirst("responses/".count)) }
    static let recordings = kinds.indices.flatMap { kind in
        files.filter { file in kinds[kind].files.contains { file.hasPrefix($0) } }.map {
            Recording(file: $0, kind: kind)
        }
    }

    @Test("through the method that asks for them", arguments: recordings)
    func decodes(_ recording: Recording) async throws {
        let kind = Self.kinds[recording.kind]
        let text = kind.wrap(String(decoding: try SharedData.bytes("responses/" + recording.file), as: UTF8.self))
        let transport = CannedTransport { request, number in
            // Roles are found before they are read, and bare arrays end with an empty page.
            if Target(request.url).path.hasSuffix("/role"), kind.name == "role actors" {
                return .json(#"{"Users":"https://jira.example.com/rest/api/2/project/A/role/1"}"#)
            }
            if number > 0, Target(request.url)["startAt"].map({ $0 != "0" }) == true {
                return .json(text.hasPrefix("[") ? "[]" : #"{"isLast":true,"values":[]}"#)
            }
            if number > 0, request.json["jql"] != nil { return .json(#"{"total":0,"issues":[]}"#) }
            return .json(text)
        }
        let count = try await kind.read(.test(kind.flavour, transport))
        #expect(count > 0)
    }

    /// What a recording is, if it is not of an endpoint of ours.
    static let others: [(prefix: String, why: String)] = [
        ("atlassian-openapi-examples/", "read by its own test"), ("atlassian-python-api/", "read by its own test"),
        ("jira-rest-java-client/search/issues-invalid-total", "broken on purpose; has its own test"),
        ("ankitpokhrel-jira-cli/issue", "cut down by hand: no id"), ("ankitpokhrel-jira-cli/search", "no ids"),
        ("ankitpokhrel-jira-cli/epic", "no ids"), ("ankitpokhrel-jira-cli/projects", "no ids"),
        ("ankitpokhrel-jira-cli/myself", "no id"), ("jira-rest-java-client/issue/valid-with", "Jira 4's form"),
        ("jira-ruby/board/1_issues", "issues without their fields"),
        ("jira-ruby/sprint/1_issues", "an example with invented values"),
        ("jira-rest-java-client/comment/", "Jira 4's form"), ("jira-rest-java-client/timeTracking/", "Jira 4's form"),
        ("jira-rest-java-client/worklog/", "Jira 4's form"), ("jira-rest-java-client/attachment/", "inside issues"),
        ("jira-rest-java-client/project/", "no id"), ("jira-rest-java-client/role/invalid", "no actors"),
        ("jira-rest-java-client/role/valid-role-no", "no actors"),
        ("jira-rest-java-client/actor/", "inside roles"), ("jira-rest-java-client/page/", "an invented page"),
        ("jira-rest-java-client/error/", "an error; has its own test"), ("go-jira/no_", "an error"),
        ("jira-rest-java-client/issueLinks/links-disabled", "an error"),
        ("jira-ruby/component/10000.invalid", "an error"),
        ("jira-ruby/issue/10002.invalid", "an error"), ("jira-ruby/issue/10002.put.missing", "an error"),
        ("jira-ruby/version/10000.invalid", "an error"), ("jira-rest-java-client/visibility/", "inside comments"),
        ("ankitpokhrel-jira-cli/serverinfo", "read by the probe's test"),
        ("jira-rest-java-client/serverInfo/", "read by the probe's test"),
        ("ankitpokhrel-jira-cli/c", "creating"), ("ankitpokhrel-jira-cli/transitions", "transitions"),
        ("go-jira/all_filters", "filters"), ("go-jira/favourite_filters", "filters"), ("go-jira/filter", "filters"),
        ("go-jira/my_filters", "filters"), ("go-jira/search_filters", "filters"),
        ("go-jira/all_statuscategories", "categories"), ("go-jira/status_category", "categories"),
        ("go-jira/board_configuration", "board columns"), ("go-jira/remote_links", "remote links"),
        ("go-jira/transitions", "transitions"), ("jira-rest-java-client/authentication/", "sessions"),
        ("jira-rest-java-client/session", "sessions"),
        ("jira-rest-java-client/loginInfo/", "sessions"), ("jira-rest-java-client/basicIssue/", "creating"),
        ("jira-rest-java-client/c", "creating"), ("jira-rest-java-client/field/valid-fields", "creating"),
        ("jira-rest-java-client/filter/", "filters"), ("jira-rest-java-client/group/", "groups one by one"),
        ("jira-rest-java-client/issueInput/", "creating"), ("jira-rest-java-client/issueLink/", "Jira 4's form"),
        ("jira-rest-java-client/issueLinkInput/", "creating"), ("jira-rest-java-client/operation", "operations"),
        ("jira-rest-java-client/transition/", "transitions"), ("jira-rest-java-client/votes/", "voters"),
        ("jira-rest-java-client/watcher/", "watchers"), ("jira-rest-java-client/worklogInput/", "creating"),
        ("jira-ruby/issue.post", "creating"), ("jira-ruby/issue/10002/attachments", "inside issues"),
        ("jira-ruby/issue/10002/properties", "properties"), ("jira-ruby/issue/10002/transitions", "transitions"),
        ("jira-ruby/issue/10002/watchers", "watchers"), ("jira-ruby/rapidview", "the boards of Jira 5"),
        ("jira-ruby/statuscategory", "categories"), ("jira-ruby/webhook", "webhooks"),
        ("php-jira-rest-client/issueField", "creating"), ("php-jira-rest-client/reporter", "inside issues"),
    ]

    @Test("and every recording is either read or known not to be ours") func isComplete() {
        let read = Set(Self.recordings.map(\.file))
        let unexplained = Self.files.filter { file in
            !read.contains(file) && !Self.others.contains { file.hasPrefix($0.prefix) }
        }
        #expect(unexplained == [])
        #expect(read.count == Self.recordings.count, "each file belongs to one kind")
        print("\(read.count) of \(Self.files.count) recorded files decode through the client's methods")
        #expect(read.count == 129)
    }
}
