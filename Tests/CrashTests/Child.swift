import FastJSON
import Foundation
import Synchronization
import Testing

/// How a program ended and what it printed.
struct Outcome: CustomStringConvertible {
    /// A signal counts as its number plus 128, as shells say it.
    let status: Int32
    let output: String
    let errors: String

    var wasKilled: Bool { status == 128 + SIGKILL }
    var description: String { "exit \(status)\n\(output.suffix(2_000))\n\(errors.suffix(2_000))" }

    var json: JSONValue { get throws { try JSONValue(parsing: output) } }
}

/// A program that runs beside the tests.
///
/// Started with `posix_spawn` and not with Foundation's `Process`, which does not bear the number of open files that tests
/// with many simulated sites have.
final class Child: Sendable {
    let id: pid_t
    private let output: String
    private let errors: String
    /// How it ended; its number may be another program's once it has.
    private let status = Mutex<Int32?>(nil)

    struct CannotStart: Error {
        let number: Int32
    }

    /// - Parameter folder: Where its output is kept until it has ended.
    init(_ program: String, _ words: [String], environment: [String: String], folder: String) throws {
        let name = UUID().uuidString
        output = folder + "/\(name).out"
        errors = folder + "/\(name).err"
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
        posix_spawn_file_actions_addopen(&actions, 1, output, O_WRONLY | O_CREAT | O_TRUNC, 0o600)
        posix_spawn_file_actions_addopen(&actions, 2, errors, O_WRONLY | O_CREAT | O_TRUNC, 0o600)
        var arguments = ([program] + words).map { strdup($0) } + [nil]
        var variables = environment.map { strdup("\($0)=\($1)") } + [nil]
        defer { (arguments + variables).forEach { free($0) } }
        var child = pid_t()
        let failure = posix_spawn(&child, program, &actions, nil, &arguments, &variables)
        guard failure == 0 else { throw CannotStart(number: failure) }
        id = child
    }

    /// Ends it as a loss of power would: no handler runs. Does nothing once it has ended.
    func kill() { signal(SIGKILL) }

    /// As Ctrl-C does.
    func interrupt() { signal(SIGINT) }

    var isRunning: Bool { look() == nil }

    private func signal(_ number: Int32) {
        status.withLock { if $0 == nil { Foundation.kill(id, number) } }
    }

    /// Whether it has ended, and how.
    private func look() -> Int32? {
        status.withLock { known in
            var status: Int32 = 0
            if known == nil, waitpid(id, &status, WNOHANG) == id { known = status }
            return known
        }
    }

    /// Waits for its end. A program that hangs must not hang the tests: after five minutes it is ended.
    func outcome() async throws -> Outcome {
        let end = await withCheckedContinuation { continuation in
            Thread.detachNewThread { [self] in
                let deadline = Date.now + 300
                while true {
                    if let status = look() { return continuation.resume(returning: status) }
                    if Date.now > deadline { signal(SIGKILL) }
                    usleep(2_000)
                }
            }
        }
        let number = end & 0x7F
        func text(_ file: String) throws -> String {
            defer { try? FileManager.default.removeItem(atPath: file) }
            return String(decoding: try Data(contentsOf: URL(fileURLWithPath: file)), as: UTF8.self)
        }
        return Outcome(
            status: number == 0 ? (end >> 8) & 0xFF : number + 128, output: try text(output),
            errors: try text(errors))
    }
}

/// A file that the package manager built beside these tests.
func built(_ name: String) -> String {
    var folder = URL(fileURLWithPath: CommandLine.arguments[0]).deletingLastPathComponent()
    while folder.path != "/" {
        let candidate = folder.appendingPathComponent(name)
        var isFolder: ObjCBool = false
        if FileManager.default.fileExists(atPath: candidate.path, isDirectory: &isFolder), !isFolder.boolValue {
            return candidate.path
        }
        folder.deleteLastPathComponent()
    }
    return "/nonexistent/\(name)"
}
