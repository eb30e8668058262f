import AccessControl
import Database
import FastJSON
public import IssueModel
import Store

/// What two readers see differently in one source.
public struct AccessDifference: Hashable, Sendable {
    /// The first reader's account id, `anonymous` or `operator`; likewise ``second``.
    public var first: String
    public var second: String
    /// The source's name.
    public var source: String
    public var issues: Kind
    public var comments: Kind
    public var worklogs: Kind
    public var attachments: Kind
    public var accessVersion: Int64
    /// As in ``AccessListing/verifiedAt``.
    public var verifiedAt: Timestamp?

    /// One kind of record.
    public struct Kind: Hashable, Sendable {
        public var onlyFirst: [Record]
        public var onlySecond: [Record]
        /// How many both see.
        public var both: Int
    }

    /// A record that one of the two sees.
    public struct Record: Hashable, Sendable {
        /// Jira's id of it.
        public var id: String
        /// The key of the issue it is or belongs to.
        public var issue: String
    }

    /// Compares two listings of one source, which must come from one reading transaction.
    init(_ first: AccessListing, _ second: AccessListing, of source: Source, in connection: Connection) throws {
        self.first = first.account
        self.second = second.account
        self.source = source.name
        accessVersion = first.accessVersion
        verifiedAt = first.verifiedAt
        func kind<ID: Hashable & CustomStringConvertible>(
            _ left: [ID], _ right: [ID], _ sql: String, _ id: (Row) -> ID
        ) throws -> Kind {
            let (left, right) = (Set(left), Set(right))
            var result = Kind(onlyFirst: [], onlySecond: [], both: left.intersection(right).count)
            guard left != right else { return result }
            try connection.forEach(sql, source.id) { row in
                let id = id(row)
                switch (left.contains(id), right.contains(id)) {
                case (true, false): result.onlyFirst.append(Record(id: id.description, issue: row.text(1)))
                case (false, true): result.onlySecond.append(Record(id: id.description, issue: row.text(1)))
                default: break
                }
            }
            return result
        }
        func parts(_ table: String) -> String {
            """
            SELECT t.jira_id, i.key FROM \(table) t JOIN issue i ON i.id = t.issue_id WHERE i.source_id = ?
            ORDER BY CAST(t.jira_id AS INTEGER), t.jira_id
            """
        }
        let (a, b) = (first.records, second.records)
        issues = try kind(
            a.issues, b.issues, "SELECT jira_id, key FROM issue WHERE source_id = ? ORDER BY jira_id"
        ) { IssueID($0.int64(0)) }
        comments = try kind(a.comments, b.comments, parts("comment")) { EntityID($0.text(0)) }
        worklogs = try kind(a.worklogs, b.worklogs, parts("worklog")) { EntityID($0.text(0)) }
        attachments = try kind(a.attachments, b.attachments, parts("attachment")) { EntityID($0.text(0)) }
    }

    private var kinds: [(name: String, kind: Kind)] {
        [("issues", issues), ("comments", comments), ("worklogs", worklogs), ("attachments", attachments)]
    }

    /// Whether both see the same.
    public var isEmpty: Bool { kinds.allSatisfy { $0.kind.onlyFirst.isEmpty && $0.kind.onlySecond.isEmpty } }

    /// The `access diff` document.
    public var json: [UInt8] {
        var writer = JSONWriter()
        writer.object { json in
            json.member("a", first)
            json.member("b", second)
            json.member("source", source)
            for (name, kind) in kinds {
                json.key(name)
                json.object { json in
                    for (name, records) in [("onlyA", kind.onlyFirst), ("onlyB", kind.onlySecond)] {
                        json.key(name)
                        json.array { json in
                            for record in records {
                                json.object { json in
                                    json.member("id", record.id)
                                    json.member("key", record.issue)
                                }
                            }
                        }
                    }
                    json.member("both", kind.both)
                }
            }
            json.member("accessVersion", Int(accessVersion))
            json.member("verifiedAt", verifiedAt?.rfc3339)
        }
        return writer.bytes
    }

    /// The same for people: a table of counts, and the first issues of each side.
    public var text: String {
        var lines = ["In \(source): A is \(first), B is \(second).", ""]
        lines.append(Self.row("", "only A", "only B", "both"))
        for (name, kind) in kinds {
            lines.append(
                Self.row(name, "\(kind.onlyFirst.count)", "\(kind.onlySecond.count)", "\(kind.both)"))
        }
        for (label, records) in [("Only A sees", issues.onlyFirst), ("Only B sees", issues.onlySecond)]
        where !records.isEmpty {
            let shown = records.prefix(Self.shownKeys).map(\.issue).joined(separator: " ")
            let rest = records.count - Self.shownKeys
            lines.append("\n\(label): \(shown)\(rest > 0 ? " and \(rest) more (--json lists all)" : "")")
        }
        if isEmpty { lines.append("\nBoth see the same.") }
        lines.append("\nThe rules were last read: \(verifiedAt?.forPeople ?? "not yet").")
        return lines.joined(separator: "\n")
    }

    private static let shownKeys = 20

    private static func row(_ cells: String...) -> String {
        let name = cells[0] + String(repeating: " ", count: max(0, 12 - cells[0].count))
        return name + cells.dropFirst().map { String(repeating: " ", count: max(1, 10 - $0.count)) + $0 }.joined()
    }
}
