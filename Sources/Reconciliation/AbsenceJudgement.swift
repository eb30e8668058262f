public import IssueModel
public import Journal

/// Everything known of an issue that Jira does not show any more.
public struct AbsenceEvidence: Hashable, Sendable {
    public var signs: Absences.Signs
    /// How often Jira did not return it by its id, counting only questions some time apart.
    public var timesConfirmed: Int
    /// When it was first missed.
    public var first: Timestamp
    /// When it was last missed.
    public var last: Timestamp
    public var project: ProjectSight
    /// Whether Jira could hide this one issue of its project from the source's account: by a security level, a restriction
    /// to roles, or a permission that depends on who reported it.
    public var canBeHidden: Bool
    /// Whether the rules that say so were read since it was first missed: those of before may be what changed.
    public var areRulesKnown: Bool

    public init(
        signs: Absences.Signs, timesConfirmed: Int, first: Timestamp, last: Timestamp, project: ProjectSight = .listed,
        canBeHidden: Bool = true, areRulesKnown: Bool = true
    ) {
        self.signs = signs
        self.timesConfirmed = timesConfirmed
        self.first = first
        self.last = last
        self.project = project
        self.canBeHidden = canBeHidden
        self.areRulesKnown = areRulesKnown
    }

    /// What Jira shows the source's account of a project.
    public enum ProjectSight: String, Hashable, Sendable, CaseIterable {
        case listed, archived
        /// Not listed any more: deleted, or hidden from the account.
        case gone
        /// Known to be deleted.
        case deleted
    }
}

/// What became of an issue that Jira does not show any more.
public enum AbsenceVerdict: Hashable, Sendable {
    /// Nothing was missed by id yet: ask.
    case wait
    /// Hidden from everybody at once, and asked for again then.
    case hide(askAgain: Timestamp)
    /// Jira shows it to the source's account no more, or it was deleted: nothing tells. It stays hidden, and is destroyed
    /// after the grace period unless it is seen again.
    case lostSight
    /// Out of sight for the whole grace period.
    case expired
    /// Put away in Jira: out of search, readable by its key.
    case archived
    case deleted(DeletionProof)
}

/// Why an issue is known to be deleted.
public enum DeletionProof: String, Hashable, Sendable, CaseIterable {
    /// A webhook said so, and Jira does not return it by its id.
    case webhook
    /// The audit log says so, and Jira does not return it by its id.
    case audit
    /// Its project is deleted.
    case project
    /// Jira repeatedly does not return it by its id, and nothing in its project could hide a single issue.
    case asked
    /// An administrator said so.
    case administrator
}

/// Judges absences: pure, so that a table can hold every case.
public enum AbsenceJudgement {
    /// What follows from `evidence` at `now`.
    public static func verdict(
        _ evidence: AbsenceEvidence, at now: Timestamp, policy: DeletionPolicy
    ) -> AbsenceVerdict {
        switch evidence.project {
        case .deleted where !evidence.signs.contains(.rejected): return .deleted(.project)
        case .archived: return .archived
        case .gone, .deleted: return .lostSight
        case .listed: break
        }
        guard evidence.timesConfirmed > 0 else { return .wait }
        if evidence.signs.contains(.rejected) { return .lostSight }
        if evidence.signs.contains(.webhook) { return .deleted(.webhook) }
        if evidence.signs.contains(.audit) { return .deleted(.audit) }
        let again = Timestamp(milliseconds: evidence.last.rawValue + policy.spacing)
        guard evidence.timesConfirmed >= policy.confirmations else { return .hide(askAgain: again) }
        guard evidence.canBeHidden else {
            return evidence.areRulesKnown ? .deleted(.asked) : .hide(askAgain: again)
        }
        let end = evidence.first.rawValue + policy.grace
        // What the last question answered must itself be later than the end.
        return now.rawValue >= end && evidence.last.rawValue >= end ? .expired : .lostSight
    }

    /// Whether removing it is only a matter of further questions, so that it counts for the circuit breaker.
    public static func isCondemned(_ evidence: AbsenceEvidence, _ verdict: AbsenceVerdict) -> Bool {
        switch verdict {
        case .deleted, .expired: true
        case .hide: !evidence.canBeHidden
        case .wait, .lostSight, .archived: false
        }
    }
}
