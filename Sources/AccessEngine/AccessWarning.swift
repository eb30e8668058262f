/// Something of what decides access that could not be read, and what that means.
public struct AccessWarning: Hashable, Sendable {
    public var code: Code
    public var message: String

    /// What was lost. Stable, for scripts; later versions add codes.
    public struct Code: RawRepresentable, Hashable, Sendable {
        public let rawValue: String
        public init(rawValue: String) { self.rawValue = rawValue }

        /// The site's permission facts cannot be read, so its projects are hidden.
        public static let accessUnreadable = Code(rawValue: "access_unreadable")
        /// One project's permission facts cannot be read, so that project is hidden.
        public static let projectAccessUnreadable = Code(rawValue: "project_access_unreadable")
        /// The list of permission schemes is refused; projects are asked one by one.
        public static let schemeListUnreadable = Code(rawValue: "scheme_list_unreadable")
        /// Members of security levels cannot be read, so issues with a level are hidden.
        public static let levelMembersUnreadable = Code(rawValue: "level_members_unreadable")
        /// A scheme or level names a holder this version does not know; it grants nobody.
        public static let unknownHolder = Code(rawValue: "unknown_holder")
        /// Accounts or groups cannot be listed, or a group's members cannot be read.
        public static let peopleUnreadable = Code(rawValue: "people_unreadable")
        /// A Data Center lists only some of its groups. What is shown is exact all the same.
        public static let groupsIncomplete = Code(rawValue: "groups_incomplete")
        /// A Data Center lists only some of its accounts; people in groups that rules name are known from these.
        public static let accountsIncomplete = Code(rawValue: "accounts_incomplete")
        /// The groups behind an application's licence cannot be read.
        public static let licencesUnreadable = Code(rawValue: "licences_unreadable")
        /// A project left the site or is no longer visible to the credential.
        public static let projectGone = Code(rawValue: "project_gone")
        /// Some of what decides access could not be read again; it holds until its lease ends.
        public static let accessNotVerified = Code(rawValue: "access_not_verified")
    }

    public init(_ code: Code, _ message: String) {
        self.code = code
        self.message = message
    }
}
