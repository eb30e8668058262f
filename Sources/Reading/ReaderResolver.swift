public import AccessControl
public import Database
import IssueModel
public import Store
public import Workspace

/// A reader with the accounts it stands for.
public struct ResolvedReader: Hashable, Sendable {
    public var reader: Reader
    /// What to call the reader in answers: a member's address, an account id, `anonymous` or `operator`.
    public var label: String
    /// The reader's accounts, at most one in a source.
    public var accounts: [AccountRecord]
    /// The member the reader is; `nil` where `--as` names an account.
    public var member: Member?

    public init(reader: Reader, label: String, accounts: [AccountRecord] = [], member: Member? = nil) {
        self.reader = reader
        self.label = label
        self.accounts = accounts
        self.member = member
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
///
/// For the operator alone: what it throws names accounts. Everybody else is read for as the member they are, by
/// `MemberReader`.
public enum ReaderResolver {
    /// Resolves a member's address, an account id, a Data Center user key or login name, an exact e-mail address of an
    /// account, or `anonymous`.
    ///
    /// A member's address means the member with the account of every link, and nobody's account that merely has the
    /// same address. Otherwise the same text may name an account in each of several sources: the reader is then all of
    /// them, each in its own.
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
        if let member = try MemberRecords.find(wanted, in: connection) { return try resolve(member, in: connection) }
        let found =
            wanted.isEmpty ? [] : try PeopleRecords.accounts(matching: wanted, source: source?.id, in: connection)
        guard let first = found.first else {
            let place = source.map { " in source \($0.name)" } ?? ""
            throw ReadingError(
                .unknownReader,
                "No account \(ReadingError.quoted(who)) is known\(place). Give a member's e-mail address, an account id, a Jira user key or login "
                    + "name, an exact e-mail address, or “anonymous”; many e-mail addresses are hidden by their owners' "
                    + "privacy settings.")
        }
        for (_, records) in Dictionary(grouping: found, by: \.source) where records.count > 1 {
            let ids = records.prefix(5).map(\.account.id.rawValue).joined(separator: ", ")
            throw ReadingError(
                .ambiguousReader,
                "\(records.count) accounts of one source are known as \(ReadingError.quoted(who)): \(ids)"
                    + "\(records.count > 5 ? ", …" : ""). Give one of these account ids, or add the "
                    + "person with `drawbridge member add` and link one of them with `drawbridge member link`.")
        }
        let accounts = Dictionary(found.map { ($0.source, $0.account.id) }) { first, _ in first }
        return ResolvedReader(reader: .accounts(accounts), label: first.account.id.rawValue, accounts: found)
    }

    /// A member with the account of every link.
    static func resolve(_ member: Member, in connection: Connection) throws -> ResolvedReader {
        guard member.state == .active else {
            throw ReadingError(.suspendedReader, "The member \(ReadingError.quoted(member.email)) is suspended.")
        }
        let reader = try MemberReader.reader(for: member, in: connection)
        var records: [AccountRecord] = []
        if case .accounts(let accounts) = reader {
            for (source, account) in accounts.sorted(by: { $0.key < $1.key }) {
                if let record = try PeopleRecords.account(account, source: source, in: connection) {
                    records.append(record)
                }
            }
        }
        return ResolvedReader(reader: reader, label: member.email, accounts: records, member: member)
    }

    private static func trimmed(_ text: String) -> String {
        let start = text.drop { $0.isWhitespace }
        return String(start.reversed().drop { $0.isWhitespace }.reversed())
    }
}
