import AtlassianDocument
import FastJSON

/// Jira's rich text in either of its forms: an Atlassian document is an object, wiki markup is a string.
enum RichText {
    static func document(_ view: JSONView?) throws -> Document {
        guard let view, !view.isNull else { return Document() }
        if let wiki = view.string { return try Document(wiki: wiki) }
        return try Document(adf: view)
    }
}
