/// Why a synchronisation stopped. What was stored before stays, and the next run goes on from there.
public struct SyncFailure: Error, Hashable, Sendable, CustomStringConvertible {
    public let code: Code
    /// What happened.
    public let what: String
    public let why: String
    /// Jira's or the network's own words. They may name issues, fields and people: for the person who asked, not for a log.
    public var words: [String] = []
    /// What to do about it.
    public var fix: String
    /// What had been done by then.
    public var summary: SyncSummary?

    /// Open: later versions add codes.
    public struct Code: RawRepresentable, Hashable, Sendable {
        public let rawValue: String
        public init(rawValue: String) { self.rawValue = rawValue }

        public static let sourceUnknown = Code(rawValue: "source_unknown")
        public static let sourceExists = Code(rawValue: "source_exists")
        public static let projectUnknown = Code(rawValue: "project_unknown")
        /// The account reads times in another zone than when the run began; the next one knows.
        public static let zoneChanged = Code(rawValue: "zone_changed")
        public static let sourcePaused = Code(rawValue: "source_paused")
        public static let credentialRefused = Code(rawValue: "credential_refused")
        public static let sourceBusy = Code(rawValue: "source_busy")
        public static let permissionMissing = Code(rawValue: "permission_missing")
        public static let siteUnreachable = Code(rawValue: "site_unreachable")
        public static let siteAnswersWrongly = Code(rawValue: "site_answers_wrongly")
        public static let siteChanged = Code(rawValue: "site_changed")
        public static let queryRefused = Code(rawValue: "query_refused")
        public static let nothingVisible = Code(rawValue: "nothing_visible")
        public static let storageFailed = Code(rawValue: "storage_failed")
        public static let secretsUnreadable = Code(rawValue: "secrets_unreadable")
        public static let cancelled = Code(rawValue: "cancelled")
    }

    /// Which of the command line's exit codes this is.
    public enum Kind: Hashable, Sendable { case failed, refused, unreachable }

    public var kind: Kind {
        switch code {
        case .credentialRefused, .permissionMissing: .refused
        case .siteUnreachable: .unreachable
        default: .failed
        }
    }

    public init(_ code: Code, what: String, why: String = "", fix: String = "", summary: SyncSummary? = nil) {
        self.code = code
        self.what = what
        self.why = why
        self.fix = fix
        self.summary = summary
    }

    /// ``why`` with ``words``, for the person who asked.
    public var personalWhy: String { ([why] + words).filter { !$0.isEmpty }.joined(separator: " ") }

    /// Safe to log: neither secrets nor content.
    public var description: String {
        [what, why, fix].filter { !$0.isEmpty }.joined(separator: " ")
    }
}
