import SyncEngine
import JiraClient
import AccessEngine
import AccessControl
import IssueModel
import JiraSimulator
import Journal
import SimulatedChanges
import SimulatedSite
import Store
import Testing

@testable import Reconciliation

/// Issues and projects that go out of the sight of the source's account without being deleted, and what comes back.
struct SightTests {
    /// The developer of the guided tour, whom rules let see some of the site.
    private static let account = 1

    @Test(
        "an issue that gets a level without the source's account is hidden at once, kept, and comes back",
        arguments: [SiteFlavour.cloud, .dataCenter])
    func losesALevel(_ flavour: SiteFlavour) async throws {
        try await CensusScene.lent(flavour, account: Self.account) { scene in
            let ordinal = try #require(scene.issues(of: "DATA").first { scene.truth().contains(scene.id($0)) })
            let issue = scene.id(ordinal)
            #expect(try await scene.row(issue)?.state == .live)
            let state = scene.site.current()
            let scheme = try #require(state.projects.first { $0.key == "DATA" }?.securityScheme)
            let level = state.securitySchemes[scheme].levels[1].id
            scene.change { $0.setLevel(ordinal, to: level, by: $1) }
            #expect(!scene.truth().contains(issue))
            try await scene.census()
            #expect(try await scene.row(issue)?.state == .unseen)
            for _ in 0..<3 { try await scene.pass(minutes: 60) }
            #expect(try await scene.row(issue)?.state == .unseen)
            scene.change { $0.setLevel(ordinal, to: nil, by: $1) }
            try await scene.census()
            #expect(try await scene.row(issue)?.state == .live)
            #expect(try await scene.count("SELECT count(*) FROM absence") == 0)
        }
    }

    @Test("a project that the account may not browse any more is hidden with all its issues, and comes back with them")
    func losesAProject() async throws {
        try await CensusScene.lent(levels: false, account: Self.account) { scene in
            let state = scene.site.current()
            let project = try #require(state.projects.first { $0.key == "WEB" })
            let issues = scene.issues(of: "WEB").map { scene.id($0) }
            let grants = state.holders(project.permissionScheme, "BROWSE_PROJECTS")
            scene.change { $0.setGrants(project.permissionScheme, "BROWSE_PROJECTS", to: [], by: $1) }
            try await scene.read()
            try await scene.census()
            for issue in issues { #expect(try await scene.row(issue)?.state == .unseen) }
            #expect(try await scene.count("SELECT count(*) FROM tombstone") == 0)
            scene.change { $0.setGrants(project.permissionScheme, "BROWSE_PROJECTS", to: grants, by: $1) }
            try await scene.read()
            for issue in issues { #expect(try await scene.row(issue)?.state == .live) }
            #expect(try await scene.shown() == scene.truth())
        }
    }

    @Test(
        "an archived issue leaves search and is still found by its key; it comes back when it is restored",
        arguments: [SiteFlavour.cloud, .dataCenter])
    func isArchived(_ flavour: SiteFlavour) async throws {
        try await CensusScene.lent(flavour) { scene in
            let ordinal = try #require(scene.issues(of: "OPEN").first)
            let issue = scene.id(ordinal)
            scene.change { state, _ in state.archiveIssue(ordinal) }
            scene.clock.advance(by: 2 * 86_400_000)
            try await scene.census()
            #expect(try await scene.row(issue)?.state == .archived)
            #expect(try await !scene.isIndexed(issue))
            try await scene.census()
            #expect(try await scene.row(issue)?.state == .archived)
            scene.change { state, _ in state.archiveIssue(ordinal, false) }
            try await scene.census()
            #expect(try await scene.row(issue)?.state == .live)
            #expect(try await scene.isIndexed(issue))
        }
    }

    @Test("the issues of an archived project are put away, and come back with it")
    func projectIsArchived() async throws {
        try await CensusScene.lent(levels: false) { scene in
            let project = try #require(scene.site.current().projects.first { $0.key == "MKT" })
            let issues = scene.issues(of: "MKT").map { scene.id($0) }
            scene.change { $0.archiveProject(project.index, by: $1) }
            try await scene.read()
            try await scene.census()
            for issue in issues {
                #expect(try await scene.row(issue)?.state == .archived)
                #expect(try await !scene.isIndexed(issue))
            }
            scene.change { $0.archiveProject(project.index, false, by: $1) }
            try await scene.read()
            for issue in issues {
                #expect(try await scene.row(issue)?.state == .live)
                #expect(try await scene.isIndexed(issue))
            }
        }
    }

    @Test("the issues of a project that was archived only between two readings come back all the same")
    func projectIsArchivedForAMoment() async throws {
        try await CensusScene.lent(levels: false) { scene in
            let project = try #require(scene.site.current().projects.first { $0.key == "MKT" })
            let issues = scene.issues(of: "MKT").map { scene.id($0) }
            scene.change { $0.archiveProject(project.index, by: $1) }
            // Found by the refresh of access alone: the next reading of issues finds the project live, as it left it.
            _ = try await scene.service.refreshAccess(CensusScene.name, .everything)
            _ = try await AbsentProjects.settle(
                in: scene.store, source: try await scene.source(), at: scene.time.now())
            for issue in issues { #expect(try await scene.row(issue)?.state == .archived) }
            scene.change { $0.archiveProject(project.index, false, by: $1) }
            try await scene.read()
            for issue in issues {
                #expect(try await scene.row(issue)?.state == .live)
                #expect(try await scene.isIndexed(issue))
            }
        }
    }

    @Test("a project in Jira's trash is hidden; restored, it is all there again")
    func isTrashed() async throws {
        try await CensusScene.lent(levels: false) { scene in
            let project = try #require(scene.site.current().projects.first { $0.key == "OPEN" })
            scene.change { $0.trashProject(project.index, by: $1) }
            try await scene.read()
            try await scene.census()
            #expect(try await scene.shown() == scene.truth())
            #expect(try await scene.count("SELECT count(*) FROM tombstone") == 0)
            scene.change { $0.restoreProject(project.index, by: $1) }
            try await scene.read()
            #expect(try await scene.shown() == scene.truth())
            #expect(try await scene.shown().isSuperset(of: scene.issues(of: "OPEN").map { scene.id($0) }))
        }
    }

    @Test(
        "the issues of a project that stays away for the grace period are destroyed, but for too many to do so unasked")
    func projectExpires() async throws {
        try await CensusScene.lent(levels: false) { scene in
            let project = try #require(scene.site.current().projects.first { $0.key == "WEB" })
            let issues = scene.issues(of: "WEB").map { scene.id($0) }
            scene.change { $0.deleteProject(project.index, by: $1) }
            try await scene.read()
            scene.clock.advance(by: 31 * 86_400_000)
            let summary = try await scene.census()
            #expect(summary.held >= issues.count && issues.count > 10)
            #expect(try await scene.row(issues[0])?.state == .unseen)
            let source = try await scene.source()
            let removed = try await HeldDeletions.confirm(
                in: scene.store, source: source, at: Timestamp(milliseconds: scene.clock.now))
            #expect(removed >= issues.count)
            for issue in issues { #expect(try await scene.row(issue) == nil) }
        }
    }

    @Test("an issue that moves to another project is found by both keys; out of scope, nothing of it is kept")
    func moves() async throws {
        try await CensusScene.lent(scope: .init(projects: ["OPEN", "MKT"])) { scene in
            let state = scene.site.current()
            let within = try #require(state.projects.first { $0.key == "MKT" }?.index)
            let outside = try #require(state.projects.first { $0.key == "WEB" }?.index)
            let two = Array(scene.issues(of: "OPEN").prefix(2))
            let (stays, goes) = (scene.id(two[0]), scene.id(two[1]))
            let oldKey = try #require(IssueKey(state.key(of: two[0])))
            scene.change { state, hand in
                state.moveIssue(two[0], to: within, by: hand)
                state.moveIssue(two[1], to: outside, by: hand)
            }
            try await scene.read()
            try await scene.census()
            #expect(try await scene.row(stays)?.key == scene.site.current().key(of: two[0]))
            let source = try await scene.source().id
            let found = try await scene.store.read { try IssueRecords.rows(key: oldKey, source: source, in: $0) }
            #expect(found.map(\.jiraID) == [stays])
            #expect(try await scene.row(goes) == nil)
            #expect(try await scene.grave(goes) == nil)
            #expect(try await scene.count("SELECT count(*) FROM issue_raw") == scene.shown().count)
        }
    }
}
