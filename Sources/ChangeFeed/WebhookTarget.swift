internal import Glibc
public import HTTPClient
internal import HTTPMessages

/// Where outgoing webhooks may go: public addresses, and whatever the operator allows by name.
///
/// Whoever may subscribe could else have this server ask others on its own network for something. A name is checked when a
/// subscription is made, as far as that is possible; what counts is the check of each address that is connected to, which
/// `CurlTransport` makes with ``addresses``: no spelling of an address, no redirect and no name that resolves to something
/// else than before leads around it.
public struct WebhookTarget: Sendable {
    /// Hosts that may have any address, and be reached by plain `http`; in lower case.
    public let hosts: Set<String>

    public init(hosts: Set<String> = []) {
        self.hosts = Set(hosts.map { $0.lowercased() })
    }

    /// For the transport that sends webhooks. A proxy would hide the addresses from it: none may be set.
    public var addresses: AddressPolicy { .publicOnly(exceptHosts: hosts) }

    /// A transport that connects to nothing else. It follows no redirects.
    public func transport() -> CurlTransport {
        var options = CurlTransport.Options()
        options.addresses = addresses
        options.connectionsPerHost = 4
        options.connections = 32
        options.userAgent = "Drawbridge-Webhooks"
        return CurlTransport(options)
    }

    /// - Throws: ``FeedError`` with `addressRefused`, and what is wrong with the address.
    public func check(_ url: String) throws(FeedError) {
        func refuse(_ why: String) -> FeedError { FeedError(.addressRefused, why) }
        guard url.utf8.count <= 2_000, url.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F }), let parts = URLParts(url)
        else { throw refuse("The address must be an absolute https URL of at most 2,000 characters.") }
        if parts.hadUserInformation { throw refuse("The address must not hold a user name or password.") }
        if url.contains("#") { throw refuse("The address must not have a fragment.") }
        let isAllowed = hosts.contains(parts.host)
        guard parts.scheme == "https" || isAllowed else {
            throw refuse("Webhooks go to https addresses only; the operator may allow hosts beyond that.")
        }
        let isPrivateName =
            parts.host == "localhost" || [".localhost", ".local", ".internal"].contains { parts.host.hasSuffix($0) }
        if isAllowed { return }
        if isPrivateName || Self.numeric(parts.host)?.isPrivate == true {
            throw refuse("Webhooks go to public addresses only; the operator may allow hosts beyond that.")
        }
    }

    /// The address that a host is, in any of the spellings that the system takes for one; `nil` for a name.
    static func numeric(_ host: String) -> NetworkAddress? {
        var v4 = in_addr()
        // Takes 127.1, 0x7f.1, 017700000001 and 2130706433 as well.
        if inet_aton(host, &v4) != 0 { return NetworkAddress(withUnsafeBytes(of: v4) { Array($0) }) }
        var v6 = in6_addr()
        // A zone says which network, not which address.
        let plain = String(host.prefix { $0 != "%" })
        if inet_pton(AF_INET6, plain, &v6) == 1 { return NetworkAddress(withUnsafeBytes(of: v6) { Array($0) }) }
        return nil
    }
}
