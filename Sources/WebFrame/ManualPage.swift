/// The OpenAPI document for people: one page without a script, written on the server.
public struct ManualPage: Sendable {
    private let document: OpenAPIDocument
    private let stylePath: String

    public init(_ document: OpenAPIDocument, stylePath: String) {
        self.document = document
        self.stylePath = stylePath
    }

    /// What the page may load: the one style sheet.
    public static let contentPolicy =
        "default-src 'none'; style-src 'self'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'"

    public var html: [UInt8] {
        var groups: [String] = []
        for entry in document.entries where !groups.contains(entry.group) { groups.append(entry.group) }
        let contents = groups.map { "<li><a href=\"#\(text($0))\">\(text($0))</a></li>" }.joined()
        let sections = groups.map { group in
            "<section id=\"\(text(group))\"><h2>\(text(group))</h2>"
                + document.entries.filter { $0.group == group }.map(section).joined() + "</section>"
        }
        return Array(
            """
            <!doctype html><html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
            <title>\(text(document.title))</title><link rel="stylesheet" href="\(stylePath)"></head><body>
            <header><h1>\(text(document.title)) \(text(document.version))</h1><p>\(text(document.description))</p>
            <p><a href="/api/openapi.json">The same as OpenAPI 3.1</a></p></header><nav><ul>\(contents)</ul></nav>
            <main>\(sections.joined(separator: "\n"))</main></body></html>
            """.utf8)
    }

    private func section(_ entry: OpenAPIDocument.Entry) -> String {
        let parameters = entry.parameters.map { parameter in
            "<tr><td><code>\(text(parameter.name))</code></td><td>\(parameter.place.rawValue)</td>"
                + "<td>\(parameter.isRequired ? "required" : "")</td><td>\(text(parameter.words))</td></tr>"
        }
        let answers = entry.answers.sorted { $0.key < $1.key }.map { status, answer in
            "<tr><td>\(status)</td><td>\(text(answer.words))</td></tr>"
        }
        let problems = entry.problems.filter { entry.answers[$0] == nil }.map(String.init).joined(separator: ", ")
        return """
            <article id="\(text(entry.id))"><h3><span class="method">\(entry.method.uppercased())</span> \
            <code>\(text(entry.path))</code></h3><p>\(text(entry.summary))</p>\
            \(entry.details.map { "<p>\(text($0))</p>" } ?? "")<p class="rule">\(text(entry.rule.sentence))</p>
            \(table(parameters, caption: "Parameters"))\(bodyBlock(entry.body))\(table(answers, caption: "Answers"))
            <p class="problems">Problems: \(problems)</p></article>
            """
    }

    private func bodyBlock(_ body: Body?) -> String {
        guard let body else { return "" }
        guard let schema = body.schema else { return "<p>Body: <code>\(text(body.mediaType))</code></p>" }
        return "<details><summary>Body: \(text(body.mediaType))</summary><pre>\(text(schema.outline))</pre></details>"
    }

    private func table(_ rows: [String], caption: String) -> String {
        rows.isEmpty ? "" : "<table><caption>\(caption)</caption><tbody>\(rows.joined())</tbody></table>"
    }

    private func text(_ words: String) -> String {
        var safe = ""
        for character in words {
            switch character {
            case "&": safe += "&amp;"
            case "<": safe += "&lt;"
            case ">": safe += "&gt;"
            case "\"": safe += "&quot;"
            default: safe.append(character)
            }
        }
        return safe
    }

    /// The page's style sheet.
    public static let style = """
        :root { color-scheme: light dark; font: 16px/1.5 system-ui, sans-serif }
        body { max-width: 60rem; margin: 2rem auto; padding: 0 1rem }
        nav ul { display: flex; flex-wrap: wrap; gap: .25rem 1rem; padding: 0; list-style: none }
        article { border-top: 1px solid #8886; padding: .5rem 0 1rem }
        h3 { font-size: 1rem; margin: .5rem 0 } .method { font-weight: 700 }
        .rule, .problems { opacity: .75; font-size: .9rem; margin: .25rem 0 }
        table { border-collapse: collapse; font-size: .9rem } caption { text-align: left; font-weight: 600 }
        td { padding: .15rem 1rem .15rem 0; vertical-align: top } pre { overflow-x: auto }
        """
}
