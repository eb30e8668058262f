import AtlassianDocument
import Console
import Foundation

extension Command {
    static let convert = Command(
        words: ["convert"],
        summary: "Convert one of Jira's rich texts, from standard input to standard output",
        options: [
            .value("--from", "SYNTAX", "adf (Atlassian Document Format) or wiki (wiki markup)"),
            .value("--to", "FORMAT", "markdown, html or text"),
        ],
        example: "echo 'h1. Hello *world*' | drawbridge convert --from wiki --to markdown"
    ) { invocation in
        guard let syntax = try invocation.choice("--from", DocumentSyntax.self) else {
            throw UsageError("'convert' needs --from adf or --from wiki")
        }
        guard let format = try invocation.choice("--to", DocumentFormat.self) else {
            throw UsageError("'convert' needs --to markdown, --to html or --to text")
        }
        let limit = DocumentLimits.standard.maximumBytes
        var source: [UInt8] = []
        while source.count <= limit, let part = try FileHandle.standardInput.read(upToCount: 1 << 20), !part.isEmpty {
            source += part
        }
        let converted = try Document.convert(source, from: syntax, to: format)
        if converted.last?.isNewline == true {
            try Terminal.stream(Array(converted.utf8))
        } else {
            Terminal.print(converted)
        }
        return .done
    }
}
