public import Database
public import IssueModel
import Journal
public import Store

/// Holders of grants and security levels in words, and back: what an operator types and reads.
///
/// `group:NAME`, `role:NAME` or `role:ID`, `user:KEY` or `user:NAME`, `user-field:ID`, `group-field:ID`, `lead`,
/// `reporter`, `assignee`, `anyone`, `logged-in`, `application:KEY`.
public struct AccessHolders {
    private let source: Source
    private let connection: Connection
    private let groups: [(id: String, name: String)]
    private let roles: [(id: String, name: String)]
    private let applications: [(id: String, name: String)]
    private let fields: [Field]
    /// Data Center, where a group is its name, lists only some of its groups.
    private let hasOtherGroups: Bool

    /// Reads the names that a source knows.
    public init(source: Source, in connection: Connection) throws {
        self.source = source
        self.connection = connection
        groups = try connection.rows(
            "SELECT jira_id, name FROM person_group WHERE source_id = ? ORDER BY name", source.id
        ) { ($0.text(0), $0.text(1)) }
        roles = try connection.rows(
            """
            SELECT jira_id, name FROM catalogue WHERE source_id = ?1 AND kind = 'role' UNION
            SELECT a.role, a.role_name FROM role_actor a JOIN project p ON p.id = a.project_id WHERE p.source_id = ?1
            ORDER BY 2, 1
            """, source.id
        ) { ($0.text(0), $0.text(1)) }
        applications = try connection.rows(
            "SELECT key, name FROM application_role WHERE source_id = ? ORDER BY name", source.id
        ) { ($0.text(0), $0.text(1)) }
        fields = try CatalogueRecords.fields(source: source.id, in: connection)
        hasOtherGroups =
            try source.product != .cloud
            && AccessFactRecords.all(source: source.id, in: connection).contains {
                $0.kind == .groups && ($0.data == AccessFactRecords.incomplete || $0.problem != nil)
            }
    }

    /// The kinds that take no name.
    private static let plain: [(word: String, holder: Holder)] = [
        ("anyone", .anyone), ("logged-in", .applicationRole(key: nil)), ("lead", .projectLead),
        ("reporter", .reporter), ("assignee", .assignee),
    ]

    /// The kinds that take one.
    private static let named = ["group", "role", "user", "user-field", "group-field", "application"]

    /// Reads one holder as it is typed.
    ///
    /// - Throws: ``ReadingError`` with code `unknownHolder` for a kind, group, role, account or field that the source
    ///   does not have; it names the nearest one that it has.
    public func holder(_ text: String) throws -> Holder {
        if let plain = Self.plain.first(where: { $0.word == text.lowercased() }) { return plain.holder }
        let parts = text.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
        let kind = parts[0].lowercased()
        guard Self.named.contains(kind) else {
            throw unknown("kind of member", parts[0], Self.plain.map(\.word) + Self.named.map { $0 + ":…" })
        }
        guard parts.count == 2, !parts[1].isEmpty else {
            throw ReadingError(.unknownHolder, "\(kind) needs a name: \(kind):NAME.")
        }
        switch kind {
        case "group": return .group(try group(parts[1]))
        case "role": return .projectRole(EntityID(try entity("project role", parts[1], roles)))
        case "user": return .account(try account(parts[1]))
        case "application": return .applicationRole(key: try entity("application", parts[1], applications))
        default: return try field(parts[1], isGroup: kind == "group-field")
        }
    }

    /// A name that the source does not list is taken as it is where it does not list all: its members are asked for then,
    /// and a group that is none lets nobody in.
    private func group(_ wanted: String) throws -> GroupID {
        let isKnown = groups.contains { $0.id == wanted || $0.name.lowercased() == wanted.lowercased() }
        guard isKnown || !hasOtherGroups else { return GroupID(wanted.lowercased()) }
        return GroupID(try entity("group", wanted, groups))
    }

    private func entity(_ what: String, _ wanted: String, _ known: [(id: String, name: String)]) throws -> String {
        if let exact = known.first(where: { $0.id == wanted }) { return exact.id }
        let found = Set(known.filter { $0.name.lowercased() == wanted.lowercased() }.map(\.id))
        if found.count == 1, let id = found.first { return id }
        if found.count > 1 {
            throw ReadingError(
                .unknownHolder,
                "\(found.count) \(what)s are named \(ReadingError.quoted(wanted)): "
                    + "\(found.sorted().joined(separator: ", ")). Give one of these ids.")
        }
        throw unknown(what, wanted, known.map(\.name))
    }

    private func account(_ wanted: String) throws -> AccountID {
        let found = try PeopleRecords.accounts(matching: wanted, source: source.id, in: connection)
        if found.count == 1 { return found[0].account.id }
        if found.count > 1 {
            let ids = found.prefix(5).map(\.account.id.rawValue).joined(separator: ", ")
            throw ReadingError(
                .unknownHolder,
                "Several accounts are known as \(ReadingError.quoted(wanted)): \(ids). Give one of these.")
        }
        let names = try connection.rows("SELECT jira_id, name FROM account WHERE source_id = ?", source.id) {
            [$0.text(0), $0.optionalText(1) ?? ""]
        }
        throw unknown("account", wanted, names.joined().filter { !$0.isEmpty })
    }

    private func field(_ wanted: String, isGroup: Bool) throws -> Holder {
        let kinds: Set<String> = isGroup ? ["group", "option"] : ["user"]
        let fitting = fields.filter { kinds.contains($0.type) || kinds.contains($0.items ?? "") }
        let id = EntityID(
            try entity(
                isGroup ? "field that holds groups" : "field that holds people", wanted,
                fitting.map { ($0.id.rawValue, $0.name) }))
        return isGroup ? .groupField(id) : .accountField(id)
    }

    private func unknown(_ what: String, _ wanted: String, _ known: [String]) -> ReadingError {
        let nearest = Spelling.nearest(to: wanted, among: known)
        let list = known.count <= 12 ? known.joined(separator: ", ") : ""
        let hint = nearest.map { " Did you mean “\($0)”?" } ?? (list.isEmpty ? "" : " Known: \(list).")
        return ReadingError(
            .unknownHolder, "There is no \(what) \(ReadingError.quoted(wanted)) in source \(source.name).\(hint)")
    }

    /// A holder as ``holder(_:)`` reads it.
    public func typed(_ holder: Holder) throws -> String {
        if let plain = Self.plain.first(where: { $0.holder == holder }) { return plain.word }
        switch holder {
        case .group(let id): return "group:\(name(id.rawValue, groups))"
        case .projectRole(let id): return "role:\(name(id.rawValue, roles))"
        case .account(let id):
            let record = try PeopleRecords.account(id, source: source.id, in: connection)
            return "user:\(record?.account.name ?? id.rawValue)"
        case .accountField(let id): return "user-field:\(id.rawValue)"
        case .groupField(let id): return "group-field:\(id.rawValue)"
        case .applicationRole(let key): return "application:\(key ?? "")"
        case .portalCustomer: return "portal customers (nobody here)"
        case .unknown(let type): return "unknown kind \(type) (nobody)"
        default: return "unknown (nobody)"
        }
    }

    private func name(_ id: String, _ known: [(id: String, name: String)]) -> String {
        let names = known.filter { $0.id == id }.map(\.name)
        guard let name = names.first, known.filter({ $0.name == name && $0.id != id }).isEmpty else { return id }
        return name
    }
}
