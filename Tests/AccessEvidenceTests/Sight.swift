import SimulatedData
import SimulatedRules
import SimulatedSite

/// Ids of what somebody sees, by Jira's own numbers: issues, and what hangs on each of them.
struct Sight: Hashable, Sendable {
    struct Parts: Hashable, Sendable {
        var comments: Set<Int> = []
        var worklogs: Set<Int> = []
        var attachments: Set<Int> = []
    }

    var issues: [Int: Parts] = [:]

    init() {}

    /// What the simulated site itself shows `caller`, asked of its own evaluator record by record.
    init(_ caller: Caller, _ state: SiteState) {
        let evaluator = PermissionEvaluator(state)
        for ordinal in 0..<state.issueCount where evaluator.mayBrowse(caller, issue: ordinal) {
            let content = state.content(of: ordinal)
            var parts = Parts()
            for comment in content.comments where evaluator.sees(caller, comment: comment, of: ordinal) {
                parts.comments.insert(comment.id)
            }
            for worklog in content.worklogs where evaluator.sees(caller, worklog: worklog, of: ordinal) {
                parts.worklogs.insert(worklog.id)
            }
            for file in content.attachments
            where evaluator.sees(caller, attachment: file, of: ordinal, content: content) {
                parts.attachments.insert(file.id)
            }
            issues[state.row(ordinal).id] = parts
        }
    }

    /// Every record there is.
    init(everythingOf state: SiteState) {
        for ordinal in 0..<state.issueCount where state.row(ordinal).state != .deleted {
            let content = state.content(of: ordinal)
            issues[state.row(ordinal).id] = Parts(
                comments: Set(content.comments.map(\.id)), worklogs: Set(content.worklogs.map(\.id)),
                attachments: Set(content.attachments.map(\.id)))
        }
    }

    /// What is in both.
    func meeting(_ other: Sight) -> Sight {
        var result = Sight()
        for (id, parts) in issues {
            guard let others = other.issues[id] else { continue }
            result.issues[id] = Parts(
                comments: parts.comments.intersection(others.comments),
                worklogs: parts.worklogs.intersection(others.worklogs),
                attachments: parts.attachments.intersection(others.attachments))
        }
        return result
    }

    /// What is in either.
    func joining(_ other: Sight) -> Sight {
        var result = self
        for (id, parts) in other.issues {
            var joined = result.issues[id] ?? Parts()
            joined.comments.formUnion(parts.comments)
            joined.worklogs.formUnion(parts.worklogs)
            joined.attachments.formUnion(parts.attachments)
            result.issues[id] = joined
        }
        return result
    }

    /// Only what `isKept` holds for; a part goes with its issue.
    func filter(_ isKept: (RecordID) -> Bool) -> Sight {
        var result = Sight()
        for (id, parts) in issues where isKept(.issue(id)) {
            result.issues[id] = Parts(
                comments: parts.comments.filter { isKept(.comment($0)) },
                worklogs: parts.worklogs.filter { isKept(.worklog($0)) },
                attachments: parts.attachments.filter { isKept(.attachment($0)) })
        }
        return result
    }

    /// Archived issues, and issues of archived projects.
    func archived(in state: SiteState) -> Sight {
        var result = Sight()
        result.issues = issues.filter { id, _ in
            guard let row = state.ordinal(id: id).map({ state.row($0) }) else { return false }
            return row.state == .archived || state.projects[Int(row.project)].isArchived
        }
        return result
    }

    /// Attachments that a confined comment may mean which names a file that is not there: Jira tells nobody whether that
    /// file was deleted or has another name, and the wrong one shown is worse than the wrong one hidden.
    func uncertainFiles(in state: SiteState) -> Set<RecordID> {
        var result: Set<RecordID> = []
        for (id, parts) in issues where !parts.attachments.isEmpty {
            guard let content = state.ordinal(id: id).map({ state.content(of: $0) }) else { continue }
            let present = Set(content.attachments.map(\.fileName))
            let isUncertain = content.comments.contains { comment in
                guard comment.visibility != nil || comment.isInternal else { return false }
                return comment.body.blocks.contains { block in
                    guard case .media(let media) = block else { return false }
                    return !present.contains(media.fileName)
                }
            }
            if isUncertain { result.formUnion(parts.attachments.map { .attachment($0) }) }
        }
        return result
    }

    func without(_ hidden: Set<Int>) -> Sight {
        var result = self
        result.issues = issues.filter { !hidden.contains($0.key) }
        return result
    }

    var records: Set<RecordID> {
        var result: Set<RecordID> = []
        for (id, parts) in issues {
            result.insert(.issue(id))
            for id in parts.comments { result.insert(.comment(id)) }
            for id in parts.worklogs { result.insert(.worklog(id)) }
            for id in parts.attachments { result.insert(.attachment(id)) }
        }
        return result
    }
}

/// Anything that has an audience of its own.
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
