import Foundation

/// The package's own sources, read as text.
struct SourceTree: Sendable {
    static let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent()

    let files: [SourceFile]

    static let current: SourceTree = {
        let folders = ["Sources", "Tests"].map { root.appendingPathComponent($0).path }
        let paths = folders.flatMap { folder in
            (FileManager.default.enumerator(atPath: folder)?.compactMap { $0 as? String } ?? []).map {
                folder + "/" + $0
            }
        }
        let files = paths.filter { $0.hasSuffix(".swift") }.sorted().compactMap(SourceFile.init(path:))
        return SourceTree(files: files)
    }()

    /// Lines of Swift in each target below `Sources`.
    var linesByTarget: [String: Int] {
        files.filter { !$0.isTest }.reduce(into: [:]) { $0[$1.target, default: 0] += $1.lines.count }
    }
}

struct SourceFile: Sendable, CustomStringConvertible {
    let path: String
    let lines: [String]

    init?(path: String) {
        guard let text = try? String(contentsOfFile: path, encoding: .utf8) else { return nil }
        self.path = String(path.dropFirst(SourceTree.root.path.count + 1))
        let ended = text.hasSuffix("\n") ? text.dropLast() : text[...]
        lines = ended.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
    }

    var description: String { path }
    var isTest: Bool { path.hasPrefix("Tests/") }
    var target: String { path.split(separator: "/").dropFirst().first.map(String.init) ?? "" }

    var imports: [String] {
        lines.compactMap { line in
            let words = line.split(separator: " ")
            guard let position = words.firstIndex(of: "import"), position <= 2,
                words[..<position].allSatisfy({ $0.hasPrefix("@") || ["public", "package", "internal"].contains($0) }),
                let last = words.last
            else { return nil }
            return last.split(separator: ".").first.map(String.init)
        }
    }

    /// The longest function, initialiser or subscript body with its header, told by indentation, which swift-format keeps true.
    var longestFunction: (name: String, lines: Int)? {
        var longest: (name: String, lines: Int)?
        for (start, line) in lines.enumerated() where Self.opensFunction(line) && !line.hasSuffix("}") {
            let indentation = line.prefix { $0 == " " }
            guard let end = lines[start...].firstIndex(where: { $0 == indentation + "}" }) else { continue }
            let count = end - start + 1
            if count > longest?.lines ?? 0 { longest = (line.trimmingCharacters(in: .whitespaces), count) }
        }
        return longest
    }

    private static func opensFunction(_ line: String) -> Bool {
        let words = line.trimmingCharacters(in: .whitespaces).split(separator: " ")
        guard
            let keyword = words.firstIndex(where: { word in
                word == "func" || word == "subscript" || word == "deinit" || word.hasPrefix("init(")
                    || word.hasPrefix("init?(") || word.hasPrefix("subscript(") || word.hasPrefix("init<")
            })
        else { return false }
        let modifiers: Set<Substring> = [
            "public", "private", "fileprivate", "internal", "package", "static", "mutating", "borrowing", "consuming",
            "override", "final", "nonisolated", "convenience", "required", "class", "@inline(__always)",
            "@discardableResult", "@concurrent", "@inlinable",
        ]
        return words[..<keyword].allSatisfy { modifiers.contains($0) || $0.hasPrefix("@") }
    }
}
