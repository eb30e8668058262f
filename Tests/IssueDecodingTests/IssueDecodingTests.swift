import AtlassianDocument
import FastJSON
import IssueDecoding
import IssueModel
import Testing

@Suite("Decoding an issue") struct IssueDecodingTests {
    /// The members every issue has, and others.
    static func issue(_ fields: String, _ outer: String = "") -> RawIssue {
        let text = """
            {"id":"10001","key":"pay-1","fields":{"summary":"s","created":"2026-01-02T03:04:05.006+0530",
            "updated":"2026-01-02T03:04:05.006+0000","status":{"id":"3","name":"Doing","statusCategory":{"key":"indeterminate"}},
            "project":{"id":"10000","key":"PAY","name":"Payments"},
            "issuetype":{"id":"1","name":"Bug","subtask":false,"hierarchyLevel":0}\(fields.isEmpty ? "" : ",")\(fields)}\(outer)}
            """
        return RawIssue(issue: Array(text.utf8))
    }

    func decode(_ fields: String, _ catalogue: [Field] = [], _ flavour: Flavour = .cloud) throws -> Issue {
        try IssueDecoder.test(flavour, catalogue).decode(Self.issue(fields))
    }

    @Test("reads what every issue has") func basics() throws {
        let issue = try decode("")
        #expect(issue.id == IssueID(10_001) && issue.key.description == "PAY-1" && issue.projectKey == "PAY")
        #expect(issue.status == Status(id: "3", name: "Doing", category: .indeterminate))
        #expect(issue.type == IssueType(id: "1", name: "Bug", isSubtask: false, hierarchyLevel: 0))
        #expect(issue.created.rfc3339 == "2026-01-01T21:34:05.006Z")
        #expect(issue.otherFields.isEmpty)
    }

    @Test("reads every system field") func systemFields() throws {
        let issue = try decode(
            """
            "description":{"type":"doc","version":1,"content":[{"type":"paragraph","content":[{"type":"text","text":"why"}]}]},
            "environment":"*prod*","priority":{"id":"2","name":"High"},"resolution":{"id":"1","name":"Fixed"},
            "resolutiondate":"2026-02-01T00:00:00.000+0000","duedate":"2026-03-04","labels":["a","b"],
            "assignee":{"accountId":"a1","displayName":"Mia","accountType":"app","active":false,"emailAddress":""},
            "reporter":{"key":"JIRAUSER1","name":"jo","displayName":"Jo"},"creator":null,
            "components":[{"id":"5","name":"Core"}],
            "fixVersions":[{"id":"7","name":"1.0","released":true,"archived":true,"releaseDate":"2026-01-01"}],
            "versions":[{"id":"8","name":"0.9"}],"security":{"id":"10021","name":"Staff"},
            "parent":{"id":"9","key":"PAY-9"},"subtasks":[{"id":"11","key":"PAY-11"}],
            "issuelinks":[
              {"id":"1","type":{"id":"1","name":"Blocks","inward":"is blocked by","outward":"blocks"},"outwardIssue":{"id":"2","key":"PAY-2"}},
              {"id":"2","type":{"id":"1","name":"Blocks","inward":"is blocked by","outward":"blocks"},"inwardIssue":{"id":"3","key":"PAY-3"}}],
            "timetracking":{"originalEstimateSeconds":3600,"remainingEstimateSeconds":60,"timeSpentSeconds":30},
            "progress":{"progress":30,"total":90,"percent":33},"aggregateprogress":{"progress":1,"total":2},
            "watches":{"watchCount":4},"votes":{"votes":2},"lastViewed":"2026-01-02T03:04:05.006+0000",
            "issuerestriction":{"issuerestrictions":{"projectrole":[{"id":"10100","name":"Leads"}]},"shouldDisplay":true},
            "attachment":[{"id":"77","filename":"a.txt","created":"2026-01-02T03:04:05.006+0000","size":3,"mimeType":"text/plain","content":"u"}],
            "workratio":-1,"aggregatetimespent":90
            """, [Field(id: "aggregatetimespent", name: "Σ Time Spent", type: "number")])
        #expect(issue.description?.plainText() == "why" && issue.environment?.plainText().contains("prod") == true)
        #expect(issue.priority?.name == "High" && issue.resolution?.name == "Fixed")
        #expect(issue.resolved?.rfc3339 == "2026-02-01T00:00:00.000Z" && issue.due?.description == "2026-03-04")
        #expect(issue.assignee?.kind == .app && issue.assignee?.isActive == false && issue.assignee?.email == nil)
        #expect(issue.reporter?.id == AccountID("JIRAUSER1") && issue.reporter?.name == "jo" && issue.creator == nil)
        #expect(issue.fixVersions.first?.isReleased == true && issue.fixVersions.first?.releaseDate?.year == 2026)
        #expect(issue.affectedVersions.map(\.name) == ["0.9"] && issue.components.map(\.name) == ["Core"])
        #expect(issue.securityLevel?.id == "10021" && issue.restrictedToRoles == [Entity(id: "10100", name: "Leads")])
        #expect(issue.parent?.id == IssueID(9) && issue.subtasks.map(\.key.number) == [11])
        #expect(issue.links.map(\.phrase) == ["blocks", "is blocked by"])
        #expect(issue.links.map(\.direction) == [.outward, .inward])
        #expect(issue.timeTracking == TimeTracking(originalEstimate: 3_600, remainingEstimate: 60, spent: 30))
        #expect(issue.progress?.percent == 33 && issue.aggregateProgress == Progress(done: 1, total: 2))
        #expect(issue.watches == 4 && issue.votes == 2)
        #expect(issue.attachments.first?.size == 3)
        #expect(issue.otherFields.map(\.name) == ["workratio", "Σ Time Spent"])
        #expect(issue.otherFields.last?.value == .duration(seconds: 90))
    }

    @Test("reads comments and worklogs with their restrictions, and history in order") func parts() throws {
        let raw = Self.issue(
            """
            "comment":{"comments":[
              {"id":"1","author":{"accountId":"a"},"body":"h1. wiki","created":"2026-01-02T03:04:05.006+0000","jsdPublic":false},
              {"id":"2","body":"x","created":"2026-01-02T03:04:05.006+0000","visibility":{"type":"role","value":"Developers"}},
              {"id":"3","body":"x","created":"2026-01-02T03:04:05.006+0000","visibility":{"type":"group","value":"staff","identifier":"g-1"}}],
              "total":3},
            "worklog":{"worklogs":[{"id":"9","started":"2026-01-02T03:04:05.006+0000","timeSpentSeconds":60,"comment":"did it",
              "visibility":{"type":"role","value":"Developers","identifier":"10002"}}],"total":1}
            """,
            """
            ,"changelog":{"startAt":0,"total":2,"histories":[
              {"id":"20","created":"2026-01-03T00:00:00.000+0000","author":{"name":"jo"},"items":[
                {"field":"status","fieldId":"status","from":"1","fromString":"Open","to":"3","toString":"Doing"}]},
              {"id":"9","created":"2026-01-02T00:00:00.000+0000","items":[]}]}
            """)
        let issue = try IssueDecoder.test(.dataCenter).decode(raw)
        #expect(issue.comments.map(\.isInternal) == [true, false, false])
        #expect(issue.comments[1].visibility == Visibility(kind: .role, name: "Developers"))
        #expect(issue.comments[2].visibility == Visibility(kind: .group, name: "staff", identifier: "g-1"))
        #expect(issue.comments[1].author == nil)
        #expect(issue.worklogs.first?.visibility?.identifier == "10002" && issue.worklogs.first?.note != nil)
        #expect(issue.changes.map(\.id) == ["9", "20"])
        #expect(issue.changes.last?.items.first?.toText == "Doing")
    }

    struct Value: Sendable, CustomTestStringConvertible {
        let type: String
        let json: String
        let value: FieldValue?
        var schema = "any"
        var testDescription: String { "\(type) \(json.prefix(40))" }

        init(_ type: String, _ json: String, _ value: FieldValue?, schema: String = "any") {
            (self.type, self.json, self.value, self.schema) = (type, json, value, schema)
        }
    }

    static let system = "com.atlassian.jira.plugin.system.customfieldtypes:"
    static let yes = Entity(id: "1", name: "Yes")

    @Test(
        "reads every kind of custom field, and keeps what it does not know",
        arguments: [
            Value(system + "textfield", #""x""#, .text("x")),
            Value(system + "url", #""https://x""#, .text("https://x")),
            Value(system + "float", "1.5", .number(1.5)), Value(system + "float", "3", .number(3)),
            Value(system + "float", #""3""#, .raw(json: #""3""#)),
            Value(system + "datepicker", #""2026-01-02""#, CalendarDate("2026-01-02").map { .date($0) }),
            Value(
                system + "datetime", #""2026-01-02T00:00:00.000+0000""#,
                Timestamp("2026-01-02T00:00:00Z").map { .instant($0) }),
            Value(system + "select", #"{"id":"1","value":"Yes"}"#, .entity(yes)),
            Value(system + "radiobuttons", #"{"id":"1","value":"Yes"}"#, .entity(yes)),
            Value(system + "multiselect", #"[{"id":"1","value":"Yes"}]"#, .entities([yes])),
            Value(system + "multicheckboxes", #"[{"id":"1","value":"Yes"}]"#, .entities([yes])),
            Value(
                system + "cascadingselect", #"{"id":"1","value":"Yes","child":{"id":"2","value":"Really"}}"#,
                .path([yes, Entity(id: "2", name: "Really")])),
            Value(
                system + "userpicker", #"{"accountId":"a","displayName":"Mia"}"#,
                .account(AccountID("a"), displayName: "Mia")),
            Value(
                system + "multiuserpicker", #"[{"key":"k","name":"n"}]"#,
                .accounts([.init(id: AccountID("k"), displayName: "n")])),
            Value(system + "grouppicker", #"{"name":"Devs","groupId":"g"}"#, .groups([GroupID("g")])),
            Value(system + "multigrouppicker", #"[{"name":"Devs"}]"#, .groups([GroupID("devs")])),
            Value(system + "version", #"{"id":"1","name":"Yes"}"#, .entity(yes)),
            Value(system + "multiversion", #"[{"id":"1","name":"Yes"}]"#, .entities([yes])),
            Value(system + "project", #"{"id":"1","name":"Yes","key":"Y"}"#, .entity(yes)),
            Value(system + "labels", #"["a","b"]"#, .labels(["a", "b"])),
            Value("com.pyxis.greenhopper.jira:jsw-story-points", "5", .number(5)),
            Value("com.pyxis.greenhopper.jira:gh-epic-label", #""Big""#, .text("Big")),
            Value(
                "com.pyxis.greenhopper.jira:gh-epic-status", #"{"id":"1","value":"Yes"}"#,
                .raw(json: #"{"id":"1","value":"Yes"}"#)),
            Value(
                "com.atlassian.jpo:jpo-custom-field-baseline-end", #""2026-01-02""#,
                CalendarDate("2026-01-02").map { .date($0) }),
            Value(
                "com.atlassian.teams:rm-teams-custom-field-team", #"{"id":"t-1","name":"Blue","title":"B"}"#,
                .entity(Entity(id: "t-1", name: "Blue"))),
            Value(
                "com.atlassian.servicedesk:sd-sla-field", #"{"id":"1","ongoingCycle":{"breached":true}}"#,
                .raw(json: #"{"id":"1","ongoingCycle":{"breached":true}}"#)),
            Value(
                "com.atlassian.servicedesk:sd-request-participants", #"[{"accountId":"a","displayName":"M"}]"#,
                .accounts([.init(id: AccountID("a"), displayName: "M")])),
            Value("jira.polaris:interval", #""{\"start\":1}""#, .text(#"{"start":1}"#), schema: "string"),
            Value("com.example:odd", #"[1,{"a":null}]"#, .raw(json: #"[1,{"a":null}]"#)),
            Value("com.example:odd", #""text""#, .text("text")), Value("com.example:odd", "1", .number(1)),
            Value("com.example:odd", "true", .raw(json: "true")),
            Value("com.example:odd", #"{"progress":1,"total":2}"#, .progress(done: 1, total: 2, percent: nil)),
            Value(
                system + "multiselect", #"[{"id":"1","value":"Yes"},7]"#, .raw(json: #"[{"id":"1","value":"Yes"},7]"#)),
            Value(system + "textfield", "null", nil), Value(system + "textfield", #""""#, nil),
            Value(system + "labels", "[]", nil), Value("com.example:odd", "{}", nil),
        ])
    func customFields(_ given: Value) throws {
        let field = Field(id: "customfield_1", name: "Given", type: given.schema, customType: given.type)
        let issue = try decode(#""customfield_1":\#(given.json)"#, [field])
        #expect(issue.otherFields.first?.value == given.value)
        #expect(issue.otherFields.first?.name == (given.value == nil ? nil : "Given"))
    }

    @Test(
        "reads rich text of custom fields in both forms",
        arguments: [
            #"{"type":"doc","version":1,"content":[{"type":"paragraph","content":[{"type":"text","text":"rich"}]}]}"#,
            #""rich""#,
        ])
    func richText(_ json: String) throws {
        let field = Field(id: "customfield_1", name: "F", type: "string", customType: Self.system + "textarea")
        let value = try decode(#""customfield_1":\#(json)"#, [field]).otherFields.first?.value
        guard case .document(let document)? = value else {
            Testing.Issue.record("no document")
            return
        }
        #expect(document.plainText() == "rich")
    }

    @Test("gives sprints, rank and epic their own places") func software() throws {
        let greenhopper = "com.pyxis.greenhopper.jira:"
        let issue = try decode(
            #""customfield_1":[{"id":5,"name":"S 5","state":"active","boardId":2}],"customfield_2":"0|hzzzzz:","customfield_3":"PAY-77""#,
            [
                Field(
                    id: "customfield_1", name: "Sprint", type: "array", items: "json",
                    customType: greenhopper + "gh-sprint"),
                Field(id: "customfield_2", name: "Rank", type: "any", customType: greenhopper + "gh-lexo-rank"),
                Field(id: "customfield_3", name: "Epic Link", type: "any", customType: greenhopper + "gh-epic-link"),
            ])
        #expect(issue.sprints == [Sprint(id: "5", name: "S 5", state: "active", boardID: "2")])
        #expect(issue.rank == "0|hzzzzz:" && issue.epicKey?.description == "PAY-77")
        #expect(issue.otherFields.isEmpty)
    }

    struct Broken: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let raw: RawIssue
        let field: String
    }

    @Test(
        "refuses what would be wrong to guess, and names the field",
        arguments: [
            Broken(testDescription: "no id", raw: RawIssue(issue: Array(#"{"key":"A-1"}"#.utf8)), field: "id"),
            Broken(testDescription: "no key", raw: RawIssue(issue: Array(#"{"id":"1"}"#.utf8)), field: "key"),
            Broken(
                testDescription: "no fields", raw: RawIssue(issue: Array(#"{"id":"1","key":"A-1"}"#.utf8)),
                field: "fields"),
            Broken(testDescription: "a bad date", raw: issue(#""resolutiondate":"soon""#), field: "resolutiondate"),
            Broken(testDescription: "a bad due date", raw: issue(#""duedate":"2026-02-30""#), field: "duedate"),
            Broken(testDescription: "a bad version", raw: issue(#""versions":[7]"#), field: "versions.id"),
            Broken(
                testDescription: "text that is no document", raw: issue(#""description":[1]"#), field: "description"),
            Broken(testDescription: "no JSON", raw: RawIssue(issue: Array("{".utf8)), field: ""),
        ])
    func refuses(_ broken: Broken) {
        let error = #expect(throws: IssueDecodingError.self) { try IssueDecoder.test().decode(broken.raw) }
        #expect(error?.field == broken.field)
    }

    @Test(
        "a comment that cannot be read is left out, and so are the attachments that may belong to it",
        arguments: [
            #""created":"2026-01-02T03:04:05.006+0000","visibility":{"type":"planet","value":"x"}"#,
            #""created":"2026-01-02T03:04:05.006+0000","visibility":"role""#, #""created":"soon""#,
            #""created":"2026-01-02T03:04:05.006+0000","body":[7]"#,
        ])
    func leavesOut(_ broken: String) throws {
        let good = #"{"id":"2","created":"2026-01-02T03:04:05.006+0000"}"#
        let file =
            #"{"id":"9","filename":"a.txt","created":"2026-01-02T03:04:05.006+0000","size":1,"mimeType":"text/plain","content":"u"}"#
        for comments in [good, #"{"id":"1",\#(broken)},"# + good] {
            let issue = try decode(#""attachment":[\#(file)],"comment":{"comments":[\#(comments)]}"#)
            #expect(issue.comments.map(\.id) == ["2"])
            #expect(issue.attachments.map(\.id) == (comments == good ? ["9"] : []))
        }
    }

    @Test(
        "a restriction of the issue that is not understood never becomes none",
        arguments: [
            #"{"issuerestrictions":{"projectrole":{"id":"10100"}}}"#, #"{"issuerestrictions":["10100"]}"#,
            #"{"issuerestrictions":{"group":["staff"]}}"#, #"{"projectrole":{"id":"10100"}}"#,
        ])
    func restrictions(_ restriction: String) throws {
        #expect(try decode(#""issuerestriction":\#(restriction)"#).restrictedToRoles.map(\.id) == ["not-understood"])
    }

    @Test(
        "no restriction is none",
        arguments: [
            "null", "{}", #"{"issuerestrictions":{},"shouldDisplay":true}"#, #"{"issuerestrictions":null}"#,
            #"{"issuerestrictions":{"projectrole":[]},"shouldDisplay":false}"#, #"{"shouldDisplay":true}"#,
        ])
    func unrestricted(_ restriction: String) throws {
        #expect(try decode(#""issuerestriction":\#(restriction)"#).restrictedToRoles.isEmpty)
    }

    @Test("hostile nesting is an error, not a crash") func nesting() {
        let deep = String(repeating: "[", count: 100_000) + String(repeating: "]", count: 100_000)
        #expect(throws: IssueDecodingError.self) { try decode(#""customfield_1":\#(deep)"#) }
        let document =
            String(repeating: #"{"type":"blockquote","content":["#, count: 400) + String(repeating: "]}", count: 400)
        #expect(throws: IssueDecodingError.self) { try decode(#""description":\#(document)"#) }
    }

    @Test("complete lists kept beside the issue replace the ones in it") func completed() throws {
        var raw = Self.issue(#""comment":{"comments":[],"total":2},"worklog":{"worklogs":[],"total":1}"#)
        raw.comments = Array(#"[{"id":"1","body":"wiki","created":"2026-01-02T03:04:05.006+0000"}]"#.utf8)
        raw.worklogs = Array(
            #"[{"id":"1","started":"2026-01-02T03:04:05.006+0000","timeSpentSeconds":60}]"#.utf8)
        raw.changelog = Array(#"[{"id":"1","created":"2026-01-02T03:04:05.006+0000","items":[]}]"#.utf8)
        let issue = try IssueDecoder.test().decode(raw)
        #expect(issue.comments.count == 1 && issue.worklogs.count == 1 && issue.changes.count == 1)
    }
}
