/// A setting together with the type its value has in the program.
///
/// ```swift
/// let keep = values[SettingsTable.backupKeep]      // an Int, within its range
/// ```
public struct SettingKey<Value: Sendable>: Sendable {
    public let setting: Setting
    /// Makes the value of a text that ``Setting/checked(_:)`` returned, or of nothing.
    let read: @Sendable (String?) -> Value

    /// What the parts of a setting have in common, whatever its type.
    struct Head {
        var name: String
        var flag: String?
        var variable: String?
        var place: Setting.Place
        var summary: String
    }

    fileprivate init(
        _ head: Head, _ kind: Setting.Kind, fallback: String?, isSecret: Bool = false,
        read: @escaping @Sendable (String?) -> Value
    ) {
        let words = head.name.uppercased().map { $0 == "." || $0 == "-" ? "_" : $0 }
        setting = Setting(
            name: head.name, flag: head.flag, variable: "DRAWBRIDGE_" + (head.variable ?? String(words)), kind: kind,
            fallback: fallback, summary: head.summary, place: head.place, isSecret: isSecret)
        self.read = read
    }
}

extension SettingKey<Int> {
    static func number(_ head: Head, in range: ClosedRange<Int>, default fallback: Int) -> Self {
        Self(head, .number(range), fallback: String(fallback)) { $0.flatMap(Int.init) ?? fallback }
    }
}

extension SettingKey<Bool> {
    static func toggle(_ head: Head, default fallback: Bool) -> Self {
        Self(head, .toggle, fallback: fallback ? "yes" : "no") { $0.map { $0 == "yes" } ?? fallback }
    }
}

extension SettingKey<String> {
    static func text(_ head: Head, _ kind: Setting.Kind = .text, default fallback: String) -> Self {
        Self(head, kind, fallback: fallback) { $0 ?? fallback }
    }

    static func choice(_ head: Head, of choices: [String], default fallback: String) -> Self {
        Self(head, .choice(choices), fallback: fallback) { $0 ?? fallback }
    }
}

extension SettingKey<String?> {
    static func optional(_ head: Head, _ kind: Setting.Kind = .text, isSecret: Bool = false) -> Self {
        Self(head, kind, fallback: nil, isSecret: isSecret) { $0 }
    }
}

extension SettingKey<[String]> {
    static func list(_ head: Head) -> Self {
        Self(head, .list, fallback: nil) { $0.map(Setting.parts) ?? [] }
    }
}
