import AccessControl
import AccessEngine
import Database
import HTTPMessages
import IssueModel
import JiraClient
import JiraSimulator
import Journal
import SimulatedSite
import Store
import SyncEngine
import Synchronization
import Testing

/// What happens between the moment at which something is read and the moment at which it is stored.
@Suite struct LateHintTests {
    /// Lets something happen between an answer and its arrival.
    private final class Between: HTTPTransport {
        let wrapped: any HTTPTransport
        let happens: @Sendable (HTTPRequest, HTTPResponse) async -> Void

        init(_ wrapped: any HTTPTransport, _ happens: @escaping @Sendable (HTTPRequest, HTTPResponse) async -> Void) {
            (self.wrapped, self.happens) = (wrapped, happens)
        }

        func send(_ request: HTTPRequest) async throws(HTTPTransportError) -> HTTPResponse {
            let response = try await wrapped.send(request)
            await happens(request, response)
            return response
        }
    }

    @Test("a hint that comes after a page was listed with its issues is not taken for answered by it")
    func hint() async throws {
        let configuration = SiteConfiguration(flavour: .dataCenter, issueCount: 20, averageIssueBytes: 600)
        try await AccessScene.lent(configuration) { scene in
            try await scene.synchronise()
            scene.clock.advance(by: 60_000)
            let source = try await scene.source().id
            let issue = IssueID(Int64(scene.site.current().row(3).id))
            let isHinted = Mutex(false)
            let transport = Between(scene.jira) { request, response in
                // The page of the listing that brings the issue itself.
                let (asked, text) = (
                    String(decoding: request.body, as: UTF8.self), String(decoding: response.body, as: UTF8.self)
                )
                guard asked.contains("project in ("), text.contains("\"\(issue)\""), text.contains("\"summary\"") else {
                    return
                }
                isHinted.withLock { $0 = true }
                scene.clock.advance(by: 1_000)
                let now = scene.time.now()
                try? await scene.store.write {
                    try PendingIssues.add([issue], cause: .webhook, at: now, source: source, in: $0)
                }
                scene.clock.advance(by: 1_000)
            }
            // A reading of everything looks at nothing that waits by itself.
            _ = try await scene.service(transport).synchronise(AccessScene.name, .full)
            #expect(isHinted.withLock { $0 })
            #expect(try await scene.store.read { try PendingIssues.count(source: source, in: $0).all } == 1)
        }
    }

    @Test("reading one project again lets no other be shown whose levels changed")
    func oneProject() async throws {
        let configuration = SiteConfiguration(flavour: .cloud, issueCount: 60, averageIssueBytes: 600)
        try await AccessScene.lent(configuration) { scene in
            try await scene.synchronise()
            scene.clock.advance(by: 60_000)
            let source = try await scene.source().id
            let projects = scene.site.current().projects.filter { !$0.isArchived }.prefix(2)
            let ids = projects.map { EntityID(String($0.id)) }
            try await note(ids, scene, source)
            _ = try await scene.service().synchronise(AccessScene.name, .project(projects[0].key))
            let left = try await scene.store.read { try AccessRefresh.projectsToReread(source: source, in: $0) }
            #expect(Set(left.keys) == [ids[1]])
            _ = try await scene.service().synchronise(AccessScene.name, .changes)
            let none = try await scene.store.read { try AccessRefresh.projectsToReread(source: source, in: $0) }
            #expect(none.isEmpty)
        }
    }

    @Test("issues are read again for their levels though a first read of another project began before those changed")
    func joined() async throws {
        let configuration = SiteConfiguration(flavour: .cloud, issueCount: 60, averageIssueBytes: 600)
        try await AccessScene.lent(configuration) { scene in
            try await scene.synchronise()
            let source = try await scene.source().id
            let projects = scene.site.current().projects.filter { !$0.isArchived }.prefix(2)
            let ids = projects.map { EntityID(String($0.id)) }
            let (now, other) = (scene.time.now(), ids[0])
            try await scene.store.write { context in
                guard let text = try Checkpoints.data("issues", source: source, in: context.connection) else { return }
                // A first read of one project was broken off, which began before all that is stored.
                let begun = text.replacing(
                    "\"backfill\":null",
                    with: """
                        "backfill":{"started":1,"newest":1,"lanes":[{"projects":["\(other)"],"after":null,"done":false}]}
                        """)
                #expect(begun != text)
                try Checkpoints.advance("issues", to: begun, at: now, source: source, in: context)
            }
            try await note([ids[1]], scene, source)
            scene.clock.advance(by: 60_000)
            let began = scene.time.now()
            _ = try await scene.service().synchronise(AccessScene.name, .changes)
            let stale = try await scene.store.read { connection in
                try connection.first(
                    """
                    SELECT count(*) FROM issue i JOIN project p ON p.id = i.project_id
                    WHERE i.source_id = ? AND p.jira_id = ? AND i.fetched < ?
                    """, source, ids[1].rawValue, began.rawValue
                ) { $0.int(0) }
            }
            #expect(stale == 0)
        }
    }

    @Test("a change of levels that is found while issues are read again has them read once more")
    func twice() async throws {
        let configuration = SiteConfiguration(flavour: .cloud, issueCount: 20, averageIssueBytes: 600)
        try await AccessScene.lent(configuration) { scene in
            let (source, id) = (try await scene.source().id, EntityID("10"))
            try await note([id], scene, source)
            let first = try await scene.store.read { try AccessRefresh.projectsToReread(source: source, in: $0) }
            scene.clock.advance(by: 1_000)
            try await note([id], scene, source)
            try await scene.store.write { try AccessRefresh.noteReread(first, source: source, in: $0) }
            let left = try await scene.store.read { try AccessRefresh.projectsToReread(source: source, in: $0) }
            #expect(left.keys.contains(id))
            try await scene.store.write { try AccessRefresh.noteReread(left, source: source, in: $0) }
            #expect(try await scene.store.read { try AccessRefresh.projectsToReread(source: source, in: $0) }.isEmpty)
        }
    }

    @Test("a level that is removed has its issues read again once, though something keeps its name")
    func removedLevel() async throws {
        let configuration = SiteConfiguration(flavour: .cloud, issueCount: 20, averageIssueBytes: 600)
        try await AccessScene.lent(configuration) { scene in
            try await scene.synchronise()
            let source = try await scene.source().id
            let project = try #require(scene.site.current().projects.first { !$0.isArchived })
            try await scene.store.write { context in
                let key = AclKey(AclInputs(project: EntityID(String(project.id)), level: "99999"))
                _ = try AccessRecords.intern(key, source: source, in: context)
            }
            try await scene.refresh(.everything)
            #expect(try await !scene.shown().contains(project.key))
            try await scene.synchronise()
            #expect(try await scene.shown().contains(project.key))
            for _ in 0..<2 {
                try await scene.refresh(.everything)
                #expect(try await scene.shown().contains(project.key))
            }
        }
    }

    private func note(_ projects: [EntityID], _ scene: AccessScene, _ source: Int64) async throws {
        let now = scene.time.now()
        try await scene.store.write { context in
            for project in projects {
                try AccessFactRecords.note(
                    .init(rawValue: "issue_levels"), ref: project.rawValue, verified: now, source: source, in: context)
            }
        }
    }
}
