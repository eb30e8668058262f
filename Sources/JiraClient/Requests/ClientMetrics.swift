/// What the client has done since it was made.
public struct ClientMetrics: Hashable, Sendable {
    /// Requests sent, retries included.
    public var requests = 0
    public var retries = 0
    /// Answers that asked us to slow down.
    public var rateLimited = 0
    /// Requests that ended without the data asked for.
    public var failures = 0
    /// Decoded bytes of the answers' bodies.
    public var bytesReceived: Int64 = 0
    public var bytesSent: Int64 = 0
    /// Time requests were held back to keep Jira's pace, summed over requests.
    public var waited: Duration = .zero
    public var requestsByEndpoint: [Endpoint: Int] = [:]

    public init() {}
}

/// One request that has ended, for logs and metrics. Safe to log.
public struct RequestRecord: Sendable {
    public var endpoint: Endpoint
    /// `nil` where no answer came.
    public var status: Int?
    public var bytes: Int
    public var duration: Duration
    /// 1 for the first try.
    public var attempt: Int
}
