public import Database
import FastJSON
public import IssueModel
public import Store

/// The security levels of one source, with whom each admits and how many issues have it.
public struct AccessLevels: Sendable {
    /// The source's name.
    public var source: String
    /// By scheme and name.
    public var levels: [Level]

    public struct Level: Hashable, Sendable {
        public var id: EntityID
        public var name: String
        public var scheme: EntityID?
        /// As ``AccessHolders`` writes them; none where they are unknown.
        public var members: [String]
        public var origin: Origin
        /// Issues that have the level.
        public var issues: Int
    }

    /// Where a level's members are known from.
    public enum Origin: Hashable, Sendable {
        case jira
        case declared(by: String, at: Timestamp)
        /// The site does not tell them and nobody declared them.
        case unknown

        var word: String {
            switch self {
            case .jira: "jira"
            case .declared: "declared"
            case .unknown: "unknown"
            }
        }
    }

    public init(of source: Source, in connection: Connection) throws {
        self.source = source.name
        let holders = try AccessHolders(source: source, in: connection)
        let declared = Dictionary(
            try DeclaredLevels.all(source: source.id, in: connection).map { ($0.level, $0) }
        ) { first, _ in first }
        // One pass over the issues, however many levels there are.
        let rows = try connection.rows(
            """
            WITH counts AS (
                SELECT level_id, count(*) AS issues FROM issue
                WHERE source_id = ?1 AND level_id IS NOT NULL AND state <> 'unseen' GROUP BY level_id)
            SELECT l.jira_id, l.name, l.scheme, l.members_known, coalesce(c.issues, 0)
            FROM security_level l LEFT JOIN counts c ON c.level_id = l.id
            WHERE l.source_id = ?1 ORDER BY l.scheme, l.name, l.id
            """, source.id
        ) {
            (
                id: EntityID($0.text(0)), name: $0.text(1), scheme: $0.optionalText(2).map { EntityID($0) },
                isTold: $0.bool(3), issues: $0.int(4)
            )
        }
        let told = try AccessRecords.securityLevels(source.id, connection)
        levels = try rows.map { row in
            let declaration = row.isTold ? nil : declared[row.id]
            let members =
                row.isTold ? told.first { $0.id == row.id }?.members ?? [] : declaration?.members ?? []
            return Level(
                id: row.id, name: row.name, scheme: row.scheme, members: try members.map { try holders.typed($0) },
                origin: row.isTold
                    ? .jira : declaration.map { .declared(by: $0.by, at: $0.at) } ?? .unknown, issues: row.issues)
        }
    }

    /// The level with this id or name.
    ///
    /// - Throws: ``ReadingError`` with code `unknownLevel` where there is none, or several of the name.
    public func level(_ text: String) throws -> Level {
        if let exact = levels.first(where: { $0.id.rawValue == text }) { return exact }
        let found = levels.filter { $0.name.lowercased() == text.lowercased() }
        if found.count == 1 { return found[0] }
        if found.count > 1 {
            let ids = found.map { "\($0.id.rawValue) (scheme \($0.scheme?.rawValue ?? "unknown"))" }
            throw ReadingError(
                .unknownLevel,
                "\(found.count) levels are named \(ReadingError.quoted(text)): \(ids.joined(separator: ", ")). "
                    + "Give one of these ids.")
        }
        let hint = Spelling.nearest(to: text, among: levels.map(\.name)).map { " Did you mean “\($0)”?" }
        throw ReadingError(
            .unknownLevel,
            "There is no security level \(ReadingError.quoted(text)) in source \(source)."
                + (hint ?? " 'drawbridge access levels \(source)' lists them."))
    }

    /// Issues that are hidden because nobody knows who is in their level.
    public var hiddenIssues: Int { levels.filter { $0.origin == .unknown }.reduce(0) { $0 + $1.issues } }

    /// The `access levels` document.
    public var json: [UInt8] {
        var writer = JSONWriter()
        writer.object { json in
            json.member("source", source)
            json.key("levels")
            json.array { json in
                for level in levels {
                    json.object { json in
                        json.member("id", level.id.rawValue)
                        json.member("name", level.name)
                        json.member("scheme", level.scheme?.rawValue)
                        json.member("membersFrom", level.origin.word)
                        json.strings("members", level.members)
                        if case .declared(let by, let at) = level.origin {
                            json.member("declaredBy", by)
                            json.member("declaredAt", at.rfc3339)
                        }
                        json.member("issues", level.issues)
                    }
                }
            }
        }
        return writer.bytes
    }

    /// The same for people.
    public var text: String {
        guard !levels.isEmpty else { return "\(source) has no security levels." }
        let lines = levels.map { level in
            let issues = "\(level.issues) issue\(level.issues == 1 ? "" : "s")"
            let members = level.members.isEmpty ? "nobody" : level.members.joined(separator: ", ")
            let who =
                switch level.origin {
                case .jira: "\(issues); members as Jira tells them: \(members)"
                case .declared(let by, let at): "\(issues); members declared by \(by), \(at.forPeople): \(members)"
                case .unknown:
                    "\(issues)\(level.issues == 0 ? "" : ", hidden"); the site does not tell the members, and nobody "
                        + "declared them"
                }
            return "\(level.name)  (id \(level.id.rawValue), scheme \(level.scheme?.rawValue ?? "unknown"))\n    \(who)"
        }
        guard hiddenIssues > 0 else { return lines.joined(separator: "\n") }
        return lines.joined(separator: "\n")
            + "\n\nSay who is in a level with 'drawbridge access declare-level \(source) LEVEL --member KIND[:NAME] …',"
            + "\nor let members link their own accounts with 'drawbridge member link'."
    }
}
