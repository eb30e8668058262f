import CArchive
import Glibc
import Synchronization

/// One child process with bytes in and bounded bytes out.
///
/// The child gets no environment but `PATH` and `LANG`, no open file but its three, a process group of its own, and is
/// killed with its group at the time limit, at the output limit, or when the caller gives up.
final class Subprocess: Sendable {
    enum Outcome: Hashable {
        /// The exit code and what it wrote.
        case exited(Int32, [UInt8])
        /// Killed after it had written more than is kept; the part that is kept.
        case outputLimit([UInt8])
        case signalled(Int32)
        case timedOut
        case cancelled
        case notStarted(Int32)
    }

    private struct State {
        var pid: pid_t?
        var isCancelled = false
    }

    private let command: [String]
    private let input: [UInt8]
    private let limits: AttachmentLimits
    private let state = Mutex(State())

    init(command: [String], input: [UInt8], limits: AttachmentLimits) {
        self.command = command
        self.input = input
        self.limits = limits
    }

    /// Runs the child on a thread of its own, so that no thread of the cooperative pool waits for it.
    func runDetached() async -> Outcome {
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let box = Unmanaged.passRetained(ThreadBody { continuation.resume(returning: self.run()) })
                var thread = pthread_t()
                let failure = pthread_create(&thread, nil, { ThreadBody.call($0) }, box.toOpaque())
                if failure != 0 {
                    box.release()
                    continuation.resume(returning: .notStarted(failure))
                } else {
                    pthread_detach(thread)
                }
            }
        } onCancel: {
            self.cancel()
        }
    }

    private func cancel() {
        state.withLock { state in
            state.isCancelled = true
            // The pid is ours until it has been waited for, which clears it under this lock.
            if let pid = state.pid { kill(-pid, SIGKILL) }
        }
    }

    /// Runs the child on this thread and waits for it.
    func run() -> Outcome {
        // A child that ends before it has read everything must not take this process with it.
        var blocked = sigset_t()
        var before = sigset_t()
        sigemptyset(&blocked)
        sigaddset(&blocked, SIGPIPE)
        pthread_sigmask(SIG_BLOCK, &blocked, &before)
        defer {
            var none = timespec()
            sigtimedwait(&blocked, nil, &none)
            pthread_sigmask(SIG_SETMASK, &before, nil)
        }
        var toChild: [Int32] = [-1, -1]
        var fromChild: [Int32] = [-1, -1]
        guard pipe2(&toChild, O_CLOEXEC) == 0 else { return .notStarted(errno) }
        guard pipe2(&fromChild, O_CLOEXEC) == 0 else {
            let code = errno
            for descriptor in toChild { close(descriptor) }
            return .notStarted(code)
        }
        let (code, pid) = spawn(standardInput: toChild[0], standardOutput: fromChild[1])
        close(toChild[0])
        close(fromChild[1])
        guard code == 0 else {
            close(toChild[1])
            close(fromChild[0])
            return .notStarted(code)
        }
        state.withLock { state in
            state.pid = pid
            if state.isCancelled { kill(-pid, SIGKILL) }
        }
        var exchange = Exchange(
            input: input, toChild: toChild[1], fromChild: fromChild[0], limit: limits.maximumTextBytes,
            deadline: ContinuousClock.now + limits.timeout)
        let ending = exchange.run()
        return finish(pid, ending, exchange.output, exchange.deadline)
    }

    /// Waits for the child's end, killing it where its time or its output has run out.
    private func finish(
        _ pid: pid_t, _ ending: Exchange.Ending, _ output: [UInt8], _ deadline: ContinuousClock.Instant
    ) -> Outcome {
        var timedOut = ending == .timedOut
        if ending != .endOfOutput { kill(-pid, SIGKILL) }
        var status: Int32 = 0
        while waitpid(pid, &status, WNOHANG) == 0 {
            if ContinuousClock.now >= deadline, !timedOut {
                timedOut = true
                kill(-pid, SIGKILL)
            }
            usleep(2_000)
        }
        let isCancelled = state.withLock { state in
            state.pid = nil
            return state.isCancelled
        }
        if isCancelled { return .cancelled }
        if timedOut { return .timedOut }
        if ending == .outputLimit { return .outputLimit(output) }
        let signal = status & 0x7F
        return signal == 0 ? .exited((status >> 8) & 0xFF, output) : .signalled(signal)
    }

    private static let environment: [String] = ["PATH=/usr/bin:/bin", "LANG=C.UTF-8"]

    private func spawn(standardInput: Int32, standardOutput: Int32) -> (Int32, pid_t) {
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_adddup2(&actions, standardInput, 0)
        posix_spawn_file_actions_adddup2(&actions, standardOutput, 1)
        posix_spawn_file_actions_addopen(&actions, 2, "/dev/null", O_WRONLY, 0)
        posix_spawn_file_actions_addclosefrom_np(&actions, 3)
        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        var none = sigset_t()
        var all = sigset_t()
        sigemptyset(&none)
        sigfillset(&all)
        posix_spawnattr_setsigmask(&attributes, &none)
        posix_spawnattr_setsigdefault(&attributes, &all)
        posix_spawnattr_setpgroup(&attributes, 0)
        posix_spawnattr_setflags(
            &attributes, Int16(POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETPGROUP))
        var arguments: [UnsafeMutablePointer<CChar>?] = command.map { strdup($0) } + [nil]
        var environment: [UnsafeMutablePointer<CChar>?] = Self.environment.map { strdup($0) } + [nil]
        defer { for text in arguments + environment { free(text) } }
        var pid: pid_t = 0
        let code = posix_spawn(&pid, command[0], &actions, &attributes, &arguments, &environment)
        return (code, pid)
    }
}

/// The work of one thread, handed over once.
private final class ThreadBody: Sendable {
    private let work: @Sendable () -> Void

    init(_ work: @escaping @Sendable () -> Void) {
        self.work = work
    }

    static func call(_ context: UnsafeMutableRawPointer?) -> UnsafeMutableRawPointer? {
        guard let context else { return nil }
        Unmanaged<ThreadBody>.fromOpaque(context).takeRetainedValue().work()
        return nil
    }
}
