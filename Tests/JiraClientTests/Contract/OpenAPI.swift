import FastJSON

/// As much of OpenAPI 3.0 as it takes to tell whether a request is one its operation allows.
struct OpenAPI: Sendable {
    private let operations: [Operation]
    private let schemas: [String: JSONValue]

    struct Operation: Sendable {
        var method: String
        var path: [Substring]
        var template: String
        var parameters: [JSONValue]
        var body: JSONValue?
        var bodyIsRequired: Bool
    }

    /// - Parameter prefix: What the document's server adds before its paths.
    init(_ document: JSONValue, prefix: String = "") {
        schemas = Dictionary(
            uniqueKeysWithValues: (document["components"]?["schemas"]).members.map { ($0.key, $0.value) })
        var operations: [Operation] = []
        for path in document["paths"].members {
            let common = path.value["parameters"]?.array ?? []
            for operation in path.value.members where ["get", "post", "put", "delete"].contains(operation.key) {
                let body = operation.value["requestBody"]
                operations.append(
                    Operation(
                        method: operation.key.uppercased(), path: (prefix + path.key).split(separator: "/"),
                        template: prefix + path.key, parameters: common + (operation.value["parameters"]?.array ?? []),
                        body: body?["content"]?["application/json"]?["schema"],
                        bodyIsRequired: body?["required"]?.bool ?? false))
            }
        }
        self.operations = operations
    }

    /// The operation a request is for; of several templates the one with more literal segments.
    func operation(_ method: String, _ path: String) -> Operation? {
        let segments = path.split(separator: "/")
        return operations.filter { operation in
            operation.method == method && operation.path.count == segments.count
                && zip(operation.path, segments).allSatisfy { $0 == $1 || $0.hasPrefix("{") }
        }.min { left, right in
            left.path.count { $0.hasPrefix("{") } < right.path.count { $0.hasPrefix("{") }
        }
    }

    /// What is wrong with a request; nothing is what we want.
    func problems(method: String, path: String, query: [(name: String, value: String)], body: JSONValue?) -> [String] {
        guard let operation = operation(method, path) else { return ["no operation \(method) \(path)"] }
        var problems: [String] = []
        // The Data Center document puts one query parameter under "path" though the path has no such part.
        let known = operation.parameters.filter {
            $0["in"]?.string == "query"
                || $0["in"]?.string == "path" && !operation.template.contains("{\($0["name"]?.string ?? "")}")
        }
        for item in query {
            guard let parameter = known.first(where: { $0["name"]?.string == item.name }) else {
                problems.append("unknown query parameter \(item.name)")
                continue
            }
            problems += check(text: item.value, parameter["schema"] ?? .null).map { "\(item.name): \($0)" }
        }
        for parameter in known where parameter["required"]?.bool == true {
            if !query.contains(where: { $0.name == parameter["name"]?.string }) {
                problems.append("missing \(parameter["name"]?.string ?? "")")
            }
        }
        switch (operation.body, body) {
        case (let schema?, let body?): problems += check(body, schema, "body")
        case (nil, .some): problems.append("a body where none is expected")
        case (.some, nil): if operation.bodyIsRequired { problems.append("no body") }
        case (nil, nil): break
        }
        return problems.map { "\(operation.template): \($0)" }
    }

    /// A query parameter's value against its schema.
    private func check(text: String, _ schema: JSONValue) -> [String] {
        let schema = resolved(schema)
        if let allowed = schema["enum"]?.array?.compactMap(\.string), !allowed.contains(text) {
            return ["\(text) is none of \(allowed)"]
        }
        switch schema["type"]?.string {
        case "integer"?: return Int64(text) == nil ? ["\(text) is no integer"] : []
        case "boolean"?: return ["true", "false"].contains(text) ? [] : ["\(text) is no boolean"]
        case "array"?: return text.split(separator: ",").flatMap { check(text: String($0), schema["items"] ?? .null) }
        default: return []
        }
    }

    func check(_ value: JSONValue, _ unresolved: JSONValue, _ at: String) -> [String] {
        let schema = resolved(unresolved)
        var problems = schema["allOf"]?.array?.flatMap { check(value, $0, at) } ?? []
        switch (schema["type"]?.string, value) {
        case ("object"?, .object(let members)): problems += check(members, schema, at)
        case ("array"?, .array(let elements)):
            if let most = schema["maxItems"]?.integer, elements.count > most {
                problems.append("\(at): more than \(most)")
            }
            if let least = schema["minItems"]?.integer, elements.count < least { problems.append("\(at): too few") }
            problems += elements.enumerated().flatMap { check($1, schema["items"] ?? .null, "\(at)[\($0)]") }
        case ("string"?, .string(let text)):
            if let allowed = schema["enum"]?.array, !allowed.contains(value) {
                problems.append("\(at): \(text) unknown")
            }
        case ("integer"?, .integer(let number)):
            if let most = schema["maximum"]?.double, Double(number) > most { problems.append("\(at): above \(most)") }
            if let least = schema["minimum"]?.double, Double(number) < least {
                problems.append("\(at): below \(least)")
            }
        case ("number"?, .integer), ("number"?, .double), ("boolean"?, .bool), (nil, _): break
        case (let type?, _): problems.append("\(at): not of type \(type)")
        }
        return problems
    }

    private func check(_ members: [JSONValue.Member], _ schema: JSONValue, _ at: String) -> [String] {
        var problems: [String] = []
        let properties = schema["properties"]
        for member in members {
            if let property = properties?[member.key] {
                problems += check(member.value, property, "\(at).\(member.key)")
            } else if schema["additionalProperties"] == .bool(false) {
                problems.append("\(at): unknown member \(member.key)")
            } else if properties != nil, schema["additionalProperties"] == nil {
                problems.append("\(at): member \(member.key) is not documented")
            }
        }
        for required in schema["required"]?.array?.compactMap(\.string) ?? [] {
            if !members.contains(where: { $0.key == required }) { problems.append("\(at): no \(required)") }
        }
        return problems
    }

    private func resolved(_ schema: JSONValue) -> JSONValue {
        guard let name = schema["$ref"]?.string?.split(separator: "/").last else { return schema }
        return schemas[String(name)] ?? .null
    }
}

extension JSONValue {
    var members: [Member] { if case .object(let members) = self { members } else { [] } }
}

extension JSONValue? {
    var members: [JSONValue.Member] { self?.members ?? [] }
}
