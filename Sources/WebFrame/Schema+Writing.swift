internal import FastJSON

extension Schema {
    /// Writes the schema as JSON Schema 2020-12; named ones as a reference.
    func write(to json: inout JSONWriter) {
        if case .named(let name, _) = form, !isNullable, words == nil {
            json.object { $0.member("$ref", "#/components/schemas/\(name)") }
            return
        }
        json.object { json in
            if let words { json.member("description", words) }
            if let example {
                json.key("examples")
                json.array { $0.value(example) }
            }
            writeForm(to: &json)
        }
    }

    private func writeForm(to json: inout JSONWriter) {
        switch form {
        case .text(let length, let format, let pattern):
            writeType("string", to: &json)
            if length.lowerBound > 0 { json.member("minLength", length.lowerBound) }
            json.member("maxLength", length.upperBound)
            if let format { json.member("format", format) }
            if let pattern { json.member("pattern", pattern) }
        case .choice(let values):
            writeType("string", to: &json)
            json.key("enum")
            json.array { json in
                values.forEach { json.string($0) }
                if isNullable { json.null() }
            }
        case .integer(let range):
            writeType("integer", to: &json)
            json.member("minimum", range.lowerBound)
            json.member("maximum", range.upperBound)
        case .number: writeType("number", to: &json)
        case .boolean: writeType("boolean", to: &json)
        case .list(let element, let count):
            writeType("array", to: &json)
            json.key("items")
            element.write(to: &json)
            if count.lowerBound > 0 { json.member("minItems", count.lowerBound) }
            json.member("maxItems", count.upperBound)
        case .object(let properties, let isClosed): write(properties, isClosed, to: &json)
        case .map(let value):
            writeType("object", to: &json)
            json.key("additionalProperties")
            value.write(to: &json)
        case .named(let name, _):
            json.key(isNullable ? "anyOf" : "allOf")
            json.array { json in
                json.object { $0.member("$ref", "#/components/schemas/\(name)") }
                if isNullable { json.object { $0.member("type", "null") } }
            }
        case .anything: break
        }
    }

    private func write(_ properties: [Property], _ isClosed: Bool, to json: inout JSONWriter) {
        writeType("object", to: &json)
        json.key("properties")
        json.object { json in
            for property in properties {
                json.key(property.name)
                property.schema.write(to: &json)
            }
        }
        let required = properties.filter(\.isRequired).map(\.name)
        if !required.isEmpty {
            json.key("required")
            json.array { json in required.forEach { json.string($0) } }
        }
        if isClosed { json.member("additionalProperties", false) }
    }

    private func writeType(_ type: String, to json: inout JSONWriter) {
        json.key("type")
        guard isNullable else { return json.string(type) }
        json.array { json in
            json.string(type)
            json.string("null")
        }
    }

    /// Adds every schema that has a name, with what is inside it.
    func collect(into named: inout [String: Schema]) {
        switch form {
        case .named(let name, let schema):
            guard named.updateValue(schema, forKey: name) == nil else { return }
            schema.collect(into: &named)
        case .list(let element, _): element.collect(into: &named)
        case .map(let value): value.collect(into: &named)
        case .object(let properties, _): properties.forEach { $0.schema.collect(into: &named) }
        case .text, .choice, .integer, .number, .boolean, .anything: break
        }
    }

    /// The schema in one line, for people: `{name: text, projects?: [text]}`.
    var outline: String {
        let outline =
            switch form {
            case .text(_, let format, _): format ?? "text"
            case .choice(let values): values.joined(separator: "|")
            case .integer: "integer"
            case .number: "number"
            case .boolean: "true|false"
            case .list(let element, _): "[\(element.outline)]"
            case .map(let value): "{NAME: \(value.outline)}"
            case .named(_, let schema): schema.outline
            case .anything: "any"
            case .object(let properties, _):
                "{"
                    + properties.map { "\($0.name)\($0.isRequired ? "" : "?"): \($0.schema.outline)" }
                    .joined(separator: ", ") + "}"
            }
        return isNullable ? outline + " or null" : outline
    }
}
