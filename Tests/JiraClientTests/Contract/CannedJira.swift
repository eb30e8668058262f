import HTTPMessages
import JiraClient

/// The shortest answer each endpoint can give; enough for the client to finish and ask nothing twice.
enum CannedJira {
    static let account = """
        {"accountId":"5b10a2844c20165700ede21g","key":"JIRAUSER10100","name":"mia","displayName":"Mia","active":true,
        "accountType":"atlassian","timeZone":"Australia/Sydney"}
        """

    /// An issue whose lists are cut short, so that the client asks for the rest.
    static let issue = """
        {"id":"10001","key":"PAY-1","fields":{"summary":"s","created":"2026-01-02T03:04:05.006+0000",
        "updated":"2026-01-02T03:04:05.006+0000","status":{"id":"1","name":"Open","statusCategory":{"key":"new"}},
        "project":{"id":"10000","key":"PAY","name":"Pay"},"issuetype":{"id":"1","name":"Bug","subtask":false},
        "comment":{"comments":[],"maxResults":0,"total":1,"startAt":0},
        "worklog":{"worklogs":[],"maxResults":20,"total":1,"startAt":0}}}
        """
    static let comment = """
        {"id":"1","author":\(account),"body":"wiki","created":"2026-01-02T03:04:05.006+0000"}
        """
    static let worklog = """
        {"id":"1","issueId":"10001","started":"2026-01-02T03:04:05.006+0000","timeSpentSeconds":60}
        """
    static let entity = #"{"id":"10000","name":"n","key":"K"}"#
    static let scheme = #"{"id":10000,"name":"n","permissions":[]}"#

    static func answer(_ request: HTTPRequest, _: Int) throws(HTTPTransportError) -> HTTPResponse {
        let path = Target(request.url).path.split(separator: "/").map(String.init)
        let interface = path.firstIndex { ["api", "agile", "secure"].contains($0) } ?? 0
        let rest = path[(interface + (path[interface] == "secure" ? 0 : 2))...].map { segment in
            Int(segment) != nil || segment == "PAY" ? "*" : segment
        }
        guard let body = bodies[rest.joined(separator: "/")] else { return .json("{}", status: 404) }
        return .json(body)
    }

    private static func values(_ element: String) -> String {
        #"{"values":[\#(element)],"isLast":true,"startAt":0,"maxResults":50,"total":1}"#
    }

    private static let bodies: [String: String] = [
        "serverInfo": #"{"version":"10.3.24"}"#,
        "myself": account,
        "search/jql": #"{"issues":[\#(issue)],"isLast":true}"#,
        "search": #"{"issues":[\#(issue)],"startAt":0,"maxResults":50,"total":1}"#,
        "search/approximate-count": #"{"count":1}"#,
        "issue/bulkfetch": #"{"issues":[\#(issue)],"issueErrors":[]}"#,
        "issue/*/comment/*": comment, "comment/list": values(comment),
        "permissions/check": #"""
        {"globalPermissions":[],"projectPermissions":[{"permission":"BROWSE_PROJECTS","issues":[1],"projects":[]}]}
        """#,
        "auditing/record": #"""
        {"offset":0,"limit":1000,"total":1,"records":[{"id":1,"summary":"User added to group",
        "created":"2026-01-02T03:04:05.006+0000"}]}
        """#,
        "issuesecurityschemes/project": values(#"{"issueSecuritySchemeId":"10000","projectId":"10000"}"#),
        "issue/*/comment": #"{"comments":[\#(comment)],"startAt":0,"maxResults":50,"total":1}"#,
        "issue/*/worklog": #"{"worklogs":[\#(worklog)],"startAt":0,"maxResults":50,"total":1}"#,
        "changelog/bulkfetch": #"{"issueChangeLogs":[]}"#,
        "users/search": "[]", "user/search": "[]",
        "group/bulk": values(#"{"name":"devs","groupId":"g1"}"#),
        "groups/picker": #"{"header":"","total":1,"groups":[{"name":"devs"}]}"#,
        "group/member": values(account),
        "applicationrole": #"[{"key":"jira-software","name":"Jira Software","groups":["devs"]}]"#,
        "mypermissions": #"{"permissions":{"BROWSE_PROJECTS":{"key":"BROWSE_PROJECTS","havePermission":true}}}"#,
        "project/search": values(entity), "project": "[\(entity)]",
        "project/*/role": #"{"Developers":"https://acme.atlassian.net/rest/api/3/project/PAY/role/10001"}"#,
        "project/*/role/*": #"{"id":10001,"name":"Developers","actors":[]}"#,
        "project/*/version": values(entity), "project/*/versions": "[\(entity)]",
        "project/*/components": "[\(entity)]",
        "permissionscheme": #"{"permissionSchemes":[{"id":10000,"name":"n"}]}"#,
        "permissionscheme/*": scheme, "project/*/permissionscheme": scheme,
        "issuesecurityschemes": #"{"issueSecuritySchemes":[\#(entity)]}"#,
        "issuesecurityschemes/*": #"{"id":10000,"name":"n","levels":[\#(entity)]}"#,
        "issuesecurityschemes/level": values(#"{"id":"10000","name":"n","issueSecuritySchemeId":"10000"}"#),
        "issuesecurityschemes/level/member": values(
            #"{"id":"1","issueSecurityLevelId":"10000","holder":{"type":"reporter"}}"#),
        "project/*/issuesecuritylevelscheme": entity,
        "field": #"[{"id":"summary","name":"Summary"}]"#, "field/search": values(#"{"id":"customfield_1","name":"n"}"#),
        "status": "[\(entity)]", "issuetype": "[\(entity)]", "priority/search": values(entity),
        "priority": "[\(entity)]", "resolution/search": values(entity), "resolution": "[\(entity)]", "role": "[]",
        "issueLinkType": #"{"issueLinkTypes":[\#(entity)]}"#,
        "board": values(entity), "board/*/sprint": values(entity),
        "worklog/updated": #"{"values":[{"worklogId":1}],"until":2,"lastPage":true}"#,
        "worklog/deleted": #"{"values":[],"until":2,"lastPage":true}"#,
        "worklog/list": "[\(worklog)]",
        "attachment/content/*": "bytes", "secure/attachment/*/a b.txt": "bytes",
        "secure/attachment/*/a%20b.txt": "bytes",
    ]
}
