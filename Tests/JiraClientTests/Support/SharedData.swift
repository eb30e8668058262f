import FastJSON
import Foundation

/// Third-party test data that lies beside the project and is no part of it.
enum SharedData {
    static let folder: URL = {
        if let path = ProcessInfo.processInfo.environment["DRAWBRIDGE_SHARED"] { return URL(fileURLWithPath: path) }
        var root = URL(fileURLWithPath: #filePath)
        for _ in 0..<4 { root.deleteLastPathComponent() }
        return root.appendingPathComponent("../shared").standardizedFileURL
    }()

    /// Whether to run tests that need the data: when it is there, or when it must be there.
    static let isAvailable: Bool = {
        let isThere = FileManager.default.fileExists(atPath: folder.appendingPathComponent("data/openapi").path)
        return isThere || ProcessInfo.processInfo.environment["DRAWBRIDGE_REQUIRE_SHARED"] == "1"
    }()

    static func bytes(_ path: String) throws -> [UInt8] {
        Array(try Data(contentsOf: folder.appendingPathComponent("data").appendingPathComponent(path)))
    }

    static func json(_ path: String) throws -> JSONValue {
        try JSONValue(parsing: try bytes(path))
    }

    /// Paths of the JSON files below a folder, relative to `data`.
    static func files(below path: String) -> [String] {
        let base = folder.appendingPathComponent("data").appendingPathComponent(path)
        let names = FileManager.default.enumerator(atPath: base.path)?.allObjects as? [String] ?? []
        return names.filter { $0.hasSuffix(".json") }.sorted().map { path + "/" + $0 }
    }
}
