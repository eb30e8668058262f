internal import AccessControl
internal import Database
internal import IssueModel
internal import Packing

/// What a reader holds in one source.
struct SourceSight {
    var source: Source
    var principals: Set<Principal> = []
    /// What Jira lists to the reader, and when the lease of that ends.
    var listing: (record: Listings.Record, end: Timestamp)?
    /// False where the reader's account has no row yet. A row that comes later moves no version, so what was computed
    /// without it is not remembered.
    var isKnown = true

    init(source: Source) { self.source = source }

    var holdsNothing: Bool { principals.isEmpty && listing == nil }
}

extension Listings.Record {
    /// The restrictions whose parts Jira shows the account.
    var shown: [Principal] { restrictions.compactMap { Principal(kind: "restricted", value: $0) } }
}

/// A reader's allowed set with what is needed to add the acls that come later.
struct ReaderSight {
    private(set) var set: AllowedSet
    private var builder = AllowedSet.Builder(principals: [])
    /// Rows up to these are decided.
    private var lastAcl: Int64 = 0
    private var lastPrincipal: Int64 = 0
    private var computed: Timestamp

    init(version: Int64, computed: Timestamp) {
        set = .nothing(accessVersion: version)
        self.computed = computed
    }

    /// Whether the set may be used at `now`. A clock that was set back says nothing about leases, so that the set is
    /// computed again then.
    func holds(version: Int64, at now: Timestamp) -> Bool {
        set.accessVersion == version && now >= computed && set.isValid(at: now)
    }

    /// Whether no acl came since. Nothing else changes acls without moving the access version.
    func isComplete(in connection: Connection) throws -> Bool {
        try connection.first("SELECT max(id) FROM acl") { $0.int64(0) } ?? 0 <= lastAcl
    }

    /// About how much memory it takes.
    var bytes: Int { builder.memorySize + 256 }

    /// Decides every acl that is not yet.
    ///
    /// Acls decided before name only principals there were then, so that those interned since change nothing of them.
    mutating func take(
        in sources: [SourceSight], now: Timestamp, _ ended: EndedLeases, _ connection: Connection
    ) throws {
        let top = try connection.first("SELECT max(id) FROM principal") { $0.int64(0) } ?? 0
        var doors = Doors()
        for sight in sources where !sight.holdsNothing {
            try hold(sight, connection)
            try doors.add(sight, now: now, ended, connection)
        }
        lastPrincipal = max(lastPrincipal, top)
        var earliest = min(set.validUntil?.rawValue ?? .max, doors.earliest)
        if doors.isEmpty {
            lastAcl = max(lastAcl, try connection.first("SELECT max(id) FROM acl") { $0.int64(0) } ?? 0)
        } else {
            let after = lastAcl
            try connection.forEach(
                "SELECT id, browse, level, visibility, project_id, source_id FROM acl WHERE id > ? ORDER BY id", after
            ) { row in
                lastAcl = row.int64(0)
                guard let end = doors.end(project: row.optionalInt64(4), source: row.int64(5)) else { return }
                let isAllowed = builder.add(
                    aclID: lastAcl, browse: row.unsafeBytes(1), level: row.unsafeBytes(2),
                    visibility: row.unsafeBytes(3))
                if isAllowed { earliest = min(earliest, end) }
            }
        }
        computed = now
        set = builder.finish(
            accessVersion: set.accessVersion,
            validUntil: earliest == .max ? nil : Timestamp(milliseconds: earliest))
    }

    /// Adds the interned ids of what the reader holds in a source.
    private mutating func hold(_ sight: SourceSight, _ connection: Connection) throws {
        let source = sight.source.id
        var held: [UInt32] = []
        for principal in sight.principals.union(sight.listing?.record.shown ?? []) {
            let id = try connection.first(
                "SELECT id FROM principal WHERE source_id = ? AND kind = ? AND value = ?", source, principal.kind,
                principal.value
            ) { UInt32(exactly: $0.int64(0)) }
            if let id = id ?? nil { held.append(id) }
        }
        if let listing = sight.listing?.record { try list(listing, source, connection) { held.append($0) } }
        builder.hold(held)
    }

    /// Listings up to this many issues are looked up one by one; longer ones in one scan of all that are interned.
    private static let shortListing = 2_000

    /// Hands the interned ids of a listing's issues to `found`.
    private func list(
        _ listing: Listings.Record, _ source: Int64, _ connection: Connection, found: (UInt32) -> Void
    ) throws {
        let stored = try connection.first("SELECT issues FROM listing WHERE id = ?", listing.id) {
            AscendingNumbers(bytes: $0.blob(0))
        }
        guard let stored else { return }
        if listing.issueCount <= Self.shortListing {
            let find = try connection.statement("SELECT id FROM principal WHERE source_id = ? AND issue = ?")
            try stored.forEach { issue in
                find.bind(1, source)
                find.bind(2, issue)
                if try find.step(), let id = UInt32(exactly: find.row.int64(0)) { found(id) }
                find.reset()
            }
            return
        }
        // Both sides ascend. Only what was interned since is asked for where the rest is held already.
        let scan = try connection.statement(
            lastPrincipal == 0
                ? "SELECT issue, id FROM principal WHERE source_id = ?1 AND issue IS NOT NULL AND id > ?2 ORDER BY issue"
                : """
                SELECT issue, id FROM principal WHERE +source_id = ?1 AND +issue IS NOT NULL AND id > ?2
                ORDER BY issue
                """)
        scan.bind(1, source)
        scan.bind(2, lastPrincipal)
        defer { scan.reset() }
        var hasRow = try scan.step()
        try stored.forEach { issue in
            while hasRow, scan.row.int64(0) < issue { hasRow = try scan.step() }
            if hasRow, scan.row.int64(0) == issue, let id = UInt32(exactly: scan.row.int64(1)) { found(id) }
        }
    }
}

/// The projects whose acls are looked at, with the moment at which their leases end (`Int64.max` for none).
private struct Doors {
    private var projects: [Int64: Int64] = [:]
    /// Sources whose acls count without a project too, because the listing alone decides.
    private var linked: [Int64: Int64] = [:]
    /// The end of the listings' leases, which count whether or not anything is listed.
    private(set) var earliest = Int64.max
    private var last: (project: Int64, end: Int64?) = (-1, nil)

    var isEmpty: Bool { projects.isEmpty && linked.isEmpty }

    mutating func add(
        _ sight: SourceSight, now: Timestamp, _ ended: EndedLeases, _ connection: Connection
    ) throws {
        let source = sight.source
        if let listing = sight.listing {
            earliest = min(earliest, listing.end.rawValue)
            if source.accessMode == .linked { linked[source.id] = listing.end.rawValue }
        }
        for project in try ProjectRecords.all(source: source.id, in: connection) {
            if case .shown(let end) = ProjectRecords.access(of: project, source: source, now: now, ended) {
                projects[project.id] = end?.rawValue ?? .max
            }
        }
    }

    /// When the lease ends under which acls of a project are looked at; `nil` where they are not. An acl that was
    /// interned before its project was known belongs to none until the acls are derived again, and is closed.
    mutating func end(project: Int64?, source: Int64) -> Int64? {
        guard let project else { return linked[source] }
        if last.project != project { last = (project, projects[project]) }
        return last.end
    }
}
