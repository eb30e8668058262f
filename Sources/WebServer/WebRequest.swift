public import HTTPMessages

/// A request as it arrived, with its whole body.
public struct WebRequest: Sendable {
    /// Method, headers and body; `url` is the target as sent: path and query, percent-encoded.
    public var message: HTTPRequest
    /// The client's numeric address: the peer's, or what a trusted proxy says.
    public var remoteAddress: String
    /// Whether the client came by HTTPS.
    public var isSecure = false
    /// What ``Router`` captured from the path, percent-decoded.
    public var captures: [String: String] = [:]

    public init(_ message: HTTPRequest, remoteAddress: String = "") {
        self.message = message
        self.remoteAddress = remoteAddress
    }

    /// The target's path, percent-encoded, without query.
    public var path: Substring {
        let target = message.url[...]
        return target.prefix { $0 != "?" && $0 != "#" }
    }

    /// The query's text after `?`, still encoded; empty where there is none.
    public var queryText: Substring {
        let rest = message.url.dropFirst(path.count)
        return rest.first == "?" ? rest.dropFirst() : ""
    }

    /// The query's parameters, decoded.
    public var query: FormValues { FormValues(queryText) }

    /// The body read as `application/x-www-form-urlencoded`.
    public var form: FormValues { FormValues(Substring(decoding: message.body, as: UTF8.self)) }

    /// A value the matched pattern captured; empty where the pattern has no such name.
    public func capture(_ name: String) -> String { captures[name] ?? "" }
}

/// Name and value pairs of a query or form body, in order, percent- and plus-decoded.
public struct FormValues: Sendable, Sequence {
    private let pairs: [(name: String, value: String)]

    public init(_ text: some StringProtocol) {
        guard !text.isEmpty else {
            pairs = []
            return
        }
        pairs = text.utf8.split(separator: UInt8(ascii: "&")).map { pair in
            let name = pair.prefix { $0 != UInt8(ascii: "=") }
            let value = pair.dropFirst(name.count + 1)
            return (Self.decode(name, plusIsSpace: true), Self.decode(value, plusIsSpace: true))
        }
    }

    /// The first value of `name`.
    public subscript(_ name: String) -> String? { pairs.first { $0.name == name }?.value }

    /// Every value of `name`, in order.
    public func all(_ name: String) -> [String] { pairs.filter { $0.name == name }.map(\.value) }

    public func makeIterator() -> IndexingIterator<[(name: String, value: String)]> { pairs.makeIterator() }

    /// Percent-decodes one path segment or form part; bytes that are not UTF-8 become U+FFFD.
    public static func decode(_ text: some Sequence<UInt8>, plusIsSpace: Bool = false) -> String {
        var bytes: [UInt8] = []
        var pending: [UInt8] = []
        for byte in text {
            if !pending.isEmpty || byte == UInt8(ascii: "%") {
                pending.append(byte)
                guard pending.count == 3 else { continue }
                if let high = digit(pending[1]), let low = digit(pending[2]) {
                    bytes.append(high << 4 | low)
                } else {
                    bytes.append(contentsOf: pending)
                }
                pending.removeAll()
            } else {
                bytes.append(plusIsSpace && byte == UInt8(ascii: "+") ? UInt8(ascii: " ") : byte)
            }
        }
        bytes.append(contentsOf: pending)
        return String(decoding: bytes, as: UTF8.self)
    }

    private static func digit(_ byte: UInt8) -> UInt8? {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): byte - UInt8(ascii: "0")
        case UInt8(ascii: "a")...UInt8(ascii: "f"): byte - UInt8(ascii: "a") + 10
        case UInt8(ascii: "A")...UInt8(ascii: "F"): byte - UInt8(ascii: "A") + 10
        default: nil
        }
    }
}
