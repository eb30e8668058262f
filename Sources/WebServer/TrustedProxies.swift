import Glibc
public import HTTPMessages

/// Proxies whose word on the client's address and scheme is believed.
public struct TrustedProxies: Hashable, Sendable {
    private var networks: [Network] = []

    private struct Network: Hashable, Sendable {
        let address: [UInt8]
        let bits: Int

        func contains(_ other: [UInt8]) -> Bool {
            let whole = bits / 8
            guard address[..<whole] == other[..<whole] else { return false }
            guard bits % 8 > 0 else { return true }
            let mask = UInt8(truncatingIfNeeded: 0xFF00 >> (bits % 8))
            return address[whole] & mask == other[whole] & mask
        }
    }

    /// Nobody is trusted.
    public static let none = TrustedProxies()

    private init() {}

    /// - Parameter texts: Addresses, and networks such as `10.0.0.0/8` or `fd00::/8`.
    /// - Throws: ``WebServerError`` with code `invalidNetwork` for what is neither.
    public init(_ texts: [String]) throws(WebServerError) {
        for text in texts {
            let parts = text.split(separator: "/", omittingEmptySubsequences: false)
            guard parts.count <= 2, let address = Self.bytes(String(parts[0])) else { throw Self.invalid(text) }
            let isShort = !parts[0].contains(":")
            var bits = 128
            if parts.count == 2 {
                guard let given = Int(parts[1]), (0...(isShort ? 32 : 128)).contains(given) else {
                    throw Self.invalid(text)
                }
                bits = given + (isShort ? 96 : 0)
            }
            networks.append(Network(address: address, bits: bits))
        }
    }

    private static func invalid(_ text: String) -> WebServerError {
        WebServerError(.invalidNetwork, "'\(text.prefix(80))' is no address and no network such as 10.0.0.0/8")
    }

    /// Whether the peer with this numeric address is trusted.
    public func contains(_ address: String) -> Bool {
        guard !networks.isEmpty, let bytes = Self.bytes(address) else { return false }
        return networks.contains { $0.contains(bytes) }
    }

    /// Who the client is, and whether it came by HTTPS.
    ///
    /// Of `X-Forwarded-For` the last address counts that is not a trusted proxy's: what stands before it anybody can write.
    public func client(
        ofPeer peer: String, _ headers: HTTPHeaders, isSecure: Bool
    ) -> (address: String, isSecure: Bool) {
        guard contains(peer) else { return (peer, isSecure) }
        let proto = headers.values(of: "X-Forwarded-Proto").last?.split(separator: ",").last
        let cameSecurely = proto.map { $0.filter { $0 != " " }.lowercased() == "https" } ?? isSecure
        let hops = headers.values(of: "X-Forwarded-For").joined(separator: ",").split(separator: ",").suffix(32)
        for hop in hops.reversed() {
            guard let bytes = Self.bytes(Self.host(hop)) else { break }
            let text = Self.text(bytes)
            if !contains(text) { return (text, cameSecurely) }
        }
        return (peer, cameSecurely)
    }

    /// The address in `1.2.3.4`, `1.2.3.4:567`, `::1` or `[::1]:567`.
    private static func host(_ hop: Substring) -> String {
        let hop = hop.filter { $0 != " " }
        if hop.hasPrefix("[") { return String(hop.dropFirst().prefix { $0 != "]" }) }
        return hop.filter({ $0 == ":" }).count == 1 ? String(hop.prefix { $0 != ":" }) : hop
    }

    /// Sixteen bytes; those of IPv4 as RFC 4291 §2.5.5.2 maps them.
    private static func bytes(_ text: String) -> [UInt8]? {
        var short = in_addr()
        if inet_pton(AF_INET, text, &short) == 1 {
            return [UInt8](repeating: 0, count: 10) + [0xFF, 0xFF] + withUnsafeBytes(of: &short) { Array($0) }
        }
        var long = in6_addr()
        guard inet_pton(AF_INET6, text, &long) == 1 else { return nil }
        return withUnsafeBytes(of: &long) { Array($0) }
    }

    private static func text(_ bytes: [UInt8]) -> String {
        if bytes[..<12] == [UInt8](repeating: 0, count: 10)[...] + [0xFF, 0xFF] {
            return bytes[12...].map(String.init).joined(separator: ".")
        }
        return withUnsafeTemporaryAllocation(of: CChar.self, capacity: Int(INET6_ADDRSTRLEN)) { buffer in
            guard let base = buffer.baseAddress,
                inet_ntop(AF_INET6, bytes, base, socklen_t(INET6_ADDRSTRLEN)) != nil
            else { return "" }
            return String(cString: base)
        }
    }
}
