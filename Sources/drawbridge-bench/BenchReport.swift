import Foundation

/// The figures of one benchmark.
struct BenchReport {
    var name: String
    var rows: [Row] = []

    struct Row {
        var what: String
        var value: Double
        var unit: String
        /// The figure to reach, in words.
        var target: String?
        /// Whether it is reached; `nil` where nothing is asked.
        var isMet: Bool?
    }

    /// - Parameter atMost: The figure must not be above this.
    mutating func add(_ what: String, _ value: Double, _ unit: String, atMost limit: Double? = nil) {
        let target = limit.map { "≤ \(Self.format($0)) \(unit)" }
        rows.append(Row(what: what, value: value, unit: unit, target: target, isMet: limit.map { value <= $0 }))
    }

    /// - Parameter atLeast: The figure must not be below this.
    mutating func add(_ what: String, _ value: Double, _ unit: String, atLeast limit: Double) {
        rows.append(
            Row(what: what, value: value, unit: unit, target: "≥ \(Self.format(limit)) \(unit)", isMet: value >= limit))
    }

    var table: String {
        let width = rows.map(\.what.count).max() ?? 0
        let lines = rows.map { row in
            let mark = row.isMet.map { $0 ? "✓" : "✗" } ?? " "
            let figure = "\(Self.format(row.value)) \(row.unit)"
            return "  \(row.what.padding(toLength: width, withPad: " ", startingAt: 0))  "
                + "\(figure.padding(toLength: 18, withPad: " ", startingAt: 0)) \(mark) \(row.target ?? "")"
        }
        return ([name] + lines).joined(separator: "\n")
    }

    var json: String {
        let figures = rows.map { row -> [String: Any] in
            var figure: [String: Any] = ["what": row.what, "value": row.value, "unit": row.unit]
            figure["target"] = row.target
            figure["met"] = row.isMet
            return figure
        }
        let data = try? JSONSerialization.data(
            withJSONObject: ["benchmark": name, "figures": figures], options: [.sortedKeys])
        return data.map { String(decoding: $0, as: UTF8.self) } ?? "{}"
    }

    /// Adds the figures to a file of JSON Lines.
    func append(to file: String) throws {
        let old = FileManager.default.contents(atPath: file) ?? Data()
        try (old + Data((json + "\n").utf8)).write(to: URL(fileURLWithPath: file))
    }

    private static func format(_ value: Double) -> String {
        value >= 100 || value == value.rounded() ? String(Int(value.rounded())) : String(format: "%.3g", value)
    }
}

/// What the command line says.
struct BenchArguments {
    var commands: [String] = []
    var options: [String: String] = [:]

    init(_ arguments: [String]) {
        var rest = arguments[...]
        while let next = rest.popFirst() {
            if next == "--json" {
                options["json"] = ""
            } else if next.hasPrefix("--") {
                options[String(next.dropFirst(2))] = rest.popFirst() ?? ""
            } else {
                commands.append(next)
            }
        }
    }

    var wantsJSON: Bool { options["json"] != nil }

    func number(_ name: String, default fallback: Int) -> Int { options[name].flatMap { Int($0) } ?? fallback }

    /// The folder of test data: `--shared`, else DRAWBRIDGE_SHARED, else beside the package.
    var shared: String {
        options["shared"] ?? ProcessInfo.processInfo.environment["DRAWBRIDGE_SHARED"] ?? "../shared"
    }
}

/// A generator whose numbers follow from a seed (SplitMix64, Steele et al. 2014).
struct SeededGenerator: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }
}
