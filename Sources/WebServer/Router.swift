public import HTTPMessages

/// Picks a handler by method and path; see ``RouteTable`` for the patterns.
///
/// What no pattern matches is answered with 404, a known path with another method with 405.
public struct Router: Sendable {
    private var table = RouteTable<RequestHandler>()
    /// Answers what no pattern matches.
    public var notFound: RequestHandler = { _ in .now(.text("Not found.\n", status: 404)) }

    public init() {}

    /// Adds a handler that answers at once or later, as it likes.
    public mutating func on(_ method: HTTPMethod, _ pattern: String, _ handler: @escaping RequestHandler) {
        table.add(method, pattern, handler)
    }

    /// The router as a handler for ``WebServer``.
    public var handler: RequestHandler { { respond(to: $0) } }

    public func respond(to request: WebRequest) -> WebAnswer {
        respond(to: request, path: request.path)
    }

    /// Answers as if the request's path were `path`, for servers that hang below a prefix.
    public func respond(to request: WebRequest, path: Substring) -> WebAnswer {
        switch table.match(request.message.method, path) {
        case .found(let handler, let captures):
            var request = request
            request.captures = captures
            return handler(request)
        case .methodNotAllowed(let allowed):
            var response = WebResponse.text("Method not allowed.\n", status: 405)
            response.headers["Allow"] = allowed.joined(separator: ", ")
            return .now(response)
        case .notFound:
            return notFound(request)
        }
    }
}
