import FastJSON
import IssueModel

/// A walk through all pairs of account and issue that a seed orders, so that what is compared at random adds up.
///
/// The issues are cut into blocks by our own ids. In each pass every account meets one block, each account another, in an
/// order of its own; after as many passes as there are blocks, all pairs were met and a new round begins. What comes into
/// being meanwhile is met in the next round.
struct AuditWalk: Hashable, Sendable {
    /// Issues in a block: with as many chosen by risk they fit one question to Jira.
    static let blockSize: Int64 = 500

    var seed: UInt64
    private(set) var round = 0
    private(set) var pass = 0
    /// Blocks of this round.
    private(set) var blocks: Int
    /// The place of the last account met in this pass.
    private var after: UInt64?
    private(set) var since: Timestamp
    /// Pairs compared in this round.
    var pairs = 0

    /// - Parameter largest: The largest id an issue has.
    init(seed: UInt64, largest: Int64, at now: Timestamp) {
        self.seed = seed
        blocks = Self.blocks(largest)
        since = now
    }

    private static func blocks(_ largest: Int64) -> Int { Int(largest / blockSize) + 1 }

    struct Stop: Hashable, Sendable {
        var account: AccountID
        /// The ids of the issues to compare.
        var ids: ClosedRange<Int64>
        /// Whether a round ended before this stop.
        var beganRound: Bool
    }

    /// The next account and block; `nil` without accounts.
    mutating func next(_ accounts: [AccountID], largest: Int64, at now: Timestamp) -> Stop? {
        if accounts.isEmpty { return nil }
        var beganRound = false
        if !accounts.contains(where: { place(of: $0) > (after ?? 0) || after == nil }) {
            after = nil
            pass += 1
            if pass >= blocks {
                (pass, round, pairs, since) = (0, round + 1, 0, now)
                blocks = Self.blocks(largest)
                beganRound = true
            }
        }
        let ahead = accounts.map { (place: place(of: $0), id: $0) }.filter { after == nil || $0.place > (after ?? 0) }
        guard let next = ahead.min(by: { ($0.place, $0.id.rawValue) < ($1.place, $1.id.rawValue) }) else { return nil }
        after = next.place
        let first = Int64(block(of: next.id)) * Self.blockSize
        return Stop(account: next.id, ids: first...(first + Self.blockSize - 1), beganRound: beganRound)
    }

    /// Where an account stands in the order of this pass.
    private func place(of account: AccountID) -> UInt64 {
        Self.mix(Self.hash(account.rawValue) ^ seed ^ UInt64(round) << 40 ^ UInt64(pass))
    }

    /// The block that an account meets in this pass: each account begins elsewhere and goes in steps of its own.
    private func block(of account: AccountID) -> Int {
        let hash = Self.mix(Self.hash(account.rawValue) ^ seed &+ UInt64(round))
        let start = Int(hash >> 33) % blocks
        var step = Int(hash & 0x7FFF_FFFF) % blocks + 1
        while Self.commonDivisor(step, blocks) != 1 { step = step % blocks + 1 }
        return (start + (pass % blocks) * step) % blocks
    }

    private static func commonDivisor(_ left: Int, _ right: Int) -> Int {
        var (left, right) = (left, right)
        while right != 0 { (left, right) = (right, left % right) }
        return left
    }

    /// The finalizer of SplitMix64.
    static func mix(_ value: UInt64) -> UInt64 {
        var value = value &+ 0x9E37_79B9_7F4A_7C15
        value = (value ^ (value >> 30)) &* 0xBF58_476D_1CE4_E5B9
        value = (value ^ (value >> 27)) &* 0x94D0_49BB_1331_11EB
        return value ^ (value >> 31)
    }

    static func hash(_ text: String) -> UInt64 {
        var hash: UInt64 = 0xCBF2_9CE4_8422_2325
        for byte in text.utf8 { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01B3 }
        return hash
    }
}

extension AuditWalk {
    var json: String {
        var json = JSONWriter()
        json.object {
            $0.member("seed", String(seed, radix: 16))
            $0.member("round", round)
            $0.member("pass", pass)
            $0.member("blocks", blocks)
            $0.member("after", after.map { String($0, radix: 16) })
            $0.member("since", Int(since.rawValue))
            $0.member("pairs", pairs)
        }
        return json.text
    }

    /// Reads what ``json`` wrote.
    init?(json text: String) {
        guard let json = try? JSONValue(parsing: text),
            let seed = json["seed"]?.string.flatMap({ UInt64($0, radix: 16) }),
            let round = json["round"]?.integer, let pass = json["pass"]?.integer, let blocks = json["blocks"]?.integer,
            let since = json["since"]?.integer, let pairs = json["pairs"]?.integer, round >= 0, pass >= 0, blocks > 0
        else { return nil }
        self.seed = seed
        self.round = round
        self.pass = pass
        self.blocks = blocks
        self.since = Timestamp(milliseconds: Int64(since))
        self.pairs = pairs
        after = json["after"]?.string.flatMap { UInt64($0, radix: 16) }
    }
}
