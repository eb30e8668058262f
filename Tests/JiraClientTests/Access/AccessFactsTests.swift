import FastJSON
import HTTPMessages
import IssueDecoding
import IssueModel
import JiraClient
import Testing

@Suite("Who may do what") struct AccessFactsTests {
    struct Case: Sendable, CustomTestStringConvertible {
        let flavour: Flavour
        let json: String
        let holder: Holder
        var testDescription: String { "\(flavour): \(json)" }

        init(_ flavour: Flavour, _ json: String, _ holder: Holder) {
            (self.flavour, self.json, self.holder) = (flavour, json, holder)
        }
    }

    @Test(
        "every holder is understood, an unknown one grants nobody",
        arguments: [
            Case(.cloud, #"{"type":"anyone"}"#, .anyone), Case(.cloud, #"{"type":"reporter"}"#, .reporter),
            Case(.cloud, #"{"type":"assignee"}"#, .assignee), Case(.cloud, #"{"type":"projectLead"}"#, .projectLead),
            Case(.cloud, #"{"type":"applicationRole"}"#, .applicationRole(key: nil)),
            Case(.cloud, #"{"type":"applicationRole","parameter":""}"#, .applicationRole(key: nil)),
            Case(
                .cloud, #"{"type":"applicationRole","parameter":"jira-software"}"#,
                .applicationRole(key: "jira-software")),
            Case(.cloud, #"{"type":"group","parameter":"devs","value":"g-1"}"#, .group(GroupID("g-1"))),
            Case(.dataCenter, #"{"type":"group","parameter":"Devs"}"#, .group(GroupID("devs"))),
            Case(.cloud, #"{"type":"group"}"#, .unknown(type: "group")),
            Case(.cloud, #"{"type":"user","parameter":"5b10","value":"5b10"}"#, .account(AccountID("5b10"))),
            Case(.dataCenter, #"{"type":"user","parameter":"JIRAUSER1"}"#, .account(AccountID("JIRAUSER1"))),
            Case(
                .dataCenter, #"{"type":"user","parameter":"mia","user":{"key":"JIRAUSER1","name":"mia"}}"#,
                .account(AccountID("JIRAUSER1"))),
            Case(.cloud, #"{"type":"projectRole","parameter":"10002","value":"10002"}"#, .projectRole("10002")),
            Case(.dataCenter, #"{"type":"projectRole","parameter":"10002"}"#, .projectRole("10002")),
            Case(.cloud, #"{"type":"userCustomField","parameter":"customfield_1"}"#, .accountField("customfield_1")),
            Case(.cloud, #"{"type":"groupCustomField","value":"customfield_2"}"#, .groupField("customfield_2")),
            Case(.cloud, #"{"type":"sd.customer.portal.only"}"#, .portalCustomer),
            Case(.cloud, #"{"type":"moon.phase","parameter":"full"}"#, .unknown(type: "moon.phase")),
            Case(.cloud, "{}", .unknown(type: "")),
        ])
    func holders(_ given: Case) async throws {
        let transport = CannedTransport { _, _ in
            .json(#"{"id":1,"name":"n","permissions":[{"permission":"BROWSE_PROJECTS","holder":\#(given.json)}]}"#)
        }
        let scheme = try await JiraClient.test(given.flavour, transport).permissionScheme(ofProject: "PAY")
        #expect(scheme.grants == [PermissionScheme.Grant(permission: "BROWSE_PROJECTS", holder: given.holder)])
    }

    @Test("a scheme without its grants is an error, not a scheme that grants nothing") func noGrants() async throws {
        await expectError(.undecodable) {
            try await JiraClient.test(.cloud, CannedTransport { _, _ in .json(#"{"id":1,"name":"n"}"#) })
                .permissionScheme(ofProject: "PAY")
        }
    }

    @Test("schemes listed without grants are read one by one") func bareSchemes() async throws {
        let transport = CannedTransport { request, _ in
            Target(request.url).path.hasSuffix("/permissionscheme")
                ? .json(#"{"permissionSchemes":[{"id":1,"name":"a"},{"id":2,"name":"b","permissions":[]}]}"#)
                : .json(#"{"id":1,"name":"a","permissions":[{"permission":"P","holder":{"type":"anyone"}}]}"#)
        }
        let schemes = try await JiraClient.test(.cloud, transport).permissionSchemes()
        #expect(schemes.map(\.grants.count) == [1, 0] && transport.requests.count == 2)
    }

    @Test("roles name groups and people in each flavour's way") func roles() async throws {
        let cloud = """
            {"id":1,"name":"Devs","actors":[
            {"type":"atlassian-group-role-actor","name":"devs","actorGroup":{"name":"devs","groupId":"g-1"}},
            {"type":"atlassian-user-role-actor","actorUser":{"accountId":"5b10"}},{"type":"atlassian-robot-role-actor"}]}
            """
        let dataCenter = """
            {"id":1,"name":"Devs","actors":[{"type":"atlassian-group-role-actor","name":"Devs"},
            {"type":"atlassian-user-role-actor","name":"Mia"},{"type":"atlassian-user-role-actor","name":"stranger"}]}
            """
        let people = AccountDirectory([Account(id: AccountID("JIRAUSER1"), name: "mia", displayName: "Mia")])
        let expected: [(Flavour, String, [GroupID], [AccountID])] = [
            (.cloud, cloud, [GroupID("g-1")], [AccountID("5b10")]),
            (.dataCenter, dataCenter, [GroupID("devs")], [AccountID("JIRAUSER1"), AccountID("stranger")]),
        ]
        for (flavour, answer, groups, accounts) in expected {
            let transport = CannedTransport { request, _ in
                Target(request.url).path.hasSuffix("/role") ? .json(#"{"Devs":"https://x/role/10001"}"#) : .json(answer)
            }
            let actors = try await JiraClient.test(flavour, transport).roleActors(in: "PAY", people: people)
            #expect(actors == [RoleActors(role: Entity(id: "1", name: "Devs"), accounts: accounts, groups: groups)])
            #expect(transport.paths.last?.hasSuffix("/project/PAY/role/10001") == true)
        }
    }

    @Test("a role that is removed while roles are read is left out of them; a project that is not there fails")
    func removedRole() async throws {
        let transport = CannedTransport { request, _ in
            let path = Target(request.url).path
            if path.hasSuffix("/PAY/role") { return .json(#"{"Devs":"https://x/role/1","Old":"https://x/role/2"}"#) }
            return path.hasSuffix("/PAY/role/1")
                ? .json(#"{"id":1,"name":"Devs","actors":[]}"#) : .json("{}", status: 404)
        }
        let client = JiraClient.test(.cloud, transport)
        #expect(try await client.roleActors(in: "PAY").map(\.role.name) == ["Devs"])
        await expectError(.notFound) { try await client.roleActors(in: "GONE") }
    }

    @Test("security levels have their members on Cloud, and none that are known on Data Center") func levels()
        async throws
    {
        let cloud = CannedTransport { request, _ in
            Target(request.url).path.hasSuffix("/member")
                ? .json(#"{"isLast":true,"values":[{"issueSecurityLevelId":"7","holder":{"type":"reporter"}}]}"#)
                : .json(#"{"isLast":true,"values":[{"id":"7","name":"Staff"},{"id":"8","name":"Empty"}]}"#)
        }
        let levels = try await JiraClient.test(.cloud, cloud).securityLevels(ofScheme: "3")
        #expect(levels.map(\.members) == [[.reporter], []])
        let dataCenter = CannedTransport { _, _ in .json(#"{"id":3,"levels":[{"id":"7","name":"Staff"}]}"#) }
        let unknown = try await JiraClient.test(.dataCenter, dataCenter).securityLevels(ofScheme: "3")
        #expect(unknown.map(\.members) == [nil])
    }

    @Test(
        "a project without a security scheme has none; a refusal is no such answer",
        arguments: [(404, true), (403, false)])
    func noScheme(_ status: Int, _ isAnswer: Bool) async throws {
        let client = JiraClient.test(.cloud, CannedTransport { _, _ in .json("{}", status: status) })
        if isAnswer {
            #expect(try await client.securityScheme(ofProject: "PAY") == nil)
        } else {
            await expectError(.permissionMissing) { try await client.securityScheme(ofProject: "PAY") }
        }
    }

    @Test(
        "groups behind the picker's limit are found by letter, or the list is refused as incomplete", arguments: [3, 4])
    func groups(_ total: Int) async throws {
        let transport = CannedTransport { request, _ in
            let found = ["": "alpha", "b": "beta", "c": "charlie"][Target(request.url)["query"] ?? ""]
            let groups = found.map { #"{"name":"\#($0)"}"# } ?? ""
            return .json(#"{"total":\#(total),"groups":[\#(groups)]}"#)
        }
        let client = JiraClient.test(.dataCenter, transport)
        if total == 3 {
            #expect(try await client.groups().map(\.name) == ["alpha", "beta", "charlie"])
        } else {
            await expectError(.incompleteListing) { try await client.groups() }
            let listed = try await client.listedGroups()
            #expect(listed.elements.count == 3 && listed.total == 4 && !listed.isComplete)
        }
        let asked = transport.requests.count
        let first = try await client.firstGroups()
        #expect(first.elements.map(\.name) == ["alpha"] && !first.isComplete && first.total == total)
        #expect(transport.requests.count == asked + 1)
    }

    @Test(
        "a Data Center's list of accounts that repeats itself or ends at a round number may be cut",
        arguments: [49, 50])
    func cut(_ count: Int) async throws {
        for repeats in [false, true] {
            let transport = CannedTransport { request, _ in
                let start = repeats ? 0 : Int(Target(request.url)["startAt"] ?? "") ?? 0
                let list = (start..<max(start, count)).map { #"{"key":"\#($0)","name":"n\#($0)"}"# }
                return .json("[\(list.joined(separator: ","))]")
            }
            let listing = try await JiraClient.test(.dataCenter, transport).listedAccounts()
            #expect(listing.elements.count == count && listing.isComplete == (!repeats && count == 49))
            #expect(transport.requests.count == 2)
            _ = try await JiraClient.test(.dataCenter, transport).firstAccounts()
            #expect(transport.requests.count == 3)
        }
    }

    @Test("lists end only where Jira says so") func paging() async throws {
        let transport = CannedTransport { request, _ in
            let start = Int(Target(request.url)["startAt"] ?? "") ?? 0
            let list = (start..<min(start + 7, 20)).map { #"{"accountId":"\#($0)"}"# }.joined(separator: ",")
            return .json("[\(list)]")
        }
        #expect(try await JiraClient.test(.cloud, transport).accounts().count == 20)
        #expect(transport.requests.count == 4, "a bare list ends with an empty page, however short the others")
    }

    @Test("a server that answers every page with the same is not asked for ever") func sameePage() async throws {
        let transport = CannedTransport { _, _ in .json(#"[{"accountId":"1"}]"#) }
        await expectError(.pagingLoop) { try await JiraClient.test(.cloud, transport).accounts() }
        #expect(transport.requests.count == 2)
    }
}

@Suite("Attachments") struct AttachmentTests {
    let attachment = Attachment(
        id: "77", filename: "plan #1.pdf", author: nil, created: Timestamp(milliseconds: 0), size: 9,
        mimeType: "application/pdf", contentURL: "https://evil.example/x")

    @Test("follow Atlassian's redirect without the credential") func redirect() async throws {
        let store = "https://api.media.atlassian.com/file/abc/binary?token=t"
        let transport = CannedTransport { request, number in
            number == 0
                ? HTTPResponse(status: 303, headers: ["Location": store])
                : HTTPResponse(status: 200, body: Array("pdf bytes".utf8))
        }
        let bytes = try await JiraClient.test(.cloud, transport).content(of: attachment, limit: 100)
        #expect(bytes == Array("pdf bytes".utf8))
        #expect(transport.requests.map(\.url).last == store)
        #expect(transport.requests.last?.headers["Authorization"] == nil)
    }

    @Test(
        "go nowhere else",
        arguments: [
            "http://api.media.atlassian.com/x", "https://169.254.169.254/latest", "/login.jsp",
            "https://media.atlassian.com.evil.example/",
            "https://evil.example/?api.media.atlassian.com",
        ])
    func otherRedirects(_ location: String) async throws {
        let transport = CannedTransport { _, _ in HTTPResponse(status: 302, headers: ["Location": location]) }
        await expectError(.loginPage) {
            try await JiraClient.test(.dataCenter, transport).content(of: attachment, limit: 9)
        }
        #expect(transport.requests.count == 1)
    }

    @Test("are fetched from the site itself, whatever address the issue names") func address() async throws {
        let transport = CannedTransport { _, _ in HTTPResponse(status: 200, body: Array("x".utf8)) }
        _ = try await JiraClient.test(.dataCenter, transport).content(of: attachment, limit: 9)
        #expect(transport.requests.first?.url == "https://jira.example.com/jira/secure/attachment/77/plan%20%231.pdf")
        #expect(transport.requests.first?.responseBodyLimit == 9)
    }

    @Test("are not login pages") func loginPage() async throws {
        let transport = CannedTransport { _, _ in .page("<html>please sign in</html>") }
        await expectError(.loginPage) {
            try await JiraClient.test(.dataCenter, transport).content(of: attachment, limit: 99)
        }
    }
}
