import Glibc

/// A TCP socket bound to a host and port, listening and not blocking.
struct ListeningSocket {
    let descriptor: Int32
    let port: Int

    /// Binds the first address of `host` that the system lets it bind.
    init(host: String, port: Int) throws(WebServerError) {
        var hints = addrinfo()
        hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
        hints.ai_flags = AI_PASSIVE | AI_NUMERICSERV
        var found: UnsafeMutablePointer<addrinfo>?
        let code = getaddrinfo(host, String(port), &hints, &found)
        guard code == 0, let first = found else {
            throw WebServerError(.hostUnknown, "cannot resolve the address to listen on, \(host)")
        }
        defer { freeaddrinfo(first) }
        var reason = errno
        var next: UnsafeMutablePointer<addrinfo>? = first
        while let candidate = next {
            if let descriptor = Self.listen(candidate.pointee) {
                self.descriptor = descriptor
                self.port = Self.port(of: descriptor) ?? port
                return
            }
            reason = errno
            next = candidate.pointee.ai_next
        }
        throw WebServerError(.cannotListen, "cannot listen on \(host):\(port): \(String(cString: strerror(reason)))")
    }

    private static func listen(_ address: addrinfo) -> Int32? {
        let kind = address.ai_socktype | Int32(SOCK_NONBLOCK.rawValue) | Int32(SOCK_CLOEXEC.rawValue)
        let descriptor = socket(address.ai_family, kind, address.ai_protocol)
        guard descriptor >= 0 else { return nil }
        var on: Int32 = 1
        setsockopt(descriptor, SOL_SOCKET, SO_REUSEADDR, &on, socklen_t(MemoryLayout<Int32>.size))
        guard bind(descriptor, address.ai_addr, address.ai_addrlen) == 0, Glibc.listen(descriptor, 1_024) == 0 else {
            let reason = errno
            close(descriptor)
            errno = reason
            return nil
        }
        return descriptor
    }

    private static func port(of descriptor: Int32) -> Int? {
        var storage = sockaddr_storage()
        var size = socklen_t(MemoryLayout<sockaddr_storage>.size)
        return withUnsafeMutablePointer(to: &storage) { pointer -> Int? in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { address -> Int? in
                guard getsockname(descriptor, address, &size) == 0 else { return nil }
                // The port is at the same place in IPv4 and IPv6 addresses.
                return address.withMemoryRebound(to: sockaddr_in.self, capacity: 1) {
                    Int(UInt16(bigEndian: $0.pointee.sin_port))
                }
            }
        }
    }
}
