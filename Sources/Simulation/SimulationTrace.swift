import Synchronization

/// What happened in a simulation, in order: two runs of one seed have the same.
public final class SimulationTrace: Sendable {
    private struct State {
        // FNV-1a, 64 bits.
        var digest: UInt64 = 0xcbf2_9ce4_8422_2325
        var count = 0
        var lines: [String] = []
    }

    private let state = Mutex(State())
    private let keeps: Int

    /// - Parameter keeps: How many lines to keep for reading; the first ones, as a difference begins there.
    public init(keeps: Int = 0) {
        self.keeps = keeps
    }

    public func note(_ line: @autoclosure () -> String) {
        let line = line()
        state.withLock { state in
            for byte in line.utf8 { state.digest = (state.digest ^ UInt64(byte)) &* 0x100_0000_01b3 }
            state.count += 1
            if state.lines.count < keeps { state.lines.append(line) }
        }
    }

    /// Stands for everything noted so far.
    public var digest: UInt64 { state.withLock { $0.digest } }
    public var count: Int { state.withLock { $0.count } }
    public var lines: [String] { state.withLock { $0.lines } }
}
