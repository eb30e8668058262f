/// Where a server listens and what it tolerates.
public struct WebServerConfiguration: Sendable {
    /// A numeric address or a name to bind. Defaults to this machine only.
    public var host = "127.0.0.1"
    /// 0 asks the system for a free port; ``WebServer/port`` says which.
    public var port = 0
    /// Threads that poll connections and run handlers that answer at once. Defaults to 2.
    public var threads = 2
    /// The largest request body, in bytes; a larger one is answered with 413. Defaults to 8 MiB.
    public var bodyLimit = 8 << 20
    /// Memory for one connection's request line and headers, in bytes; more is answered with 431 or 414.
    public var headerLimit = 64 << 10
    /// Connections open at once; further ones wait unaccepted. Defaults to 4,000.
    public var connectionLimit = 4_000
    /// Connections of one peer at once, unless it is a trusted proxy; further ones are closed unanswered. Defaults to 1,000.
    public var connectionsPerPeer = 1_000
    /// Requests of one client answered at once; further ones are answered with 429. Defaults to no limit.
    public var requestsPerClient = Int.max
    /// Memory for request bodies of all connections together, in bytes; what exceeds it is answered with 503. Defaults to
    /// 256 MiB.
    public var bodyMemoryLimit = 256 << 20
    /// From a connection's opening, or the end of its last answer, to the end of a request's head; a quarter of it where
    /// three quarters of the places are taken. Checked about once a second.
    public var headTime: Duration = .seconds(30)
    /// What a body or a whole answer may take beside its bytes at 8 KiB a second.
    public var transferTime: Duration = .seconds(30)
    /// What requests in flight have to end when the server stops.
    public var stopTime: Duration = .seconds(2)
    /// Proxies whose word on the client's address is believed. Defaults to none.
    public var trustedProxies = TrustedProxies.none
    /// A connection that sends nothing for so long is closed. Whole seconds.
    public var idleLimit: Duration = .seconds(60)
    /// A handler that has not answered by then is answered for, with 503. Checked about once a second.
    public var handlerLimit: Duration = .seconds(300)
    /// Serve HTTPS with this certificate.
    public var certificate: ServerCertificate?

    public init(host: String = "127.0.0.1", port: Int = 0) {
        self.host = host
        self.port = port
    }

    /// `http` or `https`, host and port, without a trailing slash.
    public func url(port: Int) -> String {
        "\(certificate == nil ? "http" : "https")://\(host.contains(":") ? "[\(host)]" : host):\(port)"
    }
}

/// A certificate chain and its private key, as PEM text.
public struct ServerCertificate: Sendable {
    public let chain: String
    public let key: String

    public init(chain: String, key: String) {
        self.chain = chain
        self.key = key
    }
}

/// Why a server could not start.
public struct WebServerError: Error, Hashable, Sendable, CustomStringConvertible {
    public struct Code: Hashable, Sendable, CustomStringConvertible {
        public let description: String
        /// The host name or address cannot be resolved.
        public static let hostUnknown = Code(description: "host_unknown")
        /// Another program listens there, or the port needs privileges.
        public static let cannotListen = Code(description: "cannot_listen")
        /// The certificate or key is not usable PEM.
        public static let cannotStart = Code(description: "cannot_start")
        /// A trusted proxy is neither an address nor a network.
        public static let invalidNetwork = Code(description: "invalid_network")
    }

    public let code: Code
    public let message: String

    init(_ code: Code, _ message: String) {
        self.code = code
        self.message = message
    }

    public var description: String { "\(code): \(message)" }
}
