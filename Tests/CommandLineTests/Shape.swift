import FastJSON

/// What a JSON document must look like: the fields the interface names, and their kinds. Further fields are free.
indirect enum Shape: Sendable {
    case string
    case integer
    case number
    case bool
    /// RFC 3339 with an offset.
    case time
    /// A string of digits, as Jira gives ids.
    case id
    case oneOf([String])
    case array(Shape)
    /// An object whose keys are data.
    case map(Shape)
    /// A name with `?` behind it may be absent.
    case object([String: Shape])
    case orNull(Shape)
    case anything

    /// Every difference, each with its path.
    func problems(_ value: JSONValue?, at path: String = "$") -> [String] {
        guard let value else { return ["\(path) is missing"] }
        switch self {
        case .string: return value.string == nil ? ["\(path) is no string"] : []
        case .integer: if case .integer = value { return [] } else { return ["\(path) is no integer"] }
        case .number: return value.double == nil ? ["\(path) is no number"] : []
        case .bool: return value.bool == nil ? ["\(path) is no boolean"] : []
        case .time: return Self.isTime(value.string ?? "") ? [] : ["\(path) is no time: \(value.string ?? "?")"]
        case .id:
            let text = value.string ?? ""
            return !text.isEmpty && text.utf8.allSatisfy { (0x30...0x39).contains($0) } ? [] : ["\(path) is no id"]
        case .oneOf(let words): return words.contains(value.string ?? "") ? [] : ["\(path) is none of \(words)"]
        case .orNull(let shape): return value.isNull ? [] : shape.problems(value, at: path)
        case .anything: return []
        case .array(let element):
            guard let elements = value.array else { return ["\(path) is no array"] }
            return elements.enumerated().flatMap { element.problems($1, at: "\(path)[\($0)]") }
        case .map(let element):
            guard case .object(let members) = value else { return ["\(path) is no object"] }
            return members.flatMap { element.problems($0.value, at: "\(path).\($0.key)") }
        case .object(let fields):
            guard case .object = value else { return ["\(path) is no object"] }
            return fields.flatMap { name, shape -> [String] in
                guard name.hasSuffix("?") else { return shape.problems(value[name], at: "\(path).\(name)") }
                let name = String(name.dropLast())
                return value[name].map { shape.problems($0, at: "\(path).\(name)") } ?? []
            }
        }
    }

    private static func isTime(_ text: String) -> Bool {
        text.wholeMatch(of: #/\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)/#) != nil
    }
}

/// The objects of the documented interface.
extension Shape {
    static let sync = Shape.object([
        "source": .string, "finished": .bool, "phase": .string,
        "issues": .object([
            "read": .integer, "stored": .integer, "unchanged": .integer, "deleted": .integer, "quarantined": .integer,
        ]),
        "comments": .integer, "changes": .integer, "attachments": .integer, "requests": .integer, "bytes": .integer,
        "seconds": .number, "issuesPerSecond": .number,
        "warnings": .array(.object(["code": .string, "message": .string])),
    ])

    static let search = Shape.object([
        "total": .integer, "tookMs": .integer, "asOf": .time,
        "freshness": .object(["state": .string, "lagSeconds": .integer]),
        "hits": .array(
            .object([
                "id": .id, "key": .string, "source": .string, "summary": .string, "status": .string,
                "statusCategory": .string, "type": .string, "project": .string, "assignee?": .string, "updated": .time,
                "url": .string, "score": .number,
                "passage": .object([
                    "kind": .string, "id?": .string, "snippet": .string, "highlights": .array(.array(.integer)),
                ]),
            ])),
        "facets": .map(.array(.object(["value": .string, "count": .integer]))), "cursor?": .string,
    ])

    static let issue = Shape.object([
        "id": .id, "key": .string, "formerKeys": .array(.string), "source": .string, "url": .string,
        "summary": .string, "descriptionMarkdown": .string,
        "status": .object(["id": .id, "name": .string, "category": .string]), "type": .string, "priority?": .string,
        "resolution?": .string, "project": .object(["id": .id, "key": .string, "name": .string]),
        "assignee?": .anything, "reporter?": .anything, "labels": .array(.string), "components": .array(.string),
        "fixVersions": .array(.string), "parent?": .anything, "sprints": .array(.anything),
        "links": .array(.object(["type": .string, "direction": .string, "key": .string])),
        "securityLevel?": .anything, "created": .time, "updated": .time, "due?": .string, "fields": .map(.anything),
        "comments": .array(
            .object([
                "id": .id, "author": .anything, "created": .time, "updated": .time, "markdown": .string,
                "visibility?": .anything, "internal?": .bool,
            ])),
        "attachments": .array(.object(["id": .id, "filename": .string, "mimeType": .string, "size": .integer])),
        "worklogs": .array(.object([:])),
        "changes": .array(
            .object(["at": .time, "author": .anything, "field": .string, "from": .anything, "to": .anything])),
    ])

    static let accessVisible = Shape.object([
        "account": .string, "source": .string, "issues": .array(.id), "comments": .array(.id),
        "attachments": .array(.id), "worklogs": .array(.id), "accessVersion": .integer, "verifiedAt": .time,
    ])

    private static let clauses = Shape.array(
        .object([
            "clause": .oneOf(["browse", "level", "visibility"]), "holds": .bool, "because": .array(.string),
        ]))

    static let accessExplain = Shape.object([
        "key": .string, "account": .string, "visible": .bool, "clauses": clauses,
        "parts": .array(
            .object([
                "kind": .oneOf(["comment", "worklog", "attachment"]), "id": .id, "visible": .bool, "clauses": clauses,
            ])),
        "verifiedAt": .time,
    ])

    private static let accessDiffKind = Shape.object([
        "onlyA": .array(.object(["id": .id, "key": .string])), "onlyB": .array(.object(["id": .id, "key": .string])),
        "both": .integer,
    ])

    static let accessDiff = Shape.object([
        "a": .string, "b": .string, "source": .string, "issues": accessDiffKind, "comments": accessDiffKind,
        "worklogs": accessDiffKind, "attachments": accessDiffKind, "accessVersion": .integer, "verifiedAt": .time,
    ])

    static let accessLevels = Shape.object([
        "source": .string,
        "levels": .array(
            .object([
                "id": .id, "name": .string, "scheme": .orNull(.id),
                "membersFrom": .oneOf(["jira", "declared", "unknown"]), "members": .array(.string),
                "declaredBy?": .string, "declaredAt?": .time, "issues": .integer,
            ])),
    ])

    static let checks = Shape.array(
        .object([
            "code": .string, "outcome": .oneOf(["ok", "warn", "fail"]), "what": .string, "why": .string,
            "fix": .string,
        ]))
}
