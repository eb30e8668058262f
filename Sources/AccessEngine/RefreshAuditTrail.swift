import FastJSON
import IssueModel
import JiraClient

/// What Jira's audit log tells: how far it has been read without a gap, and what it named that was not read again yet.
///
/// Kept with its cursor, so that nothing it named is lost when a refresh fails after it was read.
struct AuditTrail: Hashable, Sendable {
    /// Everything Jira recorded from here …
    var since: Timestamp
    /// … up to here has been read.
    var cursor: Timestamp
    /// Projects whose facts may have changed since they were read.
    var suspects: Set<EntityID> = []
    /// Groups, by id or lower-case name.
    var groups: Set<String> = []
    /// Something was recorded that may concern any project.
    var suspectsAll = false
    var suspectsAccounts = false

    /// How far behind its newest record the log is read again, as records may appear late, in milliseconds.
    static let overlap: Int64 = 120_000
    /// A log that was not read for so long may have forgotten records, in milliseconds.
    static let longestGap: Int64 = 86_400_000

    /// A log that begins to be followed now.
    init(beginning now: Timestamp) {
        since = now
        cursor = now
    }

    /// Where the next reading begins.
    var readFrom: Timestamp { Timestamp(milliseconds: cursor.rawValue - Self.overlap) }

    /// Whether the log would have told of a change of this project's facts since they were read.
    func covers(_ project: EntityID, readAt: Timestamp) -> Bool {
        readAt >= since && !suspectsAll && !suspects.contains(project)
    }

    /// Takes records in, read at `now`.
    mutating func take(_ entries: [AuditEntry], at now: Timestamp) {
        if now.rawValue - cursor.rawValue > Self.longestGap { self = AuditTrail(beginning: now) }
        for entry in entries { take(entry) }
        cursor = max(cursor, now)
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

/// A record of the audit log, as far as it concerns access.
///
/// Jira writes summaries and categories in the site's language; the types of what a record is about are always the same.
struct AuditEntry: Hashable, Sendable {
    /// What was changed, then what the change is about besides.
    var items: [Item]

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

    init(items: [Item]) {
        self.items = items
    }

    init(_ record: AuditRecord) {
        items = ([record.object].compactMap(\.self) + record.associated).map {
            Item(type: $0.type, id: $0.id, name: $0.name)
        }
    }
}

extension AuditTrail {
    /// Reads what ``json`` writes; `nil` for anything else, and the log is followed from now on.
    init?(json text: String?) {
        guard let text, let json = try? JSONValue(parsing: text), let since = json["since"]?.integer,
            let cursor = json["cursor"]?.integer
        else { return nil }
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
