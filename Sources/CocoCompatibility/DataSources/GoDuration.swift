/// Spans of time as Go writes them: `30s`, `5m`, `1h30m`.
enum GoDuration {
    private static let units: [(name: String, milliseconds: Double)] = [
        ("ms", 1), ("us", 0.001), ("µs", 0.001), ("ns", 0.000_001), ("h", 3_600_000), ("m", 60_000), ("s", 1_000),
    ]

    /// Whole seconds, rounded up and at least one; `nil` for text in another form, and for more than a year.
    static func seconds(_ text: String) -> Int? {
        var rest = text[...]
        guard !rest.isEmpty, rest.utf8.count <= 40 else { return nil }
        var total = 0.0
        while !rest.isEmpty {
            let digits = rest.prefix { $0.isASCII && ($0.isNumber || $0 == ".") }
            guard let number = Double(digits) else { return nil }
            rest = rest.dropFirst(digits.count)
            guard let unit = units.first(where: { rest.hasPrefix($0.name) }) else { return nil }
            rest = rest.dropFirst(unit.name.count)
            total += number * unit.milliseconds
        }
        guard total > 0, total <= 31_536_000_000 else { return nil }
        return max(1, Int((total / 1_000).rounded(.up)))
    }

    static func text(seconds: Int) -> String {
        let parts = [(seconds / 3_600, "h"), (seconds / 60 % 60, "m"), (seconds % 60, "s")]
        let text = parts.filter { $0.0 > 0 }.map { "\($0.0)\($0.1)" }.joined()
        return text.isEmpty ? "0s" : text
    }
}
