import Foundation
import Testing
import WebServer

@Suite("HTTPS") struct SecureServerTests {
    static let openssl = ["/usr/bin/openssl", "/usr/local/bin/openssl"].first {
        FileManager.default.isExecutableFile(atPath: $0)
    }

    /// Runs openssl off the tasks' threads and returns what it printed.
    static func openssl(_ arguments: [String], input: String = "") async throws -> String {
        try await withCheckedThrowingContinuation { continuation in
            DispatchQueue.global().async {
                continuation.resume(
                    with: Result {
                        let process = Process()
                        process.executableURL = URL(fileURLWithPath: openssl ?? "")
                        process.arguments = arguments
                        let (output, feed) = (Pipe(), Pipe())
                        process.standardOutput = output
                        process.standardInput = feed
                        process.standardError = FileHandle.nullDevice
                        try process.run()
                        feed.fileHandleForWriting.write(Data(input.utf8))
                        let printed = output.fileHandleForReading.readDataToEndOfFile()
                        try feed.fileHandleForWriting.close()
                        process.waitUntilExit()
                        return String(decoding: printed, as: UTF8.self)
                    })
            }
        }
    }

    @Test("a server with a certificate speaks HTTPS", .enabled(if: openssl != nil, "needs the openssl program"))
    func servesSecurely() async throws {
        var configuration = WebServerConfiguration()
        configuration.certificate = try await Self.certificate("localhost")
        let handler: RequestHandler = { _ in .now(.text("secret")) }
        try await withServer(handler, configuration: configuration) { server in
            let answer = try await Self.openssl(
                ["s_client", "-quiet", "-ign_eof", "-connect", "127.0.0.1:\(server.port)"], input: get("/"))
            #expect(answer.hasPrefix("HTTP/1.1 200"))
            #expect(answer.hasSuffix("secret"))
            #expect(server.url.hasPrefix("https://"))
        }
    }

    /// A certificate of its own making.
    static func certificate(_ name: String) async throws -> ServerCertificate {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("drawbridge-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let (key, chain) = (folder.appendingPathComponent("key.pem"), folder.appendingPathComponent("chain.pem"))
        _ = try await openssl([
            "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2",
            "-subj", "/CN=\(name)", "-keyout", key.path, "-out", chain.path,
        ])
        return ServerCertificate(
            chain: try String(contentsOf: chain, encoding: .utf8), key: try String(contentsOf: key, encoding: .utf8))
    }

    @Test(
        "a certificate is replaced while the server runs", .enabled(if: openssl != nil, "needs the openssl program"))
    func replacesCertificate() async throws {
        var configuration = WebServerConfiguration()
        configuration.certificate = try await Self.certificate("first.example")
        let handler: RequestHandler = { _ in .now(.text("secret")) }
        try await withServer(handler, configuration: configuration) { server in
            func shown() async throws -> String {
                try await Self.openssl(
                    ["s_client", "-ign_eof", "-connect", "127.0.0.1:\(server.port)"], input: get("/"))
            }
            let before = try await shown()
            #expect(before.contains("first.example"))
            #expect(throws: WebServerError.self) {
                try server.replaceCertificate(ServerCertificate(chain: "none", key: "none"))
            }
            let kept = try await shown()
            #expect(kept.contains("first.example"))
            try server.replaceCertificate(try await Self.certificate("second.example"))
            for _ in 0..<5 {
                let text = try await shown()
                #expect(text.contains("second.example") && text.contains("secret"))
            }
        }
    }

    @Test("a certificate that is none is refused at the start") func badCertificate() {
        var configuration = WebServerConfiguration()
        configuration.certificate = ServerCertificate(chain: "not a certificate", key: "not a key")
        let server = WebServer(configuration) { _ in .now(.text("")) }
        #expect { try server.start() } throws: { ($0 as? WebServerError)?.code == .cannotStart }
    }
}
