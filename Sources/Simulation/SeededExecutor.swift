#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif
import SimulatedData
import Synchronization

/// Runs the jobs of Swift's concurrency one at a time on one thread, each time one that the seed chooses.
public final class SeededExecutor: TaskExecutor {
    private struct State {
        var jobs: [UnownedJob] = []
        var random: SeededRandom
        var steps = 0
        var interruption: (at: Int, body: @Sendable () -> Void)?
        var thread: pthread_t?
        var wasLeft = false
    }

    private let state: Mutex<State>

    public init(seed: UInt64) {
        state = Mutex(State(random: SeededRandom(seed: seed, stream: 0x5eed, item: 0)))
    }

    public func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        let current = pthread_self()
        state.withLock { state in
            state.jobs.append(job)
            if let thread = state.thread, pthread_equal(thread, current) == 0 { state.wasLeft = true }
        }
    }

    /// Jobs run so far.
    public var steps: Int { state.withLock { $0.steps } }

    /// Whether a job came from another thread: something under test does not go through the simulation, and no seed
    /// replays it.
    var wasLeft: Bool { state.withLock { $0.wasLeft } }

    /// Runs `body` between two jobs, after so many more of them. Replaces an interruption that is still to come.
    public func interrupt(after jobs: Int, _ body: @escaping @Sendable () -> Void) {
        state.withLock { $0.interruption = ($0.steps + max(1, jobs), body) }
    }

    /// Forgets an interruption that is still to come.
    public func cancelInterruption() { state.withLock { $0.interruption = nil } }

    /// Takes the calling thread for its own.
    func settle() { state.withLock { $0.thread = pthread_self() } }

    /// Runs one job.
    ///
    /// - Returns: Whether there was one.
    func step() -> Bool {
        let (job, interruption) = state.withLock { state -> (UnownedJob?, (@Sendable () -> Void)?) in
            guard !state.jobs.isEmpty else { return (nil, nil) }
            state.steps += 1
            var body: (@Sendable () -> Void)?
            if let interruption = state.interruption, interruption.at <= state.steps {
                body = interruption.body
                state.interruption = nil
            }
            let chosen = state.random.below(state.jobs.count)
            state.jobs.swapAt(chosen, state.jobs.count - 1)
            return (state.jobs.popLast(), body)
        }
        interruption?()
        guard let job else { return false }
        job.runSynchronously(on: asUnownedTaskExecutor())
        return true
    }
}
