public import AccessEngine

/// Something a synchronisation could not do that a person should know; the rest went on.
public struct SyncWarning: Hashable, Sendable {
    /// Stable, for scripts.
    public var code: Code
    /// What happened, what is lost by it and what to do.
    public var message: String

    /// What was lost: with what of access could not be read, whatever else a synchronisation tells. Open: later versions add
    /// codes.
    public typealias Code = AccessWarning.Code

    public init(_ code: Code, _ message: String) {
        self.code = code
        self.message = message
    }
}

extension SyncWarning.Code {
    public static let boardsUnreadable = SyncWarning.Code(rawValue: "boards_unreadable")
    /// Some catalogue (priorities, versions, …) cannot be read; issues still carry its names.
    public static let catalogueUnreadable = SyncWarning.Code(rawValue: "catalogue_unreadable")
    /// Issues that could not be decoded or stored; they are retried at the next run.
    public static let issuesQuarantined = SyncWarning.Code(rawValue: "issues_quarantined")
    /// Comments, worklogs or attachments that could not be decoded; their issues are shown without them.
    public static let partsQuarantined = SyncWarning.Code(rawValue: "parts_quarantined")
    /// Issues the listing named and the site then did not return.
    public static let issuesUnavailable = SyncWarning.Code(rawValue: "issues_unavailable")
    /// Attachments whose bytes could not be fetched or whose text could not be extracted.
    public static let attachmentsUnread = SyncWarning.Code(rawValue: "attachments_unread")
    /// Members' own credentials are refused, so their listings count no more.
    public static let listingsRefused = SyncWarning.Code(rawValue: "listings_refused")
    /// The access mode shows content to nobody but the operator as yet.
    public static let accessModeHidesAll = SyncWarning.Code(rawValue: "access_mode_hides_all")
    /// All members see what the credential sees, as an administrator chose.
    public static let accessShared = SyncWarning.Code(rawValue: "access_shared")
    /// The credential's account is not the one the source was added with.
    public static let accountChanged = SyncWarning.Code(rawValue: "account_changed")
}
