import IssueModel
import Reading
import SearchIndex
import SiteConnection
import Store

/// Compares what every read path gives every reader with what the simulated site itself would show them.
struct AccessComparison: Sendable {
    let store: Store
    let searcher: Searcher
    let oracle: Oracle
    let tokens: PlantedTokens
    let now: Timestamp
    /// Keys by issue, as they are stored.
    let keys: [Int: String]
    /// Whether every reader takes every path and asks for each record by itself. Otherwise every reader's whole sight is
    /// compared, and a few readers, other ones each time, take the other paths to a few of the records.
    var isThorough = true
    /// Issues that are asked for in any case, with all that hangs on them.
    var focus: Set<Int> = []

    /// A difference, and the path that it came by.
    struct Finding: Hashable, Sendable, CustomStringConvertible {
        var path: Path
        var reader: Oracle.Reader
        var what: String
        /// Whether somebody is shown what Jira hides from them; otherwise something is missing or wrong.
        var isLeak: Bool

        var description: String { "\(path.rawValue), \(reader): \(isLeak ? "LEAK " : "")\(what)" }
    }

    enum Path: String, Sendable, CaseIterable {
        case visible = "access visible"
        case hits = "search hits"
        case total = "search total"
        case facets = "search facets"
        case words = "search words"
        case snippets = "search snippets"
        case correction = "search correction"
        case searchErrors = "search errors"
        case issue = "issue"
        case relations = "issue relations"
        case issueErrors = "issue errors"
        case jsonLines = "export jsonl"
        case csv = "export csv"
    }

    /// One reader's share of the comparison.
    struct Subject: Sendable {
        var reader: Oracle.Reader
        var who: String?
        var sight: Sight
        var shown: Set<RecordID>
        /// Words of records that the source may read and this reader may not.
        var hiddenWords: Set<String>
        var findings: [Finding] = []

        mutating func add(_ path: Path, isLeak: Bool, _ what: String) {
            // One cause shows in many places: a few of them say enough.
            guard findings.count(where: { $0.path == path }) < 3 else { return }
            findings.append(Finding(path: path, reader: reader, what: what, isLeak: isLeak))
        }

        /// Compares ids, as far as the oracle judges them.
        mutating func compare(
            _ path: Path, _ seen: Set<RecordID>, _ expected: Set<RecordID>, _ oracle: Oracle, of what: String = ""
        ) {
            let extra = seen.intersection(oracle.judged).subtracting(expected)
            if !extra.isEmpty { add(path, isLeak: true, "\(what)shows \(Self.list(extra))") }
            let missing = expected.subtracting(seen).subtracting(oracle.optional)
            if !missing.isEmpty { add(path, isLeak: false, "\(what)lacks \(Self.list(missing))") }
        }

        /// Looks for words of hidden records in an output.
        mutating func search(_ path: Path, _ bytes: [UInt8], for what: String, except typed: String? = nil) {
            var leaked = PlantedTokens.words(in: bytes).intersection(hiddenWords)
            if let typed { leaked.remove(typed) }
            if !leaked.isEmpty { add(path, isLeak: true, "\(what) holds hidden words \(leaked.sorted().prefix(3))") }
        }

        private static func list(_ records: Set<RecordID>) -> String {
            let shown = records.sorted().prefix(4).map(\.description).joined(separator: ", ")
            return records.count > 4 ? "\(shown) and \(records.count - 4) more" : shown
        }
    }

    /// Every difference; none where Drawbridge shows exactly what Jira would.
    func findings(for readers: [Oracle.Reader]? = nil) async throws -> [Finding] {
        var result: [Finding] = []
        for reader in readers ?? oracle.readers {
            var subject = subject(reader)
            do {
                try await compareListing(&subject)
            } catch let error as ReadingError where error.code == .unknownReader {
                // Somebody unknown is refused by every path before anything is read.
                if !subject.sight.issues.isEmpty, oracle.knowsPeople {
                    subject.add(.visible, isLeak: false, "the account is unknown")
                }
                result += subject.findings
                continue
            }
            if isThorough || focus.isEmpty == false || takesEveryPath(reader) {
                try await compareSearch(&subject)
                try await compareIssues(&subject)
                try await compareExport(&subject)
            }
            result += subject.findings
        }
        // While the site changes, what is missing may yet come.
        return oracle.isAtRest ? result : result.filter(\.isLeak)
    }

    /// Whose turn it is; people who see some and not all tell most, and so come first in the order of users.
    private func takesEveryPath(_ reader: Oracle.Reader) -> Bool {
        let readers = oracle.readers
        let turn = Int(now.rawValue / 1_000) % readers.count
        return (0..<Self.readersOnEveryPath).contains { readers[(turn + $0 * 5) % readers.count] == reader }
    }

    /// Readers of a comparison that is not thorough who take every path.
    static let readersOnEveryPath = 1

    private func subject(_ reader: Oracle.Reader) -> Subject {
        let sight = oracle.sight(of: reader)
        let shown = sight.records
        let hidden = tokens.all.filter { oracle.judged.contains($0.record) && !shown.contains($0.record) }
        return Subject(
            reader: reader, who: oracle.who(reader), sight: sight, shown: shown, hiddenWords: Set(hidden.map(\.word)))
    }

    func compareListing(_ subject: inout Subject) async throws {
        var seen: Set<RecordID> = []
        for listing in try await AccessReading(store: store).visible(to: subject.who) {
            let records = listing.records
            seen.formUnion(records.issues.map { .issue(Int($0.rawValue)) })
            seen.formUnion(records.comments.compactMap { Int($0.rawValue) }.map { .comment($0) })
            seen.formUnion(records.worklogs.compactMap { Int($0.rawValue) }.map { .worklog($0) })
            seen.formUnion(records.attachments.compactMap { Int($0.rawValue) }.map { .attachment($0) })
        }
        subject.compare(.visible, seen, subject.shown, oracle)
    }
}
