import HTTPMessages
import Synchronization
import Testing
import WebServer

@Suite("Web server") struct WebServerTests {
    static let describe: @Sendable (WebRequest) -> WebResponse = { request in
        let message = request.message
        let body = String(decoding: message.body, as: UTF8.self)
        return .text("\(message.method.rawValue) \(message.url) \(message.headers["x-test"] ?? "-") \(body)")
    }

    @Test("a handler sees method, target, headers and body, at once or later", arguments: [true, false])
    func requestsArrive(atOnce: Bool) async throws {
        let handler: RequestHandler = { request in
            atOnce ? .now(Self.describe(request)) : .later { Self.describe(request) }
        }
        try await withServer(handler) { server in
            let answer = try await RawClient.exchange(
                server.port,
                "POST /a%20b?q=1&r=%C3%A4 HTTP/1.1\r\nHost: h\r\nX-Test: yes\r\nContent-Length: 5\r\nConnection: close\r\n\r\nhello"
            )
            #expect(answer.text.hasPrefix("HTTP/1.1 200"))
            #expect(answer.text.hasSuffix("POST /a%20b?q=1&r=%C3%A4 yes hello"))
        }
    }

    @Test("one connection carries several requests") func keepsConnections() async throws {
        let handler: RequestHandler = { request in .later { Self.describe(request) } }
        try await withServer(handler) { server in
            let client = try RawClient(port: server.port)
            for number in 1...3 {
                await client.send("GET /\(number) HTTP/1.1\r\nHost: h\r\n\r\n")
                let answer = await client.receive { $0.hasSuffix("GET /\(number) - ") }
                #expect(answer.end == .enough)
            }
        }
    }

    @Test("many requests at once are all answered") func answersMany() async throws {
        let handler: RequestHandler = { request in .later { Self.describe(request) } }
        try await withServer(handler) { server in
            let port = server.port
            let answered = try await withThrowingTaskGroup(of: Bool.self) { group in
                for number in 0..<100 {
                    group.addTask {
                        try await RawClient.exchange(port, get("/\(number)")).text.hasSuffix("GET /\(number) - ")
                    }
                }
                return try await group.reduce(into: 0) { $0 += $1 ? 1 : 0 }
            }
            #expect(answered == 100)
        }
    }

    @Test(
        "a body over the limit is refused",
        arguments: ["Content-Length: 101\r\n\r\n", "Transfer-Encoding: chunked\r\n\r\n"])
    func bodiesAreBounded(framing: String) async throws {
        var configuration = WebServerConfiguration()
        configuration.bodyLimit = 100
        let handler: RequestHandler = { .now(Self.describe($0)) }
        try await withServer(handler, configuration: configuration) { server in
            let body = String(repeating: "x", count: 101)
            let sent = framing.hasPrefix("T") ? "65\r\n\(body)\r\n0\r\n\r\n" : body
            let answer = try await RawClient.exchange(
                server.port, "POST / HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\(framing)\(sent)")
            #expect(answer.text.hasPrefix("HTTP/1.1 413"))
        }
    }

    @Test("headers over the limit are refused") func headersAreBounded() async throws {
        var configuration = WebServerConfiguration()
        configuration.headerLimit = 4 << 10
        let handler: RequestHandler = { .now(Self.describe($0)) }
        try await withServer(handler, configuration: configuration) { server in
            let answer = try await RawClient.exchange(
                server.port, "GET / HTTP/1.1\r\nHost: h\r\nX-Long: \(String(repeating: "x", count: 20_000))\r\n\r\n")
            #expect(!answer.text.hasPrefix("HTTP/1.1 200"))
        }
    }

    @Test("stopping lets a short request finish and answers for one that does not") func stopsGracefully() async throws
    {
        let (arrivals, arrived) = AsyncStream<Void>.makeStream()
        let server = WebServer(WebServerConfiguration()) { request in
            guard request.path == "/forever" else { return .now(.text("done")) }
            return .later {
                arrived.yield()
                try? await Task.sleep(for: .seconds(3_600))
                return .text("cancelled")
            }
        }
        try server.start()
        let port = server.port
        async let answer = RawClient.exchange(port, get("/forever"))
        for await _ in arrivals { break }
        await server.stop(grace: .milliseconds(20))
        let text = try await answer.text
        #expect(text.hasPrefix("HTTP/1.1 503") || text.hasSuffix("cancelled"))
        #expect(throws: (any Error).self) { try RawClient(port: port) }
    }

    @Test("a handler that takes too long is answered for, and does not go on") func endsLateHandlers() async throws {
        let (endings, ended) = AsyncStream<Bool>.makeStream()
        var configuration = WebServerConfiguration()
        configuration.handlerLimit = .milliseconds(1)
        let handler: RequestHandler = { _ in
            .later {
                ended.yield((try? await Task.sleep(for: .seconds(3_600))) == nil)
                return .text("late")
            }
        }
        try await withServer(handler, configuration: configuration) { server in
            let answer = try await RawClient.exchange(server.port, get("/"))
            #expect(answer.text.hasPrefix("HTTP/1.1 503"))
            for await isCancelled in endings {
                #expect(isCancelled)
                break
            }
        }
    }

    // libmicrohttpd aborts the process where a polling thread finds the socket closed that it wants to let go of.
    @Test("a server whose task is cancelled lets a stream end with its last word") func endsStreams() async throws {
        let (began, begins) = AsyncStream<Void>.makeStream()
        let (ending, ends) = AsyncStream<Void>.makeStream()
        var configuration = WebServerConfiguration()
        configuration.stopTime = .seconds(60)
        let server = WebServer(configuration) { _ in
            .now(
                WebResponse(
                    content: .stream(
                        BodyStream { writer in
                            try await writer.write(Array("first ".utf8))
                            begins.yield()
                            for await _ in ending {}
                            try await writer.write(Array("last".utf8))
                        })))
        }
        let (listening, listens) = AsyncStream<Void>.makeStream()
        let answer = try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask {
                try await server.run { listens.yield() }
            }
            for await _ in listening { break }
            async let exchange = RawClient.exchange(server.port, get("/"))
            for await _ in began { break }
            group.cancelAll()
            ends.finish()
            return try await exchange
        }
        #expect(answer.text.contains("first "))
        // The chunk without length that closes a body in order.
        #expect(answer.text.hasSuffix("4\r\nlast\r\n0\r\n\r\n"))
    }

    @Test("servers by the hundred stop while others are asked") func stopsOften() async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            for _ in 0..<4 {
                group.addTask {
                    for _ in 0..<50 {
                        let server = WebServer(WebServerConfiguration()) { _ in .now(.text("done")) }
                        try server.start()
                        let text = try await RawClient.exchange(server.port, get("/")).text
                        #expect(text.hasSuffix("done"))
                        await server.stop(grace: .seconds(1))
                    }
                }
            }
            try await group.waitForAll()
        }
    }

    @Test("a port that is taken, and a host nobody knows, are errors that say so") func startErrors() async throws {
        let handler: RequestHandler = { _ in .now(.text("")) }
        try await withServer(handler) { server in
            let second = WebServer(WebServerConfiguration(port: server.port)) { _ in .now(.text("")) }
            #expect { try second.start() } throws: { ($0 as? WebServerError)?.code == .cannotListen }
            let unknown = WebServer(WebServerConfiguration(host: "no such host")) { _ in .now(.text("")) }
            #expect { try unknown.start() } throws: { ($0 as? WebServerError)?.code == .hostUnknown }
        }
    }

    @Test("run serves until its task is cancelled") func runEndsWithItsTask() async throws {
        let server = WebServer(WebServerConfiguration()) { _ in .now(.text("here")) }
        try await withThrowingTaskGroup(of: Void.self) { group in
            let (started, input) = AsyncStream<Void>.makeStream()
            group.addTask { try await server.run { input.finish() } }
            for await _ in started {}
            let answer = try await RawClient.exchange(server.port, get("/"))
            #expect(answer.text.hasSuffix("here"))
            group.cancelAll()
        }
        #expect(server.port == 0)
    }
}

@Suite("Streamed and broken answers") struct DeliveryTests {
    @Test("a streamed body arrives piece by piece") func streams() async throws {
        let stream = BodyStream { writer in
            for number in 0..<200 { try await writer.write(Array("piece \(number);".utf8)) }
        }
        let handler: RequestHandler = { _ in .now(WebResponse(content: .stream(stream))) }
        try await withServer(handler) { server in
            let text = try await RawClient.exchange(server.port, get("/")).text
            #expect(text.contains("piece 0;"))
            #expect(text.contains("piece 199;"))
            #expect(text.hasSuffix("0\r\n\r\n"))
        }
    }

    @Test("a producer far ahead of its reader waits, and nothing is lost") func waitsForSlowReaders() async throws {
        let size = 8 << 20
        let stream = BodyStream(length: size) { writer in
            for _ in 0..<128 { try await writer.write([UInt8](repeating: UInt8(ascii: "x"), count: size / 128)) }
        }
        let handler: RequestHandler = { _ in .later { WebResponse(content: .stream(stream)) } }
        try await withServer(handler) { server in
            let text = try await RawClient.exchange(server.port, get("/")).text
            #expect(text.utf8.lazy.filter { $0 == UInt8(ascii: "x") }.count == size)
        }
    }

    @Test("a producer learns that its reader is gone") func producersEnd() async throws {
        let (ends, ended) = AsyncStream<Void>.makeStream()
        let stream = BodyStream { writer in
            defer { ended.finish() }
            while true { try await writer.write([UInt8](repeating: 65, count: 65_536)) }
        }
        let handler: RequestHandler = { _ in .now(WebResponse(content: .stream(stream))) }
        try await withServer(handler) { server in
            do {
                let client = try RawClient(port: server.port)
                await client.send(get("/"))
                _ = await client.receive { $0.count > 10 }
            }
            for await _ in ends {}
        }
    }

    struct Fault: CustomTestStringConvertible, Sendable {
        let testDescription: String
        let ending: WebResponse.Ending
        let isReset: Bool
        let hasHead: Bool
    }

    @Test(
        "an answer can be broken off",
        arguments: [
            Fault(testDescription: "torn", ending: .torn(after: 10), isReset: false, hasHead: true),
            Fault(testDescription: "reset in the body", ending: .reset(after: 10), isReset: true, hasHead: false),
            Fault(testDescription: "reset at once", ending: .resetAtOnce, isReset: true, hasHead: false),
        ])
    func breaksOff(fault: Fault) async throws {
        let handler: RequestHandler = { _ in
            var response = WebResponse.text(String(repeating: "y", count: 1_000))
            response.ending = fault.ending
            return .now(response)
        }
        try await withServer(handler) { server in
            let answer = try await RawClient.exchange(server.port, get("/"))
            #expect(answer.end == (fault.isReset ? .reset : .closed))
            #expect(answer.text.lazy.filter { $0 == "y" }.count < 1_000)
            if fault.hasHead {
                #expect(answer.text.contains("Content-Length: 1000"))
                #expect(answer.text.hasSuffix("yyyyyyyyyy"))
            }
        }
    }

    @Test("an answer can drip") func drips() async throws {
        let handler: RequestHandler = { _ in .now(.text("slowly").dripping(chunk: 2, every: .milliseconds(1))) }
        try await withServer(handler) { server in
            let text = try await RawClient.exchange(server.port, get("/")).text
            #expect(text.contains("Content-Length: 6"))
            #expect(text.hasSuffix("slowly"))
        }
    }

    @Test("a producer that fails tears the answer") func failuresTear() async throws {
        struct Failure: Error {}
        let stream = BodyStream(length: 100) { writer in
            try await writer.write(Array("start".utf8))
            throw Failure()
        }
        let handler: RequestHandler = { _ in .now(WebResponse(content: .stream(stream))) }
        try await withServer(handler) { server in
            let text = try await RawClient.exchange(server.port, get("/")).text
            #expect(!text.hasSuffix("0\r\n\r\n"))
            #expect(text.lazy.filter { $0 == "s" }.count < 100)
        }
    }
}
