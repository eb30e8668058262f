import Foundation
import HTTPClient
import HTTPMessages
import Testing
import WebServer

@Suite("What a failed transfer says") struct TransportFailureTests {
    let transport = CurlTransport()

    @Test("a host that does not exist") func hostNotFound() async {
        await expectFailure(.hostNotFound, transport, HTTPRequest(.get, "http://no-such-host.invalid/"))
    }

    @Test("a port nobody listens on") func cannotConnect() async throws {
        let url = try await withServer { _ in
            .now(.text(""))
        } _: {
            $0
        }
        await expectFailure(.cannotConnect, transport, HTTPRequest(.get, url))
    }

    @Test("an answer that takes too long") func timedOut() async throws {
        try await withServer { _ in
            .later { await forever() }
        } _: { url in
            await expectFailure(.timedOut, transport, HTTPRequest(.get, url, timeout: .milliseconds(200)))
        }
    }

    struct Fault: CustomTestStringConvertible, Sendable {
        let testDescription: String
        let ending: WebResponse.Ending
        init(_ testDescription: String, _ ending: WebResponse.Ending) {
            (self.testDescription, self.ending) = (testDescription, ending)
        }
    }

    @Test(
        "an answer that breaks off",
        arguments: [
            Fault("torn", .torn(after: 5)), Fault("reset in the body", .reset(after: 5)),
            Fault("reset at once", .resetAtOnce),
        ])
    func brokenOff(_ fault: Fault) async throws {
        try await withServer { _ in
            var response = WebResponse.text("a text that is cut short")
            response.ending = fault.ending
            return .now(response)
        } _: { url in
            await expectFailure(.connectionLost, transport, HTTPRequest(.get, url))
        }
    }

    @Test(
        "an address that is none",
        arguments: [
            "", "jira.example.com", "ftp://a.example/", "file:///etc/passwd", "http://", "http://a b/", "http://a/\n",
        ])
    func invalidURL(_ url: String) async {
        await expectFailure(.invalidURL, transport, HTTPRequest(.get, url))
    }

    @Test("a header that would add another", arguments: ["x\r\nX-Evil: 1", "x\n", "x\u{0}"])
    func headerInjection(_ value: String) async {
        await expectFailure(.invalidURL, transport, HTTPRequest(.get, "http://127.0.0.1/", headers: ["X-A": value]))
    }

    @Test("an address the policy does not permit, but for hosts it names") func addressPolicy() async throws {
        try await withServer { _ in
            .now(.text("inside"))
        } _: { url in
            var options = CurlTransport.Options()
            options.addresses = .publicOnly()
            await expectFailure(.addressRefused, CurlTransport(options), HTTPRequest(.get, url))
            options.addresses = .publicOnly(exceptHosts: ["127.0.0.1"])
            let response = try await CurlTransport(options).send(HTTPRequest(.get, url))
            #expect(response.status == 200)
        }
    }

    @Test("requests go through the proxy that is configured") func proxy() async throws {
        try await withServer { request in
            .now(.text(request.message.headers["Host"] ?? ""))
        } _: { url in
            var options = CurlTransport.Options()
            options.proxy = url
            let response = try await CurlTransport(options).send(HTTPRequest(.get, "http://behind.invalid/x"))
            #expect(String(decoding: response.body, as: UTF8.self) == "behind.invalid")
        }
    }

    static let openssl = ["/usr/bin/openssl", "/usr/local/bin/openssl"].first {
        FileManager.default.isExecutableFile(atPath: $0)
    }

    @Test(
        "a certificate nobody vouches for, until its authority is named", .enabled(if: openssl != nil, "needs openssl"))
    func certificates() async throws {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("drawbridge-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let (key, chain) = (folder.appendingPathComponent("key.pem"), folder.appendingPathComponent("chain.pem"))
        let process = Process()
        process.executableURL = URL(fileURLWithPath: Self.openssl ?? "")
        process.arguments = [
            "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2",
            "-subj", "/CN=localhost", "-addext", "subjectAltName=IP:127.0.0.1", "-keyout", key.path, "-out", chain.path,
        ]
        process.standardError = FileHandle.nullDevice
        try process.run()
        process.waitUntilExit()
        var configuration = WebServerConfiguration()
        configuration.certificate = ServerCertificate(
            chain: try String(contentsOf: chain, encoding: .utf8), key: try String(contentsOf: key, encoding: .utf8))
        try await withServer(configuration) { _ in
            .now(.text("secret"))
        } _: { url in
            await expectFailure(.secureConnectionFailed, transport, HTTPRequest(.get, url))
            var options = CurlTransport.Options()
            options.authorityFile = chain.path
            let response = try await CurlTransport(options).send(HTTPRequest(.get, url))
            #expect(String(decoding: response.body, as: UTF8.self) == "secret")
        }
    }
}

@Suite("Private addresses") struct AddressTests {
    @Test(
        "are told from public ones",
        arguments: [
            ("127.0.0.1", true), ("10.1.2.3", true), ("172.16.0.1", true), ("172.32.0.1", false), ("192.168.1.1", true),
            ("169.254.169.254", true), ("100.64.0.1", true), ("100.128.0.1", false), ("0.0.0.0", true),
            ("224.0.0.1", true), ("255.255.255.255", true), ("8.8.8.8", false), ("185.166.143.48", false),
            ("192.0.2.1", true), ("198.51.100.9", true), ("203.0.113.9", true), ("203.0.114.9", false),
        ])
    func version4(_ text: String, _ isPrivate: Bool) {
        #expect(NetworkAddress(text.split(separator: ".").compactMap { UInt8($0) }).isPrivate == isPrivate)
    }

    @Test(
        "are told from public ones in version 6",
        arguments: [
            ("00000000000000000000000000000001", true), ("fe800000000000000000000000000001", true),
            ("fc000000000000000000000000000001", true), ("20010db8000000000000000000000001", true),
            ("2a000000000000000000000000000001", false), ("00000000000000000000ffff7f000001", true),
            ("00000000000000000000ffff08080808", false), ("0064ff9b0000000000000000c0a80001", true),
            ("20020a00000100000000000000000000", true), ("ff020000000000000000000000000001", true),
        ])
    func version6(_ hex: String, _ isPrivate: Bool) {
        let digits = Array(hex)
        let bytes = stride(from: 0, to: 32, by: 2).compactMap { UInt8(String(digits[$0...($0 + 1)]), radix: 16) }
        #expect(NetworkAddress(bytes).isPrivate == isPrivate)
    }

    @Test("an address of no known kind counts as private") func unknown() {
        #expect(NetworkAddress([]).isPrivate)
    }
}
