import AccessControl
import AccessEngine
import HTTPMessages
import IssueModel
import JiraSimulator
import SimulatedAccess
import SimulatedSite
import SiteConnection
import Store
import Synchronization
import Testing

/// Relying on Jira's audit log: never further than it goes.
@Suite struct RefreshLogTests {
    private static func site() -> SiteConfiguration {
        var scale = AccessScale()
        (scale.projects, scale.groups, scale.accounts, scale.groupsOfDeveloper, scale.issues) = (150, 60, 200, 20, 30)
        return .access(seed: 3, scale: scale)
    }

    /// Gives a project that the plan does not ask for by itself another scheme; answers with its id.
    private func changeScheme(_ scene: RefreshScene, late: Int64 = 0, _ choose: Int = 0) throws -> EntityID {
        let live = scene.jira.site.current().projects.filter { !$0.isArchived }
        let project = live[live.count - 1 - choose]
        scene.clock.advance(by: 1_000)
        scene.jira.site.change { state in
            let hand = SiteState.Hand(user: 0, now: scene.clock.now - late * 1_000)
            state.setPermissionScheme(project.index, to: (project.permissionScheme + 1) % 12, by: hand)
        }
        return EntityID(String(project.id))
    }

    private func scheme(of project: EntityID, _ scene: RefreshScene) async throws -> String? {
        try await scene.facts().projects[project]?.permissionScheme?.rawValue
    }

    private func truth(of project: EntityID, _ scene: RefreshScene) -> String? {
        let state = scene.jira.site.current()
        return state.projects.first { String($0.id) == project.rawValue }
            .map { String(state.permissionSchemes[$0.permissionScheme].id) }
    }

    @Test(
        "however far our clock and the site's are apart, the log is followed and misses nothing",
        arguments: [-259_200, -18_000, 0, 18_000, 259_200])
    func clocks(ahead: Int64) async throws {
        let scene = try await RefreshScene(Self.site(), ahead: ahead)
        _ = try changeScheme(scene)
        try await scene.refresh(.everything)
        let shown = try await scene.shown()
        #expect(shown > 100)
        try await scene.refresh()
        for turn in 0..<7 {
            let project = try changeScheme(scene, turn)
            let (_, asked) = try await scene.refresh()
            #expect(try await scheme(of: project, scene) == truth(of: project, scene), "turn \(turn)")
            #expect(asked.count < 110 && asked.contains { $0.contains("/auditing/record") }, "\(asked.count)")
            #expect(try await scene.shown() == shown)
        }
    }

    @Test("a record that appears minutes after newer ones is noticed") func late() async throws {
        let scene = try await RefreshScene(Self.site())
        try await scene.refresh(.everything)
        _ = try changeScheme(scene, 1)
        try await scene.refresh(after: 60)
        let project = try changeScheme(scene, late: 240, 2)
        try await scene.refresh(after: 30)
        #expect(try await scheme(of: project, scene) == truth(of: project, scene))
    }

    struct Gap: CustomTestStringConvertible, Sendable {
        var name: String
        /// Answers a question for records.
        var answer: @Sendable (HTTPRequest) -> HTTPResponse?
        var testDescription: String { name }
    }

    @Test(
        "a log with a gap vouches for nothing: what it does not tell is there within half the lease",
        arguments: [
            Gap(name: "emptied") { _ in .init(status: 200, body: Array(#"{"total":0,"records":[]}"#.utf8)) },
            Gap(name: "cut") { request in
                let record = #"{"id":900000,"created":"2020-01-01T00:00:00.000+0000","summary":"","category":""}"#
                return .init(status: 200, body: Array(#"{"total":1,"records":[\#(record)]}"#.utf8))
            },
            Gap(name: "too long to read") { request in
                guard request.url.contains("from=") else { return nil }
                let offset =
                    request.url.split(separator: "offset=").last.flatMap { Int($0.prefix { $0.isNumber }) } ?? 0
                let records = (0..<1_000).map {
                    #"{"id":\#(offset + $0 + 10),"created":"2020-01-01T00:00:00.000+0000"}"#
                }.joined(separator: ",")
                return .init(status: 200, body: Array(#"{"total":99999,"records":[\#(records)]}"#.utf8))
            },
            Gap(name: "refused") { _ in .init(status: 403, body: Array("{}".utf8)) },
        ])
    func gap(_ gap: Gap) async throws {
        let isOpen = Mutex(false)
        let scene = try await RefreshScene(Self.site()) { request in
            guard request.url.contains("/auditing/record"), isOpen.withLock({ $0 }) else { return nil }
            var answer = gap.answer(request)
            answer?.headers["Content-Type"] = "application/json"
            return answer
        }
        _ = try changeScheme(scene)
        try await scene.refresh(.everything)
        let shown = try await scene.shown()
        for _ in 0..<2 { try await scene.refresh() }
        isOpen.withLock { $0 = true }
        var projects: [EntityID] = []
        for number in 0..<20 { projects.append(try changeScheme(scene, number * 7)) }
        for _ in 0..<6 {
            try await scene.refresh()
            #expect(try await scene.shown() == shown)
        }
        for project in projects { #expect(try await scheme(of: project, scene) == truth(of: project, scene)) }
    }
}
