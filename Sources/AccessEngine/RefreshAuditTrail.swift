import FastJSON
import IssueModel
import JiraClient

/// What Jira's audit log tells: how far it has been followed without a gap, and what it named that was not read again yet.
///
/// Where to read on is told in the site's time, by the newest record itself; since when the log was followed, in ours, like
/// the times of the facts it vouches for. So it does not matter how far the two clocks are apart. Kept with its place, so
/// that nothing it named is lost when a refresh fails after it was read.
struct AuditTrail: Hashable, Sendable {
    /// Facts read from here on, by our clock …
    var since: Timestamp
    /// … are vouched for up to here, less ``lateness``, as the log was asked then.
    var cursor: Timestamp
    /// The newest record that was read. The next answer must have it again, or the log has a gap.
    var newest: Int64
    /// When that was written, by the site's clock.
    var mark: Timestamp
    /// The records read that the next answer will hold again.
    var seen: Set<Int64>
    /// Projects whose facts may have changed since they were read.
    var suspects: Set<EntityID> = []
    /// Groups, by id or lower-case name.
    var groups: Set<String> = []
    /// Something was recorded that may concern any project.
    var suspectsAll = false
    var suspectsAccounts = false

    /// How much later than it happened something may be in the log, in milliseconds. So far behind its newest record the
    /// log is read again.
    static let lateness: Int64 = 300_000
    /// A log that was not read for so long may have forgotten records, in milliseconds.
    static let longestGap: Int64 = 86_400_000

    /// A log that begins to be followed now.
    ///
    /// - Parameters:
    ///   - entries: Its newest ones; what they name is read again, as it may have changed just before.
    ///   - siteTime: What the site's clock said.
    /// - Returns: `nil` where there are none: a log that never told anything may not be kept at all.
    init?(beginning now: Timestamp, at entries: [AuditEntry], siteTime: Timestamp? = nil) {
        guard let last = Self.newest(of: entries) else { return nil }
        (since, cursor, newest, mark, seen) = (now, now, last.id, last.created, [])
        advance(over: entries, to: last, siteTime)
    }

    /// Where the next reading begins, by the site's clock.
    var readFrom: Timestamp { Self.readFrom(mark) }

    static func readFrom(_ mark: Timestamp) -> Timestamp { Timestamp(milliseconds: mark.rawValue - lateness) }

    /// Up to when, by our clock, the log would have told of a change.
    var vouchesUntil: Timestamp { Timestamp(milliseconds: cursor.rawValue - Self.lateness) }

    /// Whether the log would have told of a change of this project's facts since they were read.
    func covers(_ project: EntityID, readAt: Timestamp) -> Bool {
        readAt >= since && !suspectsAll && !suspects.contains(project)
    }

    /// Whether it can be followed on at `now`: not after a long pause, nor where our clock was set back.
    func goesOn(at now: Timestamp) -> Bool {
        now >= cursor && now.rawValue - cursor.rawValue <= Self.longestGap
    }

    /// Takes in what was recorded since ``readFrom``, read at `now`.
    ///
    /// - Returns: `false`, with nothing taken, where the log no longer has the record that was its newest: others may be
    ///   missing too.
    mutating func follow(_ entries: [AuditEntry], at now: Timestamp, siteTime: Timestamp? = nil) -> Bool {
        guard goesOn(at: now), entries.contains(where: { $0.id == newest }), let last = Self.newest(of: entries) else {
            return false
        }
        advance(over: entries, to: last, siteTime)
        cursor = now
        return true
    }

    /// What it named goes on being suspected where the log is followed anew.
    mutating func inherit(_ other: AuditTrail) {
        suspects.formUnion(other.suspects)
        groups.formUnion(other.groups)
        suspectsAll = suspectsAll || other.suspectsAll
        suspectsAccounts = suspectsAccounts || other.suspectsAccounts
    }

    private mutating func advance(over entries: [AuditEntry], to last: AuditEntry, _ siteTime: Timestamp?) {
        for entry in entries where !seen.contains(entry.id) { take(entry) }
        // One record of a clock that runs ahead must not keep the others from being read.
        (newest, mark) = (last.id, siteTime.map { min($0, last.created) } ?? last.created)
        let from = readFrom
        seen = Set(entries.filter { $0.created >= from }.map(\.id))
    }

    private static func newest(of entries: [AuditEntry]) -> AuditEntry? {
        entries.max { ($0.created, $0.id) < ($1.created, $1.id) }
    }

    private mutating func take(_ entry: AuditEntry) {
        for item in entry.items where item.kind == .group {
            if let id = item.id { groups.insert(id) }
            if let name = item.name { groups.insert(name.lowercased()) }
        }
        if entry.items.first?.kind == .user { suspectsAccounts = true }
        let projects = entry.items.filter { $0.kind == .project }
        suspects.formUnion(projects.compactMap { $0.id.map { EntityID($0) } })
        // Contents of schemes are read each time anyhow; which project uses which is recorded with the project.
        let isOfRules = projects.isEmpty && entry.items.contains { $0.kind == .rule }
        if isOfRules || projects.contains(where: { $0.id == nil }) { suspectsAll = true }
    }
}

/// What the audit log answered.
struct AuditReading: Sendable {
    var entries: [AuditEntry] = []
    /// What the site's clock said with it.
    var siteTime: Timestamp?
}

/// A record of the audit log, as far as it concerns access.
///
/// Jira writes summaries and categories in the site's language; the types of what a record is about are always the same.
struct AuditEntry: Hashable, Sendable {
    var id: Int64
    /// By the site's clock.
    var created: Timestamp
    /// What was changed, then what the change is about besides.
    var items: [Item]
    var deletion: AuditRecord.Deletion?

    struct Item: Hashable, Sendable {
        enum Kind: Hashable, Sendable { case project, group, user, scheme, rule, other }

        var kind: Kind
        var id: String?
        var name: String?

        init(type: String, id: String?, name: String?) {
            self.id = id.flatMap { $0.isEmpty ? nil : $0 }
            self.name = name.flatMap { $0.isEmpty ? nil : $0 }
            switch type.uppercased() {
            case "PROJECT": kind = .project
            case "GROUP": kind = .group
            case "USER": kind = .user
            case let type where type.contains("SCHEME"): kind = .scheme
            case let type where ["ROLE", "PERMISSION", "SECURITY"].contains(where: type.contains): kind = .rule
            default: kind = .other
            }
        }
    }

    init(id: Int64, created: Timestamp, items: [Item]) {
        (self.id, self.created, self.items) = (id, created, items)
    }

    init(_ record: AuditRecord) {
        (id, created, deletion) = (record.id, record.created, record.deletion)
        items = ([record.object].compactMap(\.self) + record.associated).map {
            Item(type: $0.type, id: $0.id, name: $0.name)
        }
    }
}

extension AuditTrail {
    /// Reads what ``json`` writes; `nil` for anything else, and the log is followed from now on.
    init?(json text: String?) {
        guard let text, let json = try? JSONValue(parsing: text), let since = json["since"]?.integer,
            let cursor = json["cursor"]?.integer, let newest = json["newest"]?.integer,
            let mark = json["mark"]?.integer, let seen = json["seen"]?.array
        else { return nil }
        self.newest = Int64(newest)
        self.mark = Timestamp(milliseconds: Int64(mark))
        self.seen = Set(seen.compactMap { $0.integer.map { Int64($0) } })
        self.since = Timestamp(milliseconds: Int64(since))
        self.cursor = Timestamp(milliseconds: Int64(cursor))
        suspects = Set((json["projects"]?.array ?? []).compactMap { $0.string.map { EntityID($0) } })
        groups = Set((json["groups"]?.array ?? []).compactMap(\.string))
        suspectsAll = json["all"]?.bool ?? false
        suspectsAccounts = json["accounts"]?.bool ?? false
    }

    var json: String {
        var writer = JSONWriter()
        writer.object { writer in
            writer.member("since", Int(since.rawValue))
            writer.member("cursor", Int(cursor.rawValue))
            writer.member("newest", Int(newest))
            writer.member("mark", Int(mark.rawValue))
            writer.key("seen")
            writer.array { writer in
                for id in seen.sorted() { writer.integer(id) }
            }
            for (name, values) in [("projects", suspects.map(\.rawValue)), ("groups", Array(groups))] {
                writer.key(name)
                writer.array { writer in
                    for value in values.sorted() { writer.string(value) }
                }
            }
            writer.member("all", suspectsAll)
            writer.member("accounts", suspectsAccounts)
        }
        return writer.text
    }
}
