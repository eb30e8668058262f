public import IssueModel
public import SiteConnection

/// Decides what a synchronisation does next: events in, actions out, no clock, no disk, no network.
///
/// The phases run in the order of ``SyncPhase``; inside the issue phase several pages are listed, fetched and prepared at
/// once, and one transaction at a time stores what is ready together with the checkpoint that is true once it commits.
/// ``SyncService`` performs the actions and reports back. An event that cannot happen in the present state traps.
public struct SyncPlan: Sendable {
    public enum Event: Hashable, Sendable {
        case begin
        /// A phase other than the issue phase has ended.
        case completed(SyncPhase)
        /// The projects are known: walk these lanes from `checkpoint`.
        case lanesChosen([Lane], checkpoint: SyncCheckpoint)
        /// A page was listed; `parts` are the issues of each ``Unit`` of it, `next` the cursor of the page after it, and
        /// `asOf` the site's time before the walk of a delta began.
        case listed(lane: Int, parts: [[IssueID]], next: String?, asOf: Timestamp? = nil)
        /// The site says these projects do not exist (any more); the lane's query goes on without them.
        case projectsGone(lane: Int, projects: [EntityID])
        /// A unit is ready to be stored; `newest` is the latest time of change in it.
        case prepared(Unit, newest: Timestamp?)
        /// The transaction of the last ``Action/commit(_:_:)`` has committed.
        case committed
        case failed(SyncPhase, isFatal: Bool)
    }

    public enum Action: Hashable, Sendable {
        /// Do all of a phase other than the issue phase.
        case perform(SyncPhase)
        /// Compare projects and checkpoint and answer ``Event/lanesChosen(_:checkpoint:)``.
        case chooseLanes
        /// List the page after a cursor.
        case list(lane: Int, after: String?)
        /// Fetch, decode and prepare the issues of a unit.
        case prepare(Unit)
        /// Store these units and this checkpoint in one transaction.
        case commit([Unit], SyncCheckpoint)
        /// Begin no more work; everything stored so far stays.
        case stop
        case finish
    }

    /// Issues that are fetched, prepared and stored together.
    public struct Unit: Hashable, Sendable {
        public let lane: Int
        /// Number of the page in its lane, from 0 in this run.
        public let page: Int
        public let part: Int
        public let issues: [IssueID]

        public init(lane: Int, page: Int, part: Int, issues: [IssueID]) {
            self.lane = lane
            self.page = page
            self.part = part
            self.issues = issues
        }

        public static func == (left: Self, right: Self) -> Bool {
            (left.lane, left.page, left.part) == (right.lane, right.page, right.part)
        }

        public func hash(into hasher: inout Hasher) {
            hasher.combine(lane)
            hasher.combine(page)
            hasher.combine(part)
        }
    }

    /// A listing to walk, and what its end means for the checkpoint.
    public struct Lane: Hashable, Sendable {
        public enum Kind: Hashable, Sendable {
            /// The n-th lane of the checkpoint's backfill.
            case backfill(Int)
            /// Covered projects' changes since the mark, oldest first.
            case delta
            /// The same for some of the covered projects, which moves no mark.
            case part
            /// Issues by their ids: those that wait to be read or could not be stored before. Listed once the deltas
            /// have ended, as these bring most of them.
            case named
        }

        public var kind: Kind
        public var projects: [EntityID]
        public var after: String?

        public init(_ kind: Kind, projects: [EntityID], after: String? = nil) {
            self.kind = kind
            self.projects = projects
            self.after = after
        }
    }

    /// How much may be under way at once. Together with the size of a unit this bounds memory.
    public struct Limits: Hashable, Sendable {
        /// Units being fetched, prepared, waiting to be stored or being stored. Defaults to 4.
        public var openUnits = 4
        /// Issues a transaction waits for while more are on their way. Defaults to 1,000.
        public var issuesPerCommit = 1_000
        /// Lanes that may be listed at once. Defaults to 4.
        public var lanesListed = 4

        public init() {}
    }

    public internal(set) var phase = SyncPhase.identify
    public internal(set) var checkpoint = SyncCheckpoint()
    let limits: Limits
    var walks: [Walk] = []
    var preparing: Set<Unit> = []
    var ready: [Unit] = []
    var committing: (units: [Unit], checkpoint: SyncCheckpoint)?
    private let phases: Set<SyncPhase>
    private var isStopped = false

    /// - Parameter phases: What is done; the others are passed over.
    public init(limits: Limits = Limits(), phases: Set<SyncPhase> = Set(SyncPhase.allCases)) {
        self.limits = limits
        self.phases = phases
    }

    /// Takes an event and answers with what is to be done now; actions under way stay under way.
    public mutating func handle(_ event: Event) -> [Action] {
        guard !isStopped else { return [] }
        switch event {
        case .begin:
            return phases.contains(.identify) ? [.perform(.identify)] : advance()
        case .completed(let done):
            precondition(done == phase && done != .issues, "\(done) ended in \(phase)")
            return advance()
        case .lanesChosen(let lanes, let checkpoint):
            precondition(phase == .issues && walks.isEmpty)
            self.checkpoint = checkpoint
            walks = lanes.map { Walk(lane: $0) }
            return pump()
        case .listed(let lane, let parts, let next, let asOf):
            walks[lane].listed(parts: parts, next: next, asOf: asOf, lane: lane)
            return pump()
        case .projectsGone(let lane, let projects):
            walks[lane].drop(projects)
            return pump()
        case .prepared(let unit, let newest):
            precondition(preparing.remove(unit) != nil, "a unit was prepared twice")
            walks[unit.lane].prepared(unit, newest: newest)
            ready.append(unit)
            return pump()
        case .committed:
            guard let done = committing else { preconditionFailure("nothing was being stored") }
            committing = nil
            checkpoint = done.checkpoint
            for unit in done.units { walks[unit.lane].stored(unit) }
            return pump()
        case .failed(let failed, let isFatal):
            return isFatal || failed == .issues ? stop() : advance()
        }
    }

    private mutating func stop() -> [Action] {
        isStopped = true
        return [.stop]
    }

    mutating func advance() -> [Action] {
        repeat { phase = phase.next } while phase != .finished && !phases.contains(phase)
        switch phase {
        case .issues: return [.chooseLanes]
        case .finished: return [.finish]
        default: return [.perform(phase)]
        }
    }
}
