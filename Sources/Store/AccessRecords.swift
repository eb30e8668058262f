public import AccessControl
public import Database
internal import IssueModel
internal import Synchronization

/// Who may see what: the one function that yields a reader's allowed set, and the facts it rests on.
public final class AccessRecords: Sendable {
    private let cache = Mutex(Cache())

    private struct Cache {
        var sets: [Reader: AllowedSet] = [:]
        /// Rules of membership by source, without the members, at one access version.
        var memberships: [Int64: (version: Int64, membership: Membership)] = [:]
    }

    /// Sets remembered at a time.
    private static let setLimit = 512

    public init() {}

    /// The acl ids whose every clause the reader meets, now: every read path works inside this set.
    ///
    /// Remembered until the access version moves. The operator may read everything; nobody else sees anything of a
    /// removed source, or of a project whose rules are not known.
    public func allowed(to reader: Reader, in connection: Connection) throws -> AllowedSet {
        let version = try Settings.accessVersion(in: connection)
        if reader == .operator { return .everything(accessVersion: version) }
        // Inside an open write the version is not final: another transaction may yet use the same number.
        if connection.isWriting { return try compute(reader, version: version, in: connection, remembering: false) }
        if let known = cache.withLock({ $0.sets[reader] }), known.accessVersion == version { return known }
        let set = try compute(reader, version: version, in: connection, remembering: true)
        cache.withLock { cache in
            if cache.sets.count >= Self.setLimit { cache.sets.removeAll() }
            cache.sets[reader] = set
        }
        return set
    }

    /// Everything the reader holds in one source.
    public func principals(
        of reader: Reader, source: Int64, in connection: Connection
    ) throws -> Set<Principal> {
        let version = try Settings.accessVersion(in: connection)
        return try principals(
            of: reader.identity(inSource: source), source: source, version: version, in: connection,
            remembering: !connection.isWriting)
    }

    private func compute(
        _ reader: Reader, version: Int64, in connection: Connection, remembering: Bool
    ) throws -> AllowedSet {
        var held: [UInt32] = []
        let sources = try SourceRecords.all(in: connection, includingRemoved: false)
        for source in sources {
            let principals = try principals(
                of: reader.identity(inSource: source.id), source: source.id, version: version, in: connection,
                remembering: remembering)
            for principal in principals {
                let id = try connection.first(
                    "SELECT id FROM principal WHERE source_id = ? AND kind = ? AND value = ?", source.id,
                    principal.kind, principal.value
                ) { $0.int64(0) }
                if let id, let narrow = UInt32(exactly: id) { held.append(narrow) }
            }
        }
        var builder = AllowedSet.Builder(principals: held)
        let hidden = Set(
            try connection.rows("SELECT id FROM project WHERE access_state IN ('hidden', 'gone')") { $0.int64(0) })
        for source in sources {
            try connection.forEach(
                "SELECT id, browse, level, visibility, project_id FROM acl WHERE source_id = ?", source.id
            ) { row in
                if !hidden.isEmpty, hidden.contains(row.int64(4)) { return }
                builder.add(
                    aclID: row.int64(0), browse: row.unsafeBytes(1), level: row.unsafeBytes(2),
                    visibility: row.unsafeBytes(3))
            }
        }
        return builder.finish(accessVersion: version)
    }

    private func principals(
        of identity: Reader.Identity, source: Int64, version: Int64, in connection: Connection, remembering: Bool
    ) throws -> Set<Principal> {
        guard let mode = try SourceRecords.source(source, in: connection)?.accessMode else { return [] }
        return try Membership.principals(of: identity, in: mode) { id in
            // An account the source does not know is nobody, not even anonymous.
            guard let record = try PeopleRecords.account(id, source: source, in: connection) else { return [] }
            let membership = try membership(
                source: source, version: version, in: connection, remembering: remembering)
            return membership.principals(
                of: AccessFacts.Person(record.account),
                directGroups: try PeopleRecords.groups(ofAccountRow: record.id, in: connection))
        }
    }

    private func membership(
        source: Int64, version: Int64, in connection: Connection, remembering: Bool
    ) throws -> Membership {
        if remembering, let known = cache.withLock({ $0.memberships[source] }), known.version == version {
            return known.membership
        }
        let membership = Membership(try Self.facts(source: source, withPeople: false, in: connection))
        if remembering { cache.withLock { $0.memberships[source] = (version, membership) } }
        return membership
    }
}
