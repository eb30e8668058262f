public import HTTPMessages

/// HTTP over libcurl: pooled connections, HTTP/2 over TLS, compressed answers, bounded bodies.
///
/// One thread of its own drives all transfers; `send` may be called from any number of tasks. Cancelling the task ends
/// the transfer. Redirects are not followed and only `http` and `https` are spoken. When the last reference goes, open
/// transfers end with `cancelled`.
public final class CurlTransport: HTTPTransport {
    private let loop: CurlLoop

    public struct Options: Sendable {
        /// From starting to connect to being connected, TLS included. Defaults to 10 seconds.
        public var connectTimeout: Duration = .seconds(10)
        /// The most connections to one host. Defaults to 32; requests beyond that wait.
        public var connectionsPerHost = 32
        /// The most connections in all. Defaults to 256.
        public var connections = 256
        /// A file of certificates (PEM) to trust in place of the system's.
        public var authorityFile: String?
        /// `http://proxy.example.com:3128`; the environment's proxy settings are not used.
        public var proxy: String?
        /// Hosts reached without the proxy, separated by commas.
        public var proxyExceptions: String?
        /// Sent where a request names none.
        public var userAgent = "Drawbridge"
        /// Asked for each connection made, except to a proxy.
        public var addresses = AddressPolicy.any

        public init() {}
    }

    public init(_ options: Options = Options()) {
        loop = CurlLoop(options)
        loop.start()
    }

    deinit {
        loop.stop()
    }

    public func send(_ request: HTTPRequest) async throws(HTTPTransportError) -> HTTPResponse {
        guard request.grant == nil else {
            throw HTTPTransportError(.other, detail: "the OAuth grants are not at hand")
        }
        let transfer = try Transfer(request)
        let result = await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                loop.submit(transfer) { continuation.resume(returning: $0) }
            }
        } onCancel: {
            loop.cancel(transfer)
        }
        return try result.get()
    }
}
