internal import AccessControl
public import IssueModel

/// Whether a project is shown at all, and until when that is sure.
public enum ProjectAccess: Hashable, Sendable {
    /// Shown to whom its rules admit.
    ///
    /// - Parameter until: When the lease of its facts ends; `nil` in ``Source/AccessMode/linked``, where the listings
    ///   have leases of their own.
    case shown(until: Timestamp?)
    /// Shown to nobody but the operator.
    ///
    /// - Parameters:
    ///   - message: What happened and what brings it back, for an administrator.
    ///   - since: When that began, where it is known.
    case hidden(code: HiddenReason, message: String, since: Timestamp?)

    public var isShown: Bool { if case .shown = self { true } else { false } }

    /// Why a project is hidden. New reasons may come.
    public struct HiddenReason: RawRepresentable, Hashable, Sendable, CustomStringConvertible {
        public let rawValue: String
        public init(rawValue: String) { self.rawValue = rawValue }
        public var description: String { rawValue }

        /// Its rules were not read yet.
        public static let rulesUnread = HiddenReason(rawValue: "rules_unread")
        /// The site refuses to tell its rules.
        public static let refused = HiddenReason(rawValue: "rules_refused")
        /// Its rules were read, but too long ago.
        public static let leaseEnded = HiddenReason(rawValue: "lease_ended")
        /// Jira no longer lists it.
        public static let gone = HiddenReason(rawValue: "gone")
        /// Its source is removed.
        public static let sourceRemoved = HiddenReason(rawValue: "source_removed")
    }
}

extension ProjectRecords {
    /// Whether a project is shown: the one decision that reading, explaining and status share.
    ///
    /// A fact verified in the future, by a clock that was wrong, holds no longer than one that is verified now.
    public static func access(of record: Record, source: Source, now: Timestamp) -> ProjectAccess {
        func hidden(_ code: ProjectAccess.HiddenReason, _ words: String, since: Timestamp?) -> ProjectAccess {
            .hidden(code: code, message: words + (record.accessProblem.map { " \($0)" } ?? ""), since: since)
        }
        if source.state == .removed {
            return hidden(.sourceRemoved, "The source is removed.", since: nil)
        }
        if record.accessState == .gone {
            return hidden(.gone, "Jira no longer lists the project.", since: record.accessChanged)
        }
        if source.accessMode == .linked { return .shown(until: nil) }
        guard record.accessState != .hidden else {
            return hidden(.refused, "Who may see the project cannot be read.", since: record.accessChanged)
        }
        guard record.accessState == .verified, let verified = record.accessVerified else {
            return hidden(.rulesUnread, "Who may see the project was not read yet.", since: record.accessChanged)
        }
        let end = Lease.end(verified, source.accessOptions)
        if Lease.holds(verified, until: end, at: now) { return .shown(until: end) }
        return hidden(
            .leaseEnded,
            "Who may see the project was last verified at \(verified.rfc3339), longer ago than the lease of "
                + "\(source.accessOptions.lease / 60) minutes allows.", since: end)
    }

    /// The same, for a process that remembers which leases have ended whatever the clock says now.
    static func access(
        of record: Record, source: Source, now: Timestamp, _ ended: EndedLeases
    ) -> ProjectAccess {
        let access = access(of: record, source: source, now: now)
        guard let verified = record.accessVerified else { return access }
        switch access {
        case .hidden(code: .leaseEnded, _, _): ended.note(.project(record.id), verified: verified)
        case .shown(until: .some(let end)) where ended.hasEnded(.project(record.id), verified: verified):
            return .hidden(
                code: .leaseEnded, message: "The lease of the project's rules has ended, and the clock was set back.",
                since: end)
        default: break
        }
        return access
    }
}
