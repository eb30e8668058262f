internal import Cryptography
internal import HTTPMessages
internal import Observability
internal import SignIn
internal import WebServer
internal import Workspace

/// What every answer of a surface has, whatever was asked.
struct FrameExchange: Sendable {
    let id: String
    private let request: WebRequest
    private let options: FrameOptions
    private let began = ContinuousClock.now

    init(_ request: WebRequest, _ options: FrameOptions) {
        self.request = request
        self.options = options
        let given = request.message.headers["X-Request-Id"]
        id = given.flatMap { Self.isFit($0) ? $0 : nil } ?? options.requestID()
    }

    /// A proxy's name for the request is kept where it can do no harm in a log.
    private static func isFit(_ id: String) -> Bool {
        (8...64).contains(id.utf8.count)
            && id.utf8.allSatisfy { byte in
                (0x30...0x39).contains(byte) || (0x41...0x5A).contains(byte) || (0x61...0x7A).contains(byte)
                    || byte == UInt8(ascii: "-") || byte == UInt8(ascii: "_")
            }
    }

    /// The origin that asks, where it is one that may.
    private var origin: String? {
        request.message.headers["Origin"].flatMap { options.origins.contains($0) ? $0 : nil }
    }

    /// The answer to a browser that asks whether a page of another origin may call (Fetch, CORS-preflight).
    var preflight: WebResponse? {
        guard request.message.method == .options, let origin,
            request.message.headers["Access-Control-Request-Method"] != nil
        else { return nil }
        var response = WebResponse(status: 204)
        response.headers["Access-Control-Allow-Origin"] = origin
        response.headers["Access-Control-Allow-Methods"] = "GET, POST, PUT, PATCH, DELETE"
        response.headers["Access-Control-Allow-Headers"] =
            "Authorization, X-API-TOKEN, Content-Type, Idempotency-Key, If-None-Match"
        response.headers["Access-Control-Max-Age"] = "600"
        response.headers["Vary"] = "Origin"
        return response
    }

    /// Adds what every answer has, and leaves a line in the access log: which operation, never what was asked of it.
    func finish(_ response: WebResponse, of operation: String?, caller: Caller? = nil) -> WebResponse {
        var response = response
        addTag(to: &response)
        compress(&response)
        SecurityHeaders.add(to: &response, isSecure: request.isSecure)
        response.headers["X-Request-Id"] = id
        if let origin {
            response.headers["Access-Control-Allow-Origin"] = origin
            response.headers["Access-Control-Expose-Headers"] = "ETag, Location, Retry-After, X-Request-Id"
        }
        if !options.origins.isEmpty { response.headers.append("Vary", "Origin") }
        record(response, operation ?? "none", caller)
        return response
    }

    private func addTag(to response: inout WebResponse) {
        guard [.get, .head].contains(request.message.method), response.status == 200,
            case .bytes(let body) = response.content
        else {
            if response.headers["Cache-Control"] == nil { response.headers["Cache-Control"] = "no-store" }
            return
        }
        if response.headers["Cache-Control"] == nil { response.headers["Cache-Control"] = "private, no-cache" }
        // Weak: the same content may be sent compressed or not.
        let tag =
            response.headers["ETag"] ?? "W/\"\(Base64URL.encode(Array(Digest.sha256(body).prefix(16))))\""
        response.headers["ETag"] = tag
        guard let known = request.message.headers["If-None-Match"], Self.matches(known, tag) else { return }
        response.status = 304
        response.content = .bytes([])
        response.headers["Content-Type"] = nil
    }

    /// Compares weakly, as RFC 9110 §13.1.2 has it for `If-None-Match`.
    private static func matches(_ known: String, _ tag: String) -> Bool {
        func strong(_ tag: some StringProtocol) -> String { String(tag.hasPrefix("W/") ? tag.dropFirst(2) : tag[...]) }
        return known.split(separator: ",").contains { part in
            let one = part.drop { $0 == " " }.reversed().drop { $0 == " " }.reversed()
            let text = String(one)
            return text == "*" || strong(text) == strong(tag)
        }
    }

    private func compress(_ response: inout WebResponse) {
        guard let type = response.headers["Content-Type"], Self.isCompressible(type),
            response.headers["Content-Encoding"] == nil
        else { return }
        response.headers.append("Vary", "Accept-Encoding")
        guard Self.accepts(request.message.headers["Accept-Encoding"]) else { return }
        switch response.content {
        case .bytes(let body):
            guard body.count >= 1_024, let small = Gzip.whole(body) else { return }
            response.content = .bytes(small)
        case .stream(let stream):
            guard stream.length == nil else { return }
            response.content = .stream(stream.compressed())
        }
        response.headers["Content-Encoding"] = "gzip"
    }

    private static func isCompressible(_ type: String) -> Bool {
        let type = type.prefix { $0 != ";" }
        return (type.hasPrefix("text/") && type != "text/event-stream") || type.hasSuffix("json")
            || type == "application/x-ndjson"
    }

    private static func accepts(_ header: String?) -> Bool {
        (header ?? "").lowercased().split(separator: ",").contains { part in
            let words = part.split(separator: ";").map { $0.filter { $0 != " " } }
            return words.first == "gzip"
                && !words.dropFirst().contains { ["q=0", "q=0.0", "q=0.00", "q=0.000"].contains($0) }
        }
    }

    private func record(_ response: WebResponse, _ operation: String, _ caller: Caller?) {
        let elapsed = (ContinuousClock.now - began).components
        let seconds = Double(elapsed.seconds) + Double(elapsed.attoseconds) / 1e18
        options.metrics.observe(seconds, in: Self.duration, ["operation": operation])
        options.metrics.add(to: Self.requests, ["operation": operation, "status": "\(response.status / 100)xx"])
        let size = if case .bytes(let body) = response.content { body.count } else { -1 }
        options.log.info(
            "http_request", "Answered",
            [
                "request": .string(id), "method": .string(Self.known(request.message.method)),
                "operation": .string(operation), "status": .int(response.status), "bytes": .int(size),
                "milliseconds": .int(Int(seconds * 1_000)), "remote": .string(request.remoteAddress),
                "member": .int(Int(caller?.member?.id.rawValue ?? 0)),
            ])
    }

    /// The method, unless a client made one up.
    private static func known(_ method: HTTPMethod) -> String {
        ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"].contains(method.rawValue)
            ? method.rawValue : "other"
    }

    private static let duration = Metric.histogram(
        "drawbridge_http_seconds", "From a request's last byte to its answer's first.",
        bounds: [0.001, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10])
    private static let requests = Metric.counter("drawbridge_http_requests_total", "Requests answered.")
}
