import HTTPClient
import HTTPMessages
import Testing
import WebServer

/// Runs `body` against a server on a free local port.
func withServer<Result>(
    _ configuration: WebServerConfiguration = WebServerConfiguration(), _ handler: @escaping RequestHandler,
    _ body: (String) async throws -> Result
) async throws -> Result {
    let server = WebServer(configuration, handler: handler)
    try server.start()
    let result: Swift.Result<Result, any Error>
    do {
        result = .success(try await body(server.url))
    } catch {
        result = .failure(error)
    }
    await server.stop(grace: .zero)
    return try result.get()
}

@Suite("The curl transport") struct CurlTransportTests {
    let transport = CurlTransport()

    @Test("sends method, path, headers and body, and returns status, headers and body") func exchange() async throws {
        try await withServer { request in
            .now(
                WebResponse(
                    status: 201,
                    headers: ["X-Method": request.message.method.rawValue, "X-Target": request.message.url],
                    body: request.message.body + Array((request.message.headers["X-Asked"] ?? "").utf8)))
        } _: { url in
            let body = Array((0...255).map { UInt8($0) })
            let request = HTTPRequest(
                .post, url + "/a%20b?c=d", headers: ["X-Asked": "yes", "Content-Type": "application/json"], body: body)
            let response = try await transport.send(request)
            #expect(response.status == 201)
            #expect(response.headers["x-method"] == "POST")
            #expect(response.headers["X-Target"] == "/a%20b?c=d")
            #expect(response.body == body + Array("yes".utf8))
        }
    }

    @Test("names the program, asks for compressed answers and waits for no permission to send") func usualHeaders()
        async throws
    {
        try await withServer { request in
            let headers = request.message.headers
            return .now(
                .text(
                    [headers["User-Agent"], headers["Accept-Encoding"], headers["Expect"], headers["Content-Type"]]
                        .map { $0 ?? "-" }.joined(separator: "|")))
        } _: { url in
            let response = try await transport.send(
                HTTPRequest(.put, url, body: [UInt8](repeating: 0x61, count: 2 << 20)))
            #expect(String(decoding: response.body, as: UTF8.self) == "Drawbridge|gzip, deflate|-|-")
        }
    }

    @Test("gives redirects and errors back as answers", arguments: [301, 303, 401, 404, 429, 500, 503])
    func anyStatus(_ status: Int) async throws {
        try await withServer { _ in
            .now(WebResponse(status: status, headers: ["Location": "/elsewhere"], body: Array("x".utf8)))
        } _: { url in
            let response = try await transport.send(HTTPRequest(.get, url))
            #expect(response.status == status)
            #expect(response.headers["Location"] == "/elsewhere")
        }
    }

    @Test("decodes compressed answers and bounds what they decode to", arguments: [100_000, 99_999])
    func compressed(_ limit: Int) async throws {
        try await withServer { _ in
            .now(WebResponse(headers: ["Content-Encoding": "gzip"], body: hundredThousandLetters))
        } _: { url in
            let request = HTTPRequest(.get, url, responseBodyLimit: limit)
            if limit == 100_000 {
                let response = try await transport.send(request)
                #expect(response.body == [UInt8](repeating: 0x61, count: 100_000))
            } else {
                await expectFailure(.bodyTooLarge, transport, request)
            }
        }
    }

    @Test("goes on working after an answer that was too large") func tooLarge() async throws {
        try await withServer { _ in
            .now(.text(String(repeating: "x", count: 1_000)))
        } _: { url in
            await expectFailure(.bodyTooLarge, transport, HTTPRequest(.get, url, responseBodyLimit: 999))
            let response = try await transport.send(HTTPRequest(.get, url, responseBodyLimit: 1_000))
            #expect(response.body.count == 1_000)
        }
    }

    @Test("ends a transfer when its task is cancelled, and goes on working") func cancellation() async throws {
        try await withServer { request in
            request.path == "/slow" ? .later { await forever() } : .now(.text("fast"))
        } _: { url in
            let outcomes = await withTaskGroup(of: HTTPTransportError.Code?.self) { group in
                for _ in 0..<50 {
                    group.addTask {
                        do throws(HTTPTransportError) {
                            _ = try await transport.send(HTTPRequest(.get, url + "/slow"))
                            return nil
                        } catch {
                            return error.code
                        }
                    }
                }
                #expect((try? await transport.send(HTTPRequest(.get, url + "/fast")).status) == 200)
                group.cancelAll()
                return await group.reduce(into: []) { $0.append($1) }
            }
            #expect(outcomes == [HTTPTransportError.Code?](repeating: .cancelled, count: 50))
            let response = try await transport.send(HTTPRequest(.get, url))
            #expect(response.status == 200)
        }
    }

    @Test("answers many requests at once, each with its own answer") func manyAtOnce() async throws {
        try await withServer { request in
            .now(.text(String(request.path)))
        } _: { url in
            let wrong = try await withThrowingTaskGroup(of: Bool.self) { group in
                for number in 0..<500 {
                    group.addTask {
                        let response = try await transport.send(HTTPRequest(.get, "\(url)/\(number)"))
                        return String(decoding: response.body, as: UTF8.self) != "/\(number)"
                    }
                }
                return try await group.reduce(0) { $0 + ($1 ? 1 : 0) }
            }
            #expect(wrong == 0)
        }
    }
}

func expectFailure(
    _ code: HTTPTransportError.Code, _ transport: CurlTransport, _ request: HTTPRequest,
    sourceLocation: SourceLocation = #_sourceLocation
) async {
    do throws(HTTPTransportError) {
        let response = try await transport.send(request)
        Issue.record("answered \(response.status)", sourceLocation: sourceLocation)
    } catch {
        #expect(error.code == code, "\(error)", sourceLocation: sourceLocation)
    }
}

/// Waits until its task is cancelled.
func forever() async -> WebResponse {
    let (stream, _) = AsyncStream<Void>.makeStream()
    for await _ in stream {}
    return .text("")
}

/// A hundred thousand letters `a`, by gzip.
private let hundredThousandLetters: [UInt8] =
    [] + [31, 139, 8, 0, 0, 0, 0, 0, 2, 3, 237, 193, 49, 1, 0, 0, 0, 194, 160, 172, 235, 95, 194, 26, 30, 64, 1]
    + [UInt8](repeating: 0, count: 96) + [175, 6, 135, 250, 226, 27, 160, 134, 1, 0]
