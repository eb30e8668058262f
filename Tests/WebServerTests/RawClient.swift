import Foundation
import Glibc
import WebServer

/// A client that sends exact bytes and keeps what comes back, to see what a server really does on the wire.
final class RawClient: @unchecked Sendable {
    // Used by one test at a time; blocking calls run on a queue of their own, off the tasks' threads.
    private let descriptor: Int32
    private let queue = DispatchQueue(label: "raw client")

    init(port: Int) throws {
        descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = in_port_t(UInt16(port)).bigEndian
        address.sin_addr.s_addr = inet_addr("127.0.0.1")
        let code = withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        guard code == 0 else { throw POSIXError(POSIXErrorCode(rawValue: errno) ?? .EIO) }
    }

    deinit { Glibc.close(descriptor) }

    func send(_ text: String) async {
        await blocking { [descriptor] in
            let bytes = Array(text.utf8)
            _ = Glibc.send(descriptor, bytes, bytes.count, Int32(MSG_NOSIGNAL))
        }
    }

    /// Sends without waiting, also while an answer is awaited.
    func trickle(_ text: String) async {
        let bytes = Array(text.utf8)
        _ = Glibc.send(descriptor, bytes, bytes.count, Int32(MSG_NOSIGNAL) | Int32(MSG_DONTWAIT))
    }

    func closeSending() { shutdown(descriptor, Int32(SHUT_WR)) }

    enum End: Equatable { case closed, reset, enough }

    /// Reads until the peer ends the connection or `isEnough` holds.
    func receive(until isEnough: @escaping @Sendable (String) -> Bool = { _ in false }) async -> (
        text: String, end: End
    ) {
        await blocking { [descriptor] in
            var bytes: [UInt8] = []
            var buffer = [UInt8](repeating: 0, count: 65_536)
            while true {
                let count = recv(descriptor, &buffer, buffer.count, 0)
                if count < 0 { return (String(decoding: bytes, as: UTF8.self), .reset) }
                if count == 0 { return (String(decoding: bytes, as: UTF8.self), .closed) }
                bytes.append(contentsOf: buffer[..<count])
                let text = String(decoding: bytes, as: UTF8.self)
                if isEnough(text) { return (text, .enough) }
            }
        }
    }

    private func blocking<Result: Sendable>(_ work: @escaping @Sendable () -> Result) async -> Result {
        await withCheckedContinuation { continuation in
            queue.async { continuation.resume(returning: work()) }
        }
    }

    /// Sends one request that asks for the connection to be closed and returns all that came back.
    static func exchange(_ port: Int, _ request: String) async throws -> (text: String, end: End) {
        let client = try RawClient(port: port)
        await client.send(request)
        return await client.receive()
    }
}

/// Runs a server for the time of `body`.
func withServer<Result>(
    _ handler: @escaping RequestHandler, configuration: WebServerConfiguration = WebServerConfiguration(),
    _ body: (WebServer) async throws -> Result
) async throws -> Result {
    let server = WebServer(configuration, handler: handler)
    try server.start()
    do {
        let result = try await body(server)
        await server.stop(grace: .milliseconds(50))
        return result
    } catch {
        await server.stop(grace: .milliseconds(50))
        throw error
    }
}

/// The same with a configuration that differs from the usual one.
func withServer<Result>(
    _ handler: @escaping RequestHandler, adjust: (inout WebServerConfiguration) -> Void,
    _ body: (WebServer) async throws -> Result
) async throws -> Result {
    var configuration = WebServerConfiguration()
    adjust(&configuration)
    return try await withServer(handler, configuration: configuration, body)
}

func get(_ target: String) -> String { "GET \(target) HTTP/1.1\r\nHost: test\r\nConnection: close\r\n\r\n" }
