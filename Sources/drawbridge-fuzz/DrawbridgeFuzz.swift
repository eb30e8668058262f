import Foundation
import Fuzzing

#if LIBFUZZER
    import CLibFuzzer
#endif

/// Gives the boundaries of `Fuzzing` input after input, and ends badly where one of them does.
///
/// `drawbridge-fuzz TARGET [SECONDS [SEED [FOLDER]]]` makes inputs by a seed, beginning with the target's own and the files of a folder.
/// `drawbridge-fuzz TARGET --replay FILE` gives one file. Built by `scripts/fuzz` it is driven by libFuzzer instead, which follows
/// what is covered, and everything behind the target is libFuzzer's.
@main
struct DrawbridgeFuzz {
    static func main() {
        var words = Array(CommandLine.arguments.dropFirst())
        guard let name = words.first, let target = FuzzTarget.all.first(where: { $0.name == name }) else {
            let list = FuzzTarget.all.map { "\($0.name)  \($0.summary)" }.joined(separator: "\n")
            print("usage: drawbridge-fuzz TARGET [SECONDS [SEED [FOLDER]]] | TARGET --replay FILE\n\(list)")
            exit(2)
        }
        words.removeFirst()
        #if LIBFUZZER
            CoverageDriver.run(target, words)
        #else
            run(target, words)
        #endif
    }

    static func run(_ target: FuzzTarget, _ words: [String]) {
        if words.first == "--replay", words.count == 2 {
            guard let data = FileManager.default.contents(atPath: words[1]) else {
                print("cannot read \(words[1])")
                exit(2)
            }
            target.run(Array(data))
            print("\(target.name): nothing found")
            return
        }
        let seconds = words.first.flatMap(Double.init) ?? 10
        let seed = words.dropFirst().first.flatMap(UInt64.init) ?? UInt64.random(in: 0..<1_000_000)
        let more = words.dropFirst(2).first.map(files) ?? []
        let mutation = SeededMutation(of: target, seeds: more, seed: seed)
        let last = FileManager.default.temporaryDirectory.appendingPathComponent("drawbridge-fuzz-\(target.name)")
        print("\(target.name): seed \(seed), \(more.count) files; the input at hand is in \(last.path)")
        let end = ContinuousClock.now + .seconds(seconds)
        var number: UInt64 = 0
        var slowest = (number: UInt64(0), took: Duration.zero)
        while ContinuousClock.now < end {
            let input = mutation.input(number)
            // Where the program dies, this is what it died of.
            guard (try? Data(input).write(to: last)) != nil else {
                print("cannot write \(last.path)")
                exit(2)
            }
            let took = ContinuousClock().measure { target.run(input) }
            if took > slowest.took { slowest = (number, took) }
            number += 1
        }
        try? FileManager.default.removeItem(at: last)
        print("\(target.name): nothing found in \(number) inputs; the slowest, \(slowest.number), took \(slowest.took)")
    }

    /// The files of a folder that are small enough, at most ten thousand.
    private static func files(_ folder: String) -> [[UInt8]] {
        let names = FileManager.default.enumerator(atPath: folder)?.compactMap { $0 as? String } ?? []
        return names.sorted().prefix(10_000).compactMap { name in
            guard let data = FileManager.default.contents(atPath: folder + "/" + name),
                (1...SeededMutation.byteLimit).contains(data.count)
            else { return nil }
            return Array(data)
        }
    }
}
