import FastJSON
import Foundation
import JiraOAuth
import Testing

/// What is asked of Jira, compared with what Atlassian says that each operation needs.
@Suite("Scopes", .enabled(if: AtlassianDocument.isPresent, "needs Atlassian's OpenAPI document; set DRAWBRIDGE_SHARED"))
struct ScopeTests {
    /// What the client asks for each purpose.
    static let operations: [OAuthPurpose: [String]] = [
        .reading: [
            "get /attachment/content/{id}", "get /field", "get /field/search", "get /issue/{issueIdOrKey}/comment",
            "get /issue/{issueIdOrKey}/worklog", "get /issueLinkType", "get /issuetype", "get /mypermissions",
            "get /myself", "get /project/search", "get /project/{projectIdOrKey}/components",
            "get /project/{projectIdOrKey}/version", "get /status", "get /user/search", "get /users/search",
            "post /changelog/bulkfetch", "post /comment/list", "post /issue/bulkfetch",
            "post /search/approximate-count", "post /search/jql", "post /worklog/list",
        ],
        .mirroring: [
            "get /applicationrole", "get /auditing/record", "get /group/bulk", "get /group/member",
            "get /groups/picker", "get /issuesecurityschemes/level", "get /issuesecurityschemes/level/member",
            "get /permissionscheme", "get /permissionscheme/{schemeId}", "get /project/{projectIdOrKey}/role",
            "get /project/{projectIdOrKey}/role/{id}", "get /project/{projectKeyOrId}/permissionscheme", "get /role",
            "post /permissions/check",
        ],
        .webhooks: ["delete /webhook", "post /webhook", "put /webhook/refresh", "get /webhook"],
    ]

    @Test(
        "the scopes of a purpose are those that its operations need, no more and no less",
        arguments: [
            OAuthPurpose.reading, .mirroring, .webhooks,
        ])
    func exact(_ purpose: OAuthPurpose) throws {
        let document = try JSONValue(parsing: [UInt8](try Data(contentsOf: AtlassianDocument.file)))
        let operations = try #require(Self.operations[purpose])
        var (classic, granular): (Set<String>, Set<String>) = ([], [])
        for operation in operations {
            let words = operation.split(separator: " ")
            let found = document["paths"]?["/rest/api/3" + words[1]]?[String(words[0])]
            let scopes = try #require(found?["x-atlassian-oauth2-scopes"]?.array, "\(operation) is not documented")
            for kind in scopes {
                let names = kind["scopes"]?.array?.compactMap(\.string) ?? []
                if kind["state"]?.string == "Beta" { granular.formUnion(names) } else { classic.formUnion(names) }
            }
        }
        // Reading is always allowed too. An app's comments carry properties that nobody deletes here.
        let reading = purpose == .reading ? [] : OAuthPurpose.reading.classicScopes
        #expect(classic == Set(purpose.classicScopes).union(reading.filter { classic.contains($0) }))
        let readingGranular = purpose == .reading ? [] : OAuthPurpose.reading.granularScopes
        #expect(
            granular.subtracting(["delete:comment.property:jira"])
                .subtracting(readingGranular) == Set(purpose.granularScopes))
    }
}

/// Atlassian's OpenAPI document.
enum AtlassianDocument {
    static let file: URL = {
        let environment = ProcessInfo.processInfo.environment
        let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent()
        let shared =
            environment["DRAWBRIDGE_SHARED"].map { URL(fileURLWithPath: $0) }
            ?? root.appendingPathComponent("../shared").standardizedFileURL
        return shared.appendingPathComponent("data/openapi/jira-cloud-v3.json")
    }()

    static let isPresent: Bool = {
        let found = FileManager.default.fileExists(atPath: file.path)
        if !found { print("skipping: no OpenAPI document at \(file.path); set DRAWBRIDGE_SHARED") }
        return found || ProcessInfo.processInfo.environment["DRAWBRIDGE_REQUIRE_SHARED"] == "1"
    }()
}
