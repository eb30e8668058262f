import HTTPClient
import IssueDecoding
import IssueModel
import JiraClient
import JiraSimulator
import SimulatedSite
import Testing

@Suite("Against a simulated Jira") struct ReadingTests {
    /// Ids of issues, comments, worklogs and attachments, in order.
    private func parts(_ batch: IssueBatch) -> [[Int]] {
        func numbers(_ ids: some Sequence<EntityID>) -> [Int] { ids.compactMap { Int($0.rawValue) }.sorted() }
        let issues = batch.issues.map(\.issue)
        return [
            issues.map { Int($0.id.rawValue) }.sorted(), numbers(issues.flatMap(\.comments).map(\.id)),
            numbers(issues.flatMap(\.worklogs).map(\.id)), numbers(issues.flatMap(\.attachments).map(\.id)),
        ]
    }

    private func parts(_ truth: SiteTruth) -> [[Int]] {
        [truth.issues, truth.comments, truth.worklogs, truth.attachments].map { $0.sorted() }
    }

    @Test("an administrator reads everything, complete", arguments: [SiteFlavour.cloud, .dataCenter])
    func everything(_ flavour: SiteFlavour) async throws {
        try await SimulatedJira.with(flavour, { $0.embeddedComments = 2 }) { jira in
            let (client, caller) = try await jira.administrator()
            let batch = try await client.everyIssue()
            #expect(batch.quarantined.map(\.description) == [] && batch.missing == [])
            #expect(parts(batch) == parts(jira.server.truth(for: caller)))
            #expect(!batch.issues.isEmpty && batch.issues.contains { $0.raw.comments != nil })
            #expect(
                batch.issues.contains { !$0.issue.sprints.isEmpty } && batch.issues.contains { $0.issue.rank != nil })
            let other = Set(batch.issues.flatMap(\.issue.otherFields).map(\.name))
            #expect(other.count > 10, "\(other)")
        }
    }

    @Test("each person reads what that person may see", arguments: [SiteFlavour.cloud, .dataCenter])
    func people(_ flavour: SiteFlavour) async throws {
        try await SimulatedJira.with(flavour, issues: 60) { jira in
            let users = jira.server.site.current().users.filter { $0.isActive && !$0.isDeleted }
            for user in users.prefix(6) {
                let client = try await jira.client(jira.credential(user))
                let batch = try await client.everyIssue(IssueQuery(order: .newestFirst))
                #expect(parts(batch) == parts(jira.server.truth(for: .user(user.index))), "\(user.displayName)")
            }
            let anonymous = try await jira.client(.anonymous)
            let shown = try await anonymous.everyIssue()
            #expect(parts(shown) == parts(jira.server.truth(for: .anonymous)))
        }
    }

    @Test("a site is found below its context path, by each of its credentials") func credentials() async throws {
        try await SimulatedJira.with(.dataCenter, issues: 5, { $0.contextPath = "/jira" }) { jira in
            let administrator = try #require(jira.server.credentials.administrator)
            let root = String(jira.server.url.dropLast("/jira".count))
            for kind in [SimulatedCredential.Kind.personalAccessToken, .password] {
                let identity = try await jira.identify(
                    jira.credential(administrator, kind), address: root + "/browse/X-1")
                #expect(identity.baseURL == jira.server.url && identity.product != .cloud)
                #expect(identity.mends.map(\.code) == ["page_removed", "context_found"])
                #expect(identity.account != nil)
            }
        }
    }

    @Test("tokens with scopes and service accounts get in through the gateway") func gateway() async throws {
        try await SimulatedJira.with(.cloud, issues: 5) { jira in
            let administrator = try #require(jira.server.credentials.administrator)
            let service = try #require(jira.server.credentials.serviceAccount)
            for credential in [jira.credential(administrator, .scopedToken), SimulatedJira.credential(service)] {
                let client = try await jira.client(credential)
                #expect(client.identity.apiBase == jira.server.gatewayURL && client.identity.baseURL == jira.server.url)
                let fact1 = try await client.everyIssue().issues.isEmpty == false
                #expect(fact1)
            }
            let plain = try await jira.identify(jira.credential(administrator, .apiToken))
            #expect(!plain.usesGateway && plain.siteID != nil)
        }
    }

    @Test("histories are complete on both flavours", arguments: [SiteFlavour.cloud, .dataCenter])
    func histories(_ flavour: SiteFlavour) async throws {
        try await SimulatedJira.with(flavour) { jira in
            let client = try await jira.administrator().client
            let issues = try await client.everyIssue().issues
            var changes = issues.map(\.issue.changes.count).reduce(0, +)
            if flavour == .cloud {
                #expect(changes == 0, "Cloud gives them apart")
                let logs = try await client.changelogs(of: issues.map(\.issue.id))
                #expect(logs.count == issues.count)
                changes = logs.values.map(\.changes.count).reduce(0, +)
                for log in logs.values {
                    #expect(log.changes.map(\.at) == log.changes.map(\.at).sorted())
                }
            }
            #expect(changes > issues.count)
        }
    }

    @Test("a delta finds what changed since, and little else", arguments: [SiteFlavour.cloud, .dataCenter])
    func delta(_ flavour: SiteFlavour) async throws {
        try await SimulatedJira.with(flavour) { jira in
            let client = try await jira.administrator().client
            let times = try await client.everyIssue().issues.map { ($0.issue.updated, $0.issue.id) }.sorted {
                $0.0 < $1.0
            }
            let since = times[times.count / 2].0
            var found: Set<IssueID> = []
            var cursor: IssueCursor?
            repeat {
                let page = try await client.issueIDs(.updated(since: since), after: cursor)
                found.formUnion(page.ids)
                cursor = page.next
            } while cursor != nil
            #expect(found.isSuperset(of: times.filter { $0.0 >= since }.map(\.1)))
            #expect(found.isDisjoint(with: times.filter { $0.0.rawValue < since.rawValue - 60_000 }.map(\.1)))
            let fact2 = try await client.issueCount(.updated(since: since)) == found.count
            #expect(fact2)
        }
    }

    @Test("the facts of who may do what are read on both flavours", arguments: [SiteFlavour.cloud, .dataCenter])
    func access(_ flavour: SiteFlavour) async throws {
        try await SimulatedJira.with(flavour, issues: 20) { jira in
            let client = try await jira.administrator().client
            let accounts = try await client.accounts()
            let groups = try await client.groups()
            #expect(accounts.count > 3 && groups.count > 1)
            var members = 0
            for group in groups { members += try await client.members(of: group).count }
            #expect(members > 0)
            let fact3 = try await !client.applicationRoles().isEmpty
            #expect(fact3)
            let schemes = try await client.permissionSchemes()
            let unknown = schemes.flatMap(\.grants).filter { if case .unknown = $0.holder { true } else { false } }
            #expect(!schemes.isEmpty && unknown.count < 5)
            var levels = 0
            for scheme in try await client.securitySchemes() {
                levels += try await client.securityLevels(ofScheme: scheme.id).count
            }
            #expect(levels > 0)
            let people = AccountDirectory(accounts)
            for project in try await client.projects() {
                let id = project.project.id
                let fact4 = try await client.permissionScheme(ofProject: id).grants.isEmpty == false
                #expect(fact4)
                _ = try await client.securityScheme(ofProject: id)
                let known = Set(accounts.map(\.id))
                for actors in try await client.roleActors(in: id, people: people) {
                    #expect(known.isSuperset(of: actors.accounts))
                }
                _ = try await (client.versions(of: id), client.components(of: id))
            }
        }
    }

    @Test("the catalogue is read on both flavours", arguments: [SiteFlavour.cloud, .dataCenter])
    func catalogue(_ flavour: SiteFlavour) async throws {
        try await SimulatedJira.with(flavour, issues: 20) { jira in
            let client = try await jira.administrator().client
            let fact5 = try await client.statuses().contains { $0.category == .done }
            #expect(fact5)
            let fact6 = try await !client.priorities().isEmpty
            #expect(fact6)
            let fact7 = try await !client.resolutions().isEmpty
            #expect(fact7)
            let fact8 = try await client.issueTypes().contains { $0.isSubtask }
            #expect(fact8)
            let fact9 = try await !client.linkTypes().isEmpty
            #expect(fact9)
            let fact10 = try await !client.roles().isEmpty
            #expect(fact10)
            let boards = try await client.boards()
            var sprints = 0
            for board in boards { sprints += try await client.sprints(ofBoard: board.id).count }
            #expect(sprints > 0)
            let fact11 = try await client.ownPermissions(["ADMINISTER"]) == ["ADMINISTER"]
            #expect(fact11)
        }
    }

    @Test("attachments come whole, through the redirect or without", arguments: [SiteFlavour.cloud, .dataCenter])
    func attachments(_ flavour: SiteFlavour) async throws {
        try await SimulatedJira.with(flavour) { jira in
            let client = try await jira.administrator().client
            let attachments = try await client.everyIssue().issues.flatMap(\.issue.attachments)
            for attachment in attachments.prefix(20) {
                let bytes = try await client.content(of: attachment, limit: 8 << 20)
                #expect(Int64(bytes.count) == attachment.size, "\(attachment.mimeType)")
            }
            #expect(!attachments.isEmpty)
        }
    }
}
