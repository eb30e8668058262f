public import IssueModel

/// Our number of a member; never used again for another one.
public struct MemberID: RawRepresentable, Hashable, Sendable, Comparable, CustomStringConvertible {
    public let rawValue: Int64
    public init(rawValue: Int64) { self.rawValue = rawValue }
    public init(_ rawValue: Int64) { self.rawValue = rawValue }
    public var description: String { String(rawValue) }
    public static func < (left: Self, right: Self) -> Bool { left.rawValue < right.rawValue }
}

/// A person of this installation.
public struct Member: Hashable, Sendable {
    public var id: MemberID
    /// As it was given. Compared by its bytes, of which only ASCII letters fold their case.
    public var email: String
    /// What to call the person; decides nothing.
    public var name: String
    public var role: Role
    /// Whether somebody vouches that the address is this person's: only then may it link to a Jira account.
    public var emailVerified: Bool
    public var state: State
    public var added: Timestamp

    /// What the member may do here. No role shows more of Jira than another.
    public enum Role: String, Hashable, Sendable, CaseIterable { case owner, admin, member }

    public enum State: String, Hashable, Sendable, CaseIterable {
        case active
        /// Kept with all links, but is nobody until active again.
        case suspended
    }

    /// - Parameter id: Given by ``MemberRecords/add(_:in:)``; 0 before.
    public init(
        id: MemberID = MemberID(0), email: String, name: String? = nil, role: Role = .member,
        emailVerified: Bool = true, state: State = .active, added: Timestamp
    ) {
        self.id = id
        self.email = email
        self.name = name ?? email
        self.role = role
        self.emailVerified = emailVerified
        self.state = state
        self.added = added
    }
}
