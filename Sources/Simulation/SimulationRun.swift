#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif
import Synchronization

/// One run of asynchronous work under a seed's order and a virtual clock, on the calling thread.
public struct SimulationRun: Sendable {
    public let seed: UInt64
    public let clock: VirtualClock
    public let executor: SeededExecutor
    /// The most jobs a run may take; one that never ends is a finding.
    public var jobLimit = 5_000_000

    public init(seed: UInt64, clock: VirtualClock) {
        self.seed = seed
        self.clock = clock
        executor = SeededExecutor(seed: seed)
    }

    /// Runs `body` to its end. Whatever it starts runs here too, in the order the seed gives.
    ///
    /// - Throws: What `body` throws; ``SimulationError`` where it waits for something that nobody will do, takes too many
    ///   jobs, or left the simulation.
    public func run<Result: Sendable>(_ body: @escaping @Sendable () async throws -> Result) throws -> Result {
        let outcome = Outcome<Result>()
        executor.settle()
        // The one top-level task of a simulation; this function does not return before it ended or never can.
        let task = Task(executorPreference: executor) {
            do {
                let result = try await body()
                outcome.set(.success(result))
            } catch {
                outcome.set(.failure(error))
            }
        }
        while outcome.value == nil {
            if executor.step() {
                guard executor.steps <= jobLimit else {
                    task.cancel()
                    throw SimulationError(.endless, "\(jobLimit) jobs were not enough")
                }
                continue
            }
            guard clock.wakeNext() else { throw SimulationError(.stuck, "everything waits for something else") }
        }
        while executor.step() {}
        if executor.wasLeft { throw SimulationError(.left, "a job came from another thread") }
        return try outcome.value.map { try $0.get() } ?? { throw SimulationError(.stuck, "nothing was run") }()
    }
}

/// Why a simulation itself failed, as opposed to what runs in it.
public struct SimulationError: Error, Hashable, Sendable, CustomStringConvertible {
    public enum Code: String, Hashable, Sendable { case stuck, endless, left }

    public var code: Code
    public var detail: String

    init(_ code: Code, _ detail: String) {
        self.code = code
        self.detail = detail
    }

    public var description: String { "simulation \(code.rawValue): \(detail)" }
}

/// What came of the work; set once.
private final class Outcome<Value: Sendable>: Sendable {
    private let state = Mutex<Result<Value, any Error>?>(nil)

    var value: Result<Value, any Error>? { state.withLock { $0 } }

    func set(_ value: Result<Value, any Error>) { state.withLock { $0 = value } }
}

/// Threads for simulations, which block the one they run on.
public enum SimulationThreads {
    /// Runs `body` for every number below `count` on a thread of its own and returns when all have ended.
    public static func run(_ count: Int, _ body: @escaping @Sendable (Int) -> Void) async {
        await withDiscardingTaskGroup { group in
            for number in 0..<count {
                group.addTask {
                    await withCheckedContinuation { continuation in
                        start {
                            body(number)
                            continuation.resume()
                        }
                    }
                }
            }
        }
    }

    private static func start(_ body: @escaping @Sendable () -> Void) {
        let work = Unmanaged.passRetained(Work(body))
        var attributes = pthread_attr_t()
        pthread_attr_init(&attributes)
        // As much as a main thread has: decoders recurse.
        pthread_attr_setstacksize(&attributes, 8 << 20)
        var thread = pthread_t()
        let result = pthread_create(
            &thread, &attributes,
            { pointer in
                if let pointer { Unmanaged<Work>.fromOpaque(pointer).takeRetainedValue().body() }
                return nil
            }, work.toOpaque())
        pthread_attr_destroy(&attributes)
        precondition(result == 0, "no thread could be started (error \(result))")
        pthread_detach(thread)
    }

    private final class Work: Sendable {
        let body: @Sendable () -> Void
        init(_ body: @escaping @Sendable () -> Void) { self.body = body }
    }
}
