/// Numbers and times as people read them.
public enum Wording {
    /// `12,345`.
    public static func grouped(_ number: Int) -> String {
        var digits = String(number.magnitude)
        var position = digits.count - 3
        while position > 0 {
            digits.insert(",", at: digits.index(digits.startIndex, offsetBy: position))
            position -= 3
        }
        return (number < 0 ? "-" : "") + digits
    }

    /// `1 issue`, `12,345 issues`.
    public static func count(_ number: Int, _ noun: String, plural: String? = nil) -> String {
        "\(grouped(number)) \(number == 1 ? noun : plural ?? noun + "s")"
    }

    /// `40 s`, `5 min`, `3 h`, `2 days`: the largest unit, rounded down.
    public static func duration(seconds: Int) -> String {
        switch seconds {
        case ..<60: "\(max(0, seconds)) s"
        case ..<3_600: "\(seconds / 60) min"
        case ..<172_800: "\(seconds / 3_600) h"
        default: "\(grouped(seconds / 86_400)) days"
        }
    }

    /// `0.42`, `12.3`, `1,234`: three digits that matter, whatever the size.
    public static func rounded(_ number: Double) -> String {
        if number >= 100 { return grouped(Int(number.rounded())) }
        let scale = number >= 10 ? 10.0 : 100.0
        return "\((number * scale).rounded() / scale)"
    }

    /// `2.4 MB` from bytes.
    public static func size(bytes: Int) -> String {
        switch bytes {
        case ..<1_000: count(bytes, "byte")
        case ..<1_000_000: "\(rounded(Double(bytes) / 1_000)) kB"
        case ..<1_000_000_000: "\(rounded(Double(bytes) / 1_000_000)) MB"
        default: "\(rounded(Double(bytes) / 1_000_000_000)) GB"
        }
    }

    /// `[━━━━━    ]`, filled to `fraction` of 1.
    public static func bar(_ fraction: Double, width: Int = 28) -> String {
        let filled = Int(min(1, max(0, fraction)) * Double(width))
        return "[" + String(repeating: "━", count: filled) + String(repeating: " ", count: width - filled) + "]"
    }
}
