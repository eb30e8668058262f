import Foundation

/// Many connections to a server on this machine that read what comes, driven by one thread with `poll`.
final class StreamSockets {
    private var descriptors: [Int32] = []
    private var received: [[UInt8]] = []

    var count: Int { descriptors.count }

    /// Opens a connection and sends a request.
    func open(port: Int, request: String) throws {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        guard descriptor >= 0 else { throw BenchFailure("No socket is left; raise `ulimit -n`.") }
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = UInt16(port).bigEndian
        address.sin_addr.s_addr = inet_addr("127.0.0.1")
        let result = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        guard result == 0, send(descriptor, request, request.utf8.count, 0) == request.utf8.count else {
            close(descriptor)
            throw BenchFailure("A connection was refused.")
        }
        _ = fcntl(descriptor, F_SETFL, O_NONBLOCK)
        descriptors.append(descriptor)
        received.append([])
    }

    /// Reads until so many connections got `text`, at most so many seconds; what came before it is dropped.
    ///
    /// - Returns: How many did.
    func wait(for text: String, on count: Int, seconds: Int) -> Int {
        let wanted = Array(text.utf8)
        let end = ContinuousClock.now + .seconds(seconds)
        var open = Set(descriptors.indices)
        while descriptors.count - open.count < count, ContinuousClock.now < end {
            var polled = open.map { pollfd(fd: descriptors[$0], events: Int16(POLLIN), revents: 0) }
            let order = Array(open)
            _ = poll(&polled, nfds_t(polled.count), 100)
            for (index, entry) in zip(order, polled) where entry.revents != 0 {
                var buffer = [UInt8](repeating: 0, count: 16_384)
                let count = recv(descriptors[index], &buffer, buffer.count, 0)
                guard count > 0 else { continue }
                received[index] += buffer.prefix(count)
                if let found = received[index].firstRange(of: wanted) {
                    received[index].removeSubrange(..<found.upperBound)
                    open.remove(index)
                }
            }
        }
        return descriptors.count - open.count
    }

    func closeAll() {
        for descriptor in descriptors { close(descriptor) }
        (descriptors, received) = ([], [])
    }
}
