/// A request with its whole body.
public struct HTTPRequest: Sendable {
    public var method: HTTPMethod
    /// Absolute, percent-encoded.
    public var url: String
    public var headers: HTTPHeaders
    public var body: [UInt8]
    /// The largest decoded body the sender accepts, in bytes.
    public var responseBodyLimit: Int
    /// From sending to the last byte of the answer.
    public var timeout: Duration
    /// The OAuth grant on whose behalf it is sent; a transport that keeps grants adds the access token. No other may send it.
    public var grant: Int64?

    public init(
        _ method: HTTPMethod, _ url: String, headers: HTTPHeaders = [:], body: [UInt8] = [],
        responseBodyLimit: Int = 64 << 20, timeout: Duration = .seconds(60)
    ) {
        self.method = method
        self.url = url
        self.headers = headers
        self.body = body
        self.responseBodyLimit = responseBodyLimit
        self.timeout = timeout
    }
}

public struct HTTPMethod: Hashable, Sendable, RawRepresentable {
    public let rawValue: String
    public init(rawValue: String) { self.rawValue = rawValue }

    public static let get = HTTPMethod(rawValue: "GET")
    public static let post = HTTPMethod(rawValue: "POST")
    public static let put = HTTPMethod(rawValue: "PUT")
    public static let patch = HTTPMethod(rawValue: "PATCH")
    public static let delete = HTTPMethod(rawValue: "DELETE")
    public static let head = HTTPMethod(rawValue: "HEAD")
    public static let options = HTTPMethod(rawValue: "OPTIONS")
}

/// An answer with its whole body, decoded from any content coding. Redirects are answers like others.
public struct HTTPResponse: Sendable {
    public var status: Int
    public var headers: HTTPHeaders
    public var body: [UInt8]

    public init(status: Int, headers: HTTPHeaders = [:], body: [UInt8] = []) {
        self.status = status
        self.headers = headers
        self.body = body
    }
}
