/// What is measured: a name, what it means and how it counts. Declared once, as a constant, by the part that measures.
///
/// ```swift
/// extension Metric {
///     static let auditMismatches = Metric.counter("drawbridge_access_audit_mismatches_total", "Pairs that differ from Jira.")
/// }
/// metrics.add(1, to: .auditMismatches, ["source": source.name, "kind": "too_much"])
/// ```
public struct Metric: Hashable, Sendable {
    /// `[a-zA-Z_:][a-zA-Z0-9_:]*`, by custom with its unit; a counter's ends with `_total`.
    public let name: String
    /// One sentence.
    public let help: String
    public let kind: Kind

    public enum Kind: Hashable, Sendable {
        /// Only ever grows.
        case counter
        /// Goes up and down.
        case gauge
        /// How often values up to each of these bounds were seen; one without a bound is added.
        case histogram(bounds: [Double])
    }

    private init(_ name: String, _ help: String, _ kind: Kind) {
        self.name = Self.identifier(name)
        self.help = help
        self.kind = kind
    }

    public static func counter(_ name: String, _ help: String) -> Metric { Metric(name, help, .counter) }

    public static func gauge(_ name: String, _ help: String) -> Metric { Metric(name, help, .gauge) }

    /// Seconds by default: from 5 ms to a minute.
    public static func histogram(
        _ name: String, _ help: String,
        bounds: [Double] = [0.005, 0.025, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60]
    ) -> Metric {
        Metric(name, help, .histogram(bounds: Array(Set(bounds.filter(\.isFinite))).sorted()))
    }

    /// The name with what the format does not take replaced by `_`.
    static func identifier(_ name: String) -> String {
        var result = ""
        for scalar in name.unicodeScalars {
            let isDigit = ("0"..."9").contains(scalar)
            let isLetter = ("a"..."z").contains(scalar) || ("A"..."Z").contains(scalar) || scalar == "_"
            result.unicodeScalars.append(isLetter || scalar == ":" || (isDigit && !result.isEmpty) ? scalar : "_")
        }
        return result.isEmpty ? "_" : result
    }
}
