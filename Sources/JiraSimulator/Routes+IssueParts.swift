import FastJSON
import HTTPMessages
import SimulatedData
import SimulatedJSON
import SimulatedRules
import SimulatedSite
import WebServer

extension Routes {
    mutating func addIssueParts() {
        api(.get, "issue/{issue}/comment") { try $0.comments() }
        api(.get, "issue/{issue}/comment/{id}") { try $0.comment() }
        api(.get, "issue/{issue}/worklog") { try $0.worklogs() }
        api(.get, "issue/{issue}/worklog/{id}") { try $0.worklog() }
        api(.get, "issue/{issue}/remotelink") { try $0.remoteLinks() }
        api(.get, "issue/{issue}/votes") { try $0.votes() }
        api(.get, "issue/{issue}/watchers") { try $0.watchers() }
        api(.get, "issue/{issue}/transitions") { call in
            _ = try call.issue()
            // Nobody here may move issues: Jira then lists no transition.
            return .json { json in
                json.member("expand", "transitions")
                json.member("transitions", array: { _ in })
            }
        }
        if isCloud { api(.post, "comment/list") { try $0.listComments() } }
    }

    mutating func addWorklogFeeds() {
        api(.get, "worklog/updated") { try $0.worklogFeed(deleted: false) }
        api(.get, "worklog/deleted") { try $0.worklogFeed(deleted: true) }
        api(.post, "worklog/list") { try $0.listWorklogs() }
    }
}

extension Call {
    /// The issue's content, with what the caller may see of its parts decided by `writing`.
    private func parts(of ordinal: Int) -> FieldWriting {
        FieldWriting(
            renderer: renderer, viewer: viewer, ordinal: ordinal, row: state.row(ordinal),
            content: state.content(of: ordinal), embeddedComments: 0, embeddedWorklogs: 0)
    }

    func visibleComments(of ordinal: Int) -> [Comment] {
        var parts = parts(of: ordinal)
        return parts.content.comments.filter { parts.allows($0) }
    }

    func visibleWorklogs(of ordinal: Int) -> [Worklog] {
        var parts = parts(of: ordinal)
        return parts.content.worklogs.filter { parts.allows($0) }
    }

    func visibleAttachments(of ordinal: Int) -> [Attachment] {
        var parts = parts(of: ordinal)
        return parts.content.attachments.filter { parts.allows($0) }
    }

    fileprivate func comments() throws -> WebResponse {
        let ordinal = try issue()
        var comments = visibleComments(of: ordinal)
        switch query["orderBy"] {
        case "-created": comments.sort { ($0.created, $0.id) > ($1.created, $1.id) }
        case nil, "created", "+created": comments.sort { ($0.created, $0.id) < ($1.created, $1.id) }
        case let other?: throw Refusal(400, "The orderBy parameter '\(other)' is not valid.")
        }
        let renderer = renderer
        // Data Center answers them all unless it is told otherwise.
        return try page(
            comments, under: "comments", default: isCloud ? 100 : 1 << 20, limit: isCloud ? 5_000 : 1 << 20,
            hasLast: false
        ) {
            renderer.comment($0, issue: ordinal, &$1)
        }
    }

    fileprivate func comment() throws -> WebResponse {
        let ordinal = try issue()
        guard let id = Int(capture("id")), let comment = visibleComments(of: ordinal).first(where: { $0.id == id })
        else {
            throw Refusal(404, "Can not find a comment for the id: \(capture("id")).")
        }
        var json = JSONWriter()
        renderer.comment(comment, issue: ordinal, &json)
        return .json(bytes: json.bytes)
    }

    fileprivate func listComments() throws -> WebResponse {
        let ids = try body()["ids"]?.array?.compactMap(\.integer) ?? []
        guard (1...1_000).contains(ids.count) else { throw Refusal(400, "ids must hold 1 to 1000 ids.") }
        let viewer = viewer
        var found: [(ordinal: Int, comment: Comment)] = []
        for (ordinal, wanted) in Dictionary(grouping: ids, by: { state.ordinal(ofPart: $0) ?? -1 })
        where ordinal >= 0 && viewer.sees(issue: ordinal) {
            found += visibleComments(of: ordinal).filter { wanted.contains($0.id) }.map { (ordinal, $0) }
        }
        let renderer = renderer
        return try page(found.sorted { $0.comment.id < $1.comment.id }, default: 1_000) {
            renderer.comment($0.comment, issue: $0.ordinal, &$1)
        }
    }

    fileprivate func worklogs() throws -> WebResponse {
        let ordinal = try issue()
        let renderer = renderer
        return try page(
            visibleWorklogs(of: ordinal), under: "worklogs", default: isCloud ? 5_000 : 1 << 20,
            limit: isCloud ? 5_000 : 1 << 20, hasLast: false
        ) { renderer.worklog($0, issue: ordinal, &$1) }
    }

    fileprivate func worklog() throws -> WebResponse {
        let ordinal = try issue()
        guard let id = Int(capture("id")), let worklog = visibleWorklogs(of: ordinal).first(where: { $0.id == id })
        else {
            throw Refusal(404, "Cannot find worklog with id: '\(capture("id"))'.")
        }
        var json = JSONWriter()
        renderer.worklog(worklog, issue: ordinal, &json)
        return .json(bytes: json.bytes)
    }

    /// Every ninth issue is linked to a page elsewhere.
    fileprivate func remoteLinks() throws -> WebResponse {
        let row = state.row(try issue())
        guard row.id % 9 == 0 else { return .jsonArray { _ in } }
        return .jsonArray { json in
            json.object { json in
                json.member("id", row.id * 10)
                json.member("self", "\(renderer.api)/issue/\(row.id)/remotelink/\(row.id * 10)")
                json.member("globalId", "system=https://wiki.example&id=\(row.id)")
                json.member("application", object: { $0.member("name", "Wiki") })
                json.member("relationship", "mentioned in")
                json.member(
                    "object",
                    object: { json in
                        json.member("url", "https://wiki.example/pages/\(row.id)")
                        json.member("title", "Notes on \(state.key(of: row))")
                        json.member("icon", object: { _ in })
                        json.member("status", object: { $0.member("icon", object: { _ in }) })
                    })
            }
        }
    }

    fileprivate func votes() throws -> WebResponse {
        let ordinal = try issue()
        return .json { json in
            json.member("self", "\(renderer.api)/issue/\(state.key(of: ordinal))/votes")
            json.member("votes", state.content(of: ordinal).votes)
            json.member("hasVoted", false)
            json.member("voters", array: { _ in })
        }
    }

    fileprivate func watchers() throws -> WebResponse {
        let ordinal = try issue()
        let watchers = state.content(of: ordinal).watchers
        let (renderer, seesNames) = (renderer, person != nil)
        return .json { json in
            json.member("self", "\(renderer.api)/issue/\(state.key(of: ordinal))/watchers")
            json.member("isWatching", person.map { watchers.contains($0.index) } ?? false)
            json.member("watchCount", watchers.count)
            json.member(
                "watchers",
                array: { json in if seesNames { for watcher in watchers { renderer.user(watcher, &json) } } })
        }
    }

    // MARK: Feeds

    /// A thousand changes since a moment, the youngest minute left out.
    fileprivate func worklogFeed(deleted: Bool) throws -> WebResponse {
        let since = Milliseconds(try integer("since", default: 0))
        let horizon = simulator.site.clock.now() - 60_000
        let all =
            deleted
            ? state.deletedWorklogs.map { ($0.deleted, $0.id) }
            : state.worklogs(changedFrom: since).map { ($0.updated, $0.id) }
        let due = all.filter { $0.0 > since && $0.0 <= horizon }.sorted { $0 < $1 }
        let page = due.prefix(1_000)
        let until = page.last?.0 ?? since
        let path = "\(simulator.base)\(target.path)"
        return .json { json in
            json.member(
                "values",
                array: { json in
                    for (time, id) in page {
                        json.object { json in
                            json.member("worklogId", id)
                            json.member("updatedTime", Int(time))
                            json.member("properties", array: { _ in })
                        }
                    }
                })
            json.member("since", Int(since))
            json.member("until", Int(until))
            json.member("self", "\(path)?since=\(since)")
            if page.count < due.count { json.member("nextPage", "\(path)?since=\(until)") }
            json.member("lastPage", page.count == due.count)
        }
    }

    fileprivate func listWorklogs() throws -> WebResponse {
        let ids = try body()["ids"]?.array?.compactMap(\.integer) ?? []
        guard ids.count <= 1_000 else { throw Refusal(400, "ids must hold at most 1000 ids.") }
        let (renderer, viewer) = (renderer, viewer)
        return .jsonArray { json in
            for (ordinal, wanted) in Dictionary(grouping: ids, by: { state.ordinal(ofPart: $0) ?? -1 }).sorted(by: {
                $0.key < $1.key
            })
            where ordinal >= 0 && viewer.sees(issue: ordinal) {
                for worklog in visibleWorklogs(of: ordinal) where wanted.contains(worklog.id) {
                    renderer.worklog(worklog, issue: ordinal, &json)
                }
            }
        }
    }
}
