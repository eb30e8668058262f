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
    }

    public let code: Code
    public let message: String

    init(_ code: Code, _ message: String) {
        self.code = code
        self.message = message
    }

    public var description: String { "\(code): \(message)" }
}
