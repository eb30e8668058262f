public import FastJSON
public import IssueModel
public import JiraClient

/// How late a site's search shows changes, as measured; it decides how far before the mark a delta begins.
///
/// Two things tell: an issue that a listing shows for the first time although it changed before the listing of last time;
/// and one that was read by its id, is missing from a listing, and appears in a later one.
public struct IndexLag: Hashable, Sendable {
    /// In milliseconds; `nil` while nothing was late.
    public private(set) var measured: Int64?
    /// The site's time when the last complete listing began.
    public private(set) var listed: Timestamp?
    /// Issues that are stored, that changed before ``listed``, and that the listing did not show with that change.
    public private(set) var awaited: [IssueID: Timestamp] = [:]

    /// Issues that are awaited at most.
    static let mostAwaited = 100
    /// No delta begins nearer to the mark, in milliseconds.
    public static let shortestOverlap: Int64 = 120_000
    /// No delta begins further from the mark: what a site shows even later a census finds.
    public static let longestOverlap: Int64 = 1_800_000

    public init() {}

    /// Learns from a complete listing.
    ///
    /// - Parameters:
    ///   - listing: What it showed.
    ///   - unknown: Those of it whose change was not stored before.
    ///   - stored: What is stored with a time of change that the listing covers.
    ///   - asOf: The site's time before the listing.
    public mutating func note(
        _ listing: [IssueStamp], unknown: Set<IssueID>, stored: [IssueStamp], asOf: Timestamp
    ) {
        let shown = Dictionary(listing.map { ($0.issue, $0.updated) }) { first, _ in first }
        var samples: [Int64] = []
        if let listed {
            for stamp in listing where unknown.contains(stamp.issue) && stamp.updated < listed {
                samples.append(listed.rawValue - stamp.updated.rawValue)
            }
            for (issue, updated) in awaited where shown[issue].map({ $0 >= updated }) ?? false {
                samples.append(listed.rawValue - updated.rawValue)
                awaited[issue] = nil
            }
        }
        awaited = awaited.filter { asOf.rawValue - $0.value.rawValue < Self.longestOverlap }
        for stamp in stored where awaited.count < Self.mostAwaited {
            let isLate = shown[stamp.issue].map { $0 < stamp.updated } ?? true
            if isLate, stamp.updated.rawValue < asOf.rawValue - 1_000 { awaited[stamp.issue] = stamp.updated }
        }
        // Forgotten slowly: a site that was late once is late again.
        let remembered = measured.map { $0 * 98 / 100 }
        measured = ((samples + (remembered.map { [$0] } ?? [])).max()).map { min($0, Self.longestOverlap) }
        listed = asOf
    }

    /// How far before the mark a delta begins, in milliseconds.
    ///
    /// - Parameters:
    ///   - skew: The site's clock minus ours, in milliseconds: clocks that differ are badly kept ones.
    ///   - standard: Where nothing was measured yet.
    public func overlap(skew: Int64, standard: Int64) -> Int64 {
        let base = measured.map { max($0 * 2 + 60_000, Self.shortestOverlap) } ?? standard
        let skew = min(skew.magnitude, UInt64(Self.longestOverlap))
        return min(max(base + Int64(skew), Self.shortestOverlap), Self.longestOverlap)
    }
}

extension IndexLag {
    /// Reads what ``json`` writes; anything else is a site of which nothing is known.
    public init(json: JSONValue) {
        measured = json["measured"]?.integer.map { Int64($0) }
        listed = json["listed"]?.integer.map { Timestamp(milliseconds: Int64($0)) }
        for pair in json["awaited"]?.array ?? [] {
            guard let issue = pair[0]?.integer, let updated = pair[1]?.integer else { continue }
            awaited[IssueID(Int64(issue))] = Timestamp(milliseconds: Int64(updated))
        }
    }

    public var json: JSONValue {
        func number(_ value: Int64?) -> JSONValue { value.map { JSONValue(integerLiteral: $0) } ?? .null }
        return .object([
            .init("measured", number(measured)), .init("listed", number(listed?.rawValue)),
            .init(
                "awaited",
                .array(
                    awaited.sorted { $0.key < $1.key }
                        .map { .array([number($0.key.rawValue), number($0.value.rawValue)]) })),
        ])
    }
}
