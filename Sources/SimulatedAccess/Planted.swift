import Glibc
public import SimulatedSite

/// Words that stand in one record only, so that whoever finds one in an answer knows which record it came from.
///
/// They follow from the record's id, are letters only, and no two are alike.
public enum Planted {
    /// In every text of every record.
    public static let common = "harbour"

    public static func summary(issue id: Int) -> String { word("s", id) }
    public static func description(issue id: Int) -> String { word("d", id) }
    /// A label of that issue alone.
    public static func label(issue id: Int) -> String { word("l", id) }
    /// In the summary the issue had before; only its history tells.
    public static func history(issue id: Int) -> String { word("h", id) }
    public static func comment(_ id: Int) -> String { word("c", id) }
    public static func worklog(_ id: Int) -> String { word("w", id) }
    /// In the name of an attached file.
    public static func fileName(_ id: Int) -> String { word("f", id) }
    /// In the text of an attached file.
    public static func file(_ id: Int) -> String { word("t", id) }

    /// Every planted word that occurs in `text`, be it in the middle of another: for searching whole answers.
    public static func words(in text: [UInt8]) -> Set<String> {
        var found: Set<String> = []
        // The buffer outlives the search in it, and no byte outside it is touched.
        text.withUnsafeBytes { buffer in
            guard var position = buffer.baseAddress else { return }
            let end = position + buffer.count
            while end - position >= length, let start = memchr(position, 0x78, end - position) {
                let word = UnsafeRawBufferPointer(start: start, count: min(length, end - UnsafeRawPointer(start)))
                if word.count == length, word[1] == UInt8(ascii: "q") {
                    found.insert(String(decoding: word, as: UTF8.self))
                }
                position = UnsafeRawPointer(start) + 1
            }
        }
        return found
    }

    /// `xq`, the mark and eight letters.
    private static let length = 11

    /// Without vowels, so that no stemmer touches it; scattered, so that none is another's misspelling.
    private static func word(_ mark: String, _ id: Int) -> String {
        let letters = Array("bcdfghjklmnpqrtv".utf8)
        // Odd factors and shifts map 32 bits onto themselves one to one.
        var bits = UInt32(truncatingIfNeeded: id) &* 0x9E37_79B1
        bits ^= bits >> 15
        bits = bits &* 0x85EB_CA77
        var word = Array("xq\(mark)".utf8)
        for _ in 0..<8 {
            word.append(letters[Int(bits & 15)])
            bits >>= 4
        }
        return String(decoding: word, as: UTF8.self)
    }
}

/// A record of a tiny site and the words only it holds.
public struct PlantedRecord: Sendable, Hashable {
    public enum Kind: String, Sendable { case issue, comment, worklog, attachment }

    public var kind: Kind
    public var id: Int
    /// The id of its issue.
    public var issue: Int
    public var words: [String]
}

extension SiteState {
    /// Every record of a tiny site that is not deleted, with its planted words.
    public var plantedRecords: [PlantedRecord] {
        var records: [PlantedRecord] = []
        for ordinal in 0..<issueCount where row(ordinal).state != .deleted {
            let issue = row(ordinal).id
            func add(_ kind: PlantedRecord.Kind, _ id: Int, _ words: String...) {
                records.append(PlantedRecord(kind: kind, id: id, issue: issue, words: words))
            }
            add(
                .issue, issue, Planted.summary(issue: issue), Planted.description(issue: issue),
                Planted.label(issue: issue), Planted.history(issue: issue))
            let content = content(of: ordinal)
            for comment in content.comments { add(.comment, comment.id, Planted.comment(comment.id)) }
            for worklog in content.worklogs { add(.worklog, worklog.id, Planted.worklog(worklog.id)) }
            for file in content.attachments {
                add(.attachment, file.id, Planted.fileName(file.id), Planted.file(file.id))
            }
        }
        return records
    }
}
