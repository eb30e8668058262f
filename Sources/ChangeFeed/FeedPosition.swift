internal import AccessControl
internal import Cryptography
internal import IssueModel

/// How far somebody has read, and what they could see then.
///
/// Given away sealed and always of one length: the number of a place, or how far two are apart, would tell how much
/// changes that the reader may not see.
struct FeedPosition: Hashable, Sendable {
    /// Tells states of the database apart that do not follow one another.
    var epoch: Int64
    /// The last place of a change that was looked at.
    var seq: Int64
    /// The last of our numbers of issues that was looked at: issues with larger ones are new.
    var issue: Int64
    /// Up to this number the issues are listed that were there when the reader began; 0 once that is done.
    var listed: Int64
    /// What the reader could see when the position was given.
    var sight: FeedSight
    /// Of audiences with numbers up to this one it is known whether the reader was in them when ``seq`` was given.
    var knownAcl: Int64

    /// Whether the listing of what there is goes on.
    var isListing: Bool { listed > 0 }

    static let byteCount = 1 + 6 * 8 + FeedSight.digestSize
    private static let version: UInt8 = 1
    private static let context = "change feed cursor"

    /// - Parameter knownAcl: That of `sight` without it.
    init(
        epoch: Int64, seq: Int64, issue: Int64, listed: Int64 = 0, sight: FeedSight, knownAcl: Int64? = nil
    ) {
        self.epoch = epoch
        self.seq = seq
        self.issue = issue
        self.listed = issue < listed ? listed : 0
        self.sight = sight
        self.knownAcl = knownAcl ?? sight.lastAcl
    }

    var bytes: [UInt8] {
        var bytes = [Self.version]
        for number in [epoch, seq, issue, listed, sight.lastAcl, knownAcl] {
            withUnsafeBytes(of: number.littleEndian) { bytes.append(contentsOf: $0) }
        }
        return bytes + sight.digest
    }

    init?(bytes: [UInt8]) {
        guard bytes.count == Self.byteCount, bytes[0] == Self.version else { return nil }
        func number(_ index: Int) -> Int64 {
            let start = 1 + index * 8
            return bytes[start..<start + 8].reversed().reduce(0) { $0 << 8 | Int64($1) }
        }
        let sight = FeedSight(lastAcl: number(4), digest: Array(bytes.suffix(FeedSight.digestSize)))
        self.init(
            epoch: number(0), seq: number(1), issue: number(2), listed: number(3), sight: sight, knownAcl: number(5))
    }

    /// The position as a reader is given it.
    func sealed(key: SecretKey) throws -> String {
        Base64URL.encode(try key.seal(bytes, context: Self.context))
    }

    /// - Throws: ``FeedError`` with `invalidCursor` for anything that ``sealed(key:)`` did not make.
    init(sealed text: String, key: SecretKey) throws(FeedError) {
        let invalid = FeedError(
            .invalidCursor, "This is not a cursor of this feed. Ask without one to begin from the beginning.")
        guard text.utf8.count <= 512, let sealed = Base64URL.decode(text.utf8),
            let opened = try? key.open(sealed, context: Self.context), let position = FeedPosition(bytes: opened)
        else { throw invalid }
        self = position
    }
}

/// What a reader could see at some moment, as far as it needs to be told from another moment's.
struct FeedSight: Hashable, Sendable {
    /// The audiences there were then had numbers up to this one. Those that come later are told by the issues that have
    /// them.
    var lastAcl: Int64
    /// Stands for the set of those that the reader was in.
    var digest: [UInt8]

    static let digestSize = 16

    init(lastAcl: Int64, digest: [UInt8]) {
        self.lastAcl = lastAcl
        self.digest = digest
    }

    init(_ allowed: AllowedSet, lastAcl: Int64) {
        self.lastAcl = lastAcl
        digest = Self.digest(of: allowed, upTo: lastAcl)
    }

    /// Whether the reader was in the same of the audiences there were then as it is now.
    func holds(for allowed: AllowedSet) -> Bool { Self.digest(of: allowed, upTo: lastAcl) == digest }

    private static func digest(of allowed: AllowedSet, upTo last: Int64) -> [UInt8] {
        if allowed.isEverything { return [UInt8](repeating: 0xFF, count: digestSize) }
        let (words, bits) = (Int(last >> 6) + 1, UInt64(last & 63))
        let bytes = allowed.withWords { all -> [UInt8] in
            var kept = Array(all.prefix(words))
            if kept.count == words { kept[words - 1] &= bits == 63 ? .max : (1 << (bits + 1)) - 1 }
            // The same set may be held in more or fewer words.
            while kept.last == 0 { kept.removeLast() }
            return kept.withUnsafeBytes { Array($0) }
        }
        return Array(Digest.sha256(bytes).prefix(digestSize))
    }
}
