import IssueModel
import JiraSimulator
import Journal
import SimulatedChanges
import SimulatedSite
import Store
import Testing

@testable import Reconciliation

/// Many deletions at once.
struct BreakerTests {
    /// Deletes a dozen issues of a project that hides nothing, and asks about them twice.
    private func deleteMany(_ scene: CensusScene) async throws -> [IssueID] {
        let ordinals = Array(["WEB", "OPEN"].flatMap { scene.issues(of: $0) }.prefix(12))
        try #require(ordinals.count == 12)
        let issues = ordinals.map { scene.id($0) }
        scene.change { state, hand in for ordinal in ordinals { state.deleteIssue(ordinal, by: hand) } }
        try await scene.census()
        try await scene.pass(minutes: 11)
        return issues
    }

    @Test("too many at once are hidden and kept until an administrator confirms")
    func isHeld() async throws {
        try await CensusScene.lent(levels: false) { scene in
            let issues = try await deleteMany(scene)
            let source = try await scene.source()
            for issue in issues { #expect(try await scene.row(issue)?.state == .unseen) }
            let held = try await scene.store.read { try HeldDeletions(source: source.id, in: $0) }
            #expect(held.total == 12 && held.projects.map(\.key) == ["WEB", "OPEN"])
            #expect(held.projects.first?.examples.count == HeldDeletions.mostExamples)
            #expect(source.problem?.code == CircuitBreaker.problemCode)
            let now = Timestamp(milliseconds: scene.clock.now)
            #expect(try await HeldDeletions.confirm(in: scene.store, source: source, at: now) == 12)
            for issue in issues {
                #expect(try await scene.row(issue) == nil)
                #expect(try await scene.grave(issue) != nil)
            }
            #expect(try await scene.source().problem == nil)
            #expect(try await scene.shown() == scene.truth())
        }
    }

    @Test("rejected, they stay hidden for good, and nothing asks again")
    func isRejected() async throws {
        try await CensusScene.lent(levels: false) { scene in
            let issues = try await deleteMany(scene)
            let source = try await scene.source()
            let now = Timestamp(milliseconds: scene.clock.now)
            #expect(try await HeldDeletions.reject(in: scene.store, source: source, at: now) == 12)
            #expect(try await scene.source().problem == nil)
            for _ in 0..<3 { try await scene.pass(minutes: 60 * 24 * 20) }
            try await scene.census()
            for issue in issues { #expect(try await scene.row(issue)?.state == .unseen) }
            #expect(try await scene.source().problem == nil)
        }
    }

    @Test("a deleted project that the audit log names waits for an administrator as a whole")
    func projectIsHeld() async throws {
        try await CensusScene.lent(levels: false, isFreePlan: false) { scene in
            let project = try #require(scene.site.current().projects.first { $0.key == "WEB" })
            let issues = scene.issues(of: "WEB").map { scene.id($0) }
            scene.clock.advance(by: 600_000)
            scene.change { $0.deleteProject(project.index, by: $1) }
            scene.clock.advance(by: 600_000)
            try await scene.read()
            try await scene.read()
            let source = try await scene.source()
            let held = try await scene.store.read { try HeldDeletions(source: source.id, in: $0) }
            #expect(held.projects.first?.isWhole == true && held.total >= issues.count)
            #expect(source.problem?.code == CircuitBreaker.problemCode)
            let now = Timestamp(milliseconds: scene.clock.now)
            try await HeldDeletions.confirm(in: scene.store, source: source, at: now)
            for issue in issues { #expect(try await scene.row(issue) == nil) }
            #expect(try await scene.shown() == scene.truth())
        }
    }
}
