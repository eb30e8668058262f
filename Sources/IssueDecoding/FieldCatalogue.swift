public import IssueModel

/// The site's fields by id, and how to read the value of each.
public struct FieldCatalogue: Hashable, Sendable {
    public let fields: [Field]
    let kinds: FieldTable

    /// - Parameter fields: Of `GET /field`. With an empty list values are still read, by their shape.
    public init(_ fields: [Field]) {
        self.fields = fields
        var table = FieldTable(capacity: fields.count + SystemField.allCases.count)
        for field in fields {
            table.insert(field.id.rawValue, FieldPlan(system: nil, kind: FieldKind(field), name: field.name))
        }
        for system in SystemField.allCases {
            table.insert(system.rawValue, FieldPlan(system: system, kind: .any, name: system.rawValue))
        }
        kinds = table
    }

    public static func == (left: Self, right: Self) -> Bool { left.fields == right.fields }
    public func hash(into hasher: inout Hasher) { hasher.combine(fields) }
}

/// Fields with a place of their own in ``IssueModel/Issue``, or that repeat one that has.
enum SystemField: String, CaseIterable {
    case project, summary, description, environment, issuetype, status, priority, resolution, resolutiondate
    case assignee, reporter, creator, created, updated, duedate, labels, components, fixVersions, versions, parent
    case subtasks, issuelinks, security, timetracking, progress, aggregateprogress, watches, votes
    case issuerestriction, comment, worklog, attachment
    case timespent, timeestimate, timeoriginalestimate
    /// Says who looked at the issue last, which is the credential's own account: of no use to others.
    case lastViewed
    /// Repeats what other fields say.
    case statusCategory, issuekey, thumbnail
}

/// What to make of a field's value.
enum FieldKind: Hashable, Sendable {
    case text, document, number, date, instant, seconds, option, options, cascading, account, accounts, group, groups
    case entity, entities, labels, sprints, rank, epicLink, raw
    /// Not in the catalogue: judged by its shape.
    case any

    init(_ field: Field) {
        self = Self.ofCustomType(field.customType) ?? Self.ofSchema(field)
    }

    private static func ofCustomType(_ type: String?) -> FieldKind? {
        guard let type, let colon = type.lastIndex(of: ":") else { return nil }
        switch type[type.index(after: colon)...] {
        case "gh-sprint": return .sprints
        case "gh-lexo-rank": return .rank
        case "gh-epic-link": return .epicLink
        case "gh-epic-label", "gh-epic-color", "textfield", "readonlyfield", "url", "uuid", "importid": return .text
        case "gh-epic-status": return .any
        case "textarea": return .document
        case "float", "jsw-story-points", "jpo-custom-field-original-story-points": return .number
        case "datepicker", "jpo-custom-field-baseline-start", "jpo-custom-field-baseline-end": return .date
        case "datetime": return .instant
        case "select", "radiobuttons": return .option
        case "multiselect", "multicheckboxes": return .options
        case "cascadingselect": return .cascading
        case "userpicker": return .account
        case "multiuserpicker", "people", "sd-request-participants": return .accounts
        case "grouppicker": return .group
        case "multigrouppicker": return .groups
        case "version", "project": return .entity
        case "multiversion": return .entities
        case "labels": return .labels
        case "rm-teams-custom-field-team", "atlassian-team": return .entity
        case "sd-sla-field", "vp-origin", "sd-approvals", "sd-customer-organizations", "sd-request-feedback":
            return .any
        default: return nil
        }
    }

    private static func ofSchema(_ field: Field) -> FieldKind {
        if field.id.rawValue.hasPrefix("aggregatetime") { return .seconds }
        switch (field.type, field.items) {
        case ("string", _): return .text
        case ("number", _): return .number
        case ("date", _): return .date
        case ("datetime", _): return .instant
        case ("user", _): return .account
        case ("array", "user"): return .accounts
        case ("group", _): return .group
        case ("array", "group"): return .groups
        case ("option", _): return .option
        case ("array", "option"): return .options
        case ("option-with-child", _): return .cascading
        case ("array", "string"): return .labels
        case ("array", "version"), ("array", "component"): return .entities
        case ("version", _), ("project", _), ("team", _), ("priority", _), ("resolution", _): return .entity
        default: return .any
        }
    }
}

struct FieldPlan: Hashable, Sendable {
    var system: SystemField?
    var kind: FieldKind
    var name: String
}

/// Plans by field id, found from the parser's borrowed bytes without making a string.
struct FieldTable: Hashable, Sendable {
    private var slots: [Slot?]
    private let mask: Int

    private struct Slot: Hashable {
        var key: [UInt8]
        var plan: FieldPlan
    }

    init(capacity: Int) {
        var size = 64
        while size < capacity * 3 { size *= 2 }
        slots = Array(repeating: nil, count: size)
        mask = size - 1
    }

    /// The last plan given for a key counts.
    mutating func insert(_ key: String, _ plan: FieldPlan) {
        let bytes = Array(key.utf8)
        var position = bytes.withUnsafeBufferPointer { Self.hash($0) } & mask
        while let slot = slots[position], slot.key != bytes { position = (position + 1) & mask }
        slots[position] = Slot(key: bytes, plan: plan)
    }

    subscript(_ key: UnsafeBufferPointer<UInt8>) -> FieldPlan? {
        var position = Self.hash(key) & mask
        while true {
            guard slots[position] != nil else { return nil }
            if slots[position]?.key.count == key.count, slots[position]?.key.elementsEqual(key) == true {
                return slots[position]?.plan
            }
            position = (position + 1) & mask
        }
    }

    /// FNV-1a; field ids differ in their last digits, which it spreads well.
    private static func hash(_ bytes: UnsafeBufferPointer<UInt8>) -> Int {
        var hash: UInt64 = 0xCBF2_9CE4_8422_2325
        for byte in bytes { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01B3 }
        return Int(truncatingIfNeeded: hash ^ (hash >> 29))
    }
}
