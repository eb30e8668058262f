import Glibc
import Synchronization

/// Every open connection, what it owes, and by when: what keeps slow peers from holding places.
///
/// libmicrohttpd's own limit is on silence, so that a byte now and then keeps a connection for ever. Here a request's head must
/// be complete in a fixed time, and bodies and answers must move at a least pace. Where places run short, heads have a
/// quarter of their time.
final class ConnectionRegistry: Sendable {
    /// The least pace of a body or an answer, in bytes a second.
    static let pace = 8_192

    private struct Entry {
        let descriptor: Int32
        let peer: String
        var deadline: ContinuousClock.Instant?
        /// The deadline where places run short; `nil` for what is under way.
        var crowdedDeadline: ContinuousClock.Instant?
    }

    private struct State {
        /// By the connection's address.
        var entries: [UInt: Entry] = [:]
        var peers: [String: Int] = [:]
    }

    private let state = Mutex(State())
    private let headTime: Duration
    private let transferTime: Duration
    private let limit: Int
    private let peerLimit: Int
    private let trusted: TrustedProxies

    init(_ configuration: WebServerConfiguration) {
        headTime = configuration.headTime
        transferTime = configuration.transferTime
        limit = configuration.connectionLimit
        peerLimit = configuration.connectionsPerPeer
        trusted = configuration.trustedProxies
    }

    /// Whether a connection from this peer may be taken: proxies hold those of many clients.
    func mayAccept(_ peer: String) -> Bool {
        let count = state.withLock { $0.peers[peer] ?? 0 }
        return count < peerLimit || trusted.contains(peer)
    }

    func opened(_ connection: OpaquePointer, descriptor: Int32, peer: String) {
        let (now, id) = (ContinuousClock.now, UInt(bitPattern: connection))
        state.withLock { state in
            state.entries[id] = Entry(
                descriptor: descriptor, peer: peer, deadline: now + headTime, crowdedDeadline: now + headTime / 4)
            state.peers[peer, default: 0] += 1
        }
    }

    /// Called before libmicrohttpd closes the descriptor.
    func closed(_ connection: OpaquePointer) {
        let id = UInt(bitPattern: connection)
        state.withLock { state in
            guard let entry = state.entries.removeValue(forKey: id) else { return }
            let left = (state.peers[entry.peer] ?? 1) - 1
            state.peers[entry.peer] = left > 0 ? left : nil
        }
    }

    /// The request's head is complete; its body, if any, comes next.
    func bodyBegan(_ connection: OpaquePointer) { set(connection, ContinuousClock.now + transferTime) }

    func received(_ connection: OpaquePointer, bytes: Int) {
        let id = UInt(bitPattern: connection)
        state.withLock { $0.entries[id]?.deadline? += .microseconds(bytes * 1_000_000 / Self.pace) }
    }

    /// The peer owes nothing: the request is being answered.
    func resting(_ connection: OpaquePointer) { set(connection, nil) }

    /// An answer of so many bytes is on its way; `nil` for one whose length is not known, whose silence alone is limited.
    func answering(_ connection: OpaquePointer, bytes: Int?) {
        set(connection, bytes.map { ContinuousClock.now + transferTime + .microseconds($0 * 1_000_000 / Self.pace) })
    }

    /// The answer is sent; another request may come.
    func ended(_ connection: OpaquePointer) {
        let now = ContinuousClock.now
        set(connection, now + headTime, crowded: now + headTime / 4)
    }

    private func set(
        _ connection: OpaquePointer, _ deadline: ContinuousClock.Instant?, crowded: ContinuousClock.Instant? = nil
    ) {
        let id = UInt(bitPattern: connection)
        state.withLock { state in
            state.entries[id]?.deadline = deadline
            state.entries[id]?.crowdedDeadline = crowded
        }
    }

    /// Shuts what is past its deadline; libmicrohttpd then finds it closed.
    func shutOverdue(at now: ContinuousClock.Instant) {
        state.withLock { state in
            let isCrowded = state.entries.count > limit * 3 / 4
            for entry in state.entries.values {
                let deadline = isCrowded ? entry.crowdedDeadline ?? entry.deadline : entry.deadline
                // Under the lock, as the descriptor is another's once the connection is closed.
                if let deadline, deadline < now { shutdown(entry.descriptor, Int32(SHUT_RDWR)) }
            }
        }
    }

    var count: Int { state.withLock { $0.entries.count } }
}
