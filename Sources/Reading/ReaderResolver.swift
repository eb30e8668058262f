public import AccessControl
public import Database
import IssueModel
public import Store

/// A reader with the accounts it stands for.
public struct ResolvedReader: Hashable, Sendable {
    public var reader: Reader
    /// What to call the reader in answers: an account id, `anonymous` or `operator`.
    public var label: String
    /// The reader's accounts, at most one in a source.
    public var accounts: [AccountRecord]

    public init(reader: Reader, label: String, accounts: [AccountRecord] = []) {
        self.reader = reader
        self.label = label
        self.accounts = accounts
    }

    public static let `operator` = ResolvedReader(reader: .operator, label: "operator")
    public static let anonymous = ResolvedReader(reader: .anonymous, label: "anonymous")

    /// What to call the reader in answers about one source.
    public func label(inSource source: Int64) -> String {
        switch reader.identity(inSource: source) {
        case .operator: "operator"
        case .anonymous: "anonymous"
        case .unlinked: "unlinked"
        case .account(let id): id.rawValue
        }
    }
}

/// Finds out whom `--as` means.
public enum ReaderResolver {
    /// Resolves an account id, a Data Center user key or login name, an exact e-mail address, or `anonymous`.
    ///
    /// The same text may name an account in each of several sources: the reader is then all of them, each in its own.
    ///
    /// - Parameters:
    ///   - who: `nil` is the operator.
    ///   - source: Looks only at this source's accounts; all sources where `nil`.
    /// - Throws: ``ReadingError`` for somebody unknown, and where one source has several such accounts.
    public static func resolve(_ who: String?, source: Source? = nil, in connection: Connection) throws
        -> ResolvedReader
    {
        guard let who else { return .operator }
        let wanted = trimmed(who)
        if wanted.lowercased() == "anonymous" { return .anonymous }
        let found =
            wanted.isEmpty ? [] : try PeopleRecords.accounts(matching: wanted, source: source?.id, in: connection)
        guard let first = found.first else {
            let place = source.map { " in source \($0.name)" } ?? ""
            throw ReadingError(
                .unknownReader,
                "No account \(ReadingError.quoted(who)) is known\(place). Give an account id, a Jira user key or login "
                    + "name, an exact e-mail address, or “anonymous”; many e-mail addresses are hidden by their owners' "
                    + "privacy settings.")
        }
        for (_, records) in Dictionary(grouping: found, by: \.source) where records.count > 1 {
            let ids = records.prefix(5).map(\.account.id.rawValue).joined(separator: ", ")
            throw ReadingError(
                .ambiguousReader,
                "\(records.count) accounts of one source are known as \(ReadingError.quoted(who)): \(ids)"
                    + "\(records.count > 5 ? ", …" : ""). Give one of these account ids.")
        }
        let accounts = Dictionary(found.map { ($0.source, $0.account.id) }) { first, _ in first }
        return ResolvedReader(reader: .accounts(accounts), label: first.account.id.rawValue, accounts: found)
    }

    private static func trimmed(_ text: String) -> String {
        let start = text.drop { $0.isWhitespace }
        return String(start.reversed().drop { $0.isWhitespace }.reversed())
    }
}
