internal import FastJSON
internal import WebFrame

/// Reads the part of Elasticsearch's query language that says something about documents of Jira.
///
/// `match_all`, `match_none`, `match`, `match_phrase`, `multi_match`, `query_string`, `simple_query_string`, `term`,
/// `terms`, `prefix`, `range`, `exists`, `ids` and `bool`. Others are refused rather than passed over.
enum QueryBody {
    static func clause(of query: JSONValue, depth: Int = 0) throws(Problem) -> Clause {
        guard case .object(let members) = query, members.count == 1, depth < 16 else {
            throw .invalid("A query is an object with one member, nested at most 16 deep.")
        }
        let (kind, body) = (members[0].key, members[0].value)
        switch kind {
        case "match_all": return .everything
        case "match_none": return .nothing
        case "multi_match", "query_string", "simple_query_string": return .words(try text(body["query"], kind))
        case "match", "match_phrase", "term", "prefix", "terms": return try onField(kind, body)
        case "range": return try range(body)
        case "exists": return .exists(field: try text(body["field"], kind))
        case "ids":
            return .any(try values(body["values"], kind).map { .term(field: "id", value: $0) })
        case "bool": return try bool(body, depth)
        default: throw .invalid("Queries of the kind \(String(kind.prefix(40))) are not answered here.")
        }
    }

    private static func onField(_ kind: String, _ body: JSONValue) throws(Problem) -> Clause {
        guard case .object(let members) = body, members.count == 1 else {
            throw .invalid("\(kind) takes an object with one field.")
        }
        let (field, value) = (members[0].key, members[0].value)
        if kind == "terms" { return .any(try values(value, kind).map { .term(field: field, value: $0) }) }
        let text = try text(value["query"] ?? value["value"] ?? value, kind)
        return .term(field: field, value: kind == "prefix" ? text + "*" : text)
    }

    private static func range(_ body: JSONValue) throws(Problem) -> Clause {
        guard case .object(let members) = body, members.count == 1, case .object(let bounds) = members[0].value else {
            throw .invalid("range takes an object with one field.")
        }
        var clauses: [Clause] = []
        for bound in bounds {
            let comparison: Clause.Comparison
            switch bound.key {
            case "gte", "from": comparison = .atLeast
            case "lte", "to": comparison = .atMost
            case "gt": comparison = .more
            case "lt": comparison = .less
            case "format", "time_zone", "boost": continue
            default: throw .invalid("range does not know \(String(bound.key.prefix(40))).")
            }
            clauses.append(.compare(field: members[0].key, comparison, value: try text(bound.value, "range")))
        }
        return .all(clauses)
    }

    private static func bool(_ body: JSONValue, _ depth: Int) throws(Problem) -> Clause {
        func clauses(_ name: String) throws(Problem) -> [Clause] {
            guard let value = body[name], !value.isNull else { return [] }
            let queries = value.array ?? [value]
            guard queries.count <= Clause.limit else { throw .invalid("bool takes at most \(Clause.limit) clauses.") }
            var clauses: [Clause] = []
            for query in queries { clauses.append(try clause(of: query, depth: depth + 1)) }
            return clauses
        }
        let must = try clauses("must") + clauses("filter")
        let excluded = try clauses("must_not").map { Clause.not($0) }
        let should = try clauses("should")
        let needsOne = !should.isEmpty && (must.isEmpty || (body["minimum_should_match"]?.integer ?? 0) > 0)
        return .all(must + excluded + (needsOne ? [.any(should)] : []))
    }

    private static func values(_ value: JSONValue?, _ kind: String) throws(Problem) -> [String] {
        guard let elements = value?.array, elements.count <= Clause.limit else {
            throw .invalid("\(kind) takes a list of at most \(Clause.limit) values.")
        }
        var texts: [String] = []
        for element in elements { texts.append(try text(element, kind)) }
        return texts
    }

    private static func text(_ value: JSONValue?, _ kind: String) throws(Problem) -> String {
        switch value {
        case .string(let text) where text.utf8.count <= 8_192: return text
        case .integer(let number): return String(number)
        case .double(let number): return String(number)
        case .bool(let flag): return flag ? "true" : "false"
        default: throw .invalid("\(kind) takes a string, a number, true or false.")
        }
    }
}
