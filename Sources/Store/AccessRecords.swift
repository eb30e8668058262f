public import AccessControl
public import Database
public import IssueModel
internal import Synchronization

/// Who may see what: the one function that yields a reader's allowed set, and the facts it rests on.
public final class AccessRecords: Sendable {
    let clock: @Sendable () -> Timestamp
    let endedLeases = EndedLeases()
    private let cache = Mutex(Cache())

    private struct Cache {
        var sets: [Reader: ReaderSight] = [:]
        var bytes = 0
        /// Rules of membership by source, without the members, at one access version.
        var memberships: [Int64: (version: Int64, membership: Membership)] = [:]
    }

    /// Sets remembered at a time, and the bytes they may take together.
    private static let setLimit = 1_024
    private static let byteLimit = 64 << 20

    /// - Parameter clock: By which leases end.
    public init(clock: @escaping @Sendable () -> Timestamp = Store.systemClock) {
        self.clock = clock
    }

    /// The acl ids whose every clause the reader meets, now: every read path works inside this set.
    ///
    /// The operator may read everything. Nobody else sees anything of a removed source, of a project that
    /// `ProjectRecords.access` hides, or on the strength of a listing whose lease has ended.
    ///
    /// Remembered until the access version moves or a lease ends that the set rests on. Acls that came later are added to
    /// a remembered set.
    public func allowed(to reader: Reader, in connection: Connection) throws -> AllowedSet {
        let version = try Settings.accessVersion(in: connection)
        if reader == .operator { return .everything(accessVersion: version) }
        let now = clock()
        // Inside an open write the version is not final: another transaction may yet use the same number.
        let remembering = !connection.isWriting
        var sight = ReaderSight(version: version, computed: now)
        if remembering, let known = cache.withLock({ $0.sets[reader] }), known.holds(version: version, at: now) {
            if try known.isComplete(in: connection) { return known.set }
            sight = known
        }
        let sources = try SourceRecords.all(in: connection, includingRemoved: false).map { source in
            try self.sight(of: reader, in: source, version: version, now: now, connection, remembering)
        }
        try sight.take(in: sources, now: now, endedLeases, connection)
        if remembering, sources.allSatisfy(\.isKnown) { remember(sight, for: reader) }
        return sight.set
    }

    /// Everything the reader holds in one source, now.
    ///
    /// - Parameter issue: Says whether Jira lists this issue to the reader too, where the reader has a listing.
    public func principals(
        of reader: Reader, source: Int64, listing issue: IssueID? = nil, in connection: Connection
    ) throws -> Set<Principal> {
        guard let source = try SourceRecords.source(source, in: connection) else { return [] }
        let version = try Settings.accessVersion(in: connection)
        let sight = try sight(
            of: reader, in: source, version: version, now: clock(), connection, !connection.isWriting)
        var result = sight.principals
        guard let listing = sight.listing, case .account(let account) = reader.identity(inSource: source.id) else {
            return result
        }
        result.formUnion(listing.record.shown)
        if let issue, try Listings.issues(of: account, source: source.id, in: connection).contains(issue) {
            result.insert(.listed(issue))
        }
        return result
    }

    private func remember(_ sight: ReaderSight, for reader: Reader) {
        cache.withLock { cache in
            cache.bytes += sight.bytes - (cache.sets[reader]?.bytes ?? 0)
            if cache.sets.count >= Self.setLimit || cache.bytes > Self.byteLimit {
                cache.sets.removeAll()
                cache.bytes = sight.bytes
            }
            cache.sets[reader] = sight
        }
    }

    /// What the reader holds in one source by its mode: rules, membership and listing.
    private func sight(
        of reader: Reader, in source: Source, version: Int64, now: Timestamp, _ connection: Connection,
        _ remembering: Bool
    ) throws -> SourceSight {
        var result = SourceSight(source: source)
        let identity = reader.identity(inSource: source.id)
        result.principals = try Membership.principals(of: identity, in: source.accessMode) { id in
            // An account the source does not know is nobody, not even anonymous.
            guard let record = try PeopleRecords.account(id, source: source.id, in: connection) else {
                result.isKnown = false
                return []
            }
            let membership = try membership(
                source: source.id, version: version, in: connection, remembering: remembering)
            return membership.principals(
                of: AccessFacts.Person(record.account),
                directGroups: try PeopleRecords.groups(ofAccountRow: record.id, in: connection))
        }
        guard case .account(let account) = identity else { return result }
        // Where rules are mirrored, an account that holds nothing may not sign in, whatever was listed to it before.
        let counts = source.accessMode == .linked || source.accessMode == .mirror && !result.principals.isEmpty
        if counts, let listing = try Listings.record(account, source: source.id, in: connection),
            let end = Listings.end(of: listing, source.accessOptions, at: now, endedLeases)
        {
            result.listing = (listing, end)
        }
        return result
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
