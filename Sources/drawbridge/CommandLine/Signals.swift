import Dispatch
import Foundation

/// Ending on request: the first SIGTERM or SIGINT ends work in good order, a second one at once.
enum Signals {
    /// Runs `body` to its end, or until the program is asked to stop; `body` is cancelled then and has the time it needs.
    ///
    /// - Returns: Whether it was asked to stop.
    static func untilStopped(_ body: @escaping @Sendable () async throws -> Void) async throws -> Bool {
        let (signals, input) = AsyncStream.makeStream(of: Int32.self, bufferingPolicy: .bufferingNewest(1))
        let sources = [SIGTERM, SIGINT].map { number in
            signal(number, SIG_IGN)
            let source = DispatchSource.makeSignalSource(signal: number, queue: .global())
            let count = Counter()
            source.setEventHandler {
                if count.next() > 1 { exit(128 + number) }
                input.yield(number)
            }
            source.resume()
            return source
        }
        defer {
            for source in sources { source.cancel() }
            signal(SIGTERM, SIG_DFL)
            signal(SIGINT, SIG_DFL)
        }
        return try await withThrowingTaskGroup(of: Bool.self) { group in
            group.addTask {
                do {
                    try await body()
                } catch is CancellationError {
                    return false
                }
                return false
            }
            group.addTask {
                for await _ in signals { return true }
                return false
            }
            let isStopped = try await group.next() ?? false
            group.cancelAll()
            // What the body throws after it was asked to stop is part of stopping.
            while let _ = await group.nextResult() {}
            return isStopped
        }
    }

    /// A value for each SIGHUP, by which a service manager asks a program to read its files again.
    static func hangups() -> AsyncStream<Void> {
        AsyncStream(bufferingPolicy: .bufferingNewest(1)) { input in
            signal(SIGHUP, SIG_IGN)
            let watch = SignalWatch(SIGHUP) { input.yield() }
            input.onTermination = { _ in watch.cancel() }
        }
    }

    /// Sound: a dispatch source may be cancelled from any thread.
    private final class SignalWatch: @unchecked Sendable {
        private let source: any DispatchSourceSignal

        init(_ number: Int32, _ handler: @escaping @Sendable () -> Void) {
            source = DispatchSource.makeSignalSource(signal: number, queue: .global())
            source.setEventHandler(handler: handler)
            source.resume()
        }

        func cancel() { source.cancel() }
    }

    /// Counts what one queue hands it.
    private final class Counter: @unchecked Sendable {
        // Sound: touched by the handler of one dispatch source alone, which never runs twice at once.
        private var count = 0

        func next() -> Int {
            count += 1
            return count
        }
    }
}

/// Tells the service manager how the program is (systemd's `sd_notify`); nothing where there is none.
enum ServiceManager {
    static func tell(_ state: String, _ environment: [String: String]) {
        guard let path = environment["NOTIFY_SOCKET"], !path.isEmpty, path.utf8.count < 108 else { return }
        let descriptor = socket(AF_UNIX, Int32(SOCK_DGRAM.rawValue), 0)
        guard descriptor >= 0 else { return }
        defer { close(descriptor) }
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        var name = Array(path.utf8)
        // A name that begins with @ is in Linux's abstract space.
        if name.first == UInt8(ascii: "@") { name[0] = 0 }
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: name) }
        let length = socklen_t(MemoryLayout<sa_family_t>.size + name.count)
        let bytes = Array(state.utf8)
        withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                _ = sendto(descriptor, bytes, bytes.count, Int32(MSG_NOSIGNAL), $0, length)
            }
        }
    }
}
