import Foundation

/// The targets of `Package.swift` in the order they are written, read from its text: the package manager's own dump is not
/// available inside a test run, as the build folder is locked.
struct PackageManifest {
    struct Target {
        let name: String
        let dependencies: [String]

        /// C targets are named `C` and then a capital: CSQLite, CCurl.
        var isC: Bool { name.hasPrefix("C") && name.dropFirst().first?.isUppercase == true }
    }

    let targets: [Target]

    static func current() throws -> PackageManifest {
        let url = SourceTree.root.appendingPathComponent("Package.swift")
        return PackageManifest(text: try String(contentsOf: url, encoding: .utf8))
    }

    init(text: String) {
        let kinds = ["system(", "library(", "program(", "tests(", ".target("]
        guard let list = text.range(of: "targets: [") else {
            targets = []
            return
        }
        var targets: [Target] = []
        var rest = text[list.upperBound...]
        while let next = kinds.compactMap({ rest.range(of: $0) }).min(by: { $0.lowerBound < $1.lowerBound }) {
            let body = Self.parenthesised(rest[next.upperBound...])
            let opening = rest[next] == ".target(" ? "dependencies: [" : rest[next] == "system(" ? nil : "["
            let name = Self.quoted(body).first ?? ""
            let list = opening.flatMap { body.range(of: $0) }.flatMap { open in
                body[open.upperBound...].range(of: "]").map { body[open.upperBound..<$0.lowerBound] }
            }
            targets.append(Target(name: name, dependencies: Self.quoted(list ?? "")))
            rest = body.endIndex < rest.endIndex ? rest[body.endIndex...] : ""
            if rest.hasPrefix("\n    ],\n") { break }
        }
        self.targets = targets.filter { !$0.name.isEmpty }
    }

    func position(of name: String) -> Int? {
        targets.firstIndex { $0.name == name }
    }

    func isC(_ name: String) -> Bool {
        targets.first { $0.name == name }?.isC ?? false
    }

    func reachable(from name: String) -> Set<String> {
        var seen: Set<String> = []
        var open = [name]
        while let next = open.popLast() {
            for dependency in targets.first(where: { $0.name == next })?.dependencies ?? []
            where seen.insert(dependency).inserted {
                open.append(dependency)
            }
        }
        return seen
    }

    /// The text up to the parenthesis that closes the one just opened.
    private static func parenthesised(_ text: Substring) -> Substring {
        var depth = 1
        for index in text.indices {
            if text[index] == "(" { depth += 1 }
            if text[index] == ")" { depth -= 1 }
            if depth == 0 { return text[..<index] }
        }
        return text
    }

    private static func quoted(_ text: some StringProtocol) -> [String] {
        text.split(separator: "\"", omittingEmptySubsequences: false).enumerated()
            .filter { $0.offset % 2 == 1 }.map { String($0.element) }
    }
}
