internal import Synchronization

/// Whether a server may be given work: all its parts run.
///
/// A part is expected from the moment it is named; until it says that it runs, and once it has ended, the server is not ready.
public final class Readiness: Sendable {
    private let parts: Mutex<[String: Bool]>

    /// - Parameter expected: The parts without which the server is not ready.
    public init(expecting expected: [String]) {
        parts = Mutex(Dictionary(uniqueKeysWithValues: Set(expected).map { ($0, false) }))
    }

    public func set(_ part: String, runs: Bool) {
        parts.withLock { $0[part] = runs }
    }

    /// Runs `body`, during which the part counts as running.
    public func during<T>(_ part: String, _ body: () async throws -> T) async rethrows -> T {
        set(part, runs: true)
        defer { set(part, runs: false) }
        return try await body()
    }

    /// The parts that do not run, sorted; empty when the server is ready.
    public var missing: [String] {
        parts.withLock { $0.filter { !$0.value }.keys.sorted() }
    }
}
