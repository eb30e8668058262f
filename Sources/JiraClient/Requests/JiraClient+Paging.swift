package import FastJSON
import HTTPMessages
import IssueDecoding
import IssueModel

extension JiraClient {
    /// Reads a whole list that Jira gives in `startAt` pages.
    ///
    /// A page shorter than asked for means nothing: sites cap `maxResults` without saying so. The end is `isLast`, the
    /// `total`, or a page with nothing in it.
    ///
    /// - Parameter member: The name of the array; `nil` where the answer is the array itself.
    /// - Throws: `pagingLoop` when a page is the same as the one before.
    package func list<Element>(
        _ call: Call, in member: String?, pageSize: Int, _ decode: (JSONView) throws -> Element
    ) async throws(JiraError) -> [Element] {
        let pages = try await pages(call, in: member, pageSize: pageSize, decode)
        guard pages.end != .loop else { throw JiraError(.pagingLoop, endpoint: call.endpoint(flavour).description) }
        return pages.elements
    }

    /// Reads a list as ``list(_:in:pageSize:_:)`` does and tells how it ended.
    func pages<Element>(
        _ call: Call, in member: String?, pageSize: Int, _ decode: (JSONView) throws -> Element
    ) async throws(JiraError) -> ReadPages<Element> {
        var elements: [Element] = []
        var guardian = PageGuard()
        var startAt = 0
        while true {
            let request = call.setting("startAt", startAt).setting("maxResults", pageSize)
            let page = try await fetch(request) { root in
                let list = member.map { root.member(named: $0) } ?? root
                guard let list, list.kind == .array else { throw IssueDecodingError.missing(member ?? "array") }
                return ListPage(
                    elements: try list.elements.map { try decode($0) }, isLast: root["isLast"]?.bool,
                    total: root["total"]?.integer, fingerprint: list.fingerprint)
            }
            elements += page.elements
            startAt += page.elements.count
            if page.isLast == true { return ReadPages(elements: elements, end: .told) }
            if page.elements.isEmpty { return ReadPages(elements: elements, end: .emptyPage) }
            if page.isLast == nil, let total = page.total, startAt >= total {
                return ReadPages(elements: elements, end: .told)
            }
            if guardian.isRepeated(page.fingerprint) { return ReadPages(elements: elements, end: .loop) }
        }
    }

    /// Reads a list that comes in one answer.
    package func wholeList<Element>(
        _ call: Call, in member: String? = nil, _ decode: (JSONView) throws -> Element
    ) async throws(JiraError) -> [Element] {
        try await fetch(call) { root in
            let list = member.map { root.member(named: $0) } ?? root
            guard let list, list.kind == .array else { throw IssueDecodingError.missing(member ?? "array") }
            return try list.elements.map { try decode($0) }
        }
    }
}

/// What the pages of a list came to.
struct ReadPages<Element> {
    enum End: Hashable {
        /// Jira says that there are no more.
        case told
        /// There was nothing on the next page.
        case emptyPage
        /// The next page was the same again.
        case loop
    }

    var elements: [Element]
    var end: End
}

private struct ListPage<Element> {
    var elements: [Element]
    var isLast: Bool?
    var total: Int64?
    var fingerprint: UInt64
}

/// Notices a server that answers every page with the same one.
private struct PageGuard {
    private static let mostPages = 100_000
    private var previous: UInt64?
    private var pages = 0

    mutating func isRepeated(_ fingerprint: UInt64) -> Bool {
        pages += 1
        defer { previous = fingerprint }
        return fingerprint == previous || pages >= Self.mostPages
    }
}

extension JSONView {
    /// A hash of the value's text, equal for equal values.
    var fingerprint: UInt64 { FNV1a.hash(serialized()) }
}

/// The hash function of Fowler, Noll and Vo: stable between runs, not safe against an adversary.
enum FNV1a {
    static func hash(_ bytes: some Sequence<UInt8>) -> UInt64 {
        var hash: UInt64 = 0xCBF2_9CE4_8422_2325
        for byte in bytes { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01B3 }
        return hash
    }
}
