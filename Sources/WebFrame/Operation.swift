public import HTTPMessages
public import SignIn
public import WebServer

/// One thing that can be asked of the server: its route, who may, what it takes, what it answers, and how it is done.
///
/// The router, the OpenAPI document, the readable page and the authorisation tests are made of the same values, so that
/// none can say something else than another.
public struct Operation<Services: Sendable>: Sendable {
    public let method: HTTPMethod
    /// The path with `{name}` for what varies, as `/api/v1/sources/{source}`.
    public let path: String
    /// A name that no other operation has, as `source.remove`. What stands before the first dot is its group.
    public let id: String
    public let summary: String
    public var details: String?
    public let rule: AccessRule
    public let parameters: [Parameter]
    public let body: Body?
    /// What is answered where nothing goes wrong, by status.
    public let answers: [Int: Answer]
    /// Statuses of problems beyond those that every operation of its kind has.
    public let problems: [Int]
    /// Whether query parameters that are not documented are passed over; otherwise they are refused, so that a misspelt one
    /// is noticed.
    public var takesOtherParameters = false
    /// Whether the answer to a change is kept for when the change is sent again. Not where a POST only asks: what it answers
    /// today may not be shown tomorrow.
    public var keepsAnswers = true
    public let handle: @Sendable (Call<Services>) async throws -> WebResponse

    /// - Parameters:
    ///   - rule: Has no default: every route says who may.
    ///   - problems: Statuses that the handler's own problems have, beyond 400, 401, 403, 404 for what the path names,
    ///     413, 415, 429, 500 and 503.
    public init(
        _ method: HTTPMethod, _ path: String, id: String, summary: String, details: String? = nil, rule: AccessRule,
        parameters: [Parameter] = [], body: Body? = nil, answers: [Int: Answer], problems: [Int] = [],
        handle: @escaping @Sendable (Call<Services>) async throws -> WebResponse
    ) {
        self.method = method
        self.path = path
        self.id = id
        self.summary = summary
        self.details = details
        self.rule = rule
        self.parameters = parameters
        self.body = body
        self.answers = answers
        self.problems = problems
        self.handle = handle
    }

    /// Operations that belong together.
    public var group: String { String(id.prefix { $0 != "." }) }

    /// Whether it changes something: then it takes an idempotency key, and a session needs proof against forged requests.
    public var isChange: Bool { ![.get, .head, .options].contains(method) }

    /// The names between braces in the path.
    public var captures: [String] {
        path.split(separator: "{").dropFirst().map { part in
            let name = part.prefix { $0 != "}" }
            return String(name.hasSuffix("...") ? name.dropLast(3) : name)
        }
    }
}

/// What a request's body must be.
public struct Body: Sendable {
    public let schema: Schema?
    public let mediaType: String
    public let isRequired: Bool

    /// JSON of this schema.
    public static func json(_ schema: Schema, isRequired: Bool = true) -> Body {
        Body(schema: schema, mediaType: "application/json", isRequired: isRequired)
    }

    /// Bytes of another type, which the handler reads from the request itself.
    public static func other(_ mediaType: String) -> Body {
        Body(schema: nil, mediaType: mediaType, isRequired: true)
    }
}

/// What comes back.
public struct Answer: Sendable {
    public let words: String
    public let schema: Schema?
    public let mediaTypes: [String]

    /// JSON of this schema.
    public static func json(_ words: String, _ schema: Schema) -> Answer {
        Answer(words: words, schema: schema, mediaTypes: ["application/json"])
    }

    /// No body.
    public static func nothing(_ words: String) -> Answer { Answer(words: words, schema: nil, mediaTypes: []) }

    /// Another kind of content.
    public static func other(_ words: String, _ mediaTypes: String...) -> Answer {
        Answer(words: words, schema: nil, mediaTypes: mediaTypes)
    }
}

/// A value in a request's path, query or headers.
public struct Parameter: Sendable {
    public enum Place: String, Sendable { case path, query, header }

    public let name: String
    public let place: Place
    public let schema: Schema
    public let words: String
    public let isRequired: Bool

    /// What a `{name}` of the path stands for.
    public static func path(_ name: String, _ words: String, _ schema: Schema = .text(1...512)) -> Parameter {
        Parameter(name: name, place: .path, schema: schema, words: words, isRequired: true)
    }

    /// A query parameter; one with a list's schema may be given several times.
    public static func query(
        _ name: String, _ schema: Schema = .text(), _ words: String, isRequired: Bool = false
    ) -> Parameter {
        Parameter(name: name, place: .query, schema: schema, words: words, isRequired: isRequired)
    }

    public static func header(_ name: String, _ schema: Schema, _ words: String) -> Parameter {
        Parameter(name: name, place: .header, schema: schema, words: words, isRequired: false)
    }
}
