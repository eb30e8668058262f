import Foundation
import Testing

/// The third-party test data beside the package, where there is some.
enum SharedData {
    static let folder: URL? = {
        let environment = ProcessInfo.processInfo.environment
        let beside = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent().appending(path: "../shared").standardizedFileURL
        let folder = environment["DRAWBRIDGE_SHARED"].map { URL(filePath: $0) } ?? beside
        if FileManager.default.fileExists(atPath: folder.appending(path: "data/adf").path) { return folder }
        print("skipped: no third-party documents at \(folder.lastPathComponent)/data; set DRAWBRIDGE_SHARED")
        return nil
    }()

    /// Whether tests on this data run: also when it is absent but required, to fail.
    static let isExpected =
        folder != nil || ProcessInfo.processInfo.environment["DRAWBRIDGE_REQUIRE_SHARED"] == "1"

    static func bytes(_ path: String) throws -> [UInt8] {
        let folder = try #require(folder, "the third-party documents are required but absent")
        return [UInt8](try Data(contentsOf: folder.appending(path: "data").appending(path: path)))
    }

    /// The files below `path` with one of the endings, sorted, relative to the data folder.
    static func files(below path: String, endings: [String]) -> [String] {
        guard let root = folder?.appending(path: "data").appending(path: path) else { return [] }
        let names = FileManager.default.enumerator(atPath: root.path)?.compactMap { $0 as? String } ?? []
        return names.filter { name in endings.contains { name.hasSuffix($0) } }.sorted().map { path + "/" + $0 }
    }
}
