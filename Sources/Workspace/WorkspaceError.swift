/// Why something could not be done to a member or a link. For whoever runs the installation: `message` names members
/// and accounts. It holds no secret and nothing of what Jira keeps.
public struct WorkspaceError: Error, Hashable, Sendable, CustomStringConvertible {
    public var code: Code
    /// What happened, why, and what to do.
    public var message: String

    /// The kind of failure. New kinds may come.
    public struct Code: RawRepresentable, Hashable, Sendable, CustomStringConvertible {
        public let rawValue: String
        public init(rawValue: String) { self.rawValue = rawValue }
        public var description: String { rawValue }

        /// The text is not an e-mail address.
        public static let invalidEmail = Code(rawValue: "invalid_email")
        /// A member has this address already.
        public static let memberExists = Code(rawValue: "member_exists")
        /// No member has this address.
        public static let unknownMember = Code(rawValue: "unknown_member")
        /// The member may not be anybody at present.
        public static let memberSuspended = Code(rawValue: "member_suspended")
        /// The source has no such account.
        public static let unknownAccount = Code(rawValue: "unknown_account")
        /// The account is not a person's, or may not sign in to Jira.
        public static let unusableAccount = Code(rawValue: "unusable_account")
        /// Another member is linked to the account.
        public static let accountTaken = Code(rawValue: "account_taken")
        /// A personal credential belongs to another site than the source's.
        public static let otherSite = Code(rawValue: "other_site")
        /// A stored record can't be read back.
        public static let damaged = Code(rawValue: "record_damaged")
    }

    public init(_ code: Code, _ message: String) {
        self.code = code
        self.message = message
    }

    public var description: String { "\(message) [\(code.rawValue)]" }
}
