import Database
import Foundation
import IssueModel
import JiraSimulator
import Journal
import SimulatedChanges
import SimulatedSite
import SiteConnection
import Store
import SyncEngine
import Testing

@testable import Reconciliation

/// Copies of removed issues: kept for the grace period, put back on request, destroyed afterwards.
struct GraveTests {
    private static let word = "quincevortex"

    private func deleted(_ scene: CensusScene) async throws -> (issue: IssueID, key: IssueKey) {
        let ordinal = try #require(scene.issues(of: "OPEN").first)
        scene.change { $0.setSummary(ordinal, to: "About the \(Self.word)", by: $1) }
        try await scene.read()
        let (issue, key) = (scene.id(ordinal), scene.site.current().key(of: ordinal))
        scene.change { $0.deleteIssue(ordinal, by: $1) }
        try await scene.census()
        try await scene.pass(minutes: 11)
        return (issue, try #require(IssueKey(key)))
    }

    @Test(
        "an issue comes back from its copy as it was, without a request, and to the operator alone until Jira shows it")
    func isRestored() async throws {
        try await CensusScene.lent(levels: false) { scene in
            let (issue, key) = try await deleted(scene)
            #expect(try await scene.grave(issue) != nil)
            let asked = scene.jira.log.entries.count
            #expect(try await scene.service.restore(key, of: CensusScene.name) == issue)
            #expect(scene.jira.log.entries.count == asked)
            let row = try #require(try await scene.row(issue))
            #expect(row.state == .unseen && row.summary.contains(Self.word) && row.key == key.description)
            #expect(try await scene.isIndexed(issue))
            #expect(try await scene.grave(issue) == nil)
            // Jira is asked again, and does not know it.
            try await scene.pass(minutes: 1)
            #expect(try await scene.row(issue)?.state == .unseen)
        }
    }

    @Test("when the grace period ends nothing of the issue is left on the disk")
    func isDestroyed() async throws {
        try await CensusScene.lent(levels: false) { scene in
            let (issue, key) = try await deleted(scene)
            let source = try await scene.source().id
            scene.clock.advance(by: 86_400_000)
            #expect(try await scene.service.purgeRemoved() == 0)
            try await scene.store.write { try DeletionPolicy.setGrace(days: 1, source: source, in: $0) }
            #expect(try await scene.service.purgeRemoved() == 1)
            #expect(try await scene.grave(issue) == nil)
            for file in try FileManager.default.contentsOfDirectory(atPath: scene.folder) {
                guard let data = FileManager.default.contents(atPath: scene.folder + "/" + file) else { continue }
                #expect(data.range(of: Data(Self.word.utf8)) == nil, "\(file)")
            }
            await #expect(throws: SyncFailure.self) {
                _ = try await scene.service.restore(key, of: CensusScene.name)
            }
            #expect(try await scene.service.purgeRemoved() == 0)
        }
    }

    @Test("whoever is stopped before the file is rewritten rewrites it the next time") func isStopped() async throws {
        try await CensusScene.lent(levels: false) { scene in
            let (issue, _) = try await deleted(scene)
            let (source, now) = (try await scene.source().id, Timestamp(milliseconds: scene.clock.now))
            try await scene.store.write { try DeletionPolicy.setGrace(days: 0, source: source, in: $0) }
            // As far as a purge gets that is killed: the copies are gone from the table, and not from the file.
            try await scene.store.write { context in
                try GraveKeeper.noteRemains(of: source, in: context)
                try Graves.purge(before: now, source: source, in: context)
            }
            #expect(try await scene.grave(issue) == nil)
            #expect(try await scene.service.purgeRemoved() == 0)
            for file in try FileManager.default.contentsOfDirectory(atPath: scene.folder) {
                guard let data = FileManager.default.contents(atPath: scene.folder + "/" + file) else { continue }
                #expect(data.range(of: Data(Self.word.utf8)) == nil, "\(file)")
            }
            let left = try await scene.store.read { try Settings.value("removed_since_compaction", in: $0) }
            #expect(left == nil)
        }
    }

    @Test("an issue that is buried leaves later questions behind, and no hint that came meanwhile")
    func keepsHints() async throws {
        try await CensusScene.lent(levels: false) { scene in
            let ordinals = scene.issues(of: "OPEN").prefix(2)
            let issues = ordinals.map { scene.id($0) }
            let (source, now) = (try await scene.source().id, Timestamp(milliseconds: scene.clock.now))
            let left = try await scene.store.write { context in
                try PendingIssues.add([issues[0]], cause: .webhook, at: now, source: source, in: context)
                let later = Timestamp(milliseconds: now.rawValue + 60_000)
                try PendingIssues.add(
                    [issues[1]], cause: .census, at: now, notBefore: later, source: source, in: context)
                try Absences.outOfScope(issues, at: now, source: source, in: context)
                return try PendingIssues.entries(of: issues, source: source, in: context.connection)
            }
            #expect(Set(left.keys) == [issues[0]])
        }
    }
}
