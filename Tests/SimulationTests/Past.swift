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
        let hidden = Self.hidden(in: state)
        let deleted = (0..<state.issueCount).map { state.row($0) }.filter { $0.state == .deleted }.map(\.id)
        known.withLock { known in
            known.moments.append(Moment(state: state, since: now))
            known.unseen.formUnion(hidden)
            for id in deleted where known.deleted[id] == nil { known.deleted[id] = now }
        }
    }

    /// Issues that are there and that the source's own account cannot find.
    static func hidden(in state: SiteState) -> Set<Int> {
        let evaluator = PermissionEvaluator(state)
        var hidden: Set<Int> = []
        for ordinal in 0..<state.issueCount {
            let row = state.row(ordinal)
            guard row.state != .deleted else { continue }
            if row.state == .archived || state.projects[Int(row.project)].isArchived
                || !evaluator.mayBrowse(reader, issue: ordinal)
            {
                hidden.insert(row.id)
            }
        }
        return hidden
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
            sight.formUnion(Self.records(of: ordinal, in: state, seenBy: caller, evaluator))
        }
        known.withLock { $0.sights[key] = sight }
        return sight
    }

    /// An issue and its parts that `caller` sees; nil sees everything.
    private static func records(
        of ordinal: Int, in state: SiteState, seenBy caller: Caller?, _ evaluator: PermissionEvaluator
    ) -> Set<RecordID> {
        guard state.row(ordinal).state != .deleted, caller.map({ evaluator.mayBrowse($0, issue: ordinal) }) ?? true
        else { return [] }
        var sight: Set<RecordID> = [.issue(state.row(ordinal).id)]
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

    /// What of `records` the caller saw at no moment since `earliest`, nor would have seen had no more changed by then than
    /// issues, or no more than rules.
    ///
    /// What issues hold is known within a minute, rules hold for their lease: an issue that is new, or newly open to some,
    /// is shown by the rules that were read last.
    func neverSeen(_ records: Set<RecordID>, by caller: Caller, since earliest: Milliseconds) -> Set<RecordID> {
        let moments = known.withLock { $0.moments }
        // A state lasted until the next one began.
        let first = moments.indices.last { moments[$0].since <= earliest } ?? 0
        let states = moments[first...].reversed().map(\.state)
        var left = records
        for state in states where !left.isEmpty { left.subtract(sight(of: caller, in: state)) }
        for rules in states {
            for content in states where !left.isEmpty && content.version != rules.version {
                left.subtract(Self.sight(of: left, by: caller, in: content, under: rules))
            }
        }
        return left
    }

    /// What of `records` the caller would see in one state under the rules of another.
    private static func sight(
        of records: Set<RecordID>, by caller: Caller, in content: SiteState, under rules: SiteState
    ) -> Set<RecordID> {
        let state = content.under(rules)
        if case .user(let index) = caller, index >= state.users.count { return [] }
        let evaluator = PermissionEvaluator(state)
        let issues = Set(
            records.compactMap { record in
                switch record {
                case .issue(let id): state.ordinal(id: id)
                case .comment(let id), .worklog(let id), .attachment(let id): state.ordinal(ofPart: id)
                }
            })
        return issues.reduce(into: []) { sight, ordinal in
            sight.formUnion(Self.records(of: ordinal, in: state, seenBy: caller, evaluator))
        }
    }
}

extension SiteState {
    /// These issues under other rules: people, groups, licences, schemes, and who plays which role where.
    fileprivate func under(_ rules: SiteState) -> SiteState {
        // What came later has no other rules than its own.
        func merged<Element>(_ path: KeyPath<SiteState, [Element]>) -> [Element] {
            rules[keyPath: path] + self[keyPath: path].dropFirst(rules[keyPath: path].count)
        }
        var state = self
        state.users = merged(\.users)
        state.groups = merged(\.groups)
        state.applicationRoles = merged(\.applicationRoles)
        state.projects = merged(\.projects)
        state.permissionSchemes = merged(\.permissionSchemes)
        state.securitySchemes = merged(\.securitySchemes)
        return state
    }
}
