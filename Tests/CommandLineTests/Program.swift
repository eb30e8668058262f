import FastJSON
import Foundation
import Testing

/// The built program, run as a person or a script would run it.
struct Program {
    /// Removed at the end of ``withDataFolder(_:)``; the program makes it.
    let dataFolder: URL
    /// Beside the data folder, for secrets and copies; removed with it.
    let workFolder: URL
    var environment: [String: String] = [:]

    struct Outcome: CustomStringConvertible {
        let status: Int32
        let output: String
        let errors: String

        var description: String { "exit \(status)\n\(output)\n\(errors)" }

        /// The one JSON document on standard output.
        var json: JSONValue {
            get throws {
                do { return try JSONValue(parsing: output) } catch { throw NotJSON(outcome: description) }
            }
        }

        /// What each line of standard output holds.
        var jsonLines: [JSONValue] {
            get throws { try output.split(separator: "\n").map { try JSONValue(parsing: String($0)) } }
        }
    }

    struct NotJSON: Error {
        let outcome: String
    }

    static func withDataFolder(_ body: (Program) async throws -> Void) async throws {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("drawbridge-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        try await body(Program(dataFolder: folder.appendingPathComponent("data"), workFolder: folder))
    }

    /// Built beside the test bundle.
    static let executable: URL = {
        var folder = URL(fileURLWithPath: CommandLine.arguments[0]).deletingLastPathComponent()
        while folder.path != "/" {
            let candidate = folder.appendingPathComponent("drawbridge")
            if FileManager.default.isExecutableFile(atPath: candidate.path),
                (try? candidate.resourceValues(forKeys: [.isDirectoryKey]).isDirectory) != true
            {
                return candidate
            }
            folder.deleteLastPathComponent()
        }
        return URL(fileURLWithPath: "/nonexistent/drawbridge")
    }()

    @discardableResult
    func run(_ words: String..., input: String = "", environment: [String: String] = [:]) async throws -> Outcome {
        try await run(words, input: input, environment: environment)
    }

    @discardableResult
    func run(_ words: [String], input: String = "", environment: [String: String] = [:]) async throws -> Outcome {
        try await start(words, input: input, environment: environment).outcome()
    }

    /// Runs a command line of the shell, in which `"$DRAWBRIDGE"` is the program.
    func shell(_ script: String, environment: [String: String] = [:]) async throws -> Outcome {
        let name = ["DRAWBRIDGE": Self.executable.path]
        return try await start(
            ["-c", script], program: URL(fileURLWithPath: "/bin/sh"), environment: name.merging(environment) { $1 }
        ).outcome()
    }

    /// Starts the program without waiting for its end.
    func start(
        _ words: [String], program: URL = Program.executable, input: String = "", environment: [String: String] = [:]
    ) throws -> RunningProgram {
        let all = ProcessInfo.processInfo.environment
            .merging(["DRAWBRIDGE_DATA": dataFolder.path]) { $1 }
            .merging(self.environment) { $1 }.merging(environment) { $1 }
        return try RunningProgram(program, words, environment: all, input: input, folder: workFolder)
    }

    /// A file that holds a secret, gone with the data folder.
    func secretFile(_ secret: String) throws -> String {
        let file = workFolder.appendingPathComponent("secret-\(UUID().uuidString)")
        try Data((secret + "\n").utf8).write(to: file)
        return file.path
    }

    /// Whether any file of the data folder holds these bytes.
    func dataHolds(_ text: String) throws -> Bool {
        let needle = Data(text.utf8)
        return try FileManager.default.contentsOfDirectory(at: dataFolder, includingPropertiesForKeys: nil)
            .contains { (try? Data(contentsOf: $0))?.range(of: needle) != nil }
    }
}

/// A started program.
///
/// `@unchecked Sendable`: the process and its files are set up in `init`; afterwards only thread-safe calls are made.
final class RunningProgram: @unchecked Sendable {
    private let process = Process()
    private let output: URL
    private let errors: URL
    private let ended: AsyncStream<Void>

    init(_ program: URL, _ words: [String], environment: [String: String], input: String, folder: URL) throws {
        output = folder.appendingPathComponent("\(UUID().uuidString).out")
        errors = folder.appendingPathComponent("\(UUID().uuidString).err")
        for file in [output, errors] { try Data().write(to: file) }
        let (stream, continuation) = AsyncStream.makeStream(of: Void.self)
        ended = stream
        process.executableURL = program
        process.arguments = words
        process.environment = environment
        let standardInput = Pipe()
        process.standardInput = standardInput
        process.standardOutput = try FileHandle(forWritingTo: output)
        process.standardError = try FileHandle(forWritingTo: errors)
        process.terminationHandler = { _ in continuation.finish() }
        try process.run()
        try standardInput.fileHandleForWriting.write(contentsOf: Data(input.utf8))
        try standardInput.fileHandleForWriting.close()
        // A program that hangs must not hang the tests: no command here takes anything like so long.
        let process = process
        DispatchQueue.global().asyncAfter(deadline: .now() + 300) { if process.isRunning { process.terminate() } }
    }

    var isRunning: Bool { process.isRunning }
    var id: Int32 { process.processIdentifier }

    /// Ends it as a loss of power would: no handler runs.
    func kill() { Foundation.kill(process.processIdentifier, SIGKILL) }
    func interrupt() { Foundation.kill(process.processIdentifier, SIGINT) }
    func terminate() { Foundation.kill(process.processIdentifier, SIGTERM) }

    var outputSoFar: String { (try? String(contentsOf: output, encoding: .utf8)) ?? "" }

    /// Waits for its end. A signal counts as its number plus 128, as shells say it.
    func outcome() async throws -> Program.Outcome {
        for await _ in ended {}
        let status = process.terminationStatus
        return Program.Outcome(
            status: process.terminationReason == .uncaughtSignal ? status + 128 : status,
            output: try String(contentsOf: output, encoding: .utf8),
            errors: String(decoding: try Data(contentsOf: errors), as: UTF8.self))
    }
}
