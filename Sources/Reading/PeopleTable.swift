public import Database
public import IssueModel
public import Store
public import Workspace

/// Who is who in a source: every member and every person's account, matched or not, and the way out for each gap.
///
/// For whoever runs the installation: it names addresses and accounts.
public struct PeopleTable: Hashable, Sendable {
    /// The source's name.
    public var source: String
    public var mode: Source.AccessMode
    public var members: [MemberRow]
    /// Accounts of people that no member is.
    public var accounts: [AccountRow]

    /// A member in the source.
    public struct MemberRow: Hashable, Sendable {
        public var member: Member
        public var state: LinkState
        /// The linked account; `nil` where there is none.
        public var account: Account?
        /// When the member's own credential was stored; `nil` where there is none.
        public var credentialStored: Timestamp?
        public var remark: PeopleRemark

        /// The row of one member.
        public init(of member: Member, in source: Source, _ connection: Connection) throws {
            try self.init(
                member, try IdentityLinks.link(of: member, source: source.id, in: connection), source: source,
                credentialStored: try PersonalCredentials.get(of: member.id, source: source.id, in: connection)?.stored,
                connection)
        }

        init(
            _ member: Member, _ state: LinkState, source: Source, credentialStored: Timestamp?,
            _ connection: Connection
        ) throws {
            self.member = member
            self.state = state
            self.credentialStored = credentialStored
            account = try state.account.flatMap {
                try PeopleRecords.account($0, source: source.id, in: connection)?.account
            }
            let listing = try state.account.flatMap {
                try Listings.record($0, source: source.id, in: connection)
            }
            if credentialStored != nil, let listing, let problem = listing.problem {
                remark = PeopleRemark(problem, isRefused: listing.verified == nil, of: member, source: source)
            } else {
                remark = PeopleRemark(state, of: member, source: source, hasCredential: credentialStored != nil)
            }
        }
    }

    /// A person's account that is nobody's here.
    public struct AccountRow: Hashable, Sendable {
        public var account: Account
        public var remark: PeopleRemark
    }

    /// Reads the table from one snapshot.
    public init(of source: Source, in connection: Connection) throws {
        self.source = source.name
        mode = source.accessMode
        let credentials = Dictionary(
            try PersonalCredentials.all(source: source.id, in: connection).map { ($0.member, $0.stored) }
        ) { first, _ in first }
        members = try IdentityLinks.all(source: source.id, in: connection).map { member, state in
            try MemberRow(member, state, source: source, credentialStored: credentials[member.id], connection)
        }
        let linked = Set(members.compactMap(\.state.account))
        // Addresses compare by their bytes: SQLite's NOCASE and this fold ASCII letters and nothing else.
        let byAddress = Dictionary(members.map { (Self.folded($0.member.email), $0) }) { first, _ in first }
        accounts = try PeopleRecords.all(source: source.id, in: connection).map(\.account)
            .filter { $0.kind != .app && $0.kind != .customer && !linked.contains($0.id) }
            .map { account in
                let row = account.email.flatMap { byAddress[Self.folded($0)] }
                return AccountRow(account: account, remark: PeopleRemark(account, sharing: row, source: source))
            }
    }

    private static func folded(_ address: String) -> [UInt8] {
        address.utf8.map { (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains($0) ? $0 | 0x20 : $0 }
    }

    /// How many members are in the state of this name.
    public func count(_ state: String) -> Int { members.count { $0.state.name == state } }
}
