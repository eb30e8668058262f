public import HTTPMessages

/// Picks a handler by method and path.
///
/// Patterns are paths whose segments are literal or `{name}`; a last segment `{name...}` takes the rest. Literal segments
/// win over captures. What no pattern matches is answered with 404, a known path with another method with 405.
public struct Router: Sendable {
    private var root = Node()
    /// Answers what no pattern matches.
    public var notFound: RequestHandler = { _ in .now(.text("Not found.\n", status: 404)) }

    private final class Box: Sendable {
        let node: Node
        init(_ node: Node) { self.node = node }
    }

    private struct Node: Sendable {
        var literals: [String: Node] = [:]
        var capture: (name: String, node: Box)?
        var rest: (name: String, routes: [HTTPMethod: RequestHandler])?
        var routes: [HTTPMethod: RequestHandler] = [:]
    }

    public init() {}

    /// Adds a handler that answers at once or later, as it likes.
    public mutating func on(_ method: HTTPMethod, _ pattern: String, _ handler: @escaping RequestHandler) {
        Self.insert(Self.segments(of: pattern)[...], method, handler, &root)
    }

    /// Adds a handler that computes in a task.
    public mutating func onLater(
        _ method: HTTPMethod, _ pattern: String, _ handler: @escaping @Sendable (WebRequest) async -> WebResponse
    ) {
        on(method, pattern) { request in .later { await handler(request) } }
    }

    /// The router as a handler for ``WebServer``.
    public var handler: RequestHandler { { respond(to: $0) } }

    public func respond(to request: WebRequest) -> WebAnswer {
        respond(to: request, path: request.path)
    }

    /// Answers as if the request's path were `path`, for servers that hang below a prefix.
    public func respond(to request: WebRequest, path: Substring) -> WebAnswer {
        let segments = Self.segments(of: path)
        var captures: [String: String] = [:]
        var allowed: Set<String> = []
        let method = request.message.method
        guard let handler = Self.find(segments[...], method, root, &captures, &allowed) else {
            guard !allowed.isEmpty else { return notFound(request) }
            var response = WebResponse.text("Method not allowed.\n", status: 405)
            response.headers["Allow"] = allowed.sorted().joined(separator: ", ")
            return .now(response)
        }
        var request = request
        request.captures = captures
        return handler(request)
    }

    private static func segments(of path: some StringProtocol) -> [String] {
        path.utf8.split(separator: UInt8(ascii: "/")).map { FormValues.decode($0) }
    }

    private static func insert(
        _ segments: ArraySlice<String>, _ method: HTTPMethod, _ handler: @escaping RequestHandler, _ node: inout Node
    ) {
        guard let segment = segments.first else {
            node.routes[method] = handler
            return
        }
        guard segment.hasPrefix("{"), segment.hasSuffix("}") else {
            insert(segments.dropFirst(), method, handler, &node.literals[segment, default: Node()])
            return
        }
        let name = segment.dropFirst().dropLast()
        if name.hasSuffix("...") {
            var routes = node.rest?.routes ?? [:]
            routes[method] = handler
            node.rest = (String(name.dropLast(3)), routes)
            return
        }
        precondition(node.capture == nil || node.capture?.name == String(name), "one capture name a position: \(name)")
        var next = node.capture?.node.node ?? Node()
        insert(segments.dropFirst(), method, handler, &next)
        node.capture = (String(name), Box(next))
    }

    private static func find(
        _ segments: ArraySlice<String>, _ method: HTTPMethod, _ node: Node, _ captures: inout [String: String],
        _ allowed: inout Set<String>
    ) -> RequestHandler? {
        guard let segment = segments.first else {
            allowed.formUnion(node.routes.keys.map(\.rawValue))
            return node.routes[method] ?? (method == .head ? node.routes[.get] : nil)
        }
        if let next = node.literals[segment],
            let handler = find(segments.dropFirst(), method, next, &captures, &allowed)
        {
            return handler
        }
        if let (name, next) = node.capture,
            let handler = find(segments.dropFirst(), method, next.node, &captures, &allowed)
        {
            captures[name] = segment
            return handler
        }
        guard let (name, routes) = node.rest else { return nil }
        allowed.formUnion(routes.keys.map(\.rawValue))
        guard let handler = routes[method] ?? (method == .head ? routes[.get] : nil) else { return nil }
        captures[name] = segments.joined(separator: "/")
        return handler
    }
}
