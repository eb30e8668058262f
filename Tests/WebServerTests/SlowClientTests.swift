import HTTPMessages
import Synchronization
import Testing
import WebServer

/// Peers that send or ask too much or too slowly, and what becomes of the others.
@Suite("Hardening") struct SlowClientTests {
    static let hello: RequestHandler = { _ in .now(.text("hello")) }

    @Test(
        "a peer that sends a byte now and then is cut off", .timeLimit(.minutes(1)),
        arguments: [
            "GET / HTTP/1.1\r\nHost: h\r\nX-Slow: ", "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 100000\r\n\r\n",
        ])
    func slowPeer(_ start: String) async throws {
        try await withServer(
            Self.hello,
            adjust: {
                $0.headTime = .seconds(1)
                $0.transferTime = .seconds(1)
            }
        ) { server in
            let client = try RawClient(port: server.port)
            await client.send(start)
            let end = await withTaskGroup(of: RawClient.End?.self) { group in
                group.addTask {
                    while (try? await Task.sleep(for: .milliseconds(100))) != nil { await client.trickle("x") }
                    return nil
                }
                group.addTask { await client.receive().end }
                defer { group.cancelAll() }
                return await group.next() ?? nil
            }
            #expect(end == .closed || end == .reset)
        }
    }

    @Test("others are answered while hundreds of peers send nothing", .timeLimit(.minutes(1)))
    func manySilentPeers() async throws {
        try await withServer(
            Self.hello,
            adjust: {
                $0.connectionLimit = 400
                $0.connectionsPerPeer = 400
                $0.headTime = .seconds(4)
            }
        ) { server in
            let silent = try (0..<390).map { _ in try RawClient(port: server.port) }
            for client in silent { await client.trickle("G") }
            for _ in 0..<5 {
                let answer = try await RawClient.exchange(
                    server.port, "GET / HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n")
                #expect(answer.text.hasSuffix("hello"))
            }
            // Where places run short, heads have a quarter of their time.
            for client in silent.prefix(3) { #expect(await client.receive().end != .enough) }
        }
    }

    @Test("a peer with too many connections gets no more") func connectionsOfOnePeer() async throws {
        try await withServer(Self.hello, adjust: { $0.connectionsPerPeer = 3 }) { server in
            let first = try RawClient(port: server.port)
            await first.send("GET / HTTP/1.1\r\nHost: h\r\n\r\n")
            #expect(await first.receive { $0.hasSuffix("hello") }.end == .enough)
            var held = [first]
            for _ in 0..<2 {
                let client = try RawClient(port: server.port)
                await client.send("GET / HTTP/1.1\r\nHost: h\r\n\r\n")
                #expect(await client.receive { $0.hasSuffix("hello") }.end == .enough)
                held.append(client)
            }
            let refused = try RawClient(port: server.port)
            await refused.send("GET / HTTP/1.1\r\nHost: h\r\n\r\n")
            #expect(await refused.receive().text.isEmpty)
            #expect(held.count == 3)
        }
    }

    @Test("a client with too many requests under way is told to wait") func requestsOfOneClient() async throws {
        let (gate, open) = AsyncStream<Void>.makeStream()
        let (arrivals, arrived) = AsyncStream<Void>.makeStream()
        let handler: RequestHandler = { _ in
            .later {
                arrived.yield()
                for await _ in gate { break }
                return .text("hello")
            }
        }
        try await withServer(handler, adjust: { $0.requestsPerClient = 1 }) { server in
            let first = try RawClient(port: server.port)
            await first.send("GET / HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n")
            for await _ in arrivals { break }
            let second = try await RawClient.exchange(
                server.port, "GET / HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n")
            #expect(second.text.hasPrefix("HTTP/1.1 429") && second.text.contains("Retry-After: 1"))
            open.finish()
            #expect(await first.receive().text.hasSuffix("hello"))
            let third = try await RawClient.exchange(
                server.port, "GET / HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n")
            #expect(third.text.hasPrefix("HTTP/1.1 200"))
        }
    }

    @Test("a server that is asked to stop ends what is under way first", .timeLimit(.minutes(1)))
    func stopsInOrder() async throws {
        let (gate, open) = AsyncStream<Void>.makeStream()
        let (arrivals, arrived) = AsyncStream<Void>.makeStream()
        var configuration = WebServerConfiguration()
        configuration.stopTime = .seconds(30)
        let server = WebServer(configuration) { request in
            .later {
                WebResponse(
                    headers: ["Content-Type": "text/plain"],
                    content: .stream(
                        BodyStream { writer in
                            try await writer.write(Array("first, ".utf8))
                            arrived.yield()
                            for await _ in gate { break }
                            try await writer.write(Array("last".utf8))
                        }))
            }
        }
        let (listening, listens) = AsyncStream<Void>.makeStream()
        let running = Task { try await server.run { listens.yield() } }
        for await _ in listening { break }
        let client = try RawClient(port: server.port)
        await client.send("GET / HTTP/1.1\r\nHost: h\r\n\r\n")
        for await _ in arrivals { break }
        running.cancel()
        open.finish()
        let answer = await client.receive()
        #expect(answer.text.contains("last") && answer.text.hasSuffix("0\r\n\r\n"))
        try await running.value
    }

    @Test("bodies have so much memory together, and give it back") func bodyMemory() async throws {
        let length: RequestHandler = { request in .now(.text("\(request.message.body.count)")) }
        try await withServer(length, adjust: { $0.bodyMemoryLimit = 1_000 }) { server in
            func post(_ bytes: Int) async throws -> String {
                try await RawClient.exchange(
                    server.port,
                    "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: \(bytes)\r\nConnection: close\r\n\r\n"
                        + String(repeating: "x", count: bytes)
                ).text
            }
            let refused = try await post(1_001)
            #expect(refused.hasPrefix("HTTP/1.1 503"))
            for _ in 0..<5 {
                let taken = try await post(1_000)
                #expect(taken.hasSuffix("1000"))
            }
        }
    }
}

@Suite("Trusted proxies") struct TrustedProxyTests {
    struct Case: CustomTestStringConvertible {
        let peer: String
        let forwarded: [String]
        let client: String
        var testDescription: String { "\(peer) \(forwarded)" }

        init(_ peer: String, _ forwarded: [String], _ client: String) {
            (self.peer, self.forwarded, self.client) = (peer, forwarded, client)
        }
    }

    static let cases = [
        Case("10.1.2.3", ["203.0.113.9"], "203.0.113.9"),
        Case("10.1.2.3", ["203.0.113.9:4711"], "203.0.113.9"),
        Case("10.1.2.3", ["[2001:db8::1]:4711"], "2001:db8::1"),
        Case("::ffff:10.1.2.3", ["203.0.113.9"], "203.0.113.9"),
        // What a client writes itself stands before what the proxy saw.
        Case("10.1.2.3", ["127.0.0.1, 203.0.113.9"], "203.0.113.9"),
        Case("10.1.2.3", ["127.0.0.1", "203.0.113.9, 10.9.9.9"], "203.0.113.9"),
        Case("10.1.2.3", ["10.1.1.1"], "10.1.2.3"),
        Case("10.1.2.3", ["203.0.113.9, nonsense"], "10.1.2.3"),
        Case("10.1.2.3", [], "10.1.2.3"),
        Case("fd00::7", ["203.0.113.9"], "203.0.113.9"),
        // Not a proxy of ours: anybody can send the header.
        Case("192.0.2.1", ["203.0.113.9"], "192.0.2.1"),
        Case("11.0.0.1", ["203.0.113.9"], "11.0.0.1"),
    ]

    @Test("are believed, and nobody else", arguments: cases) func client(_ one: Case) throws {
        let proxies = try TrustedProxies(["10.0.0.0/8", "fd00::/8"])
        var headers: HTTPHeaders = [:]
        for value in one.forwarded { headers.append("X-Forwarded-For", value) }
        #expect(proxies.client(ofPeer: one.peer, headers, isSecure: false).address == one.client)
    }

    @Test("tell whether the client came by HTTPS") func scheme() throws {
        let proxies = try TrustedProxies(["10.0.0.1"])
        let headers: HTTPHeaders = ["X-Forwarded-Proto": "https"]
        #expect(proxies.client(ofPeer: "10.0.0.1", headers, isSecure: false).isSecure)
        #expect(!proxies.client(ofPeer: "10.0.0.2", headers, isSecure: false).isSecure)
    }

    @Test("are addresses or networks", arguments: ["10.0.0.0/33", "proxy.example.com", "10.0.0.0/", "1.2.3", "::/129"])
    func invalid(_ text: String) {
        #expect(throws: WebServerError.self) { try TrustedProxies([text]) }
    }
}
