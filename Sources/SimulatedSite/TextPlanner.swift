import SimulatedData

/// Decides which project each issue is in and which corpus text it has.
struct TextPlanner {
    struct Place {
        var project: Int
        var corpusRow: Int?
        /// The number its key has in the corpus.
        var number: Int?
    }

    /// A project's table of key numbers with room for those the corpus names.
    struct Reserved {
        var project: Int
        var table: [Int32]
    }

    private let corpus: [CorpusIssue]
    private let projectOfCorpus: [Int]
    private let cumulative: [Double]
    private let weighted: [Int]
    private let keptNumbers: [Int?]
    let reservedNumbers: [Reserved]

    var hasCorpus: Bool { !corpus.isEmpty }

    init(_ configuration: SiteConfiguration, projects: [Project]) {
        corpus = configuration.corpus ?? []
        let byKey = Dictionary(projects.map { ($0.key, $0.index) }, uniquingKeysWith: { first, _ in first })
        projectOfCorpus = corpus.map { byKey[$0.project] ?? 0 }
        let builtIn = projects.filter { Self.weights[$0.key] != nil }
        weighted = builtIn.map(\.index)
        var sum = 0.0
        cumulative = builtIn.map {
            sum += Self.weights[$0.key] ?? 1
            return sum
        }
        var kept = [Int?](repeating: nil, count: corpus.count)
        var largest: [Int: Int] = [:]
        var seen: Set<Int> = []
        for (position, issue) in corpus.enumerated() {
            // Projects of our own number their issues themselves.
            guard Self.weights[issue.project] == nil, let number = issue.keyNumber, number < 100_000,
                seen.insert(projectOfCorpus[position] * 100_000 + number).inserted
            else { continue }
            kept[position] = number
            largest[projectOfCorpus[position]] = max(largest[projectOfCorpus[position]] ?? 0, number)
        }
        keptNumbers = kept
        reservedNumbers = largest.map { Reserved(project: $0.key, table: [Int32](repeating: -1, count: $0.value)) }
            .sorted { $0.project < $1.project }
    }

    /// Relative shares of issues of the projects every site has.
    private static let weights: [String: Double] = [
        "PAY": 14, "OPEN": 10, "WEB": 16, "OPS": 8, "MKT": 5, "SEC": 8, "REV": 6, "LAB": 4, "DATA": 12, "OLD": 2,
        "HELP": 9, "TMO": 3, "TML": 3, "TMP": 3,
    ]

    /// Where issue number `ordinal` of `count` belongs.
    ///
    /// With a corpus nine issues of ten are its rows in order, each once before any twice, spread evenly when there are
    /// fewer issues than rows; the tenth is of a project of our own.
    func place(of ordinal: Int, of count: Int, _ random: inout SeededRandom) -> Place {
        if let project = Tour.project(of: ordinal) { return Place(project: project) }
        guard hasCorpus, ordinal % 10 != 9 else {
            let draw = random.fraction() * (cumulative.last ?? 1)
            let position = cumulative.firstIndex { draw < $0 } ?? 0
            let row = hasCorpus ? random.below(corpus.count) : nil
            return Place(project: weighted[position], corpusRow: row)
        }
        let turn = self.turn(of: ordinal)
        let turns = self.turn(of: count)
        let row = turns >= corpus.count ? turn % corpus.count : turn * corpus.count / turns
        return Place(
            project: projectOfCorpus[row], corpusRow: row, number: turn < corpus.count ? keptNumbers[row] : nil)
    }

    /// How many issues below `ordinal` are rows of the corpus.
    private func turn(of ordinal: Int) -> Int {
        guard ordinal > Tour.issueCount else { return 0 }
        return ordinal - Tour.issueCount - (ordinal / 10 - Tour.issueCount / 10)
    }
}
