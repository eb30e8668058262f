public import FastJSON
internal import HTTPMessages
public import SignIn
public import WebServer
public import Workspace

/// One request for an operation, checked against what the operation documents, and who asks.
public struct Call<Services: Sendable>: Sendable {
    /// Who asks; the operation's rule holds for them.
    public let caller: Caller
    public let request: WebRequest
    public let services: Services
    /// The body as JSON, as the operation's schema has it; `null` where there is none.
    public let body: JSONValue
    /// Names this request in the log and in problems.
    public let requestID: String
    let values: [String: [JSONValue]]

    public init(
        _ operation: Operation<Services>, _ request: WebRequest, caller: Caller, services: Services, requestID: String
    ) throws(Problem) {
        self.caller = caller
        self.request = request
        self.services = services
        self.requestID = requestID
        values = try Self.values(of: operation, request)
        body = try Self.body(of: operation, request.message)
    }

    /// What the path gives for `{name}`.
    public func path(_ name: String) -> String { values[name]?.first?.string ?? request.capture(name) }

    /// A query parameter or header as text; `nil` where it was not given.
    public func text(_ name: String) -> String? { values[name]?.first?.string }

    /// Every value of a query parameter that may be given several times.
    public func texts(_ name: String) -> [String] { values[name]?.compactMap(\.string) ?? [] }

    public func integer(_ name: String) -> Int? { values[name]?.first?.integer }

    /// A query parameter that is `true` or `false`; false where it was not given.
    public func flag(_ name: String) -> Bool { values[name]?.first?.bool ?? false }

    /// The member who asks.
    ///
    /// - Throws: ``Problem`` 401 where nobody is signed in, which the rules of members' operations keep from happening.
    public func member() throws(Problem) -> Member {
        guard let member = caller.member else { throw .unauthenticated }
        return member
    }

    private static func values(
        of operation: Operation<Services>, _ request: WebRequest
    ) throws(Problem) -> [String: [JSONValue]] {
        let query = request.query
        var values: [String: [JSONValue]] = [:]
        var violations: [Schema.Violation] = []
        for parameter in operation.parameters {
            let texts: [String] =
                switch parameter.place {
                case .path: [request.capture(parameter.name)]
                case .query: query.all(parameter.name)
                case .header: request.message.headers.values(of: parameter.name)
                }
            if texts.isEmpty, parameter.isRequired {
                violations.append(.init(pointer: parameter.name, message: "is missing"))
            }
            if texts.count > 1, !parameter.schema.isList {
                violations.append(.init(pointer: parameter.name, message: "is given more than once"))
            }
            guard texts.count <= 1_000 else { continue }
            let element = parameter.schema.element
            let given = texts.map { element.value(ofText: $0) }
            let complaints = given.flatMap { element.violations(of: $0) }.prefix(Schema.violationLimit)
            violations += complaints.map { .init(pointer: parameter.name, message: $0.message) }
            values[parameter.name] = given
        }
        let known = Set(operation.parameters.filter { $0.place == .query }.map(\.name))
        for (name, _) in query where !operation.takesOtherParameters && !known.contains(name) {
            violations.append(.init(pointer: String(name.prefix(80)), message: "is not known here"))
        }
        // A path that cannot be anything is as unknown as one that happens to be nothing.
        guard violations.isEmpty else { throw .invalid(Array(violations.prefix(Schema.violationLimit)), "parameter") }
        return values
    }

    private static func body(of operation: Operation<Services>, _ message: HTTPRequest) throws(Problem) -> JSONValue {
        guard let body = operation.body, let schema = body.schema else { return .null }
        if message.body.isEmpty {
            guard body.isRequired else { return .null }
            throw .badRequest("body_missing", "This needs a body of JSON.")
        }
        let type = message.headers["Content-Type"]?.prefix { $0 != ";" }.lowercased() ?? ""
        guard type == body.mediaType || type.hasSuffix("+json") else {
            throw Problem(
                415, "media_type", "The body is of another type",
                detail: "Send it as 'Content-Type: \(body.mediaType)'.")
        }
        let value: JSONValue
        do {
            value = try JSONParser(maximumDepth: 32).parse(message.body) { JSONValue($0) }
        } catch {
            throw .badRequest("invalid_json", "The body is not JSON, or nested more than 32 deep.")
        }
        let violations = schema.violations(of: value)
        guard violations.isEmpty else { throw .invalid(violations, "body") }
        return value
    }
}
