import FastJSON
import HTTPMessages
import JiraSimulator
import SimulatedSite
import Testing

@Suite struct DoorTests {
    private let jira = InProcessJira(site: SimulatedSite(SiteConfiguration(seed: 7, issueCount: 60)))

    /// Makes a change at the control door; the status of its answer.
    private func change(_ json: JSONValue) async throws -> Int {
        let request = HTTPRequest(.post, jira.url + "/__simulator/changes", body: json.serialized())
        return try await jira.send(request).status
    }

    private var state: SiteState { jira.site.current() }

    private func project(_ key: String) throws -> Project { try #require(state.project(idOrKey: key)) }

    @Test func `rules can be changed from another process`() async throws {
        let pay = try project("PAY")
        #expect(
            try await change([
                "change": "setActors", "project": "PAY", "role": "Developers", "users": ["devi"],
                "groups": ["finance"],
            ]) == 200)
        #expect(try project("PAY").actors[10_001] == [.user(1), .group(5)])
        #expect(
            try await change([
                "change": "setGrants", "project": "PAY",
                "holders": [["type": "reporter"], ["type": "group", "parameter": "finance"], ["type": "odd.kind"]],
            ]) == 200)
        #expect(
            state.holders(pay.permissionScheme, "BROWSE_PROJECTS")
                == [.reporter, .group(5), .unknown(type: "odd.kind", parameter: nil)])
        #expect(
            try await change(["change": "setLevelMembers", "level": 10_101, "holders": [["type": "anyone"]]]) == 200)
        #expect(state.securityLevel(id: 10_101)?.members.map(\.holder) == [.anyone])
        #expect(
            try await change(["change": "setPermissionScheme", "project": "PAY", "scheme": "Public scheme"]) == 200)
        #expect(try project("PAY").permissionScheme == 2)
        #expect(try await change(["change": "setLead", "project": "PAY", "user": "devi"]) == 200)
        #expect(try project("PAY").lead == 1)
        #expect(try await change(["change": "setAccess", "project": "TMO", "access": "private"]) == 200)
        #expect(try project("TMO").isPrivate)
        #expect(try await change(["change": "renameGroup", "group": "finance", "name": "money"]) == 200)
        #expect(state.groups[5].name == "money")
        #expect(
            try await change(["change": "setLicensedGroups", "application": "jira-core", "groups": ["money"]]) == 200)
        #expect(state.applicationRoles[2].groups == [5])
        #expect(!state.auditRecords.isEmpty)
    }

    @Test func `what an issue says of people can be changed, and what a comment is confined to`() async throws {
        #expect(try await change(["change": "setReporter", "issue": "PAY-1", "user": "devi"]) == 200)
        let issue = try #require(state.ordinal(key: "PAY-1"))
        #expect(state.row(issue).reporter == 1)
        let comment = try #require(state.content(of: issue).comments.first { $0.visibility == nil })
        #expect(
            try await change(["change": "setVisibility", "id": .integer(Int64(comment.id)), "group": "finance"]) == 200)
        #expect(state.content(of: issue).comments.first { $0.id == comment.id }?.visibility == .group(5))
        #expect(try await change(["change": "setVisibility", "id": .integer(Int64(comment.id))]) == 200)
        #expect(state.content(of: issue).comments.first { $0.id == comment.id }?.visibility == nil)
        #expect(try await change(["change": "addAttachment", "issue": "PAY-1", "file": "a.txt", "text": "hi"]) == 200)
        let file = try #require(state.content(of: issue).attachments.last)
        #expect(state.bytes(of: file) == Array("hi".utf8))
    }

    @Test(arguments: ["setActors", "setGrants", "setLead", "renameGroup", "setLevelMembers", "paintItBlack"])
    func `a change that names nothing is refused`(_ name: String) async throws {
        let before = state.version
        #expect(try await change(["change": .string(name), "project": "NONE"]) == 400)
        #expect(state.version == before)
    }
}
