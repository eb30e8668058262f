public import HTTPMessages
public import IssueModel
public import JiraClient
public import SimulatedData
import Synchronization

/// One life of a program: its clock, its network and its disk, until it is killed.
///
/// What still runs after that changes nothing any more: no request leaves, no wait ends well, no write arrives.
public final class SimulatedProcess: HTTPTransport {
    public let disk = FaultyDisk()
    private let network: any HTTPTransport
    private let clock: VirtualClock
    private let wall: WallClock
    private let isDead = Mutex(false)

    public init(network: any HTTPTransport, clock: VirtualClock, wall: WallClock) {
        self.network = network
        self.clock = clock
        self.wall = wall
    }

    public var isKilled: Bool { isDead.withLock { $0 } }

    /// Ends it at once, as `kill -9` would.
    public func kill() {
        isDead.withLock { $0 = true }
        disk.leave()
    }

    public func send(_ request: HTTPRequest) async throws(HTTPTransportError) -> HTTPResponse {
        guard !isKilled else { throw HTTPTransportError(.cancelled) }
        let response = try await network.send(request)
        guard !isKilled else { throw HTTPTransportError(.cancelled) }
        return response
    }

    /// Its own time: the calendar as the machine has it, and waits in virtual time.
    public var time: TimeSource {
        TimeSource(
            elapsed: { self.clock.elapsed }, now: { self.wall.now },
            sleep: { wait in
                guard !self.isKilled else { throw CancellationError() }
                try await self.clock.sleep(for: wait)
                guard !self.isKilled else { throw CancellationError() }
            })
    }
}

/// The machine's calendar, which people and programs put right or wrong.
public final class WallClock: Sendable {
    private let clock: VirtualClock
    private let offset = Mutex<Milliseconds>(0)

    public init(_ clock: VirtualClock) {
        self.clock = clock
    }

    /// How far ahead of the site's clock it is.
    public var skew: Milliseconds {
        get { offset.withLock { $0 } }
        set { offset.withLock { $0 = newValue } }
    }

    public var now: Timestamp { Timestamp(milliseconds: clock.now + skew) }
}
