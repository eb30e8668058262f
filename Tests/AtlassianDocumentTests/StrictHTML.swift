/// A reader of HTML that accepts only what the writer may write, to judge the writer's output from outside.
///
/// Anything else – an unknown element or attribute, an unquoted value, a stray `<`, an address outside the allowed
/// schemes, an unbalanced tag – is a violation.
struct StrictHTML {
    private(set) var text = ""
    private(set) var violations: [String] = []

    private static let elements: Set<String> = [
        "p", "h1", "h2", "h3", "h4", "h5", "h6", "pre", "code", "blockquote", "div", "ul", "ol", "li", "table", "tbody",
        "tr", "td", "th", "details", "summary", "figure", "figcaption", "strong", "em", "cite", "s", "u", "sub", "sup",
        "span", "a", "time", "img", "br", "hr",
    ]
    private static let attributes: [String: Set<String>] = [
        "a": ["href", "rel"], "img": ["src", "alt", "width", "height"], "time": ["datetime"], "ol": ["start"],
        "td": ["colspan", "rowspan", "style"], "th": ["colspan", "rowspan", "style"],
        "span": ["class", "data-account", "title", "style"], "code": ["class"], "div": ["class"], "p": ["class"],
        "ul": ["class"], "h1": ["class"], "h2": ["class"], "h3": ["class"], "h4": ["class"], "h5": ["class"],
        "h6": ["class"],
    ]
    private static let blocks: Set<String> = [
        "br", "p", "li", "td", "th", "summary", "hr", "pre", "div", "h1", "h2", "h3", "h4", "h5", "h6", "figcaption",
    ]
    private static let void: Set<String> = ["br", "hr", "img"]

    init(_ html: String) {
        var rest = html[...]
        var open: [String] = []
        while let character = rest.first {
            if character == "<" {
                guard let end = rest.firstIndex(of: ">") else {
                    violations.append("unclosed tag")
                    return
                }
                tag(rest[rest.index(after: rest.startIndex)..<end], &open)
                rest = rest[rest.index(after: end)...]
            } else {
                let end = rest.firstIndex(of: "<") ?? rest.endIndex
                words(rest[..<end])
                rest = rest[end...]
            }
        }
        if !open.isEmpty { violations.append("not closed: \(open)") }
    }

    private mutating func words(_ part: Substring) {
        if part.contains(">") { violations.append("bare > in text") }
        text += Self.unescape(String(part), &violations)
    }

    private mutating func tag(_ tag: Substring, _ open: inout [String]) {
        if tag.first == "/" {
            let name = String(tag.dropFirst())
            if open.popLast() != name { violations.append("</\(name)> closes nothing") }
            if Self.blocks.contains(name) { text += " " }
            return
        }
        let name = String(tag.prefix { $0 != " " })
        guard Self.elements.contains(name) else {
            violations.append("element \(name)")
            return
        }
        if Self.blocks.contains(name) { text += " " }
        if !Self.void.contains(name) { open.append(name) }
        attributes(of: name, tag.dropFirst(name.count))
    }

    private mutating func attributes(of name: String, _ part: Substring) {
        var rest = part
        while !rest.isEmpty {
            guard rest.first == " ", let equals = rest.firstIndex(of: "=") else {
                violations.append("attribute syntax in <\(name)\(part)>")
                return
            }
            let key = String(rest[rest.index(after: rest.startIndex)..<equals])
            let quoted = rest[rest.index(after: equals)...]
            guard quoted.first == "\"", let end = quoted.dropFirst().firstIndex(of: "\"") else {
                violations.append("attribute value of \(key)")
                return
            }
            let value = Self.unescape(String(quoted[quoted.index(after: quoted.startIndex)..<end]), &violations)
            check(name, key, value)
            rest = quoted[quoted.index(after: end)...]
        }
    }

    private mutating func check(_ element: String, _ key: String, _ value: String) {
        guard Self.attributes[element]?.contains(key) == true else {
            violations.append("attribute \(key) of \(element)")
            return
        }
        switch key {
        case "href", "src":
            let lower = value.lowercased()
            let isAllowed =
                ["http:", "https:", "mailto:"].contains { lower.hasPrefix($0) }
                || lower.hasPrefix("#") || lower.hasPrefix("?")
                || (lower.hasPrefix("/") && !lower.hasPrefix("//") && !lower.hasPrefix("/\\"))
            if !isAllowed { violations.append("address \(value)") }
        case "style":
            let pattern = #/(background-)?color: (#[0-9a-fA-F]{3,8}|[a-zA-Z]+|rgb\([0-9, ]+\))/#
            if value.wholeMatch(of: pattern) == nil { violations.append("style \(value)") }
        case "width", "height", "colspan", "rowspan", "start":
            if Int(value) == nil { violations.append("\(key) \(value)") }
        default: break
        }
    }

    private static func unescape(_ text: String, _ violations: inout [String]) -> String {
        var out = ""
        var rest = text[...]
        let references = ["&amp;": "&", "&lt;": "<", "&gt;": ">", "&quot;": "\"", "&#39;": "'"]
        while let ampersand = rest.firstIndex(of: "&") {
            out += rest[..<ampersand]
            rest = rest[ampersand...]
            guard let (reference, character) = references.first(where: { rest.hasPrefix($0.key) }) else {
                violations.append("bare &")
                return out
            }
            out += character
            rest = rest.dropFirst(reference.count)
        }
        return out + rest
    }
}
