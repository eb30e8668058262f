import AccessControl
import Database
import IssueModel
import JiraClient
import JiraSimulator
import Journal
import Reading
import SimulatedChanges
import SimulatedData
import SimulatedSite
import SiteConnection
import Store
import SyncEngine
import Testing

/// What changes in Jira without any issue being updated.
@Suite struct CatalogueTests {
    private static func lent(
        _ flavour: SiteFlavour, mode: Source.AccessMode? = nil, _ body: (AccessScene, SyncService) async throws -> Void
    ) async throws {
        let configuration = SiteConfiguration(flavour: flavour, issueCount: 40, averageIssueBytes: 600)
        try await AccessScene.lent(configuration, mode: mode) { scene in
            let service = scene.service()
            _ = try await service.synchronise(AccessScene.name)
            scene.clock.advance(by: 900_000)
            try await body(scene, service)
        }
    }

    private func view(_ scene: AccessScene, _ reference: String) async throws -> IssueView {
        try await IssueReader(store: scene.store).issue(reference, as: nil)
    }

    @Test("new names show on issues that were not read again", arguments: [SiteFlavour.cloud, .dataCenter])
    func names(_ flavour: SiteFlavour) async throws {
        try await Self.lent(flavour, mode: .shared) { scene, service in
            let state = scene.site.current()
            let key = state.key(of: 3)
            let before = try await view(scene, key).issue
            let stored = try await scene.issueChanges()
            let status = try #require(state.catalogue.statuses.firstIndex { "\($0.id)" == before.status.id.rawValue })
            let type = try #require(state.catalogue.issueTypes.firstIndex { "\($0.id)" == before.type.id.rawValue })
            let reporter = try #require(before.reporter)
            let user = try #require(
                state.users.firstIndex { $0.accountID == reporter.id.rawValue || $0.key == reporter.id.rawValue })
            scene.change { state, hand in
                state.renameStatus(status, to: "Awaiting")
                state.renameIssueType(type, to: "Chore", by: hand)
                state.renameUser(user, to: "Somebody Else", by: hand)
            }
            _ = try await service.synchronise(AccessScene.name, .catalogue)
            let after = try await view(scene, key).issue
            #expect(after.status.name == "Awaiting" && after.status.category == before.status.category)
            #expect(after.type.name == "Chore")
            #expect(after.reporter?.displayName == "Somebody Else")
            let now = try await scene.issueChanges()
            #expect(now == stored)
        }
    }

    @Test(
        "a project's new key is its issues' key, and the old one finds them",
        arguments: [SiteFlavour.cloud, .dataCenter])
    func projectKey(_ flavour: SiteFlavour) async throws {
        try await Self.lent(flavour) { scene, service in
            let old = scene.site.current().key(of: 3)
            let project = Int(scene.site.current().row(3).project)
            scene.change { state, hand in state.renameProject(project, key: "RENAMED", by: hand) }
            _ = try await service.synchronise(AccessScene.name, .catalogue)
            let new = scene.site.current().key(of: 3)
            #expect(new.hasPrefix("RENAMED-"))
            for key in [old, new, old.lowercased()] {
                let view = try await view(scene, key)
                #expect(view.issue.key.description == new)
                #expect(view.url.hasSuffix(new))
                #expect(view.formerKeys.map(\.description) == [old])
            }
            // Named by its id, it goes on being asked for changes.
            scene.change { state, hand in state.setSummary(3, to: "Under a new key", by: hand) }
            scene.clock.advance(by: 60_000)
            _ = try await service.synchronise(AccessScene.name, .changes)
            let view = try await view(scene, old)
            #expect(view.issue.summary == "Under a new key")
        }
    }

    @Test("an issue that moved is found by the key it had", arguments: [SiteFlavour.cloud, .dataCenter])
    func moved(_ flavour: SiteFlavour) async throws {
        try await Self.lent(flavour) { scene, service in
            let state = scene.site.current()
            let (old, project) = (state.key(of: 4), Int(state.row(4).project))
            let other = project == 0 ? 1 : 0
            scene.change { state, hand in state.moveIssue(4, to: other, by: hand) }
            scene.clock.advance(by: 60_000)
            _ = try await service.synchronise(AccessScene.name, .changes)
            let view = try await view(scene, old)
            #expect(view.issue.key.description == scene.site.current().key(of: 4))
            #expect(view.issue.project.id.rawValue == "\(scene.site.current().projects[other].id)")
        }
    }
}
