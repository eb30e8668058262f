import FastJSON
import HTTPMessages
import IssueDecoding
import IssueModel
import JiraClient
import Testing

@Suite("Asking Jira what somebody may see") struct PermissionCheckTests {
    private let issues = (1...3).map { IssueID($0) }

    private func check(_ answer: String, status: Int = 200) async throws -> Set<IssueID> {
        try await JiraClient.test(.cloud, CannedTransport { _, _ in .json(answer, status: status) })
            .permissionCheck(account: AccountID("5b10"), issues: issues)
    }

    @Test("only what Jira grants for that permission, of what was asked, counts") func grants() async throws {
        let answer = """
            {"globalPermissions":[],"projectPermissions":[
            {"permission":"EDIT_ISSUES","issues":[2],"projects":[]},
            {"permission":"BROWSE_PROJECTS","issues":[1,3,99],"projects":[]}]}
            """
        #expect(try await check(answer) == [IssueID(1), IssueID(3)])
        #expect(try await check(#"{"globalPermissions":[],"projectPermissions":[]}"#) == [])
    }

    @Test(
        "an answer without the list is an error, not a no",
        arguments: [
            "{}", #"{"projectPermissions":null}"#, #"{"projectPermissions":[{"permission":"BROWSE_PROJECTS"}]}"#,
        ])
    func malformed(_ answer: String) async throws {
        await expectError(.undecodable) { try await check(answer) }
    }

    @Test("a refusal is an error, not a no") func refusals() async throws {
        await expectError(.permissionMissing) { try await check("{}", status: 403) }
        await expectError(.credentialRefused) { try await check("{}", status: 401) }
    }

    @Test("there is no such question on Data Center, and none for more than a thousand issues") func limits() async {
        let transport = CannedTransport { _, _ in .json("{}") }
        await expectError(.unsupported) {
            try await JiraClient.test(.dataCenter, transport).permissionCheck(account: nil, issues: issues)
        }
        await expectError(.unsupported) {
            try await JiraClient.test(.cloud, transport).permissionCheck(
                account: nil, issues: (0...1_000).map { IssueID($0) })
        }
        #expect(transport.requests.isEmpty)
    }

    @Test("a comment that Data Center does not find is one the caller may not see", arguments: [404, 403])
    func hiddenComment(_ status: Int) async throws {
        let transport = CannedTransport { request, _ in
            Target(request.url).path.hasSuffix("/comment/7") ? .json(#"{"id":"7"}"#) : .json("{}", status: status)
        }
        let parts = ["7", "8"].map { PartReference(.comment, EntityID($0), of: IssueID(1)) }
        #expect(try await JiraClient.test(.dataCenter, transport).visibleParts(parts).keys.map(\.id) == ["7"])
    }

    @Test("comments that Jira announces and does not give are not taken for hidden ones") func cutShort() async {
        let transport = CannedTransport { _, _ in .json(#"{"isLast":false,"total":2,"values":[{"id":"7"}]}"#) }
        let parts = ["7", "8"].map { PartReference(.comment, EntityID($0), of: IssueID(1)) }
        await expectError(.undecodable) { try await JiraClient.test(.cloud, transport).visibleParts(parts) }
    }

    @Test("what is visible comes with what narrows it now") func narrowing() async throws {
        let transport = CannedTransport { _, _ in
            .json(
                """
                {"isLast":true,"values":[{"id":"7","visibility":{"type":"role","value":"Devs","identifier":"10001"}},
                {"id":"8","jsdPublic":false},{"id":"9"}]}
                """)
        }
        let parts = ["7", "8", "9"].map { PartReference(.comment, EntityID($0), of: IssueID(1)) }
        let seen = try await JiraClient.test(.cloud, transport).visibleParts(parts)
        #expect(seen[parts[0]]?.visibility?.identifier == "10001")
        #expect(parts.map { seen[$0]?.isInternal } == [false, true, false])
    }

    @Test("the issues that a search does not give back are hidden; a page cut short hides nothing")
    func visibleIssues() async throws {
        let whole = CannedTransport { _, _ in .json(#"{"total":2,"issues":[{"id":"1"},{"id":"3"}]}"#) }
        #expect(try await JiraClient.test(.dataCenter, whole).visibleIssues(issues) == [IssueID(1), IssueID(3)])
        #expect(whole.requests.first?.json["jql"]?.string == "id in (1,2,3)")
        let cut = CannedTransport { _, _ in .json(#"{"total":2,"issues":[{"id":"1"}]}"#) }
        await expectError(.incompleteListing) { try await JiraClient.test(.dataCenter, cut).visibleIssues(issues) }
    }

    @Test("the project of an issue is told of those that Jira shows, and of no other")
    func projectsOfIssues() async throws {
        let answer = #"{"total":2,"issues":[{"id":"1","fields":{"project":{"id":"10000"}}},{"id":"3","fields":{}}]}"#
        for flavour in [Flavour.cloud, .dataCenter] {
            let transport = CannedTransport { _, _ in .json(answer) }
            let places = try await JiraClient.test(flavour, transport).projects(ofIssues: issues)
            #expect(places == [IssueID(1): "10000"])
            #expect(transport.requests.first?.json["fields"] == ["project"])
        }
    }

    @Test("a search that an unknown issue spoils hides nothing: the issues are asked for one by one")
    func spoiltSearch() async throws {
        let transport = CannedTransport { request, _ in
            let path = Target(request.url).path
            if path.hasSuffix("/search") { return .json(#"{"total":0,"issues":[],"warningMessages":["No issue 2."]}"#) }
            if path.hasSuffix("/issue/2") { return .json("{}", status: 404) }
            return .json(#"{"id":"\#(path.split(separator: "/").last ?? "")"}"#)
        }
        #expect(try await JiraClient.test(.dataCenter, transport).visibleIssues(issues) == [IssueID(1), IssueID(3)])
    }

    @Test("a comment and a worklog with the same number are two things") func kinds() async throws {
        let transport = CannedTransport { request, _ in
            request.url.hasSuffix("/worklog/list") ? .json(#"[{"id":"7"}]"#) : .json(#"{"isLast":true,"values":[]}"#)
        }
        let parts = [PartReference(.comment, "7", of: IssueID(1)), PartReference(.worklog, "7", of: IssueID(1))]
        #expect(try await JiraClient.test(.cloud, transport).visibleParts(parts).keys.map(\.kind) == [.worklog])
    }
}

@Suite("Jira's audit log") struct AuditLogTests {
    private static func record(_ id: Int) -> String {
        #"{"id":\#(id),"summary":"s","category":"c","created":"2026-01-02T03:04:05.006+0000"}"#
    }

    /// A log of `total` records, to the front of which one is added with each page.
    private func growing(_ total: Int) -> CannedTransport {
        CannedTransport { request, number in
            let offset = Int(Target(request.url)["offset"] ?? "") ?? 0
            let newest = total + number
            let ids = stride(from: newest - offset, to: max(newest - offset - 1_000, 0), by: -1)
            let records = ids.map { Self.record($0) }.joined(separator: ",")
            return .json(#"{"offset":\#(offset),"total":\#(newest),"records":[\#(records)]}"#)
        }
    }

    @Test("records written while it is read come once and push none out") func growth() async throws {
        let transport = growing(2_500)
        let records = try await JiraClient.test(.cloud, transport).auditRecords(since: Timestamp(milliseconds: 1))
        #expect(Set(records.map(\.id)) == Set(1...2_500) && records.count == 2_500)
        #expect(Target(transport.requests[0].url)["from"] == "1970-01-01T00:00:00.001Z")
    }

    @Test("a log longer than asked for is refused, not cut") func tooLong() async {
        await expectError(.incompleteListing) {
            try await JiraClient.test(.cloud, growing(5_000)).auditRecords(
                since: Timestamp(milliseconds: 1), limit: 2_000)
        }
    }

    @Test("Data Center has none") func dataCenter() async {
        await expectError(.unsupported) {
            try await JiraClient.test(.dataCenter, growing(1)).auditRecords(since: Timestamp(milliseconds: 1))
        }
    }
}
