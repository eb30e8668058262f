import Database
import Foundation
import IssueModel
import JiraClient
import JiraSimulator
import Journal
import SimulatedChanges
import SimulatedData
import SimulatedSite
import SiteConnection
import Store
import SyncEngine
import Testing

@testable import Reconciliation

/// What of a site is copied, and what happens when that changes.
struct ScopeTests {
    @Test(
        "a scope is one clause of JQL",
        arguments: [
            (Source.Scope(), nil),
            (Source.Scope(projects: ["A"]), nil),
            (Source.Scope(jql: "status = Open ORDER BY created"), "(status = Open)"),
            (Source.Scope(jql: "  "), nil),
            (Source.Scope(since: CalendarDate("2024-01-31")), "updated >= \"2024-01-31\""),
            (
                Source.Scope(jql: "a = 1 OR b = 2", since: CalendarDate("2024-01-31"), types: ["Bug", "Say \"x\""]),
                "(a = 1 OR b = 2) AND updated >= \"2024-01-31\" AND issuetype in (\"Bug\", \"Say \\\"x\\\"\")"
            ),
        ] as [(Source.Scope, String?)])
    func restricts(_ scope: Source.Scope, _ restriction: String?) {
        #expect(scope.restriction == restriction)
    }

    @Test(
        "a day begins when it does for the account that asks",
        arguments: [
            ("UTC", "2024-03-31", "2024-03-31T00:00:00.000Z"),
            ("Europe/Berlin", "2024-03-31", "2024-03-30T23:00:00.000Z"),
            ("Europe/Berlin", "2024-07-01", "2024-06-30T22:00:00.000Z"),
            ("Pacific/Kiritimati", "2024-01-01", "2023-12-31T10:00:00.000Z"),
            ("America/New_York", "2024-11-03", "2024-11-03T04:00:00.000Z"),
        ])
    func begins(_ zone: String, _ day: String, _ moment: String) throws {
        let beginning = ScopeRule.beginning(of: try #require(CalendarDate(day)), in: zone)
        #expect(beginning.rfc3339 == moment)
    }

    /// What Jira lists within a scope.
    private func listed(_ scene: CensusScene, _ scope: Source.Scope) async throws -> Set<IssueID> {
        let client = try await scene.client()
        let keys = try await client.projects().filter {
            scope.projects.isEmpty || scope.projects.contains($0.project.key)
        }
        .map(\.project.key)
        var jql = JQL.projects(keys)
        if let restriction = scope.restriction { jql += " AND \(restriction)" }
        return Set(try await client.allIssueIDs(IssueQuery(jql: jql)))
    }

    @Test("widening reads only what is new", arguments: [SiteFlavour.cloud, .dataCenter])
    func widens(_ flavour: SiteFlavour) async throws {
        try await CensusScene.lent(flavour, scope: .init(projects: ["WEB", "OPEN"], jql: "issuetype = Bug")) { scene in
            let before = try await scene.shown()
            let fetched = try await scene.count("SELECT max(fetched) FROM issue")
            let scope = Source.Scope(projects: ["WEB", "OPEN", "MKT"])
            let plan = try await scene.service.planScope(of: CensusScene.name, scope)
            let truth = try await listed(scene, scope)
            #expect(plan.added == truth.count - before.count && plan.removed == 0)
            scene.clock.advance(by: 1_000)
            #expect(try await scene.service.changeScope(of: CensusScene.name, by: plan) == 0)
            try await scene.read()
            #expect(try await scene.shown() == truth)
            // What was stored before was not read again.
            let old = before.map(\.description).joined(separator: ",")
            #expect(
                try await scene.count("SELECT max(fetched) FROM issue WHERE jira_id IN (\(old))") <= fetched + 60_000)
        }
    }

    struct Narrowing: CustomTestStringConvertible, Sendable {
        var testDescription: String
        var scope: Source.Scope
    }

    static let narrowings = [
        Narrowing(testDescription: "projects", scope: .init(projects: ["WEB"])),
        Narrowing(testDescription: "JQL", scope: .init(jql: "issuetype = Bug")),
        Narrowing(testDescription: "a date", scope: .init(since: CalendarDate("2025-01-01"))),
        Narrowing(testDescription: "types", scope: .init(types: ["Task", "Story"])),
    ]

    @Test("narrowing counts first, then leaves nothing of what is out on the disk", arguments: narrowings)
    func narrows(_ narrowing: Narrowing) async throws {
        try await CensusScene.lent { scene in
            let out = try #require(
                scene.truth().subtracting(try await listed(scene, narrowing.scope)).sorted().first)
            let ordinal = try #require(scene.site.current().ordinal(id: Int(out.rawValue)))
            let words = ["zirconquagga", "melonthicket"]
            scene.change { state, hand in
                state.setSummary(ordinal, to: "About the \(words[0])", by: hand)
                if narrowing.scope.since != nil { return }
                _ = state.addComment(ordinal, .init(paragraph: "All of \(words[1])"), by: hand)
            }
            try await scene.read()
            try await narrow(scene, to: narrowing.scope, leaving: out, words)
        }
    }

    private func narrow(
        _ scene: CensusScene, to scope: Source.Scope, leaving out: IssueID, _ words: [String]
    ) async throws {
        let isDated = scope.since != nil
        let truth = try await listed(scene, scope)
        let before = try await scene.count("SELECT count(*) FROM issue WHERE state <> 'archived'")
        if !isDated { #expect(try holds(scene, words[0])) }
        let plan = try await scene.service.planScope(of: CensusScene.name, scope)
        #expect(plan.removed > 0)
        #expect(try await scene.count("SELECT count(*) FROM issue WHERE state <> 'archived'") == before)
        scene.clock.advance(by: 1_000)
        let destroyed = try await scene.service.changeScope(of: CensusScene.name, by: plan)
        #expect(destroyed >= plan.removed)
        #expect(try await scene.shown() == truth)
        if !isDated {
            #expect(try await scene.row(out) == nil)
            for word in words {
                let isThere = try holds(scene, word)
                #expect(!isThere, "\(word) is still on the disk")
            }
        }
        try await scene.read()
        try await scene.census()
        #expect(try await scene.shown() == truth)
        #expect(try await scene.count("SELECT count(*) FROM quarantine") == 0)
    }

    /// Whether any file of the data folder holds a word in plain letters.
    private func holds(_ scene: CensusScene, _ word: String) throws -> Bool {
        for file in try FileManager.default.contentsOfDirectory(atPath: scene.folder) {
            guard let data = FileManager.default.contents(atPath: scene.folder + "/" + file) else { continue }
            if data.range(of: Data(word.utf8)) != nil { return true }
        }
        return false
    }

    @Test("what a change of scope that was stopped half-way left goes at the next start", arguments: [false, true])
    func resumes(_ isDone: Bool) async throws {
        try await CensusScene.lent { scene in
            let scope = Source.Scope(projects: ["WEB"], jql: "issuetype = Bug")
            let truth = try await listed(scene, scope)
            let plan = try await scene.service.planScope(of: CensusScene.name, scope)
            scene.clock.advance(by: 1_000)
            struct Stopped: Error {}
            let (source, before) = (try await scene.source(), try await scene.shown())
            let remains = ScopeRemains(issues: plan.outside, projects: plan.droppedProjects, readBefore: plan.began)
            #expect(try ScopeRemains(json: remains.json) == remains)
            // Stopped within the transaction nothing has changed, behind it all but the destroying.
            if isDone {
                let now = Timestamp(milliseconds: scene.clock.now)
                try await scene.store.write { context in
                    var narrowed = source
                    narrowed.scope = scope
                    try SourceRecords.update(narrowed, in: context)
                    try remains.store(at: now, source: source.id, in: context)
                }
            } else {
                await #expect(throws: Stopped.self) {
                    try await plan.apply(to: source, in: scene.store, time: scene.time) { _ in throw Stopped() }
                }
                #expect(try await scene.source().scope == source.scope)
            }
            #expect(try await scene.shown() == before)
            try await scene.read(.pending)
            #expect(try await scene.shown() == (isDone ? truth : before))
            #expect(try await scene.count("SELECT count(*) FROM checkpoint WHERE phase = 'scope_remains'") == 0)
        }
    }

    @Test("a listing that gives fewer issues than Jira counts destroys nothing", arguments: [1, nil] as [Int?])
    func implausible(_ times: Int?) async throws {
        try await CensusScene.lent { scene in
            let all = try await scene.shown()
            let left = scene.issues(of: "WEB").map { scene.id($0) }
            scene.jira.faults.add(
                Fault(.missingFromSearch(left.map { Int($0.rawValue) }), path: "search/jql", count: times))
            let scope = Source.Scope(projects: ["WEB"])
            guard times != nil else {
                let failure = await #expect(throws: SyncFailure.self) {
                    _ = try await scene.service.planScope(of: CensusScene.name, scope)
                }
                #expect(failure?.code == .siteAnswersWrongly)
                return
            }
            // Once is no harm: it is listed again.
            let plan = try await scene.service.planScope(of: CensusScene.name, scope)
            #expect(plan.outside.isEmpty)
            #expect(try await scene.shown() == all)
        }
    }

    @Test("a project that the scope names by its former key stays")
    func formerKey() async throws {
        try await CensusScene.lent { scene in
            let before = try await listed(scene, .init(projects: ["WEB"]))
            scene.change { state, hand in
                guard let project = state.projects.first(where: { $0.key == "WEB" }) else { return }
                state.renameProject(project.index, key: "SITE", by: hand)
            }
            try await scene.read(.catalogue)
            // Jira lists it no more; what is stored of it is not out of the scope.
            scene.change { state, hand in
                guard let project = state.projects.first(where: { $0.key == "SITE" }) else { return }
                state.archiveProject(project.index, true, by: hand)
            }
            try await scene.read(.catalogue)
            let plan = try await scene.service.planScope(of: CensusScene.name, .init(projects: ["OPEN", "WEB"]))
            #expect(!before.isEmpty && plan.removed > 0)
            #expect(!plan.projects.contains { $0.key == "SITE" })
        }
    }

    @Test("an unknown project and a wrong JQL are refused before anything changes")
    func refuses() async throws {
        try await CensusScene.lent(issues: 40) { scene in
            for scope in [Source.Scope(projects: ["NONE"]), Source.Scope(jql: "nosuchfield = 1")] {
                let service = scene.service
                var failure: SyncFailure?
                do throws(SyncFailure) { _ = try await service.planScope(of: CensusScene.name, scope) } catch {
                    failure = error
                }
                #expect(failure != nil)
            }
            let kept = try await scene.source().scope
            #expect(kept == Source.Scope())
        }
    }
}
