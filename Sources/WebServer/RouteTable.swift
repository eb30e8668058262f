public import HTTPMessages

/// Values found by method and path pattern.
///
/// Patterns are paths whose segments are literal or `{name}`; a last segment `{name...}` takes the rest. Literal segments
/// win over captures, longer patterns over a rest. `HEAD` is answered by what answers `GET`.
public struct RouteTable<Value: Sendable>: Sendable {
    private var root = Node()

    public enum Match {
        /// Captures are percent-decoded.
        case found(Value, captures: [String: String])
        case methodNotAllowed(allowed: [String])
        case notFound
    }

    private final class Box: Sendable {
        let node: Node
        init(_ node: Node) { self.node = node }
    }

    private struct Node: Sendable {
        var literals: [String: Node] = [:]
        var capture: (name: String, node: Box)?
        var rest: (name: String, values: [HTTPMethod: Value])?
        var values: [HTTPMethod: Value] = [:]
    }

    public init() {}

    /// Adds a value, replacing one of the same method and pattern.
    public mutating func add(_ method: HTTPMethod, _ pattern: String, _ value: Value) {
        Self.insert(Self.segments(of: pattern)[...], method, value, &root)
    }

    /// Finds the value for a request; `path` is percent-encoded.
    public func match(_ method: HTTPMethod, _ path: some StringProtocol) -> Match {
        var captures: [String: String] = [:]
        var allowed: Set<String> = []
        if let value = Self.find(Self.segments(of: path)[...], method, root, &captures, &allowed) {
            return .found(value, captures: captures)
        }
        return allowed.isEmpty ? .notFound : .methodNotAllowed(allowed: allowed.sorted())
    }

    private static func segments(of path: some StringProtocol) -> [String] {
        path.utf8.split(separator: UInt8(ascii: "/")).map { FormValues.decode($0) }
    }

    private static func insert(
        _ segments: ArraySlice<String>, _ method: HTTPMethod, _ value: Value, _ node: inout Node
    ) {
        guard let segment = segments.first else {
            node.values[method] = value
            return
        }
        guard segment.hasPrefix("{"), segment.hasSuffix("}") else {
            insert(segments.dropFirst(), method, value, &node.literals[segment, default: Node()])
            return
        }
        let name = segment.dropFirst().dropLast()
        if name.hasSuffix("...") {
            var values = node.rest?.values ?? [:]
            values[method] = value
            node.rest = (String(name.dropLast(3)), values)
            return
        }
        precondition(node.capture == nil || node.capture?.name == String(name), "one capture name a position: \(name)")
        var next = node.capture?.node.node ?? Node()
        insert(segments.dropFirst(), method, value, &next)
        node.capture = (String(name), Box(next))
    }

    private static func find(
        _ segments: ArraySlice<String>, _ method: HTTPMethod, _ node: Node, _ captures: inout [String: String],
        _ allowed: inout Set<String>
    ) -> Value? {
        guard let segment = segments.first else { return pick(method, node.values, &allowed) }
        if let next = node.literals[segment],
            let value = find(segments.dropFirst(), method, next, &captures, &allowed)
        {
            return value
        }
        if let (name, next) = node.capture,
            let value = find(segments.dropFirst(), method, next.node, &captures, &allowed)
        {
            captures[name] = segment
            return value
        }
        guard let (name, values) = node.rest, let value = pick(method, values, &allowed) else { return nil }
        captures[name] = segments.joined(separator: "/")
        return value
    }

    private static func pick(
        _ method: HTTPMethod, _ values: [HTTPMethod: Value], _ allowed: inout Set<String>
    ) -> Value? {
        allowed.formUnion(values.keys.map(\.rawValue))
        return values[method] ?? (method == .head ? values[.get] : nil)
    }
}
