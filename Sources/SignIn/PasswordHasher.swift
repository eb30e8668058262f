internal import Cryptography
internal import Dispatch
internal import Synchronization

/// Hashes passwords on threads of its own: at most so many at once, for each takes 64 MiB and a tenth of a second.
///
/// One that is shared by everything that signs in keeps a crowd of wrong passwords from taking the machine.
public final class PasswordHasher: Sendable {
    /// Hashes that are computed at once.
    public static let width = 2
    /// Those that may wait; a further one is refused.
    public static let queueLimit = 64

    private let queue = DispatchQueue(label: "drawbridge.passwords", qos: .utility, attributes: .concurrent)
    private let state = Mutex(State())

    private struct State {
        var running = 0
        var waiting: [CheckedContinuation<Void, Never>] = []
    }

    public init() {}

    /// The form of `password` to store.
    ///
    /// - Throws: ``SignInError`` with `busy` where too many wait already; `CryptographyError` where memory is short.
    func hash(of password: String) async throws -> PasswordHash {
        try await run { Result { try PasswordHash(of: password) } }.get()
    }

    /// Whether `password` is the one that was hashed.
    ///
    /// - Parameter hash: `nil` where there is none: the same work is done then, so that the time tells nothing.
    func matches(_ password: String, _ hash: PasswordHash?) async throws -> Bool {
        let isKnown = hash != nil
        let hash = hash ?? Self.nobodys
        // The matching comes first, so that it is never left out.
        return try await run { hash.matches(password) && isKnown }
    }

    /// The hash of 32 random bytes that nobody kept, made with the costs that ``PasswordHash`` uses.
    static let nobodys = PasswordHash(
        text: "$argon2id$v=19$m=65536,t=3,p=1$Xxx4moT4I9/wdDeHmLVd1A$PWYBtXk21BQRQZsZMzxjK8JfdNv0cZ9C82OhpX0bNp8")

    private func run<Value: Sendable>(_ work: @escaping @Sendable () -> Value) async throws -> Value {
        try await enter()
        let value = await withCheckedContinuation { continuation in
            queue.async { continuation.resume(returning: work()) }
        }
        leave()
        return value
    }

    private func enter() async throws {
        let isFull = state.withLock { $0.running >= Self.width && $0.waiting.count >= Self.queueLimit }
        guard !isFull else {
            throw SignInError(.busy, "Too many people sign in at once. Try again in a few seconds.", retryAfter: 5)
        }
        await withCheckedContinuation { continuation in
            let isFree = state.withLock { state in
                guard state.running >= Self.width else {
                    state.running += 1
                    return true
                }
                state.waiting.append(continuation)
                return false
            }
            if isFree { continuation.resume() }
        }
    }

    /// Hands the place to whoever waits the longest.
    private func leave() {
        let next = state.withLock { state -> CheckedContinuation<Void, Never>? in
            if state.waiting.isEmpty {
                state.running -= 1
                return nil
            }
            return state.waiting.removeFirst()
        }
        next?.resume()
    }
}
