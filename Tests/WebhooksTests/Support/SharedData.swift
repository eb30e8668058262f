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
        let isThere = FileManager.default.fileExists(atPath: folder.appendingPathComponent("data/webhooks").path)
        if isThere || ProcessInfo.processInfo.environment["DRAWBRIDGE_REQUIRE_SHARED"] == "1" { return true }
        print("Recorded webhooks are not tested: there is no data below \(folder.path).")
        return false
    }()

    static func bytes(_ path: String) throws -> [UInt8] {
        Array(try Data(contentsOf: folder.appendingPathComponent("data").appendingPathComponent(path)))
    }

    static func names(in path: String) throws -> [String] {
        try FileManager.default.contentsOfDirectory(atPath: folder.appendingPathComponent("data/" + path).path).sorted()
    }
}
