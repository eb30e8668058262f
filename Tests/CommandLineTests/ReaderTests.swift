import FastJSON
import Foundation
import JiraSimulator
import SimulatedSite
import Testing

/// What different people get from the same copy.
@Suite("Reading as somebody") struct ReaderTests {
    @Test("each of three readers gets what Jira shows that person", arguments: [SiteFlavour.cloud, .dataCenter])
    func threeReaders(_ flavour: SiteFlavour) async throws {
        try await SimulatedJira.lent(flavour, issues: 200) { jira in
            try await jira.addAndSync()
            try await jira.expectCopyEqualsJira()
            let tour = jira.tour
            var answers: Set<Set<Int>> = []
            for person in [tour.administrator, tour.developer, nil] {
                let caller = person.map { Caller.user($0.index) } ?? .anonymous
                let who = person.map(jira.identity) ?? "anonymous"
                let truth = jira.truth(caller)
                let seen = try await jira.seen(as: who)
                #expect(seen == truth, "\(who): \(seen.difference(truth))")
                answers.insert(seen.issues)
                try await checkSearch(jira, who, truth)
                let exported = try await jira.program.run("export", "issues", "--as", who)
                let ids = try exported.jsonLines.compactMap { $0["id"]?.string.flatMap { Int($0) } }
                #expect(Set(ids) == truth.issues && ids.count == truth.issues.count, "export as \(who)")
            }
            #expect(answers.count == 3, "the three must differ")
        }
    }

    /// Totals, hits and facets count nothing that the reader may not see.
    private func checkSearch(_ jira: SimulatedJira, _ who: String, _ truth: Seen) async throws {
        let everything = try await jira.program.run("search", "created:>2000-01-01", "--as", who, "--json")
        #expect(try everything.json["total"]?.integer == truth.issues.count, "\(who)")
        let projects = try everything.json["facets"]?["project"]?.array ?? []
        #expect(projects.compactMap { $0["count"]?.integer }.reduce(0, +) == truth.issues.count, "\(who): \(projects)")
        let found = try await jira.program.run("search", jira.tour.word, "--as", who, "--limit", "200", "--json")
        let hits = try found.json["hits"]?.array ?? []
        #expect(try found.json["total"]?.integer == hits.count)
        let ids = hits.compactMap { $0["id"]?.string.flatMap { Int($0) } }
        #expect(truth.issues.isSuperset(of: ids), "\(who)")
        let comments = hits.filter { $0["passage"]?["kind"]?.string == "comment" }
            .compactMap { $0["passage"]?["id"]?.string.flatMap { Int($0) } }
        #expect(truth.comments.isSuperset(of: comments), "\(who)")
    }

    @Test("the totals of the guided tour are the ones it promises") func tourCounts() async throws {
        try await SimulatedJira.lent(.cloud) { jira in
            try await jira.addAndSync()
            let tour = jira.tour
            let expected = [
                (jira.identity(tour.administrator), tour.counts.administrator),
                (jira.identity(tour.developer), tour.counts.developer), ("anonymous", tour.counts.anonymous),
            ]
            for (who, count) in expected {
                let found = try await jira.program.run("search", tour.word, "--as", who, "--json")
                #expect(try found.json["total"]?.integer == count, "\(who)")
                #expect(found.output.contains(tour.levelIssueKey) == (count == tour.counts.administrator))
            }
        }
    }

    @Test("what a reader may not see is answered as what does not exist", arguments: [SiteFlavour.cloud, .dataCenter])
    func hiddenIsAbsent(_ flavour: SiteFlavour) async throws {
        try await SimulatedJira.lent(flavour) { jira in
            try await jira.addAndSync()
            let tour = jira.tour
            let who = jira.identity(tour.developer)
            func answer(_ reference: String, _ more: String...) async throws -> Program.Outcome {
                try await jira.program.run(["issue", reference, "--as", who] + more)
            }
            let hidden = try await answer(tour.levelIssueKey)
            let absent = try await answer("PAY-99999")
            #expect(hidden.status == 1 && absent.status == 1)
            #expect(hidden.output.isEmpty && absent.output.isEmpty)
            #expect(hidden.errors.replacing(tour.levelIssueKey, with: "PAY-99999") == absent.errors)
            let state = jira.state
            let ordinal = try #require(state.ordinal(idOrKey: tour.levelIssueKey))
            let byID = try await answer(String(state.row(ordinal).id))
            let noID = try await answer("77777777")
            #expect(byID.errors.replacing(String(state.row(ordinal).id), with: "77777777") == noID.errors)
            #expect(byID.status == noID.status)
            // A key typed into the search is no way around it, neither is a filter that names what only others have.
            for query in [tour.levelIssueKey, "\"claiming 48,210 EUR\"", "level:\"\(tour.levelName)\""] {
                let found = try await jira.program.run("search", query, "--as", who, "--json")
                guard found.status == 0 else { continue }
                let keys = try (found.json["hits"]?.array ?? []).compactMap { $0["key"]?.string }
                #expect(!keys.contains(tour.levelIssueKey), "\(query): \(found)")
                if !query.hasPrefix("PAY") { #expect(keys.isEmpty, "\(query): \(found)") }
            }
            let shown = try await answer(tour.issueKey, "--json")
            #expect(shown.status == 0)
            #expect(!shown.output.contains("48,210"))
            // Data Center shows files to everybody who sees the issue, whatever comment they came with.
            if jira.isCloud { #expect(!shown.output.contains("claim-letter")) }
            #expect(try shown.json["comments"]?.array?.count == 2)
        }
    }

    @Test("--as takes every name a person goes by", arguments: [SiteFlavour.cloud, .dataCenter])
    func names(_ flavour: SiteFlavour) async throws {
        try await SimulatedJira.lent(flavour, issues: 60) { jira in
            try await jira.addAndSync()
            let developer = jira.tour.developer
            let truth = jira.truth(.user(developer.index))
            let names =
                [developer.email, developer.email.uppercased()]
                + (jira.isCloud ? [developer.accountID] : [developer.key, developer.name])
            for name in names {
                #expect(try await jira.seen(as: name) == truth, "\(name)")
            }
            #expect(try await jira.seen(as: "Anonymous") == jira.truth(.anonymous))
            for unknown in ["nobody@acme.example", "", "712020:nobody"] {
                let outcome = try await jira.program.run("search", "x", "--as", unknown)
                #expect(outcome.status == 1 && outcome.errors.contains("No account"), "\(outcome)")
                #expect(outcome.output.isEmpty)
            }
            // Somebody who may not log in sees nothing, not even what is public.
            let inactive = try #require(jira.state.users.first { !$0.isActive && !$0.isDeleted })
            #expect(try await jira.issuesSeen(as: jira.identity(inactive)).isEmpty)
        }
    }
}
