import Foundation
import Testing

@testable import AtlassianDocument

/// Third-party pairs of wiki markup and Markdown: ours must mean the same, or differ by a choice that is written down.
@Suite("Wiki markup against its expected Markdown", .enabled(if: SharedData.isExpected)) struct WikiPairsTests {
    private struct Pair: Decodable {
        let wiki: String
        let markdown: String
    }

    /// Why a pair is written otherwise; `docs/documents.md` explains each.
    enum Choice: String, CaseIterable {
        case titleKept = "a code block's title is kept as a bold line"
        case imageSize = "an image's size is not written, for CommonMark has no place for it"
        case personByName = "a person is shown by the name in the link, or the id; names are looked up by the caller"
        case listClamped = "a list item that skips levels, or begins below the first, is still a list item"
        case hashHeading = "their leftover `##` lines are read as headings by CommonMark; ours are list items"
        case touchingEffects = "effects that touch are joined without a blank"
        case tildeEscaped = "a lone tilde is escaped, as GitHub reads `~a~` as struck"
        case colorBlock = "a colour over several lines leaves no tag behind"
        case quotesApart = "two quotes stay two"
        case dashesKept = "more than four hyphens are words, not a rule"
        case listSigns = "lists of `*` and of `-` are two lists"
        case nestedEffect = "an effect inside the same effect adds nothing"
    }

    /// By position in the file.
    static let choices: [Int: Choice] = [
        3: .titleKept, 5: .titleKept, 17: .imageSize, 18: .imageSize, 26: .personByName, 28: .personByName,
        29: .personByName, 30: .personByName, 43: .listClamped, 45: .listClamped, 46: .listSigns, 49: .hashHeading,
        50: .hashHeading, 54: .nestedEffect, 63: .imageSize, 66: .personByName, 67: .imageSize, 69: .dashesKept,
        90: .touchingEffects, 100: .touchingEffects, 120: .touchingEffects, 125: .tildeEscaped, 127: .tildeEscaped,
        128: .touchingEffects, 130: .tildeEscaped, 131: .tildeEscaped, 137: .colorBlock, 139: .quotesApart,
    ]

    @Test("each pair means the same, or differs by a documented choice")
    func pairs() throws {
        let pairs = try JSONDecoder().decode([Pair].self, from: Data(SharedData.bytes("wiki/wiki_markdown_pairs.json")))
        #expect(pairs.count == 142)
        for (position, pair) in pairs.enumerated() {
            let ours = try Document(wiki: pair.wiki).markdown()
            let isSame = meaning(ours) == meaning(pair.markdown)
            if isSame != (Self.choices[position] == nil) {
                Testing.Issue.record(
                    "pair \(position) \(isSame ? "is the same" : "differs"): \(ours.debugDescription)")
            }
        }
    }

    /// Words and structure, without what only looks different: line breaks, and tags for colours and citations.
    private func meaning(_ markdown: String) -> [String] {
        let text = markdown.replacing(#/<\/?(font|q|cite)[^>]*>/#, with: "")
        let kinds = CommonMark.kinds(text).filter { !["linebreak", "html_inline", "html_block"].contains($0) }
        return [CommonMark.words(text)] + kinds
    }
}
