import ChangeFeed
import HTTPClient
import HTTPMessages
import Synchronization
import Testing
import WebServer

@Suite struct WebhookTargetTests {
    /// Ways to write an address on this machine or a network of its own.
    static let spellings = [
        "127.0.0.1", "127.1", "127.0.1", "2130706433", "0x7f000001", "0x7f.1", "0177.0.0.1", "017700000001",
        "0x7F.0.0.0x1", "127.000.000.001", "0.0.0.0", "0", "10.0.0.1", "10.1", "172.16.0.1", "192.168.1.1",
        "169.254.169.254", "2852039166", "0xa9fea9fe", "100.64.0.1", "[::1]", "[::]", "[::ffff:127.0.0.1]",
        "[::ffff:7f00:1]", "[0:0:0:0:0:ffff:7f00:0001]", "[::127.0.0.1]", "[fe80::1]", "[fc00::1]",
        "[64:ff9b::7f00:1]", "[2002:7f00:1::]", "[2002:a00:1::1]", "224.0.0.1", "255.255.255.255",
    ]

    @Test("no spelling of a private address is taken", arguments: spellings) func isRefused(_ host: String) {
        for url in ["https://\(host)/", "https://\(host):8443/hook", "http://\(host)/"] {
            let error = #expect(throws: FeedError.self) { try WebhookTarget().check(url) }
            #expect(error?.code == .addressRefused, "\(url)")
        }
    }

    @Test("no spelling of a private address is connected to", arguments: spellings)
    func isNotConnectedTo(_ host: String) async {
        let transport = WebhookTarget().transport()
        let error = await #expect(throws: HTTPTransportError.self) {
            try await transport.send(HTTPRequest(.post, "https://\(host)/", body: [1], timeout: .seconds(5)))
        }
        // Some of these the system itself takes for no address at all.
        let refused: Set<HTTPTransportError.Code> = [.addressRefused, .invalidURL, .hostNotFound]
        #expect(refused.contains(error?.code ?? .other), "\(host): \(error?.description ?? "")")
    }

    @Test(
        "what is no plain https address is refused",
        arguments: [
            "", "hooks.example.com", "ftp://hooks.example.com/", "file:///etc/passwd", "http://hooks.example.com/",
            "https://user:secret@hooks.example.com/", "https://hooks.example.com/#part", "https://localhost/",
            "https://api.localhost/", "https://printer.local/", "https://db.internal/", "https:///path",
            "https://hooks.example.com/a b", "https://h\u{00F6}ks.example.com/", "https://hooks.example.com:99999/",
            "https://hooks.example.com/" + String(repeating: "a", count: 2_000),
        ]) func isNoTarget(_ url: String)
    {
        let error = #expect(throws: FeedError.self) { try WebhookTarget().check(url) }
        #expect(error?.code == .addressRefused)
    }

    @Test(
        "public addresses are taken",
        arguments: [
            "https://hooks.example.com/in", "https://hooks.example.com:8443/in?token=a", "https://8.8.8.8/",
            "https://[2606:4700:4700::1111]/",
        ]) func isTaken(_ url: String) throws
    { try WebhookTarget().check(url) }

    @Test("a name that leads to this machine is found out when it is connected to")
    func nameOfThisMachine() async throws {
        let hits = Mutex(0)
        let server = WebServer(.init(host: "127.0.0.1", port: 0)) { _ in
            hits.withLock { $0 += 1 }
            return .now(.text("here"))
        }
        try server.start()
        let error = await #expect(throws: HTTPTransportError.self) {
            try await WebhookTarget().transport().send(
                HTTPRequest(.post, "http://localhost:\(server.port)/", timeout: .seconds(5)))
        }
        #expect(error?.code == .addressRefused)
        #expect(hits.withLock { $0 } == 0)
        // Unless the operator allows it by name; redirects are not followed even then.
        let allowed = try await WebhookTarget(hosts: ["localhost"]).transport().send(
            HTTPRequest(.post, "http://localhost:\(server.port)/", timeout: .seconds(5)))
        #expect(allowed.status == 200 && hits.withLock { $0 } == 1)
        await server.stop()
    }
}
