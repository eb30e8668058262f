/// Issues as Jira Cloud answers them.
enum RawIssues {
    static func text(_ text: String) -> String {
        #"{"type":"doc","version":1,"content":[{"type":"paragraph","content":[{"type":"text","text":"\#(text)"}]}]}"#
    }

    static func person(_ id: String) -> String {
        #"{"accountId":"\#(id)","displayName":"\#(id.uppercased())","active":true,"accountType":"atlassian"}"#
    }

    static func issue(id: Int, key: String, project: (id: String, key: String), fields: String) -> String {
        """
        {"id":"\(id)","key":"\(key)","fields":{"project":{"id":"\(project.id)","key":"\(project.key)",
        "name":"\(project.key) project"},"issuetype":{"id":"1","name":"Bug","subtask":false,"hierarchyLevel":0},
        "status":{"id":"3","name":"In Progress","statusCategory":{"id":4,"key":"indeterminate"}},
        "created":"2026-09-23T00:18:35.652+0530","updated":"2026-09-24T10:00:00.000+0000",\(fields)},
        "changelog":{"startAt":0,"maxResults":1,"total":1,"histories":[{"id":"70","author":\(person("ada")),
        "created":"2026-09-23T10:00:00.000+0000","items":[{"field":"Key","fieldtype":"jira","from":null,
        "fromString":"OLD-\(id)","to":null,"toString":"\(key)"}]}]}}
        """
    }

    static func link(_ id: Int, _ key: String) -> String {
        """
        {"id":"9\(id)","type":{"id":"1","name":"Blocks","inward":"is blocked by","outward":"blocks"},
        "outwardIssue":{"id":"\(id)","key":"\(key)"}}
        """
    }

    /// An issue with everything on it: one comment, worklog and attachment for all, one of each for developers.
    static let full = issue(
        id: 1001, key: "PAY-1", project: ("10000", "PAY"),
        fields: """
            "summary":"=Refund *fails*","description":\(text("It fails.")),"environment":\(text("Linux")),
            "priority":{"id":"2","name":"High"},"resolution":{"id":"5","name":"Done"},
            "resolutiondate":"2026-09-24T09:00:00.000+0000","assignee":\(person("ada")),"reporter":\(person("bob")),
            "creator":\(person("bob")),"duedate":"2026-10-01","labels":["api","urgent"],
            "components":[{"id":"1","name":"Core"}],"fixVersions":[{"id":"1","name":"1.0"}],
            "versions":[{"id":"2","name":"0.9"}],"parent":{"id":"1002","key":"PAY-2"},
            "subtasks":[{"id":"1002","key":"PAY-2"},{"id":"2001","key":"PUB-1"}],
            "issuelinks":[\(link(1002, "PAY-2")),\(link(2001, "PUB-1")),\(link(7777, "ELSE-1"))],
            "timetracking":{"originalEstimateSeconds":7200,"remainingEstimateSeconds":3600,"timeSpentSeconds":5400},
            "progress":{"progress":5400,"total":9000,"percent":60},
            "aggregateprogress":{"progress":5400,"total":18000,"percent":30},
            "aggregatetimespent":9000,"watches":{"watchCount":3},"votes":{"votes":2},
            "customfield_1":"0|hzzzzz:","customfield_2":8.5,"customfield_3":"first","customfield_4":"second",
            "customfield_5":[{"id":4,"name":"Sprint 4","state":"active","boardId":1}],
            "attachment":[
              {"id":"501","filename":"open.txt","author":\(person("bob")),"created":"2026-09-23T10:00:00.000+0000",
               "size":12,"mimeType":"text/plain","content":"https://example.com/501"},
              {"id":"502","filename":"secret.txt","author":\(person("ada")),"created":"2026-09-23T10:00:00.000+0000",
               "size":34,"mimeType":"text/plain","content":"https://example.com/502"}],
            "comment":{"startAt":0,"maxResults":2,"total":2,"comments":[
              {"id":"301","author":\(person("bob")),"created":"2026-09-23T10:00:00.000+0000",
               "updated":"2026-09-23T10:00:00.000+0000","body":\(text("Open words"))},
              {"id":"302","author":\(person("ada")),"created":"2026-09-23T11:00:00.000+0000",
               "updated":"2026-09-23T11:00:00.000+0000",
               "body":{"type":"doc","version":1,"content":[{"type":"mediaSingle","content":[
                 {"type":"media","attrs":{"id":"m","type":"file","alt":"secret.txt"}}]}]},
               "visibility":{"type":"role","value":"Developers","identifier":"Developers"}}]},
            "worklog":{"startAt":0,"maxResults":20,"total":2,"worklogs":[
              {"id":"401","author":\(person("bob")),"created":"2026-09-23T10:00:00.000+0000",
               "updated":"2026-09-23T10:00:00.000+0000","started":"2026-09-23T09:00:00.000+0000",
               "timeSpentSeconds":1800,"comment":\(text("Looked"))},
              {"id":"402","author":\(person("ada")),"created":"2026-09-23T10:00:00.000+0000",
               "updated":"2026-09-23T10:00:00.000+0000","started":"2026-09-23T09:30:00.000+0000",
               "timeSpentSeconds":3600,"visibility":{"type":"role","value":"Developers","identifier":"10100"}}]}
            """)

    static let secret = issue(
        id: 1002, key: "PAY-2", project: ("10000", "PAY"),
        fields: #""summary":"Secret","security":{"id":"20","name":"Developers only"}"#)

    static let open = issue(id: 2001, key: "PUB-1", project: ("20000", "PUB"), fields: #""summary":"For everybody""#)
}
