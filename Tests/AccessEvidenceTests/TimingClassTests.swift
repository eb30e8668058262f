import CSQLite
import Database
import IssueModel
import Reading
import SearchIndex
import SimulatedAccess
import SimulatedSite
import SiteConnection
import Store
import Synchronization
import Testing

/// What a reader may not see takes the work that what does not exist takes.
@Suite struct TimingClassTests {
    @Test("a hidden issue runs the statements that an absent one runs", arguments: [SiteFlavour.cloud, .dataCenter])
    func statements(_ flavour: SiteFlavour) async throws {
        let counter = StatementCounter()
        try await EvidenceSource.lent(
            .tiny(seed: 11, flavour: flavour, administratorSeesAll: true), observing: { counter.watch($0) }
        ) { source in
            try await source.synchronise()
            for (who, id, key, word) in try await Self.hidden(in: source) {
                let now = Timestamp(milliseconds: source.clock.now)
                // A searcher of its own each time: what one remembers of words depends on who asked before.
                func search(_ query: String) async -> Void {
                    let searcher = Searcher(source.store.database)
                    _ = try? await SearchReading(store: source.store, searcher: searcher).search(
                        query, as: who, now: now)
                }
                func issue(_ name: String) async -> Void {
                    _ = try? await IssueReader(store: source.store).issue(name, as: who)
                }
                // What is remembered of the reader and of the index is remembered before anything is measured.
                await search("jql:ORDER BY key")
                await issue("QZQZQZ-1")
                // How often the word index is asked depends on which words are alike; what is asked does not.
                let (known, unknown) = (
                    await counter.during { await search(word) }, await counter.during { await search("xqzbcdfghjk") }
                )
                #expect(Set(known).subtracting(unknown).isEmpty, "search by word for \(who)")
                for (name, hidden, absent) in [
                    ("issue by key", { await issue(key) }, { await issue("QZQZQZ-1") }),
                    ("issue by id", { await issue("\(id)") }, { await issue("999999999") }),
                    ("search by key", { await search("key:\(key)") }, { await search("key:QZQZQZ-1") }),
                ] {
                    let (ours, theirs) = (await counter.during(hidden), await counter.during(absent))
                    #expect(ours == theirs, "\(name) for \(who): \(ours.count) statements, not \(theirs.count)")
                }
            }
        }
    }

    @Test("nothing of a hidden issue is read: a copy that is damaged changes no answer")
    func damaged() async throws {
        try await EvidenceSource.lent(.tiny(seed: 12, administratorSeesAll: true)) { source in
            try await source.synchronise()
            for (who, id, key, _) in try await Self.hidden(in: source) {
                let reader = IssueReader(store: source.store)
                func refusal() async throws -> String {
                    do {
                        _ = try await reader.issue(key, as: who)
                        return "shown"
                    } catch let error as ReadingError { return error.description }
                }
                let before = try await refusal()
                try await source.store.write {
                    try $0.connection.execute(
                        "UPDATE issue_raw SET body = x'00' WHERE issue_id = (SELECT id FROM issue WHERE jira_id = ?)",
                        id)
                }
                #expect(try await refusal() == before)
            }
            let findings = try await source.comparison().findings()
            #expect(!findings.contains { $0.isLeak })
        }
    }

    /// For some readers an issue that is hidden from them: its id, its key and a word of it.
    private static func hidden(in source: EvidenceSource) async throws -> [(String, Int, String, String)] {
        let comparison = try await source.comparison()
        let oracle = comparison.oracle
        return oracle.readers.compactMap { reader in
            guard let who = oracle.who(reader) else { return nil }
            let sight = oracle.sight(of: reader)
            let hidden = oracle.readable.issues.keys.sorted().first { sight.issues[$0] == nil }
            guard let hidden, let key = comparison.keys[hidden],
                let word = comparison.tokens.all.first(where: { $0.record == .issue(hidden) && $0.isFindable })?.word
            else { return nil }
            return (who, hidden, key, word)
        }
    }
}

/// Counts the statements that the connections of one database begin.
final class StatementCounter: Sendable {
    private let texts = Mutex<[String]>([])

    func watch(_ connection: Connection) {
        // Unretained: the test holds the counter for longer than the database is open.
        let context = Unmanaged.passUnretained(self).toOpaque()
        sqlite3_trace_v2(
            connection.handle, UInt32(SQLITE_TRACE_STMT),
            { _, context, _, text in
                guard let context, let text else { return 0 }
                let counter = Unmanaged<StatementCounter>.fromOpaque(context).takeUnretainedValue()
                let sql = String(cString: text.assumingMemoryBound(to: CChar.self))
                // What the full-text index does by itself, and looking whether another connection wrote, is not ours.
                if !sql.hasPrefix("--"), !sql.hasPrefix("PRAGMA"), !sql.contains("'main'.") {
                    counter.texts.withLock { $0.append(sql) }
                }
                return 0
            }, context)
    }

    /// The statements that `body` runs, in order.
    func during(_ body: () async -> Void) async -> [String] {
        texts.withLock { $0.removeAll() }
        await body()
        return texts.withLock { $0 }
    }
}
