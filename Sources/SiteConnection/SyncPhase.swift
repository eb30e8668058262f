/// A stage of a synchronisation, in the order they run.
public enum SyncPhase: String, CaseIterable, Hashable, Sendable, Comparable {
    /// Which site this is, and whether the credential still names the same account.
    case identify
    /// Fields, statuses, priorities, resolutions, types and link types.
    case fields
    /// Projects with their versions and components.
    case projects
    /// Everything that decides who may see what: schemes, levels, roles, groups, licences, accounts.
    case access
    /// Issues with all they carry.
    case issues
    case boards
    /// The bytes and text of attachments, once every issue can be found.
    case attachments
    case finished

    private var order: Int { Self.allCases.firstIndex(of: self) ?? 0 }

    public static func < (left: Self, right: Self) -> Bool { left.order < right.order }

    /// The phase after this one; `finished` stays.
    public var next: SyncPhase {
        let all = Self.allCases
        return all[min(order + 1, all.count - 1)]
    }
}

/// How far a synchronisation is, for a progress bar.
public struct SyncProgress: Hashable, Sendable {
    public var phase: SyncPhase
    /// Things of the phase that are stored: issues in the issue phase.
    public var done: Int
    /// Things the phase will store, where that is known.
    public var total: Int?
    /// Things stored a second since the phase began.
    public var rate: Double

    public init(phase: SyncPhase, done: Int, total: Int? = nil, rate: Double = 0) {
        self.phase = phase
        self.done = done
        self.total = total
        self.rate = rate
    }
}
