/// One boundary at which bytes of strangers are read, as a function that must take any of them.
///
/// It returns for whatever it is given: refusing is right, dying is not, and neither is breaking a promise, which it checks.
public struct FuzzTarget: Sendable {
    public let name: String
    /// What is read.
    public let summary: String
    /// Inputs to begin with, of each kind that is told apart.
    public let seeds: [[UInt8]]
    /// Words that a mutation puts in as a whole.
    public let words: [String]
    public let run: @Sendable ([UInt8]) -> Void

    init(
        _ name: String, _ summary: String, seeds: [String], words: [String],
        run: @escaping @Sendable ([UInt8]) -> Void
    ) {
        self.name = name
        self.summary = summary
        self.seeds = seeds.map { Array($0.utf8) }
        self.words = words
        self.run = run
    }

    /// Every boundary, by name.
    public static let all: [FuzzTarget] = [adf, backup, http, json, query, settings, token, webhook, wiki]

    /// Ends the program where a promise is broken, so that every kind of driver takes it for a find.
    static func require(_ holds: Bool, _ promise: @autoclosure () -> String) {
        if !holds { fatalError("a promise is broken: \(promise())") }
    }
}
