import SimulatedRules
import SimulatedSite
import SimulatedData
import Synchronization

/// Anything that has an audience of its own, by Jira's number.
enum RecordID: Hashable, Sendable, Comparable, CustomStringConvertible {
    case issue(Int)
    case comment(Int)
    case worklog(Int)
    case attachment(Int)

    var description: String {
        switch self {
        case .issue(let id): "issue \(id)"
        case .comment(let id): "comment \(id)"
        case .worklog(let id): "worklog \(id)"
        case .attachment(let id): "attachment \(id)"
        }
    }
}

/// Every state the site has been in, and what was seen of each.
final class Past: Sendable {
    private struct Moment {
        var state: SiteState
        var since: Milliseconds
    }

    private struct Key: Hashable {
        var caller: Caller?
        var version: Int
    }

    private struct Known {
        var moments: [Moment] = []
        var sights: [Key: Set<RecordID>] = [:]
        /// Issues that the source's own account could not find at some moment: it cannot know how they changed meanwhile.
        var unseen: Set<Int> = []
        var deleted: [Int: Milliseconds] = [:]
    }

    private let known = Mutex(Known())

    /// The person whose credential the source reads with.
    static let reader = Caller.user(0)

    func note(_ state: SiteState, at now: Milliseconds) {
        let evaluator = PermissionEvaluator(state)
        var hidden: Set<Int> = []
        var deleted: [Int] = []
        for ordinal in 0..<state.issueCount {
            let row = state.row(ordinal)
            if row.state == .deleted {
                deleted.append(row.id)
            } else if row.state == .archived || state.projects[Int(row.project)].isArchived
                || !evaluator.mayBrowse(Self.reader, issue: ordinal)
            {
                hidden.insert(row.id)
            }
        }
        known.withLock { known in
            known.moments.append(Moment(state: state, since: now))
            known.unseen.formUnion(hidden)
            for id in deleted where known.deleted[id] == nil { known.deleted[id] = now }
        }
    }

    var unseen: Set<Int> { known.withLock { $0.unseen } }

    /// When each deleted issue was.
    var deleted: [Int: Milliseconds] { known.withLock { $0.deleted } }

    /// What `caller` sees of a state; nil sees everything.
    func sight(of caller: Caller?, in state: SiteState) -> Set<RecordID> {
        let key = Key(caller: caller, version: state.version)
        if let sight = known.withLock({ $0.sights[key] }) { return sight }
        let evaluator = PermissionEvaluator(state)
        var sight: Set<RecordID> = []
        for ordinal in 0..<state.issueCount {
            guard state.row(ordinal).state != .deleted, caller.map({ evaluator.mayBrowse($0, issue: ordinal) }) ?? true
            else { continue }
            sight.insert(.issue(state.row(ordinal).id))
            let content = state.content(of: ordinal)
            for comment in content.comments
            where caller.map({ evaluator.sees($0, comment: comment, of: ordinal) }) ?? true {
                sight.insert(.comment(comment.id))
            }
            for worklog in content.worklogs
            where caller.map({ evaluator.sees($0, worklog: worklog, of: ordinal) }) ?? true {
                sight.insert(.worklog(worklog.id))
            }
            for file in content.attachments
            where caller.map({ evaluator.sees($0, attachment: file, of: ordinal, content: content) }) ?? true {
                sight.insert(.attachment(file.id))
            }
        }
        known.withLock { $0.sights[key] = sight }
        return sight
    }

    /// Parts that the source's own account could not read at some moment, be it that their issue was shown. Costs as much
    /// as all else together: for when something differs.
    func unseenParts() -> Set<RecordID> {
        let moments = known.withLock { $0.moments }
        return moments.reduce(into: []) { parts, moment in
            parts.formUnion(sight(of: nil, in: moment.state).subtracting(sight(of: Self.reader, in: moment.state)))
        }
    }

    /// What of `records` the caller saw at no moment since `earliest`.
    func neverSeen(_ records: Set<RecordID>, by caller: Caller, since earliest: Milliseconds) -> Set<RecordID> {
        let moments = known.withLock { $0.moments }
        var left = records
        for index in moments.indices.reversed() where !left.isEmpty {
            // A state lasted until the next one began.
            if index + 1 < moments.count, moments[index + 1].since < earliest { break }
            left.subtract(sight(of: caller, in: moments[index].state))
        }
        return left
    }
}
