/// Sends requests. The network, a recording and a simulated site all stand behind this.
public protocol HTTPTransport: Sendable {
    /// Sends `request` once: no retries, no redirects followed.
    ///
    /// - Throws: ``HTTPTransportError`` where no complete answer came; any status is an answer, not an error.
    func send(_ request: HTTPRequest) async throws(HTTPTransportError) -> HTTPResponse
}

/// Why no answer came.
public struct HTTPTransportError: Error, Hashable, Sendable, CustomStringConvertible {
    public let code: Code
    /// The library's own words; never contains headers, bodies or credentials.
    public let detail: String

    public enum Code: String, Hashable, Sendable {
        case invalidURL, hostNotFound, cannotConnect, timedOut, secureConnectionFailed, connectionLost
        case addressRefused, bodyTooLarge, cancelled, other
    }

    public init(_ code: Code, detail: String = "") {
        self.code = code
        self.detail = detail
    }

    public var description: String { detail.isEmpty ? code.rawValue : "\(code.rawValue): \(detail)" }
}
