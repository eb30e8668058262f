import Foundation

/// What staying in step costs, part by part, each in a process of its own so that its memory is its own.
enum InStepBenchmark {
    static let parts = ["delta", "fresh", "census", "day"]

    static func run(_ arguments: BenchArguments) throws {
        for part in parts {
            let process = Process()
            process.executableURL = URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath()
            let options = arguments.options.filter { $0.key != "json" }.flatMap { ["--\($0.key)", $0.value] }
            process.arguments = [part] + options + (arguments.wantsJSON ? ["--json"] : [])
            try process.run()
            process.waitUntilExit()
            guard process.terminationStatus == 0 else { throw BenchFailure("The part \(part) failed.") }
        }
    }
}

/// Why a benchmark could not be made.
struct BenchFailure: Error, CustomStringConvertible {
    let description: String
    init(_ description: String) { self.description = description }
}
