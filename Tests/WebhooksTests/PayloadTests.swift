import IssueModel
import Testing
import Webhooks

@Suite("Payloads") struct PayloadTests {
    /// What one recorded payload says.
    struct Recorded: CustomTestStringConvertible, Sendable {
        let file: String
        let event: String
        let issue: Int64
        let project: String?
        let at: Int64

        init(_ file: String, _ event: String, _ issue: Int64, _ project: String?, _ at: Int64) {
            (self.file, self.event, self.issue, self.project, self.at) = (file, event, issue, project, at)
        }

        var testDescription: String { file }
    }

    static let recorded: [Recorded] = [
        .init("cloud-comment-created-mention-user", "comment_created", 10040, "TES", 1_550_286_678_321),
        .init("cloud-comment-created", "comment_created", 10040, "TES", 1_550_286_678_321),
        .init("cloud-comment-deleted", "comment_deleted", 10357, "KT", 1_570_513_345_538),
        .init("cloud-comment-updated", "comment_updated", 10040, "TES", 1_550_286_728_432),
        .init("cloud-issue-created-many-fields", "jira:issue_created", 10509, "KT", 1_566_935_004_475),
        .init("cloud-issue-updated-custom-field", "jira:issue_updated", 10368, "TES", 1_565_574_553_414),
        .init(
            "issue-created-no-description-nor-relevant-fields", "jira:issue_created", 10040, "TES", 1_550_286_113_023),
        .init("issue-created-no-description", "jira:issue_created", 10040, "TES", 1_550_286_113_023),
        .init("issue-created-no-relevant-fields", "jira:issue_created", 10040, "TES", 1_550_286_113_023),
        .init("issue-created", "jira:issue_created", 10040, "TES", 1_550_286_113_023),
        .init("issue-updated-assigned-nobody", "jira:issue_updated", 10040, "TES", 1_550_351_432_604),
        .init("issue-updated-assigned-on-server", "jira:issue_updated", 10226, "PRJA", 1_561_649_571_497),
        .init("issue-updated-edited", "jira:issue_updated", 10040, "TES", 1_550_286_601_840),
        .init("issue-updated-issue-type", "jira:issue_updated", 10040, "TES", 1_550_286_471_789),
        .init("issue-updated-lowered-priority", "jira:issue_updated", 10040, "TES", 1_550_351_632_565),
        .init("issue-updated-multiple-custom-fields", "jira:issue_updated", 10040, "TES", 1_550_351_530_065),
        .init("issue-updated-multiple-values", "jira:issue_updated", 10040, "TES", 1_550_286_471_789),
        .init("issue-updated-rank", "jira:issue_updated", 10040, "TES", 1_550_351_530_065),
        .init("issue-updated-resolved", "jira:issue_updated", 10040, "TES", 1_550_286_940_507),
        .init("issue-updated-started-working", "jira:issue_updated", 10040, "TES", 1_550_286_862_039),
        .init("server-comment-created", "comment_created", 10013, nil, 1_559_607_317_234),
        .init("server-comment-deleted", "comment_deleted", 10013, nil, 1_559_610_488_109),
        .init("server-comment-updated", "comment_updated", 10013, nil, 1_559_609_613_673),
        .init("server-issue-updated-closed", "jira:issue_updated", 10300, "TES", 1_565_752_078_358),
        .init("server-issue-updated-comment-edited", "jira:issue_updated", 10013, "PRJX", 1_559_609_613_673),
        .init("server-issue-updated-commented-1", "jira:issue_updated", 10013, "PRJX", 1_559_607_317_244),
        .init("server-issue-updated-commented-2", "jira:issue_updated", 10231, "PRJA", 1_561_757_536_066),
        .init("server-issue-updated-commented-mention-user", "jira:issue_updated", 10013, "PRJX", 1_559_607_317_244),
        .init("server-issue-updated-in-progress", "jira:issue_updated", 10300, "TES", 1_565_751_753_680),
        .init("server-issue-updated-many-fields", "jira:issue_updated", 10400, "HEY", 1_567_490_619_156),
        .init("server-issue-updated-reopened", "jira:issue_updated", 10300, "TES", 1_565_751_703_657),
        .init("server-issue-updated-resolved", "jira:issue_updated", 10300, "TES", 1_565_652_182_025),
        .init("server-old-issue-updated-no-event-type-assigned", "jira:issue_updated", 10040, "TES", 1_550_287_081_752),
        .init(
            "server-old-issue-updated-no-event-type-comment-edited", "jira:issue_updated", 10013, "PRJX",
            1_559_609_613_673),
        .init("server-old-issue-updated-no-event-type-edited", "jira:issue_updated", 10040, "TES", 1_550_286_601_840),
    ]

    @Test("a recorded payload names its issue", .enabled(if: SharedData.isAvailable), arguments: recorded)
    func recordedPayload(_ recorded: Recorded) throws {
        let hint = try WebhookPayload(try SharedData.bytes("webhooks/jira/webhook-\(recorded.file).json")).hint
        #expect(hint.event.rawValue == recorded.event)
        #expect(hint.subject == .issue(IssueID(recorded.issue)))
        #expect(hint.project == recorded.project)
        #expect(hint.at == Timestamp(milliseconds: recorded.at))
        #expect(hint.isKnown)
    }

    @Test("every recorded payload is in the table", .enabled(if: SharedData.isAvailable))
    func tableIsComplete() throws {
        let files = try SharedData.names(in: "webhooks/jira")
        #expect(files == Self.recorded.map { "webhook-\($0.file).json" }.sorted())
        #expect(files.count == 35)
    }

    /// A payload of a shape that the documentation describes.
    struct Described: CustomTestStringConvertible, Sendable {
        let name: String
        let body: String
        let subject: WebhookHint.Subject
        var isKnown = true

        init(_ name: String, _ body: String, _ subject: WebhookHint.Subject, isKnown: Bool = true) {
            (self.name, self.body, self.subject, self.isKnown) = (name, body, subject, isKnown)
        }

        var testDescription: String { name }
    }

    static let described: [Described] = [
        .init("a deleted issue", Body.deleted(10002), .deletedIssue(IssueID(10002))),
        .init(
            "a worklog with only its issue's id",
            Body.event(
                "worklog_created", #""worklog":{"id":"1","issueId":"10005"},"isFromIssueLimitTransformation":true"#),
            .issue(IssueID(10005))),
        .init(
            "a worklog whose issue stands in its address",
            Body.event("worklog_deleted", #""worklog":{"self":"https://j/rest/api/2/issue/10006/worklog/7","id":"7"}"#),
            .issue(IssueID(10006))),
        .init(
            "an id as a number", Body.event("jira:issue_updated", #""issue":{"id":10007,"key":"PAY-7"}"#),
            .issue(IssueID(10007))),
        .init(
            "an issue with nothing but its address",
            Body.event("jira:issue_updated", #""issue":{"self":"https://j/rest/api/2/issue/10008"}"#),
            .issue(IssueID(10008))),
        .init(
            "a user who is null", Body.event("jira:issue_updated", #""user":null,"issue":{"id":"10009"}"#),
            .issue(IssueID(10009))),
        .init(
            "a move",
            #"{"timestamp":1,"webhookEvent":"jira:issue_updated","issue_event_type_name":"issue_moved","issue":{"id":"10010","key":"INDEV-130"},"changelog":{"id":"5","items":[{"field":"Key","fromString":"TCP-2","toString":"INDEV-130"}]}}"#,
            .issue(IssueID(10010))),
        .init(
            "a link",
            Body.event("issuelink_created", #""issueLink":{"id":3,"sourceIssueId":10011,"destinationIssueId":10012}"#),
            .link(IssueID(10011), IssueID(10012))),
        .init(
            "an attachment, which names no issue",
            Body.event(
                "attachment_created", #""attachment":{"self":"https://j/rest/api/2/attachment/9","filename":"a.txt"}"#),
            .unlocated),
        .init("a comment of nowhere", Body.event("comment_created", #""comment":{"id":"1"}"#), .unlocated),
        .init(
            "a version", Body.event("jira:version_released", #""version":{"id":"1","projectId":1}"#),
            .catalogue(.version)),
        .init("a merged version", Body.event("jira:version_merged", #""version":{"id":"1"}"#), .catalogue(.version)),
        .init("a sprint", Body.event("sprint_closed", #""sprint":{"id":1,"originBoardId":2}"#), .catalogue(.sprint)),
        .init("a board", Body.event("board_configuration_changed", #""configuration":{}"#), .catalogue(.board)),
        .init("a project", Body.event("project_soft_deleted", #""project":{"id":1,"key":"A"}"#), .catalogue(.project)),
        .init("a user", Body.event("user_updated", #""user":{"accountId":"x"}"#), .catalogue(.user)),
        .init("an issue type", Body.event("issuetype_created", #""issuetype":{"id":"1"}"#), .catalogue(.issueType)),
        .init(
            "a property", Body.event("issue_property_set", #""issue":{"id":"1"},"property":{"key":"k"}"#), .irrelevant),
        .init("a filter", Body.event("filter_updated", #""filter":{"id":"1"}"#), .irrelevant),
        .init("an option", Body.event("option_voting_changed", #""property":{"key":"k"}"#), .irrelevant),
        .init("an event of the future", Body.event("goal_reached", #""goal":{"id":"1"}"#), .unknown, isKnown: false),
        .init(
            "an event of the future about an issue", Body.event("issuegoal_set", #""issue":{"id":"10013"}"#),
            .issue(IssueID(10013)), isKnown: false),
        .init("an object without an event", "{}", .unknown, isKnown: false),
        .init(
            "members of other kinds than documented",
            #"{"timestamp":"1","webhookEvent":7,"issue":[],"comment":"x","worklog":null,"issueLink":3,"changelog":[[]]}"#,
            .unknown, isKnown: false),
        .init("an id that is no number", Body.event("jira:issue_updated", #""issue":{"id":"../1"}"#), .unlocated),
    ]

    @Test("a payload as documented says where to look", arguments: described)
    func describedPayload(_ described: Described) throws {
        let hint = try WebhookPayload(Array(described.body.utf8)).hint
        #expect(hint.subject == described.subject)
        #expect(hint.isKnown == described.isKnown)
    }

    @Test(
        "what is no JSON object is malformed",
        arguments: [
            "", "null", "[]", "\"x\"", "{", "webhookEvent=x", "<html></html>", "{\"a\":1}{\"b\":2}",
            "{\"a\":\"\u{1}\"}", String(repeating: "[", count: 40_000),
            "{\"a\":" + String(repeating: "[", count: 200) + String(repeating: "]", count: 200) + "}",
        ])
    func malformed(_ text: String) {
        #expect { try WebhookPayload(Array(text.utf8)) } throws: { ($0 as? WebhookError)?.code == .malformed }
    }

    @Test("bytes that are no UTF-8 are malformed")
    func notUTF8() {
        let bytes = Array(#"{"webhookEvent":""#.utf8) + [0xC3, 0x28] + Array(#""}"#.utf8)
        #expect { try WebhookPayload(bytes) } throws: { ($0 as? WebhookError)?.code == .malformed }
    }

    @Test("a body over the limit is not read")
    func tooLarge() {
        let body = [UInt8](repeating: UInt8(ascii: " "), count: WebhookPayload.byteLimit + 1)
        #expect { try WebhookPayload(body) } throws: { ($0 as? WebhookError)?.code == .tooLarge }
    }

    @Test("an event's name is cut, so that a log stays readable")
    func longName() throws {
        let body = Body.event(String(repeating: "x", count: 5_000), #""a":1"#)
        #expect(try WebhookPayload(Array(body.utf8)).hint.event.rawValue.count == 100)
    }

    @Test("a repetition has the same fingerprint, another event has another")
    func fingerprints() throws {
        func print(_ body: String) throws -> [UInt8] { try WebhookPayload(Array(body.utf8)).hint.fingerprint }
        let first = try print(Body.updated(1))
        #expect(try print(Body.updated(1)) == first)
        let others = [
            Body.updated(2), Body.updated(1, at: 1_700_000_000_001), Body.deleted(1),
            Body.event("comment_created", #""comment":{"id":"1"},"issue":{"id":"1"}"#),
            Body.event("comment_created", #""comment":{"id":"2"},"issue":{"id":"1"}"#),
            Body.event("sprint_closed", #""sprint":{"id":1}"#), Body.event("sprint_closed", #""sprint":{"id":2}"#),
            Body.event("user_updated", #""user":{"accountId":"a"}"#),
            Body.event("user_updated", #""user":{"accountId":"b"}"#),
            Body.event("issuelink_created", #""issueLink":{"id":1,"sourceIssueId":1,"destinationIssueId":2}"#),
            #"{"webhookEvent":"jira:issue_updated","issue":{"id":"1"},"n":1}"#,
            #"{"webhookEvent":"jira:issue_updated","issue":{"id":"1"},"n":2}"#,
        ]
        let prints = try [first] + others.map { try print($0) }
        #expect(Set(prints).count == prints.count)
    }
}
