import Simulation
import Synchronization
import Testing

@Suite struct ExecutorTests {
    private actor Book {
        private(set) var lines: [String] = []
        func add(_ line: String) { lines.append(line) }
    }

    /// What four workers did, in order, and when it was over.
    private static func course(_ seed: UInt64) throws -> [String] {
        let clock = VirtualClock(startingAt: 0)
        return try SimulationRun(seed: seed, clock: clock).run {
            let book = Book()
            try await withThrowingDiscardingTaskGroup { group in
                for worker in 0..<4 {
                    group.addTask {
                        for turn in 0..<3 {
                            await book.add("\(worker).\(turn)")
                            try await clock.sleep(for: .seconds(worker + turn))
                        }
                    }
                }
            }
            return await book.lines + ["\(clock.now)"]
        }
    }

    @Test("a seed gives one order of actors, groups and sleepers, and other seeds give others")
    func orders() throws {
        var distinct: Set<[String]> = []
        for seed in 1...40 as ClosedRange<UInt64> {
            let course = try Self.course(seed)
            #expect(try Self.course(seed) == course)
            #expect(course.last == "12000")
            distinct.insert(course)
        }
        #expect(distinct.count > 5)
    }

    @Test("waiting for what nobody will do is an error, not a standstill")
    func stuck() {
        #expect(throws: SimulationError.self) {
            try SimulationRun(seed: 1, clock: VirtualClock(startingAt: 0)).run {
                let (stream, continuation) = AsyncStream<Void>.makeStream()
                for await _ in stream {}
                continuation.finish()
            }
        }
    }

    @Test("what goes on for ever is an error")
    func endless() {
        var run = SimulationRun(seed: 1, clock: VirtualClock(startingAt: 0))
        run.jobLimit = 1_000
        #expect(throws: SimulationError.self) {
            try run.run { while !Task.isCancelled { await Task.yield() } }
        }
    }

    @Test("a cancelled sleeper wakes at once, and time stands still")
    func cancelling() throws {
        let clock = VirtualClock(startingAt: 5)
        let outcome = try SimulationRun(seed: 1, clock: clock).run {
            await withTaskGroup(of: Bool.self) { group in
                group.addTask { (try? await clock.sleep(for: .seconds(100))) != nil }
                group.cancelAll()
                return await group.next() ?? true
            }
        }
        #expect(!outcome)
        #expect(clock.now == 5)
    }

    @Test("an interruption comes after so many jobs")
    func interrupting() throws {
        let run = SimulationRun(seed: 1, clock: VirtualClock(startingAt: 0))
        let at = Mutex(0)
        let isDone = Mutex(false)
        try run.run {
            run.executor.interrupt(after: 10) {
                at.withLock { $0 = run.executor.steps }
                isDone.withLock { $0 = true }
            }
            while !isDone.withLock({ $0 }) { await Task.yield() }
        }
        #expect(at.withLock { $0 } == 11)
    }
}
