import Foundation
import Fuzzing
import Testing

@Suite("Bytes of strangers") struct FuzzingTests {
    struct Target: CustomTestStringConvertible, Sendable {
        let target: FuzzTarget
        var testDescription: String { target.name }
        static let all = FuzzTarget.all.map(Target.init)
    }

    @Test("every boundary takes some thousand inputs made by chance", arguments: Target.all)
    func survives(_ item: Target) {
        let mutation = SeededMutation(of: item.target, seed: 1)
        for seed in item.target.seeds { item.target.run(seed) }
        for number in 0..<1_000 { item.target.run(mutation.input(UInt64(number))) }
    }

    /// `Tests/FuzzingTests/Finds/TARGET-what`: inputs that once were a find.
    @Test("what was once found is not found again") func finds() throws {
        let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appendingPathComponent("Finds")
        let files = (try? FileManager.default.contentsOfDirectory(at: folder, includingPropertiesForKeys: nil)) ?? []
        for file in files {
            let name = String(file.lastPathComponent.prefix { $0 != "-" })
            let target = try #require(FuzzTarget.all.first { $0.name == name }, "\(file.lastPathComponent)")
            target.run(Array(try Data(contentsOf: file)))
        }
    }

    @Test("the same seed makes the same inputs, and few of them are alike") func seeded() throws {
        let target = try #require(FuzzTarget.all.first)
        let (one, other) = (SeededMutation(of: target, seed: 7), SeededMutation(of: target, seed: 7))
        let inputs = (0..<500).map { one.input(UInt64($0)) }
        #expect(inputs == (0..<500).map { other.input(UInt64($0)) })
        #expect(Set(inputs).count > 450)
        #expect(inputs.allSatisfy { $0.count <= SeededMutation.byteLimit })
    }

    @Test("every boundary that is named has inputs to begin with") func complete() {
        let names = FuzzTarget.all.map(\.name)
        #expect(names == names.sorted() && Set(names).count == names.count)
        #expect(FuzzTarget.all.allSatisfy { !$0.seeds.isEmpty && !$0.summary.isEmpty })
    }
}
