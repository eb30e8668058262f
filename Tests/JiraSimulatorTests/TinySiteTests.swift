import FastJSON
import HTTPMessages
import JiraSimulator
import SimulatedAccess
import SimulatedData
import SimulatedRules
import SimulatedSite
import Testing

/// What tiny sites answer each of their people is what their rules say, also after changes at random.
@Suite struct TinySiteTests {
    private struct Reader {
        let jira: InProcessJira
        let user: User?
        /// Everything that was answered.
        var answers: [UInt8] = []

        mutating func json(_ method: HTTPMethod, _ path: String, _ body: JSONValue? = nil) async throws -> JSONValue {
            let isCloud = jira.site.configuration.flavour.isCloud
            var request = HTTPRequest(method, jira.url + path)
            if let user {
                request.headers["Authorization"] =
                    isCloud
                    ? "Basic " + Base64.encode("\(user.email):\(user.apiToken)")
                    : "Bearer \(user.personalAccessToken)"
            }
            request.body = body?.serialized() ?? []
            let answer = try await jira.send(request)
            try #require(answer.status == 200, "\(path): \(String(decoding: answer.body, as: UTF8.self))")
            answers += answer.body
            return try JSONValue(parsing: answer.body)
        }

        /// Every issue as the flavour lets one read them, with its history.
        mutating func issues() async throws -> [JSONValue] {
            let jql = JSONValue.string("created >= \"1970-01-01\" order by created asc")
            guard jira.site.configuration.flavour.isCloud else {
                let body: JSONValue = ["jql": jql, "maxResults": 1_000, "fields": ["*all"], "expand": ["changelog"]]
                return try await json(.post, "/rest/api/2/search", body).values("issues")
            }
            let page = try await json(.post, "/rest/api/3/search/jql", ["jql": jql, "maxResults": 5_000])
            let ids = page.values("issues").compactMap { $0["id"] }
            guard !ids.isEmpty else { return [] }
            return try await json(
                .post, "/rest/api/3/issue/bulkfetch",
                ["issueIdsOrKeys": .array(ids), "fields": ["*all"], "expand": ["changelog"]]
            ).values("issues")
        }
    }

    private static func compare(_ jira: InProcessJira, _ caller: Caller, _ what: String) async throws {
        let state = jira.site.current()
        var user: User?
        if case .user(let index) = caller { user = state.users[index] }
        var reader = Reader(jira: jira, user: user)
        let issues = try await reader.issues()
        let truth = jira.truth(for: caller)
        func ids(_ values: [JSONValue]) -> [Int] { values.compactMap { $0.text("id").flatMap { Int($0) } } }
        let fields = issues.compactMap { $0["fields"] }
        #expect(Set(ids(issues)) == Set(truth.issues), "\(what)")
        #expect(Set(fields.flatMap { ids($0["comment"]?.values("comments") ?? []) }) == Set(truth.comments), "\(what)")
        #expect(Set(fields.flatMap { ids($0["worklog"]?.values("worklogs") ?? []) }) == Set(truth.worklogs), "\(what)")
        #expect(Set(fields.flatMap { ids($0.values("attachment")) }) == Set(truth.attachments), "\(what)")
        let words = Planted.words(in: reader.answers)
        for record in state.plantedRecords {
            let shown =
                switch record.kind {
                case .issue: truth.issues
                case .comment: truth.comments
                case .worklog: truth.worklogs
                case .attachment: truth.attachments
                }
            guard !shown.contains(record.id), !words.isDisjoint(with: record.words) else { continue }
            // Links and parents still show what is archived to those who may open it.
            let mayOpen = state.ordinal(id: record.issue).map {
                PermissionEvaluator(state).mayBrowse(caller, issue: $0)
            }
            #expect(record.kind == .issue && mayOpen == true, "\(what): \(record)")
        }
    }

    @Test(arguments: [0, 100, 200, 300, 400] as [UInt64])
    func `shows each person what the rules say, before and after changes`(_ first: UInt64) async throws {
        for seed in first..<(first + 8) {
            let configuration = SiteConfiguration.tiny(seed: seed)
            let clock = VirtualSiteClock(configuration.now)
            let jira = InProcessJira(site: SimulatedSite(configuration, clock: clock.clock))
            var random = SeededRandom(seed: seed)
            for round in 0..<2 {
                for _ in 0..<(round * 15) {
                    clock.advance(by: 60_000)
                    jira.site.mutate(using: &random)
                }
                let people = jira.site.current().users.filter { $0.isActive && !$0.isDeleted }
                for caller in people.map({ Caller.user($0.index) }) + [.anonymous] {
                    try await Self.compare(jira, caller, "seed \(seed), round \(round), \(caller)")
                }
            }
        }
    }

    @Test func `the administrator reads every rule`() async throws {
        for seed in UInt64(0)..<24 {
            let jira = InProcessJira(site: SimulatedSite(.tiny(seed: seed)))
            let state = jira.site.current()
            var reader = Reader(jira: jira, user: state.users[TinySite.administrator])
            let isCloud = state.configuration.flavour.isCloud
            let api = isCloud ? "/rest/api/3" : "/rest/api/2"
            let schemes = try await reader.json(.get, "\(api)/permissionscheme?expand=all")
            #expect(
                schemes.values("permissionSchemes").count == state.permissionSchemes.filter { $0.scope == nil }.count)
            for project in state.projects {
                _ = try await reader.json(.get, "\(api)/project/\(project.key)/permissionscheme?expand=all")
                let roles = try await reader.json(.get, "\(api)/project/\(project.key)/role")
                guard case .object(let members) = roles else { continue }
                #expect(members.count >= 3)
            }
            for group in state.groups {
                let name = isCloud ? "groupId=\(group.id)" : "groupname=\(PercentEncoding.encode(group.name))"
                let page = try await reader.json(.get, "\(api)/group/member?\(name)&includeInactiveUsers=true")
                #expect(page["total"]?.integer == state.members(of: group.index, nested: !isCloud).count)
            }
            _ = try await reader.json(.get, "\(api)/applicationrole")
            _ = try await reader.json(.get, "\(api)/issuesecurityschemes")
            guard isCloud else { continue }
            let members = try await reader.json(.get, "\(api)/issuesecurityschemes/level/member?maxResults=1000")
            #expect(members["total"]?.integer == state.securitySchemes.flatMap(\.levels).flatMap(\.members).count)
            _ = try await reader.json(.get, "\(api)/issuesecurityschemes/project")
        }
    }

    @Test func `Jira's own check agrees with the truth for every account`() async throws {
        for seed in stride(from: UInt64(0), to: 24, by: 2) {
            let jira = InProcessJira(site: SimulatedSite(.tiny(seed: seed)))
            let state = jira.site.current()
            var reader = Reader(jira: jira, user: state.users[TinySite.administrator])
            let live = (0..<state.issueCount).filter {
                state.row($0).state == .live && !state.projects[Int(state.row($0).project)].isArchived
            }
            let issues = JSONValue.array(live.map { .integer(Int64(state.row($0).id)) })
            for user in state.users {
                let answer = try await reader.json(
                    .post, "/rest/api/3/permissions/check",
                    [
                        "accountId": .string(user.accountID),
                        "projectPermissions": [["permissions": ["BROWSE_PROJECTS"], "issues": issues]],
                    ])
                let found = answer.values("projectPermissions").flatMap { $0.values("issues") }.compactMap(\.integer)
                #expect(found == jira.truth(for: .user(user.index)).issues)
            }
        }
    }
}
