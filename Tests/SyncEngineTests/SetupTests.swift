import AccessControl
import Database
import HTTPMessages
import IssueModel
import JiraClient
import JiraSimulator
import SimulatedAccess
import SimulatedSite
import SiteConnection
import Store
import Synchronization
import SyncEngine
import Testing

/// Connecting a site whose people and groups are many.
@Suite struct SetupTests {
    @Test(
        "an administrator mirrors a large site, whatever part of its groups it lists, and few requests tell so",
        arguments: [SiteFlavour.cloud, .dataCenter])
    func large(_ flavour: SiteFlavour) async throws {
        var scale = AccessScale()
        (scale.projects, scale.accounts, scale.issues) = (40, 3_000, 20)
        let site = SimulatedSite(.access(seed: 3, flavour: flavour, scale: scale))
        let jira = InProcessJira(site: site, pause: { _ in })
        let login = try #require(jira.credentials.administrator.flatMap { jira.credentials.all(of: $0).first })
        let credential: Credential =
            login.kind == .apiToken
            ? .apiToken(email: login.user, token: login.secret) : .personalAccessToken(login.secret)
        let setup = SourceSetup(transport: jira, gatewayURL: jira.gatewayHost)
        let findings = await setup.test(jira.url, credential)
        #expect(findings.isUsable && findings.canMirror, "\(findings.checks)")
        let names = findings.checks.first { $0.code == "group_names" }
        #expect(names?.outcome == (flavour.isCloud ? nil : .warn))
        let asked = jira.log.entries.map(\.target)
        #expect(asked.count < 40, "\(asked)")
        #expect(asked.count { $0.contains("/groups/picker") || $0.contains("/group/bulk") } == 1)
        #expect(asked.count { $0.contains("/user/search") || $0.contains("/users/search") } == 1)
    }

    @Test("a Data Center that does not list its groups is mirrored if their members can be read")
    func unlistedGroups() async throws {
        var scale = AccessScale()
        (scale.projects, scale.groups, scale.accounts, scale.groupsOfDeveloper, scale.issues) = (10, 40, 60, 5, 20)
        for isRefused in [false, true] {
            let site = SimulatedSite(.access(seed: 3, flavour: .dataCenter, scale: scale))
            let jira = InProcessJira(site: site, pause: { _ in })
            let login = try #require(jira.credentials.administrator.flatMap { jira.credentials.all(of: $0).first })
            jira.faults.add(Fault(.status(403), path: "groups/picker", count: nil))
            if isRefused { jira.faults.add(Fault(.status(403), path: "group/member", count: nil)) }
            let findings = await SourceSetup(transport: jira, gatewayURL: jira.gatewayHost)
                .test(jira.url, .personalAccessToken(login.secret))
            #expect(findings.canMirror == !isRefused, "\(findings.checks)")
        }
    }

    @Test("a site is followed to another address, another site is not", arguments: [SiteFlavour.cloud, .dataCenter])
    func moves(_ flavour: SiteFlavour) async throws {
        let configuration = SiteConfiguration(flavour: flavour, issueCount: 20, averageIssueBytes: 400)
        try await AccessScene.lent(configuration) { scene in
            let service = scene.service()
            _ = try await service.synchronise(AccessScene.name)
            scene.jira.changeURL(to: "http://renamed.localhost")
            await #expect(throws: SyncFailure.self) { _ = try await service.synchronise(AccessScene.name) }
            let before = try await scene.source()
            _ = try await scene.setup.move(before, to: "http://renamed.localhost", in: scene.store)
            let moved = try await scene.source()
            #expect(moved.url == "http://renamed.localhost" && moved.id == before.id)
            let summary = try await service.synchronise(AccessScene.name, .changes)
            #expect(summary.finished && summary.issues.stored == 0)
            // Another site, whose projects have other numbers.
            var other = moved
            other.siteID = moved.siteID.map { _ in "another" }
            if flavour == .dataCenter {
                try await scene.store.write { context in
                    try context.connection.execute("UPDATE project SET jira_id = jira_id || '9'")
                }
            }
            let wrong = other
            let failure = await #expect(throws: SyncFailure.self) {
                _ = try await scene.setup.move(wrong, to: "http://renamed.localhost", in: scene.store)
            }
            #expect(failure?.code == .siteChanged)
        }
    }

    @Test("what is decided of a source while Jira is asked stays: who sees what, and whether it is there")
    func decidedMeanwhile() async throws {
        let configuration = SiteConfiguration(flavour: .cloud, issueCount: 5, averageIssueBytes: 400)
        try await AccessScene.lent(configuration) { scene in
            let before = try await scene.source()
            try await scene.store.write { context in
                var shared = before
                shared.accessMode = .shared
                try SourceRecords.update(shared, in: context)
            }
            let stale = try await scene.source()
            // As another request decides it while this one still waits for Jira.
            try await scene.store.write { try SourceRecords.update(before, in: $0) }
            _ = try await scene.setup.move(stale, to: scene.jira.url, in: scene.store)
            let moved = try await scene.source()
            #expect(moved.accessMode == before.accessMode)

            // A run that finds another version of Jira than is stored.
            try await scene.store.write { try $0.connection.execute("UPDATE source SET version = 'older'") }
            let store = scene.store
            let transport = ActingTransport(scene.jira) {
                try await store.write { try SourceRecords.setState(.paused, of: before.id, in: $0) }
            }
            _ = try? await scene.service(transport).synchronise(AccessScene.name)
            let known = try await scene.source()
            #expect(known.version == before.version && known.state == .paused)
        }
    }
}

/// Passes requests on, and does something when the first one comes.
private final class ActingTransport: HTTPTransport {
    private let wrapped: any HTTPTransport
    private let act: @Sendable () async throws -> Void
    private let isDone = Mutex(false)

    init(_ wrapped: any HTTPTransport, act: @escaping @Sendable () async throws -> Void) {
        self.wrapped = wrapped
        self.act = act
    }

    func send(_ request: HTTPRequest) async throws(HTTPTransportError) -> HTTPResponse {
        let isFirst = isDone.withLock { isDone in
            defer { isDone = true }
            return !isDone
        }
        if isFirst {
            do { try await act() } catch { throw HTTPTransportError(.connectionLost) }
        }
        return try await wrapped.send(request)
    }
}
