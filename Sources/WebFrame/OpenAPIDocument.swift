internal import FastJSON
internal import HTTPMessages

/// The OpenAPI 3.1 document of a table of operations.
public struct OpenAPIDocument: Sendable {
    public let title: String
    public let version: String
    public let description: String
    let entries: [Entry]

    /// What an operation says of itself, without its handler.
    struct Entry: Sendable {
        let method: String
        let path: String
        let id: String
        let group: String
        let summary: String
        let details: String?
        let rule: RuleWords
        let parameters: [Parameter]
        let body: Body?
        let answers: [Int: Answer]
        let problems: [Int]
        let isChange: Bool
    }

    public init<Services>(_ operations: [Operation<Services>], title: String, version: String, description: String) {
        self.title = title
        self.version = version
        self.description = description
        entries = operations.map { operation in
            Entry(
                method: operation.method.rawValue.lowercased(),
                path: operation.path.split(separator: "...").joined(), id: operation.id, group: operation.group,
                summary: operation.summary, details: operation.details, rule: RuleWords(operation.rule),
                parameters: operation.parameters, body: operation.body, answers: operation.answers,
                problems: operation.documentedProblems, isChange: operation.isChange)
        }
    }

    /// The document, ready to be sent.
    public var json: [UInt8] {
        var json = JSONWriter(reservingCapacity: 64 << 10)
        json.object { json in
            json.member("openapi", "3.1.0")
            json.key("info")
            json.object { json in
                json.member("title", title)
                json.member("version", version)
                json.member("description", description)
            }
            json.key("paths")
            json.object { json in
                for path in orderedPaths {
                    json.key(path)
                    json.object { json in
                        for entry in entries where entry.path == path {
                            json.key(entry.method)
                            write(entry, to: &json)
                        }
                    }
                }
            }
            writeComponents(to: &json)
        }
        return json.bytes
    }

    private var orderedPaths: [String] {
        var seen: Set<String> = []
        return entries.map(\.path).filter { seen.insert($0).inserted }
    }

    private func write(_ entry: Entry, to json: inout JSONWriter) {
        json.object { json in
            json.member("operationId", entry.id)
            json.key("tags")
            json.array { $0.string(entry.group) }
            json.member("summary", entry.summary)
            json.member(
                "description", [entry.details, entry.rule.sentence].compactMap { $0 }.joined(separator: "\n\n"))
            json.key("security")
            json.array { json in
                if entry.rule.isPublic { json.object { _ in } }
                for scheme in ["bearer", "apiToken", "session"] {
                    json.object { json in
                        json.key(scheme)
                        json.array { _ in }
                    }
                }
            }
            json.key("parameters")
            json.array { json in
                (entry.parameters + (entry.isChange && !entry.rule.isPublic ? [Self.idempotencyKey] : [])).forEach {
                    write($0, to: &json)
                }
            }
            if let body = entry.body { write(body, to: &json) }
            json.key("responses")
            json.object { json in writeAnswers(of: entry, to: &json) }
        }
    }

    private func write(_ parameter: Parameter, to json: inout JSONWriter) {
        json.object { json in
            json.member("name", parameter.name)
            json.member("in", parameter.place.rawValue)
            json.member("description", parameter.words)
            json.member("required", parameter.isRequired)
            json.key("schema")
            parameter.schema.write(to: &json)
        }
    }

    private func write(_ body: Body, to json: inout JSONWriter) {
        json.key("requestBody")
        json.object { json in
            json.member("required", body.isRequired)
            json.key("content")
            json.object { json in
                json.key(body.mediaType)
                json.object { json in
                    guard let schema = body.schema else { return }
                    json.key("schema")
                    schema.write(to: &json)
                }
            }
        }
    }

    private func writeAnswers(of entry: Entry, to json: inout JSONWriter) {
        for (status, answer) in entry.answers.sorted(by: { $0.key < $1.key }) {
            json.key(String(status))
            json.object { json in
                json.member("description", answer.words)
                guard !answer.mediaTypes.isEmpty else { return }
                json.key("content")
                json.object { json in
                    for type in answer.mediaTypes {
                        json.key(type)
                        json.object { json in
                            guard let schema = answer.schema else { return }
                            json.key("schema")
                            schema.write(to: &json)
                        }
                    }
                }
            }
        }
        for status in entry.problems where entry.answers[status] == nil {
            json.key(String(status))
            json.object { $0.member("$ref", "#/components/responses/Problem") }
        }
        // Answered before a route is known, without a problem.
        for (status, words) in [("414", "The address is too long"), ("431", "The headers are too large")] {
            json.key(status)
            json.object { $0.member("description", words) }
        }
    }

    private func writeComponents(to json: inout JSONWriter) {
        var named: [String: Schema] = [:]
        Problem.schema.collect(into: &named)
        for entry in entries {
            entry.parameters.forEach { $0.schema.collect(into: &named) }
            entry.body?.schema?.collect(into: &named)
            entry.answers.values.forEach { $0.schema?.collect(into: &named) }
        }
        json.key("components")
        json.object { json in
            json.key("schemas")
            json.object { json in
                for (name, schema) in named.sorted(by: { $0.key < $1.key }) {
                    json.key(name)
                    schema.write(to: &json)
                }
            }
            json.key("responses")
            json.raw(Self.problemResponse)
            json.key("securitySchemes")
            json.raw(Self.securitySchemes)
        }
    }

    private static let idempotencyKey = Parameter.header(
        "Idempotency-Key", .text(1...255),
        "1 to 255 visible ASCII characters of your choice: the same request with the same key is done once, and answered alike for 24 hours"
    )

    private static let problemResponse = """
        {"Problem":{"description":"Why it was not done (RFC 9457)","content":{"application/problem+json":\
        {"schema":{"$ref":"#/components/schemas/Problem"}}}}}
        """

    private static let securitySchemes = """
        {"bearer":{"type":"http","scheme":"bearer","description":"An API token"},\
        "apiToken":{"type":"apiKey","in":"header","name":"X-API-TOKEN","description":"An API token"},\
        "session":{"type":"apiKey","in":"cookie","name":"drawbridge_session",\
        "description":"A browser's session; its changes need the header X-Drawbridge: 1"}}
        """
}

extension Operation {
    /// Statuses of problems this operation may answer with.
    var documentedProblems: [Int] {
        var statuses: Set<Int> = [400, 401, 500, 503]
        statuses.formUnion(problems)
        if !RuleWords(rule).isPublic || isChange { statuses.insert(403) }
        if !captures.isEmpty { statuses.insert(404) }
        if body != nil { statuses.formUnion([413, 415]) }
        if isChange, !RuleWords(rule).isPublic { statuses.formUnion([409, 422]) }
        statuses.insert(429)
        return statuses.sorted()
    }
}
