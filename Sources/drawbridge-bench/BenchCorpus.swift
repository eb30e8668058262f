import Foundation

/// Texts of issues: from a corpus of real ones where it is at hand, else made up from words in natural proportions.
struct BenchCorpus {
    var issues: [Issue] = []
    /// Pairs of issues, by place in `issues`, of which one was closed as the duplicate of the other.
    var duplicates: [(Int, Int)] = []

    struct Issue {
        var key: String
        var project: String
        var summary: String
        var description: String
        var comments: [String]
        var type: String
        var status: String
        var priority: String
    }

    init(shared: String, seed: UInt64) throws {
        let folder = shared + "/data/corpus/"
        guard FileManager.default.fileExists(atPath: folder + "issues.jsonl.gz") else {
            makeUp(seed: seed)
            return
        }
        var places: [String: Int] = [:]
        for line in try Self.unpacked(folder + "issues.jsonl.gz").split(separator: UInt8(ascii: "\n")) {
            guard let object = try JSONSerialization.jsonObject(with: Data(line)) as? [String: Any] else { continue }
            func text(_ name: String) -> String { object[name] as? String ?? "" }
            if let id = object["id"] as? String { places["id:\(id)"] = issues.count }
            if !text("key").isEmpty { places[text("key")] = issues.count }
            let comments = (object["comments"] as? [[String: Any]] ?? []).compactMap { $0["body"] as? String }
            issues.append(
                Issue(
                    key: text("key"), project: text("project"), summary: text("summary"),
                    description: text("description"), comments: comments,
                    type: text("type").isEmpty ? "Task" : text("type"),
                    status: text("status").isEmpty ? "Open" : text("status"),
                    priority: text("priority").isEmpty ? "Major" : text("priority")))
        }
        for line in try String(contentsOfFile: folder + "links.jsonl", encoding: .utf8).split(separator: "\n") {
            guard let link = try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: String],
                link["relation"] == "Duplicate", let a = link["a"].flatMap({ places[$0] }),
                let b = link["b"].flatMap({ places[$0] })
            else { continue }
            duplicates.append((a, b))
        }
    }

    private static func unpacked(_ path: String) throws -> Data {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = ["gzip", "-dc", path]
        let pipe = Pipe()
        process.standardOutput = pipe
        try process.run()
        let data = pipe.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        return data
    }

    /// 20,000 issues of made-up words, the n-th as frequent as 1/n.
    private mutating func makeUp(seed: UInt64) {
        var random = SeededGenerator(seed: seed)
        let syllables = [
            "ba", "co", "di", "fe", "gu", "la", "me", "ni", "po", "ra", "se", "ti", "vo", "xu", "ze", "sto",
        ]
        let words = (0..<40_000).map { _ in
            (0..<Int.random(in: 2...4, using: &random)).map { _ in syllables.randomElement(using: &random) ?? "" }
                .joined()
        }
        func text(_ count: Int) -> String {
            (0..<count).map { _ in
                words[Int(pow(Double(words.count), Double.random(in: 0..<1, using: &random))) - 1]
            }.joined(separator: " ")
        }
        for number in 1...20_000 {
            let project = "P\(number % 20)"
            issues.append(
                Issue(
                    key: "\(project)-\(number)", project: project, summary: text(8), description: text(120),
                    comments: (0..<number % 4).map { _ in text(40) }, type: number % 3 == 0 ? "Bug" : "Task",
                    status: number % 2 == 0 ? "Open" : "Done", priority: "Major"))
        }
    }
}
