internal import FastJSON

/// Which members of documents are answered: Elasticsearch's `_source` filtering by names with dots.
struct SourceFields {
    var includes: [String] = []
    var excludes: [String] = []

    var isWhole: Bool { includes.isEmpty && excludes.isEmpty }

    /// Reads lists with commas between names.
    init(includes: String?, excludes: String?) {
        func names(_ text: String?) -> [String] {
            (text ?? "").split(separator: ",").prefix(200).map { String($0) }
        }
        self.includes = names(includes)
        self.excludes = names(excludes)
    }

    func applied(to document: JSONValue) -> JSONValue { isWhole ? document : applied(to: document, path: "") }

    private func applied(to value: JSONValue, path: String) -> JSONValue {
        guard case .object(let members) = value else { return value }
        return .object(
            members.compactMap { member in
                let name = path.isEmpty ? member.key : path + "." + member.key
                if excludes.contains(where: { Self.covers($0, name) }) { return nil }
                if includes.isEmpty || includes.contains(where: { Self.covers($0, name) }) {
                    return .init(member.key, applied(to: member.value, path: name))
                }
                guard includes.contains(where: { $0.hasPrefix(name + ".") }) else { return nil }
                return .init(member.key, applied(to: member.value, path: name))
            })
    }

    /// Whether a pattern, which may end with a star, means this member or one that it is inside of.
    private static func covers(_ pattern: String, _ name: String) -> Bool {
        if pattern.hasSuffix("*") { return name.hasPrefix(pattern.dropLast()) }
        return name == pattern || name.hasPrefix(pattern + ".")
    }
}
