import AccessControl
import Database
import Foundation
import IssueModel
import SearchIndex
import Store

/// What it costs to know who may see what: the allowed set of an account in 500 groups over 50,000 acls, a change of a
/// scheme and of a group, and a session's first query and its next.
struct AccessBenchmark {
    let issues: Int
    let readers: Int
    let seed: UInt64
    let shared: String

    init(_ arguments: BenchArguments) {
        issues = arguments.number("issues", default: 1_000_000)
        readers = arguments.number("readers", default: 200)
        seed = UInt64(arguments.number("seed", default: 1))
        shared = arguments.shared
    }

    func run() async throws -> BenchReport {
        var report = BenchReport(
            name: "access: \(issues) issues, \(AccessGround.projects * AccessGround.aclsPerProject) acls, "
                + "\(AccessGround.projects) projects on \(AccessGround.schemes) schemes, \(AccessGround.groups) groups, "
                + "\(AccessGround.accounts) accounts; ms are processor time")
        let index = try await BenchIndex()
        var start = ContinuousClock.now
        let ground = try await AccessGround(index.store)
        report.add("facts and acls written", (ContinuousClock.now - start).seconds, "s")
        try await measureRules(index.store, ground, &report)
        try await measureSets(index.store, ground, &report)
        try await measureChanges(index.store, ground, &report)
        guard issues > 0 else { return report }
        let corpus = try BenchCorpus(shared: shared, seed: seed)
        let seconds = try await ground.writeIssues(issues, corpus)
        report.add("issues written", seconds / Double(issues) * 1e6, "µs/issue")
        start = .now
        try await index.store.write { try SearchIndexWriter.settle(in: $0.connection) }
        report.add("settling", (ContinuousClock.now - start).seconds, "s")
        report.add(
            "database",
            Double(try await index.store.read { try DatabaseSize(in: $0).parts.reduce(0) { $0 + $1.bytes } }) / 1e6,
            "MB")
        try await measureSessions(index.store, corpus, &report)
        report.add("largest memory", SyncBenchmark.peakMemory(), "MB")
        return report
    }

    private func measureRules(_ store: Store, _ ground: AccessGround, _ report: inout BenchReport) async throws {
        let source = ground.source
        let facts = try await store.read { try AccessRecords.facts(source: source, withPeople: false, in: $0) }
        report.add(
            "facts of the site read",
            try await best {
                _ = try await store.read { try AccessRecords.facts(source: source, withPeople: false, in: $0) }
            }, "ms")
        report.add("rules built from them", await best { _ = AudienceRules(facts) }, "ms")
        report.add("membership built from them", await best { _ = Membership(facts) }, "ms")
        let membership = Membership(facts)
        let groups = (0..<AccessGround.membersGroups).map { GroupID("group-\($0 * 10 + 1)") }
        let person = AccessFacts.Person(id: AccessGround.member)
        report.add(
            "principals of an account in \(groups.count) groups",
            await best { _ = membership.principals(of: person, directGroups: groups) }, "ms")
        report.add(
            "principals it holds", Double(membership.principals(of: person, directGroups: groups).count), "")
    }

    private func measureSets(_ store: Store, _ ground: AccessGround, _ report: inout BenchReport) async throws {
        let member = Reader.accounts([ground.source: AccessGround.member])
        let stranger = Reader.accounts([ground.source: AccountID("account-777")])
        let access = store.access
        // Everything from nothing: membership of all projects too.
        let cold = try await best {
            let fresh = AccessRecords()
            _ = try await store.read { try fresh.allowed(to: member, in: $0) }
        }
        report.add("allowed set of that account, nothing known yet", cold, "ms")
        let set = try await store.read { try access.allowed(to: member, in: $0) }
        report.add("  acls in it", Double(set.count), "")
        report.add(
            "  of another account, rules known",
            try await once { _ = try await store.read { try access.allowed(to: stranger, in: $0) } }, "ms", atMost: 50)
        report.add(
            "  asked again",
            try await best { _ = try await store.read { try access.allowed(to: member, in: $0) } }, "ms", atMost: 1)
    }

    private func measureChanges(_ store: Store, _ ground: AccessGround, _ report: inout BenchReport) async throws {
        let member = Reader.accounts([ground.source: AccessGround.member])
        let (access, source) = (store.access, ground.source)
        report.add(
            "a group loses a member, stored",
            try await once {
                try await store.write { context in
                    try PeopleRecords.replaceMembers(of: GroupID("group-1"), [], source: source, in: context)
                }
            }, "ms")
        report.add(
            "  allowed set after it",
            try await once { _ = try await store.read { try access.allowed(to: member, in: $0) } },
            "ms", atMost: 100)
        report.add(
            "a scheme loses a grant, \(AccessGround.projects * AccessGround.aclsPerProject) acls derived again",
            try await once {
                try await store.write { context in
                    var schemes = try AccessRecords.permissionSchemes(source, context.connection)
                    schemes[0].grants.removeFirst()
                    try AccessRecords.replacePermissionSchemes(schemes, source: source, in: context)
                    _ = try AccessRecords.recompute(source: source, in: context)
                }
            }, "ms")
        report.add(
            "  allowed set after it",
            try await once { _ = try await store.read { try access.allowed(to: member, in: $0) } },
            "ms", atMost: 100)
    }

    private func measureSessions(_ store: Store, _ corpus: BenchCorpus, _ report: inout BenchReport) async throws {
        let searcher = Searcher(store.database)
        let access = AccessRecords()
        func ask(_ reader: Reader, _ text: String) async throws -> Int {
            try await searcher.search(
                SearchRequest(text, limit: 20, now: Timestamp(milliseconds: 1_700_000_000_000))
            ) { try access.allowed(to: reader, in: $0) }.total
        }
        report.add(
            "first query of the process, columns of all issues loaded",
            try await once { _ = try await ask(.anonymous, "error") }, "ms")
        var random = SeededGenerator(seed: seed)
        var first: [Double] = [], next: [Double] = [], totals: [Double] = [], wall: [Double] = []
        for number in 0..<readers {
            let reader = Reader.accounts([1: AccountID("account-\(number == 0 ? 1 : number * 97 + 5)")])
            func text() -> String {
                let words = corpus.issues.randomElement(using: &random)?.summary.split { !$0.isLetter } ?? []
                return words.filter { $0.count > 3 }.prefix(2).joined(separator: " ").lowercased()
            }
            let (one, other) = (text(), text())
            let start = ContinuousClock.now
            first.append(try await once { totals.append(Double(try await ask(reader, one))) })
            wall.append((ContinuousClock.now - start).milliseconds)
            next.append(try await once { _ = try await ask(reader, other) })
        }
        report.add("first query of a session, p50", first.percentile(50), "ms", atMost: 100)
        report.add("first query of a session, p99", first.percentile(99), "ms", atMost: 250)
        report.add("  by the clock on the wall, p50", wall.percentile(50), "ms")
        report.add("the next query, p50", next.percentile(50), "ms", atMost: 20)
        report.add("the next query, p99", next.percentile(99), "ms", atMost: 100)
        report.add("issues found by a first query, median", totals.percentile(50), "")
    }

    /// Milliseconds of processor time that `work` took, which other work on the machine does not lengthen much.
    private func once(_ work: () async throws -> Void) async rethrows -> Double {
        let before = BenchIndex.processorSeconds()
        try await work()
        return (BenchIndex.processorSeconds() - before) * 1_000
    }

    /// As ``once(_:)``, in the best of five attempts.
    private func best(_ work: () async throws -> Void) async rethrows -> Double {
        var result = Double.infinity
        for _ in 0..<5 { result = min(result, try await once(work)) }
        return result
    }
}
