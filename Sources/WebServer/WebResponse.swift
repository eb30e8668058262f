public import HTTPMessages

/// What a handler gives back: an answer, or the promise of one.
public enum WebAnswer: Sendable {
    /// Sent by the thread that read the request: for handlers that never wait.
    case now(WebResponse)
    /// Computed by a task of the server; the connection rests meanwhile.
    case later(@Sendable () async -> WebResponse)
}

/// Answers requests. Runs on the server's polling threads, so it must not block: what waits goes into ``WebAnswer/later(_:)``.
public typealias RequestHandler = @Sendable (WebRequest) -> WebAnswer

/// An answer with its whole body, or with one that is produced while it is sent.
public struct WebResponse: Sendable {
    public var status: Int
    public var headers: HTTPHeaders
    public var content: Content
    /// How the answer ends; anything but ``Ending/complete`` is a fault played on purpose.
    public var ending = Ending.complete

    public enum Content: Sendable {
        case bytes([UInt8])
        case stream(BodyStream)
    }

    /// A way to break off an answer, to test how clients take it.
    public enum Ending: Hashable, Sendable {
        case complete
        /// Closes the connection in order after so many body bytes, short of the announced length.
        case torn(after: Int)
        /// Resets the connection after about so many body bytes.
        case reset(after: Int)
        /// Resets the connection before a status line is sent.
        case resetAtOnce
    }

    public init(status: Int = 200, headers: HTTPHeaders = [:], content: Content) {
        self.status = status
        self.headers = headers
        self.content = content
    }

    public init(status: Int = 200, headers: HTTPHeaders = [:], body: [UInt8] = []) {
        self.init(status: status, headers: headers, content: .bytes(body))
    }

    public init(_ response: HTTPResponse) {
        self.init(status: response.status, headers: response.headers, body: response.body)
    }

    /// A short text, `text/plain`.
    public static func text(_ text: String, status: Int = 200) -> WebResponse {
        WebResponse(status: status, headers: ["Content-Type": "text/plain; charset=utf-8"], body: Array(text.utf8))
    }

    /// Sends `body` in pieces of `chunk` bytes, one every `interval`.
    public func dripping(chunk: Int, every interval: Duration) -> WebResponse {
        guard case .bytes(let body) = content else { return self }
        var slow = self
        slow.content = .stream(
            BodyStream(length: body.count) { writer in
                var position = 0
                while position < body.count {
                    let end = min(position + max(chunk, 1), body.count)
                    try await writer.write(Array(body[position..<end]))
                    position = end
                    try await Task.sleep(for: interval)
                }
            })
        return slow
    }
}

/// A body produced while it is sent.
public struct BodyStream: Sendable {
    /// The announced length in bytes; `nil` sends chunks until the producer returns. Producing less tears the answer.
    public let length: Int?
    public let produce: @Sendable (BodyWriter) async throws -> Void

    /// - Parameter produce: Writes the body. An error it throws breaks the connection off, so that the peer cannot take
    ///   a partial body for a whole one. A peer's departure is noticed at a write only: long silences need heartbeats.
    public init(length: Int? = nil, produce: @escaping @Sendable (BodyWriter) async throws -> Void) {
        self.length = length
        self.produce = produce
    }
}

/// The sending side of a ``BodyStream``.
public struct BodyWriter: Sendable {
    private let send: @Sendable ([UInt8]) async throws -> Void

    init(exchange: Exchange) {
        send = { try await exchange.enqueue($0) }
    }

    /// A writer that hands what is written to `send`, as one that changes it on the way.
    public init(_ send: @escaping @Sendable ([UInt8]) async throws -> Void) {
        self.send = send
    }

    /// Sends `bytes`, waiting while the peer is slower than the producer.
    ///
    /// - Throws: `CancellationError` when the connection is gone or the server stops.
    public func write(_ bytes: [UInt8]) async throws {
        try await send(bytes)
    }
}
