import IssueModel

extension SyncPlan {
    /// Everything that may begin now: listings, preparations and at most one transaction.
    mutating func pump() -> [Action] {
        var actions: [Action] = []
        startPreparing(&actions)
        startListing(&actions)
        startCommit(&actions)
        if actions.isEmpty, preparing.isEmpty, committing == nil, walks.allSatisfy({ !$0.isListing }) {
            precondition(ready.isEmpty && walks.allSatisfy(\.isDone), "the issue phase is stuck")
            return advance()
        }
        return actions
    }

    private var openUnits: Int { preparing.count + ready.count + (committing?.units.count ?? 0) }

    private mutating func startPreparing(_ actions: inout [Action]) {
        for lane in walks.indices {
            while openUnits < limits.openUnits, let unit = walks[lane].nextWaiting() {
                preparing.insert(unit)
                actions.append(.prepare(unit))
            }
        }
    }

    /// Lists ahead by one page a lane, so that fetching never waits for ids.
    private mutating func startListing(_ actions: inout [Action]) {
        var listing = walks.count { $0.isListing }
        let isDeltaOpen = walks.contains { [.delta, .part].contains($0.lane.kind) && !$0.isDone }
        for lane in walks.indices where listing < limits.lanesListed && walks[lane].wantsListing(limits) {
            if isDeltaOpen, walks[lane].lane.kind == .named { continue }
            guard openUnits + listing < limits.openUnits + limits.lanesListed else { return }
            listing += 1
            walks[lane].isListing = true
            actions.append(.list(lane: lane, after: walks[lane].next))
        }
    }

    private mutating func startCommit(_ actions: inout [Action]) {
        guard committing == nil else { return }
        let issues = ready.reduce(0) { $0 + $1.issues.count }
        let isIdle = preparing.isEmpty && walks.allSatisfy { !$0.isListing && !$0.hasWaiting }
        guard issues >= limits.issuesPerCommit || isIdle || openUnits >= limits.openUnits else { return }
        let after = checkpoint(storing: ready)
        guard !ready.isEmpty || (isIdle && after != checkpoint) else { return }
        committing = (ready, after)
        ready = []
        actions.append(.commit(committing?.units ?? [], after))
    }

    /// The checkpoint that is true once `units` are stored too.
    private func checkpoint(storing units: [Unit]) -> SyncCheckpoint {
        var walks = walks
        for unit in units { walks[unit.lane].stored(unit) }
        var result = checkpoint
        for walk in walks {
            switch walk.lane.kind {
            case .backfill(let index):
                result.backfill?.lanes[index] = SyncCheckpoint.Lane(
                    projects: walk.lane.projects, after: walk.lowWater, isDone: walk.isDone)
            case .delta:
                // At its end everything the site knew when the walk began is stored, whatever its clock says of it.
                let end = walk.isDone ? walk.asOf : nil
                result.mark = end ?? [result.mark, walk.mark].compactMap(\.self).max()
                // The mark says nothing of what was left out: should it come back, it is read wholly.
                result.covered.subtract(walk.dropped)
            case .part, .named: break
            }
        }
        // A delta that still runs may move the mark past the backfill's beginning; so the backfill ends last.
        if result.backfill?.lanes.allSatisfy(\.isDone) == true, walks.allSatisfy(\.isDone) { result.finishBackfill() }
        return result
    }
}

/// One lane being walked: what is listed, what is under way and how far everything is stored.
struct Walk: Sendable {
    private(set) var lane: SyncPlan.Lane
    /// Projects that the site did not know when it was asked.
    private(set) var dropped: Set<EntityID> = []
    /// Cursor of the next page to list.
    private(set) var next: String?
    var isListing = false
    private(set) var isExhausted = false
    /// The latest change in the pages that are stored without a gap (only a delta has one).
    private(set) var mark: Timestamp?
    /// The site's time before the first page was asked for.
    private(set) var asOf: Timestamp?
    private var waiting: [SyncPlan.Unit] = []
    private var pages: [Page] = []
    private var firstPage = 0

    private struct Page {
        var after: String?
        var open: Int
        var newest: Timestamp?
    }

    init(lane: SyncPlan.Lane) {
        self.lane = lane
        next = lane.after
        isExhausted = lane.projects.isEmpty && lane.kind != .named
    }

    var hasWaiting: Bool { !waiting.isEmpty }
    var isDone: Bool { isExhausted && pages.isEmpty }

    /// Cursor of the oldest page that is not wholly stored.
    var lowWater: String? { pages.first.map(\.after) ?? next }

    func wantsListing(_ limits: SyncPlan.Limits) -> Bool {
        !isListing && !isExhausted && waiting.count < 2
    }

    mutating func nextWaiting() -> SyncPlan.Unit? {
        waiting.isEmpty ? nil : waiting.removeFirst()
    }

    mutating func listed(parts: [[IssueID]], next: String?, asOf: Timestamp?, lane index: Int) {
        precondition(isListing, "a page nobody asked for")
        isListing = false
        if firstPage == 0, pages.isEmpty { self.asOf = asOf }
        let number = firstPage + pages.count
        pages.append(Page(after: self.next, open: parts.count))
        for (part, issues) in parts.enumerated() {
            waiting.append(SyncPlan.Unit(lane: index, page: number, part: part, issues: issues))
        }
        self.next = next
        isExhausted = next == nil
        forgetStoredPages()
    }

    mutating func drop(_ projects: [EntityID]) {
        precondition(isListing, "a page nobody asked for")
        isListing = false
        lane.projects.removeAll { projects.contains($0) }
        dropped.formUnion(projects)
        if lane.projects.isEmpty { isExhausted = true }
    }

    mutating func prepared(_ unit: SyncPlan.Unit, newest: Timestamp?) {
        let page = unit.page - firstPage
        pages[page].newest = [pages[page].newest, newest].compactMap(\.self).max()
    }

    mutating func stored(_ unit: SyncPlan.Unit) {
        let page = unit.page - firstPage
        precondition(pages.indices.contains(page) && pages[page].open > 0, "a unit was stored twice")
        pages[page].open -= 1
        forgetStoredPages()
    }

    /// Only pages at the front go: behind a page that is not stored nothing counts yet.
    private mutating func forgetStoredPages() {
        while let page = pages.first, page.open == 0 {
            if lane.kind == .delta { mark = [mark, page.newest].compactMap(\.self).max() }
            pages.removeFirst()
            firstPage += 1
        }
    }
}
