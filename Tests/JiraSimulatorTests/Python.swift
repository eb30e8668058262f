import Foundation

/// The Python programs of the repository, run with the interpreter that `scripts/bootstrap` prepares.
enum Python {
    static let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent()

    static let interpreter: String = {
        let named = ProcessInfo.processInfo.environment["DRAWBRIDGE_PYTHON"]
        return named ?? root.appendingPathComponent(".build/python/bin/python3").path
    }()

    static let isRequired = ProcessInfo.processInfo.environment["DRAWBRIDGE_REQUIRE_SHARED"] == "1"

    static let isPresent: Bool = {
        let found = FileManager.default.isExecutableFile(atPath: interpreter)
        if !found { print("skipping: no Python at \(interpreter); run scripts/bootstrap") }
        return found || isRequired
    }()

    static let shared: URL = {
        let named = ProcessInfo.processInfo.environment["DRAWBRIDGE_SHARED"]
        return named.map { URL(fileURLWithPath: $0) } ?? root.appendingPathComponent("../shared").standardizedFileURL
    }()

    static let hasSchemas: Bool = {
        let path = shared.appendingPathComponent("data/openapi").path
        let found = FileManager.default.fileExists(atPath: path)
        if !found { print("skipping: no OpenAPI documents at \(path); set DRAWBRIDGE_SHARED") }
        return found || isRequired
    }()

    struct Outcome: Sendable {
        let status: Int32
        let output: String
        let errors: String
    }

    /// Runs `scripts/python/<script>`, off the tasks' threads.
    static func run(_ script: String, _ arguments: [String], input: Data = Data()) async throws -> Outcome {
        try await withCheckedThrowingContinuation { continuation in
            DispatchQueue.global().async { continuation.resume(with: Result { try start(script, arguments, input) }) }
        }
    }

    private static func start(_ script: String, _ arguments: [String], _ input: Data) throws -> Outcome {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("drawbridge-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        // Files, not pipes: neither side waits for the other.
        let names = ["in", "out", "err"].map { folder.appendingPathComponent($0) }
        try input.write(to: names[0])
        for name in names.dropFirst() { try Data().write(to: name) }
        let process = Process()
        process.executableURL = URL(fileURLWithPath: interpreter)
        process.arguments = [root.appendingPathComponent("scripts/python/\(script)").path] + arguments
        process.standardInput = try FileHandle(forReadingFrom: names[0])
        process.standardOutput = try FileHandle(forWritingTo: names[1])
        process.standardError = try FileHandle(forWritingTo: names[2])
        try process.run()
        process.waitUntilExit()
        return Outcome(
            status: process.terminationStatus, output: try String(contentsOf: names[1], encoding: .utf8),
            errors: try String(contentsOf: names[2], encoding: .utf8))
    }
}
