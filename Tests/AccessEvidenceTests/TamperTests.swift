import AccessControl
import Database
import IssueModel
import SearchIndex
import SimulatedAccess
import SimulatedRules
import SimulatedSite
import SiteConnection
import Store
import Testing

/// Shows that the comparison notices whatever goes wrong: each safeguard is taken away in turn.
@Suite struct TamperTests {
    @Test("rules that were not verified within their lease show nothing, and a lease that is ignored is noticed")
    func lease() async throws {
        try await EvidenceSource.lent(.tiny(seed: 3, administratorSeesAll: true)) { source in
            try await source.synchronise()
            source.clock.advance(by: 3_599_000)
            #expect(try await Self.findings(source).isEmpty, "within the lease")
            source.clock.advance(by: 2_000)
            #expect(try await Self.findings(source, hidden: .everything).isEmpty, "after the lease")
            let now = source.clock.now
            try await source.tamper { try $0.execute("UPDATE project SET access_verified = ?", now) }
            let ignored = try await Self.findings(source, hidden: .everything)
            for path in Self.everywhere { #expect(ignored.contains { $0.path == path && $0.isLeak }, "\(path)") }
            try await source.synchronise()
            #expect(try await Self.findings(source).isEmpty, "verified again")
        }
    }

    @Test("a withheld issue is shown to nobody, and one that comes loose is noticed")
    func withheld() async throws {
        try await EvidenceSource.lent(.tiny(seed: 4, administratorSeesAll: true)) { source in
            try await source.synchronise()
            let state = source.site.current()
            let everybodys = (0..<state.issueCount).first { ordinal in
                state.users.contains { PermissionEvaluator(state).mayBrowse(.user($0.index), issue: ordinal) }
            }
            let id = state.row(try #require(everybodys)).id
            let (record, now) = (try await source.record().id, Timestamp(milliseconds: source.clock.now))
            let before = try await source.store.write { context in
                let acl = try context.connection.first("SELECT acl_id FROM issue WHERE jira_id = ?", id) { $0.int64(0) }
                if let row = try Withheld.put(IssueID(Int64(id)), reason: "test", at: now, source: record, in: context)
                {
                    try SearchIndexWriter.refresh(issue: row, in: context.connection)
                }
                return acl
            }
            #expect(try await Self.findings(source, hidden: .issues([id]), focus: [id]).isEmpty, "withheld")
            try await source.tamper {
                try $0.execute("UPDATE issue SET acl_id = ? WHERE jira_id = ?", before, id)
            }
            let loose = try await Self.findings(source, hidden: .issues([id]), focus: [id])
            for path in [AccessComparison.Path.visible, .issueErrors, .jsonLines, .csv] {
                #expect(loose.contains { $0.path == path && $0.isLeak }, "\(path)")
            }
        }
    }

    @Test("search rows that do not follow their issue are noticed")
    func searchRows() async throws {
        try await EvidenceSource.lent(.tiny(seed: 6, administratorSeesAll: true)) { source in
            try await source.synchronise()
            try await source.tamper { connection in
                // Every issue as if it had the acl most readers hold, for as long as the index looks.
                try connection.execute("CREATE TEMP TABLE kept AS SELECT id, acl_id FROM issue")
                try connection.execute(
                    "UPDATE issue SET acl_id = (SELECT acl_id FROM issue GROUP BY acl_id ORDER BY count(*) DESC LIMIT 1)"
                )
                for id in try connection.rows("SELECT id FROM issue", as: { $0.int64(0) }) {
                    try SearchIndexWriter.refresh(issue: id, in: connection)
                }
                try connection.execute(
                    "UPDATE issue SET acl_id = (SELECT k.acl_id FROM kept k WHERE k.id = issue.id)")
                try connection.execute("DROP TABLE kept")
            }
            let findings = try await source.comparison().findings()
            #expect(findings.contains { $0.path == .hits }, "hits")
            #expect(findings.contains { $0.path == .words }, "words")
            #expect(!findings.contains { $0.path == .visible || $0.path == .issue }, "elsewhere nothing changed")
        }
    }

    @Test("an answer for one reader that is given to another is noticed on every path")
    func swappedReaders() async throws {
        try await EvidenceSource.lent(.tiny(seed: 5, administratorSeesAll: true)) { source in
            try await source.synchronise()
            // The administrator's groups are everybody's.
            try await source.tamper(Tampering.everybodyInEveryGroup)
            let findings = try await source.comparison().findings()
            for path in Self.everywhere { #expect(findings.contains { $0.path == path && $0.isLeak }, "\(path)") }
        }
    }

    static let everywhere: [AccessComparison.Path] = [.visible, .hits, .words, .issueErrors, .jsonLines, .csv]

    private static func findings(
        _ source: EvidenceSource, hidden: Oracle.Hidden = .nothing, focus: Set<Int> = []
    ) async throws -> [AccessComparison.Finding] {
        try await source.comparison(hidden: hidden, levelsAreDeclared: false, focus: focus).findings()
    }
}
