import Foundation
import Testing

/// The built program, run as a person or a script would run it.
struct Program {
    /// The data folder, removed at the end of ``withDataFolder(_:)``.
    let dataFolder: URL

    struct Outcome: CustomStringConvertible {
        let status: Int32
        let output: String
        let errors: String

        var description: String { "exit \(status)\n\(output)\n\(errors)" }
    }

    static func withDataFolder(_ body: (Program) async throws -> Void) async throws {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("drawbridge-\(UUID().uuidString)")
        defer { try? FileManager.default.removeItem(at: folder) }
        try await body(Program(dataFolder: folder))
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

    func run(_ words: [String], input: String = "", environment: [String: String] = [:]) async throws -> Outcome {
        let process = Process()
        process.executableURL = Self.executable
        process.arguments = words
        process.environment = ProcessInfo.processInfo.environment
            .merging(["DRAWBRIDGE_DATA": dataFolder.path], uniquingKeysWith: { $1 }).merging(environment) { $1 }
        let standardInput = Pipe()
        let files = try ["out", "err"].map { try Self.temporaryFile($0) }
        defer { for file in files { try? FileManager.default.removeItem(at: file) } }
        process.standardInput = standardInput
        process.standardOutput = try FileHandle(forWritingTo: files[0])
        process.standardError = try FileHandle(forWritingTo: files[1])
        try await withCheckedThrowingContinuation { (continuation: CheckedContinuation<Void, any Error>) in
            process.terminationHandler = { _ in continuation.resume() }
            do {
                try process.run()
                try standardInput.fileHandleForWriting.write(contentsOf: Data(input.utf8))
                try standardInput.fileHandleForWriting.close()
            } catch {
                process.terminationHandler = nil
                continuation.resume(throwing: error)
            }
        }
        return Outcome(
            status: process.terminationStatus, output: try String(contentsOf: files[0], encoding: .utf8),
            errors: try String(contentsOf: files[1], encoding: .utf8))
    }

    private static func temporaryFile(_ name: String) throws -> URL {
        let file = FileManager.default.temporaryDirectory.appendingPathComponent("\(UUID().uuidString).\(name)")
        try Data().write(to: file)
        return file
    }

    /// A file that holds a secret, inside the data folder's sibling so that it goes with it.
    func secretFile(_ secret: String) throws -> String {
        let folder = dataFolder.deletingLastPathComponent().appendingPathComponent(
            dataFolder.lastPathComponent + "-secrets")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        let file = folder.appendingPathComponent(UUID().uuidString)
        try Data((secret + "\n").utf8).write(to: file)
        return file.path
    }
}
