public import Database
public import Store
public import Workspace

/// Whom something is read for: found out anew in each snapshot, so that a member who is suspended, or a link that ends,
/// counts from the next page on.
public struct ReaderChoice: Sendable {
    private let find: @Sendable (Source?, Connection) throws -> ResolvedReader
    /// Whether it is whoever runs the installation, who may be told of what nobody sees.
    let isOperator: Bool

    /// Whom `--as` names; `nil` is the operator. For the operator alone.
    public static func named(_ who: String?) -> ReaderChoice {
        ReaderChoice(isOperator: who == nil) { try ReaderResolver.resolve(who, source: $0, in: $1) }
    }

    /// A member, as stored at that moment.
    public static func member(_ id: MemberID) -> ReaderChoice {
        ReaderChoice(isOperator: false) { _, connection in
            guard let member = try MemberRecords.member(id, in: connection) else {
                throw ReadingError(.suspendedReader, "You are no member any more.")
            }
            return try ReaderResolver.resolve(member, in: connection)
        }
    }

    private init(
        isOperator: Bool, _ find: @escaping @Sendable (Source?, Connection) throws -> ResolvedReader
    ) {
        self.isOperator = isOperator
        self.find = find
    }

    /// The reader now.
    ///
    /// - Parameter source: Where accounts are looked for; all sources where `nil`.
    /// - Throws: ``ReadingError``.
    public func resolve(source: Source?, in connection: Connection) throws -> ResolvedReader {
        try find(source, connection)
    }
}
