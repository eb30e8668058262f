import FastJSON
public import IssueModel

/// Where a walk over issues stands. Its text may be stored and used again later, in another process.
///
/// Cloud's tokens expire after seven days; a walk resumed later than that has to start again.
public struct IssueCursor: Hashable, Sendable, LosslessStringConvertible {
    var position: Position

    enum Position: Hashable, Sendable {
        case token(TokenPosition)
        case keyset(KeysetPosition)
    }

    init(_ position: Position) {
        self.position = position
    }

    public init?(_ description: String) {
        guard let json = try? JSONValue(parsing: description) else { return nil }
        if let token = TokenPosition(json) {
            position = .token(token)
        } else if let keyset = KeysetPosition(json) {
            position = .keyset(keyset)
        } else {
            return nil
        }
    }

    public var description: String {
        switch position {
        case .token(let token): token.json
        case .keyset(let keyset): keyset.json
        }
    }
}

/// A page of a listing that gives ids alone.
public struct IssueIDPage: Hashable, Sendable {
    public var ids: [IssueID]
    /// `nil` at the end.
    public var next: IssueCursor?

    public init(ids: [IssueID], next: IssueCursor?) {
        self.ids = ids
        self.next = next
    }
}

/// A page of a listing that gives whole issues.
public struct IssuePage: Hashable, Sendable {
    public var batch: IssueBatch
    /// `nil` at the end.
    public var next: IssueCursor?

    public init(batch: IssueBatch, next: IssueCursor?) {
        self.batch = batch
        self.next = next
    }
}

/// A walk by Cloud's page tokens.
struct TokenPosition: Hashable, Sendable {
    var token: String
    /// Hashes of the tokens used so far: one that comes back would make the walk endless.
    var used: [UInt64] = []
    /// Empty pages in a row that yet announced another.
    var emptyPages = 0

    static let mostPages = 20_000
    static let mostEmptyPages = 3

    /// The position after a page, or `nil` at the end.
    ///
    /// - Throws: `pagingLoop`.
    static func following(
        _ current: TokenPosition?, next token: String?, isLast: Bool?, count: Int, _ endpoint: Endpoint
    ) throws(JiraError) -> TokenPosition? {
        guard let token, !token.isEmpty, isLast != true else { return nil }
        let loop = JiraError(.pagingLoop, endpoint: endpoint.description)
        var next = TokenPosition(token: token)
        next.used = current?.used ?? []
        if let current { next.used.append(FNV1a.hash(current.token.utf8)) }
        next.emptyPages = count == 0 ? (current?.emptyPages ?? 0) + 1 : 0
        guard !next.used.contains(FNV1a.hash(token.utf8)), next.used.count < mostPages,
            next.emptyPages <= mostEmptyPages
        else { throw loop }
        return next
    }

    var json: String {
        var json = JSONWriter()
        json.object {
            $0.member("token", token)
            $0.key("used")
            $0.array { list in for hash in used { list.string(String(hash, radix: 16)) } }
            $0.member("empty", emptyPages)
        }
        return json.text
    }

    init(token: String) {
        self.token = token
    }

    init?(_ json: JSONValue) {
        guard let token = json["token"]?.string else { return nil }
        self.token = token
        used = json["used"]?.array?.compactMap { $0.string.flatMap { UInt64($0, radix: 16) } } ?? []
        emptyPages = json["empty"]?.integer ?? 0
    }
}
