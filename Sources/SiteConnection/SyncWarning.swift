/// Something a synchronisation could not do that a person should know; the rest went on.
public struct SyncWarning: Hashable, Sendable {
    /// Stable, for scripts.
    public var code: Code
    /// What happened, what is lost by it and what to do.
    public var message: String

    /// What kind of thing was lost; those of `AccessWarning` come besides. Open: later versions add codes.
    public struct Code: RawRepresentable, Hashable, Sendable {
        public let rawValue: String
        public init(rawValue: String) { self.rawValue = rawValue }

        /// The site's permission facts cannot be read, so its projects are hidden.
        public static let accessUnreadable = Code(rawValue: "access_unreadable")
        /// One project's permission facts cannot be read, so that project is hidden.
        public static let projectAccessUnreadable = Code(rawValue: "project_access_unreadable")
        public static let boardsUnreadable = Code(rawValue: "boards_unreadable")
        /// Some catalogue (priorities, versions, …) cannot be read; issues still carry its names.
        public static let catalogueUnreadable = Code(rawValue: "catalogue_unreadable")
        /// A project left the site or is no longer visible to the credential.
        public static let projectGone = Code(rawValue: "project_gone")
        /// Issues that could not be decoded or stored; they are retried at the next run.
        public static let issuesQuarantined = Code(rawValue: "issues_quarantined")
        /// Comments, worklogs or attachments that could not be decoded; their issues are shown without them.
        public static let partsQuarantined = Code(rawValue: "parts_quarantined")
        /// Issues the listing named and the site then did not return.
        public static let issuesUnavailable = Code(rawValue: "issues_unavailable")
        /// Attachments whose bytes could not be fetched or whose text could not be extracted.
        public static let attachmentsUnread = Code(rawValue: "attachments_unread")
        /// Members' own credentials are refused, so their listings count no more.
        public static let listingsRefused = Code(rawValue: "listings_refused")
        /// The access mode shows content to nobody but the operator as yet.
        public static let accessModeHidesAll = Code(rawValue: "access_mode_hides_all")
        /// All members see what the credential sees, as an administrator chose.
        public static let accessShared = Code(rawValue: "access_shared")
        /// The credential's account is not the one the source was added with.
        public static let accountChanged = Code(rawValue: "account_changed")
    }

    public init(_ code: Code, _ message: String) {
        self.code = code
        self.message = message
    }
}
