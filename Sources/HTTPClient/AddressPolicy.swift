/// Which network addresses the client may connect to. Asked with the address itself, after the name was resolved, so
/// that no name can lead somewhere else (server-side request forgery).
public struct AddressPolicy: Sendable {
    public var permits: @Sendable (_ host: String, _ address: NetworkAddress) -> Bool

    public init(permits: @escaping @Sendable (_ host: String, _ address: NetworkAddress) -> Bool) {
        self.permits = permits
    }

    /// Every address.
    public static let any = AddressPolicy { _, _ in true }

    /// Public addresses only, and whatever `hosts` resolve to.
    public static func publicOnly(exceptHosts hosts: Set<String> = []) -> AddressPolicy {
        let allowed = Set(hosts.map { $0.lowercased() })
        return AddressPolicy { host, address in !address.isPrivate || allowed.contains(host.lowercased()) }
    }
}

/// An IPv4 or IPv6 address.
public struct NetworkAddress: Hashable, Sendable {
    /// 4 or 16 bytes, in network order.
    public let bytes: [UInt8]

    public init(_ bytes: [UInt8]) {
        self.bytes = bytes
    }

    /// Whether the address is not one of the public internet: loopback, private, link-local, shared, multicast,
    /// documentation, reserved (the special-purpose registries of RFC 6890).
    public var isPrivate: Bool {
        switch bytes.count {
        case 4: return Self.isPrivateV4(bytes)
        case 16: break
        default: return true
        }
        // ::ffff:a.b.c.d and 64:ff9b::a.b.c.d stand for the IPv4 address in them.
        if bytes.starts(with: [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF])
            || bytes.starts(with: [0, 0x64, 0xFF, 0x9B, 0, 0, 0, 0, 0, 0, 0, 0])
        {
            return Self.isPrivateV4(Array(bytes[12...]))
        }
        // Global unicast is 2000::/3; in it 2001:db8::/32 is for documentation, 2002::/16 carries IPv4 addresses.
        guard bytes[0] & 0xE0 == 0x20 else { return true }
        if bytes[0] == 0x20, bytes[1] == 0x02 { return Self.isPrivateV4(Array(bytes[2..<6])) }
        return bytes.starts(with: [0x20, 0x01, 0x0D, 0xB8])
    }

    private static func isPrivateV4(_ bytes: [UInt8]) -> Bool {
        switch (bytes[0], bytes[1]) {
        case (0, _), (10, _), (127, _), (169, 254), (192, 168), (198, 18...19), (224..., _): true
        case (100, 64...127), (172, 16...31): true
        case (192, 0): bytes[2] == 0 || bytes[2] == 2
        case (198, 51): bytes[2] == 100
        case (203, 0): bytes[2] == 113
        default: false
        }
    }
}
