import SimulatedAccess
import SimulatedData
import SimulatedSite

/// Words that occur in one record of a site and nowhere else, so that any output tells which records it was made of.
struct PlantedTokens: Sendable {
    struct Token: Sendable {
        var word: String
        var record: RecordID
        /// The id of the issue that the record is or hangs on.
        var issue: Int
        /// Whether a search finds it; other words stand in labels and histories.
        var isFindable = true
    }

    private(set) var all: [Token] = []
    private(set) var records: [String: RecordID] = [:]
    private(set) var issues: [String: Int] = [:]

    /// Collects the words of every record of the site as it is.
    init(_ state: SiteState) {
        for ordinal in 0..<state.issueCount where state.row(ordinal).state != .deleted {
            let id = state.row(ordinal).id
            let content = state.content(of: ordinal)
            add(Self.words(in: content.summary), .issue(id), id)
            add(Self.words(in: content.description?.plainText ?? ""), .issue(id), id)
            // A comment that shows a file repeats the file's name: the word is the file's.
            for file in content.attachments { add(Self.words(in: file.fileName), .attachment(file.id), id) }
            for comment in content.comments { add(Self.words(in: comment.body.plainText), .comment(comment.id), id) }
            for worklog in content.worklogs {
                add(Self.words(in: worklog.note?.plainText ?? ""), .worklog(worklog.id), id)
            }
        }
        for record in state.plantedRecords {
            let id: RecordID =
                switch record.kind {
                case .issue: .issue(record.id)
                case .comment: .comment(record.id)
                case .worklog: .worklog(record.id)
                case .attachment: .attachment(record.id)
                }
            add(Set(record.words), id, record.issue, isFindable: false)
        }
    }

    private mutating func add(_ words: Set<String>, _ record: RecordID, _ issue: Int, isFindable: Bool = true) {
        for word in words where records[word] == nil {
            records[word] = record
            issues[word] = issue
            all.append(Token(word: word, record: record, issue: issue, isFindable: isFindable))
        }
    }

    /// Whether the word is of a file's name, of one that may be deleted by now.
    func isFileName(_ word: String) -> Bool {
        if case .attachment = records[word] { return true }
        return word.hasPrefix("xqf")
    }

    // MARK: The words

    /// `xq` and nine letters without vowels, as the words of tiny sites: no word is part of another, and no stemmer or
    /// tokenizer takes one apart.
    static func word(_ number: Int) -> String {
        let letters = Array("bcdfghjklmnpqrtv".utf8)
        var bits = UInt64(truncatingIfNeeded: number) &* 0x9E37_79B9_7F4A_7C15 >> 20
        var word = Array("xqz".utf8)
        for _ in 0..<8 {
            word.append(letters[Int(bits & 15)])
            bits >>= 4
        }
        return String(decoding: word, as: UTF8.self)
    }

    static func words(in text: String) -> Set<String> { words(in: Array(text.utf8)) }

    /// Every planted word in an output, whatever surrounds it.
    static func words(in bytes: [UInt8]) -> Set<String> {
        let length = 11
        var found: Set<String> = []
        var index = 0
        while index + length <= bytes.count {
            guard bytes[index] | 0x20 == UInt8(ascii: "x"), bytes[index + 1] | 0x20 == UInt8(ascii: "q") else {
                index += 1
                continue
            }
            let word = bytes[index..<index + length].map { $0 | 0x20 }
            if word.allSatisfy({ (UInt8(ascii: "a")...UInt8(ascii: "z")).contains($0) }) {
                found.insert(String(decoding: word, as: UTF8.self))
            }
            index += 1
        }
        return found
    }
}
