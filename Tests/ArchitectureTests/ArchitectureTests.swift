import Foundation
import Testing

@Suite("Architecture") struct ArchitectureTests {
    @Test("a file is at most 400 lines") func filesAreShort() {
        let long = SourceTree.current.files.filter { $0.lines.count > 400 }.map { "\($0.path): \($0.lines.count)" }
        #expect(long.isEmpty, "one file is one idea; split \(long)")
    }

    @Test("a function is at most 70 lines") func functionsAreShort() {
        let long = SourceTree.current.files.compactMap { file in
            file.longestFunction.flatMap { $0.lines > 70 ? "\(file.path): \($0.lines) lines in \($0.name)" : nil }
        }
        #expect(long.isEmpty, "a function fits on a screen; split \(long)")
    }

    @Test("a target is at most 4,000 lines") func targetsAreSmall() {
        let large = SourceTree.current.linesByTarget.filter { $0.value > 4_000 }
        #expect(large.isEmpty, "a target is one capability; split \(large)")
    }

    @Test("the checks above see the sources") func treeIsRead() {
        #expect(SourceTree.current.files.count > 50)
        #expect(SourceTree.current.files.contains { $0.longestFunction?.lines ?? 0 > 20 })
    }

    @Test("every arrow points up the package file") func arrowsPointUp() throws {
        let manifest = try PackageManifest.current()
        for (position, target) in manifest.targets.enumerated() {
            for dependency in target.dependencies {
                let other = manifest.position(of: dependency) ?? Int.max
                #expect(other < position, "\(target.name) needs \(dependency), which must be declared before it")
            }
        }
    }

    @Test("a target imports only what it declares, and declares only what it imports") func importsAreDeclared() throws
    {
        let manifest = try PackageManifest.current()
        let ours = Set(manifest.targets.map(\.name))
        for target in manifest.targets where !target.isC {
            let files = SourceTree.current.files.filter { $0.target == target.name }
            let imported = Set(files.flatMap(\.imports)).intersection(ours).subtracting([target.name])
            let undeclared = imported.subtracting(target.dependencies)
            #expect(undeclared.isEmpty, "\(target.name) imports \(undeclared) without an arrow in Package.swift")
            // A C library may be there for the sake of a shim's header.
            let unused = Set(target.dependencies.filter { !manifest.isC($0) }).subtracting(imported)
            #expect(unused.isEmpty, "\(target.name) declares \(unused) in Package.swift and never imports them")
        }
    }

    @Test("what must not know of each other does not") func separations() throws {
        let manifest = try PackageManifest.current()
        let forbidden: [(String, [String])] = [
            ("JiraSimulator", ["JiraClient", "IssueModel", "AccessControl", "Store", "SyncEngine"]),
            ("SimulatedSite", ["JiraClient", "IssueModel", "AccessControl", "AtlassianDocument"]),
            ("WebServer", ["JiraClient", "IssueModel", "Store"]),
            ("AccessControl", ["Database", "Store", "JiraClient"]),
            ("Store", ["JiraClient", "SearchIndex"]),
        ]
        for (name, others) in forbidden {
            let reached = manifest.reachable(from: name)
            #expect(reached.isDisjoint(with: others), "\(name) must not reach \(reached.intersection(others))")
        }
    }

    @Test("only the programs read the environment") func environmentIsReadAtTheTop() {
        let readers = SourceTree.current.files.filter { file in
            !file.isTest && !file.target.hasPrefix("drawbridge")
                && file.lines.contains { $0.contains("getenv(") || $0.contains("ProcessInfo.processInfo.environment") }
        }
        #expect(readers.isEmpty)
    }
}
