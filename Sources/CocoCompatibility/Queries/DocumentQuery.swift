internal import FastJSON
internal import WebFrame
internal import WebServer

/// What a request for documents asks.
struct DocumentQuery: Sendable {
    /// The window of results that can be reached, as Elasticsearch has it.
    static let window = 10_000
    /// Documents of one answer.
    static let sizeLimit = 500

    /// What the person typed.
    var words = ""
    var clause = Clause.everything
    /// Whether anything was asked at all.
    var isEmpty = true
    /// The ids of data sources; `nil` for all.
    var dataSources: Set<String>?
    /// In the query language; empty for relevance.
    var order = ""
    var from = 0
    var size = 10
    var fields: SourceFields
    /// Whether attachments are asked for, and not issues.
    var wantsAttachments = false

    init(_ call: Call) throws(Problem) {
        let query = call.request.query
        let body = try call.json()
        fields = SourceFields(
            includes: query["_source_includes"] ?? Self.names(body["_source"]), excludes: query["_source_excludes"])
        from = try call.number("from", Self.whole(body["from"]) ?? 0, in: 0...Self.window)
        size = try call.number("size", Self.whole(body["size"]) ?? 10, in: 0...Self.window)
        guard from + size <= Self.window else {
            throw .invalid("from and size together may be at most \(Self.window).")
        }
        size = min(size, Self.sizeLimit)
        words = query["query"] ?? ""
        if words == "*" { words = "" }
        guard words.utf8.count <= 8_192 else { throw .invalid("query may have at most 8192 bytes.") }
        let type = query["search_type"] ?? ""
        guard ["", "keyword", "semantic", "hybrid"].contains(type) else { throw .invalid("invalid search type") }
        try readConditions(query, body)
        try readOrder(query["sort"], body["sort"])
    }

    private mutating func readConditions(_ query: FormValues, _ body: JSONValue) throws(Problem) {
        var clauses: [Clause] = []
        let filters = query.all("filter")
        if !filters.isEmpty {
            clauses.append(
                try FilterGrammar.clause(
                    of: filters, everyOne: query["default_filter_operator"]?.uppercased() == "AND"))
        }
        for name in ["category", "subcategory", "rich_category"] {
            if let value = query[name], !value.isEmpty { clauses.append(.term(field: name, value: value)) }
        }
        if let path = query["path"], !path.isEmpty { clauses += try Self.clauses(ofPath: path) }
        switch body["query"] {
        case .string(let text): words = text
        case .object: clauses.append(try QueryBody.clause(of: body["query"] ?? .null))
        default: break
        }
        if let list = query["datasource"], !list.isEmpty, list != "*" {
            dataSources = Set(list.split(separator: ",").prefix(1_000).map(String.init))
        }
        clause = clauses.count == 1 ? clauses[0] : .all(clauses)
        isEmpty = clauses.isEmpty && dataSources == nil && words.allSatisfy(\.isWhitespace)
        wantsAttachments = Self.takeType(&clause)
    }

    /// Takes the wish for attachments out of a clause that must hold.
    private static func takeType(_ clause: inout Clause) -> Bool {
        let attachments = Clause.term(field: "type", value: "jira_attachment")
        switch clause {
        case attachments, .any([attachments]):
            clause = .everything
            return true
        case .all(var clauses):
            for place in clauses.indices where takeType(&clauses[place]) {
                clause = .all(clauses)
                return true
            }
            return false
        default: return false
        }
    }

    /// `["Project Name"]`: documents lie one level deep.
    private static func clauses(ofPath text: String) throws(Problem) -> [Clause] {
        guard let path = (try? JSONValue(parsing: text))?.array?.map(\.string), path.allSatisfy({ $0 != nil }) else {
            throw .invalid("path must be a list of names as JSON.")
        }
        switch path.count {
        case 0: return []
        case 1: return [.term(field: "_system.parent_path", value: (path[0] ?? ""))]
        default: return [.nothing]
        }
    }

    private mutating func readOrder(_ text: String?, _ body: JSONValue?) throws(Problem) {
        var first: (field: String, direction: String)?
        if let part = text?.split(separator: ",").first {
            let parts = part.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
            first = (parts[0], parts.count > 1 ? parts[1] : "asc")
        } else if let element = body?.array?.first ?? body {
            if let name = element.string { first = (name, name == "_score" ? "desc" : "asc") }
            if case .object(let members) = element, let member = members.first {
                first = (member.key, member.value.string ?? member.value["order"]?.string ?? "asc")
            }
        }
        guard let first, first.field != "_score" else { return }
        let direction = first.direction.lowercased()
        guard ["asc", "desc"].contains(direction) else { throw .invalid("A sort is field:asc or field:desc.") }
        let names = [
            "created": "created", "updated": "updated", "last_updated_by.timestamp": "updated",
            "metadata.issue_key": "key", "metadata.priority": "priority", "id": "key", "_id": "key",
        ]
        guard let name = names[first.field] else {
            throw .invalid("Documents cannot be sorted by \(String(first.field.prefix(40))).")
        }
        order = "sort:\(name)-\(direction)"
    }

    private static func whole(_ value: JSONValue?) -> Int? {
        value?.integer.flatMap { (0...window).contains($0) ? $0 : nil }
    }

    private static func names(_ value: JSONValue?) -> String? {
        let list = value?["includes"] ?? value
        return list?.array?.compactMap(\.string).joined(separator: ",") ?? list?.string
    }
}
