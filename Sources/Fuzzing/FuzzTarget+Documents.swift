internal import AtlassianDocument
internal import FastJSON

extension FuzzTarget {
    /// Jira's rich texts as JSON.
    static let adf = FuzzTarget(
        "adf", "Atlassian Document Format, written as Markdown, HTML and text",
        seeds: [
            #"{"version":1,"type":"doc","content":[{"type":"paragraph","content":[{"type":"text","text":"a","marks":[{"type":"link","attrs":{"href":"https://a.example"}}]}]}]}"#,
            #"{"type":"doc","version":1,"content":[{"type":"table","content":[{"type":"tableRow","content":[{"type":"tableHeader","attrs":{"colspan":2},"content":[]}]}]}]}"#,
            #"{"type":"doc","version":1,"content":[{"type":"bulletList","content":[{"type":"listItem","content":[{"type":"codeBlock","attrs":{"language":"c"},"content":[{"type":"text","text":"```"}]}]}]},{"type":"mediaSingle","content":[{"type":"media","attrs":{"id":"1","type":"file"}}]}]}"#,
            #"{"type":"doc","version":1,"content":[{"type":"panel","attrs":{"panelType":"info"},"content":[{"type":"paragraph","content":[{"type":"mention","attrs":{"id":"1","text":"@a"}},{"type":"emoji","attrs":{"shortName":":)"}},{"type":"date","attrs":{"timestamp":"1"}},{"type":"status","attrs":{"text":"x"}}]}]}]}"#,
        ],
        words: [
            "\"type\":", "\"text\"", "\"content\":[", "\"marks\":[", "\"attrs\":{", "javascript:", "<script>",
            "\\u0000",
            "\\ud800", "\"expand\"", "\"taskList\"", "\"inlineCard\"", "\"hardBreak\"", "9223372036854775808", "-1",
            "1e400",
        ]
    ) { read($0, .adf) }

    /// Jira's wiki markup.
    static let wiki = FuzzTarget(
        "wiki", "wiki markup, written as Markdown, HTML and text",
        seeds: [
            "h1. Title\n*bold* _it_ {{code}} -del- +ins+ ^sup^ ~sub~ ??cite??\n* a\n** b\n# c\n",
            "||a||b||\n|c|d|\n{code:java|title=x}\nint a;\n{code}\n{quote}q{quote}\n",
            "[text|https://a.example] [~user] [^file.txt] !image.png|width=1!\n{color:red}x{color}\n----\n",
            "{panel:title=T|borderStyle=dashed}\nbq. x\n{noformat}\n*x*\n{noformat}\n{panel}\n(/) (x) :) \\\\ a",
        ],
        words: [
            "{code}", "{noformat}", "{quote}", "{panel}", "{color:", "||", "h6. ", "[", "]", "|", "javascript:",
            "<script>",
            "!", "\\", "\n\n", "** ", "*#", "{{", "}}", "\u{0}", "\u{200D}",
        ]
    ) { read($0, .wiki) }

    private static func read(_ bytes: [UInt8], _ syntax: DocumentSyntax) {
        // Small enough that nothing honest takes long: what does is a find.
        guard bytes.count <= 1 << 16, let document = try? Document(bytes, syntax: syntax) else { return }
        _ = document.written(as: .markdown)
        _ = document.written(as: .text)
        let html = document.written(as: .html).lowercased()
        for forbidden in ["<script", "<iframe", "href=\"javascript:", "src=\"javascript:", "href=\"data:"] {
            require(!html.contains(forbidden), "HTML holds \(forbidden)")
        }
    }

    /// JSON as it comes from anywhere.
    static let json = FuzzTarget(
        "json", "JSON, parsed and written again",
        seeds: [
            #"{"a":[1,-2.5e10,true,null,"\u00e9\ud83d\ude00"],"b":{"c":""}}"#, "[[[[[[]]]]]]", #""\\\"\/\b\f\n\r\t""#,
            "-0.0", "123456789012345678901234567890",
        ],
        words: ["\\u", "\\ud83d", "1e309", "-", "\"", "{\"\":", "[", "]", "true", "18446744073709551615", "\u{FEFF}"]
    ) { bytes in
        guard let value = try? JSONValue(parsing: bytes) else { return }
        let text = value.serialized()
        let again = try? JSONValue(parsing: text)
        require(again?.serialized() == text, "what is written reads back as the same")
    }
}
