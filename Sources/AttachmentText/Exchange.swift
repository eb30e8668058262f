import Glibc

/// Writes a child's input and reads its output at the same time, until it has closed its output or a limit is met.
struct Exchange {
    enum Ending { case endOfOutput, outputLimit, timedOut }

    private let input: [UInt8]
    private var toChild: Int32
    private let fromChild: Int32
    private let limit: Int
    private var written = 0
    let deadline: ContinuousClock.Instant
    /// What the child wrote, at most `limit` bytes.
    private(set) var output: [UInt8] = []

    init(input: [UInt8], toChild: Int32, fromChild: Int32, limit: Int, deadline: ContinuousClock.Instant) {
        self.input = input
        self.toChild = toChild
        self.fromChild = fromChild
        self.limit = limit
        self.deadline = deadline
    }

    mutating func run() -> Ending {
        defer {
            closeInput()
            close(fromChild)
        }
        _ = fcntl(toChild, F_SETFL, O_NONBLOCK)
        _ = fcntl(fromChild, F_SETFL, O_NONBLOCK)
        if input.isEmpty { closeInput() }
        while true {
            let left = deadline - ContinuousClock.now
            guard left > .zero else { return .timedOut }
            var polled = [
                pollfd(fd: fromChild, events: Int16(POLLIN), revents: 0),
                pollfd(fd: toChild, events: Int16(POLLOUT), revents: 0),
            ]
            let milliseconds = left.components.seconds * 1_000 + left.components.attoseconds / 1_000_000_000_000_000
            let ready = poll(&polled, 2, Int32(clamping: milliseconds + 1))
            if ready < 0, errno != EINTR { return .timedOut }
            if ready <= 0 { continue }
            if polled[1].revents != 0 { writeSome() }
            if polled[0].revents != 0, let ending = readSome() { return ending }
        }
    }

    private mutating func closeInput() {
        if toChild >= 0 { close(toChild) }
        toChild = -1
    }

    private mutating func writeSome() {
        guard toChild >= 0 else { return }
        let count = input.withUnsafeBytes { write(toChild, $0.baseAddress.map { $0 + written }, input.count - written) }
        if count > 0 { written += count }
        // An error other than "later" means that the child no longer reads; what it wrote still counts.
        if written == input.count || (count < 0 && errno != EAGAIN && errno != EINTR) { closeInput() }
    }

    private mutating func readSome() -> Ending? {
        var chunk = [UInt8](repeating: 0, count: 1 << 16)
        let count = chunk.withUnsafeMutableBytes { read(fromChild, $0.baseAddress, $0.count) }
        if count == 0 { return .endOfOutput }
        if count < 0 { return errno == EAGAIN || errno == EINTR ? nil : .endOfOutput }
        let room = limit - output.count
        output += chunk[..<min(count, room)]
        return count > room ? .outputLimit : nil
    }
}
